"""The page's own budget: clicking through it ends in no refusal where a token's would be spent, in two windows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.guest import Visit
from tests.browser.server import ADMIN, Server
from tests.browser.staff import enter

pytestmark = pytest.mark.system

VIEWS = ("inbox", "tasks", "guests", "knowledge", "staff", "settings")
# What a token may in a minute, scaled down.
TOKENS = 5


@pytest.fixture
def limited_server(tmp_path: Path) -> Iterator[Server]:
    """A server on which a token may less than two windows need."""
    running = Server(
        tmp_path / "instance",
        {
            "JACK_ADMIN_EMAIL": ADMIN["email"],
            "JACK_ADMIN_PASSWORD": ADMIN["password"],
            "JACK_RATE_LIMIT": f"{TOKENS}/minute",
            "JACK_RATE_LIMIT_PAGE": "600/minute",
        },
    )
    running.start()
    yield running
    running.stop()


def test_the_page_may_more_than_a_token(visit: Visit, limited_server: Server) -> None:
    windows = [enter(visit, base=limited_server.url) for _ in range(2)]
    calls: list[int] = []
    for page in windows:
        page.on(
            "response",
            lambda answer: calls.append(answer.status) if "/api/v1/" in answer.url else None,
        )
    for view in VIEWS:
        for page in windows:
            with page.expect_response(lambda answer: "/api/v1/" in answer.url):
                page.evaluate(f"location.hash = '#/{view}'")
    for page in windows:
        expect(page.locator("main h1").first).to_be_attached()
        expect(page.get_by_text("That was a lot at once")).to_have_count(0)
    assert len(calls) > TOKENS, "too few to show anything"
    assert 429 not in calls
