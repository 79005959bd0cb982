"""The page's own budget: clicking through it ends in no refusal where a token's would be spent, in two windows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.browser.guest import Visit
from tests.browser.server import ADMIN, Server, Staff
from tests.browser.staff import Guest, box, enter, message, open_conversation, row, unique, until

pytestmark = pytest.mark.system

VIEWS = ("inbox", "tasks", "guests", "knowledge", "staff", "settings")
# What a token may in a minute, scaled down.
TOKENS = 5
LIMITED = {"success": False, "error": {"code": "RATE_LIMITED", "message": "Too many requests"}}


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


def refuse_first(page: Page, path: str) -> list[Request]:
    """Refuse the first call of a path as one too many; the list gets the calls."""
    calls: list[Request] = []

    def handle(route: Route) -> None:
        calls.append(route.request)
        if len(calls) == 1:
            route.fulfill(status=429, headers={"Retry-After": "1"}, json=LIMITED)
        else:
            route.continue_()

    page.route(path, handle)
    return calls


@pytest.mark.parametrize(
    ("view", "path"),
    [
        ("tasks", "**/api/v1/tasks?*"),
        ("guests", "**/api/v1/guests?*"),
        ("staff", "**/api/v1/staff?limit=50*"),
        ("settings", "**/api/v1/settings?*"),
        ("settings/hotel", "**/api/v1/settings/hotel"),
    ],
)
def test_what_is_refused_is_asked_again_by_itself(
    visit: Visit, ada: Staff, view: str, path: str
) -> None:
    page = enter(visit)
    expect(page.locator(".rows, .empty").first).to_be_visible()
    calls = refuse_first(page, path)
    page.evaluate(f"location.hash = '#/{view}'")
    until(lambda: len(calls) > 1, page)
    expect(page.locator(".strip")).to_have_count(0)
    expect(page.locator(".skeleton")).to_have_count(0)
    expect(page.get_by_role("button", name="Try again")).to_have_count(0)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_change_that_is_refused_is_made_later(visit: Visit, server: Server, ada: Staff) -> None:
    guest = Guest(server, unique("Tara"))
    guest.say("Good morning")
    page = enter(visit)
    open_conversation(page, guest.name)
    refuse_first(page, "**/api/v1/conversations/conv-*")
    page.locator(".acts").get_by_role("button", name="Close").click()
    expect(page.locator(".notices .notice.bad")).to_have_count(0)
    expect(page.locator(".notices")).to_contain_text("Closed")


def test_what_has_been_read_is_kept_and_refreshed_by_events(
    visit: Visit, server: Server, ada: Staff
) -> None:
    one, other = Guest(server, unique("Uma")), Guest(server, unique("Vito"))
    for guest in (one, other):
        guest.say("Is the pool warm?")
    page = enter(visit)
    calls: list[str] = []
    page.on("request", lambda asked: calls.append(asked.url))
    for guest in (one, other):
        open_conversation(page, guest.name)
        expect(page.locator(".beside dl, .beside h3").first).to_be_attached()
        expect(row(page, guest.name)).not_to_have_class("row unread")
    calls.clear()
    for guest in (one, other, one, other):
        open_conversation(page, guest.name)
    again = [url for url in calls if "/messages" in url or "/guests/" in url or "/tasks" in url]
    assert again == []
    box(page).focus()
    one.say("And the sauna?")
    expect(row(page, one.name)).to_contain_text("And the sauna?")
    gate: list[Route] = []

    def hold(route: Route) -> None:
        gate.append(route)

    page.route("**/api/v1/conversations/*/messages?*", hold)
    row(page, one.name).get_by_role("link").click()
    expect(message(page, "Is the pool warm?")).to_be_visible()  # while it is read again
    until(lambda: gate, page)
    gate[0].continue_()
    page.unroute("**/api/v1/conversations/*/messages?*")
    expect(message(page, "And the sauna?")).to_be_visible()
