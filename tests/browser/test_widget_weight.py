"""What the chat weighs on its way to a phone: as it is really sent, all in."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Response, expect

from tests.browser.guest import Visit
from tests.browser.server import Server, Staff
from tests.browser.site import Site, chat, launcher

pytestmark = pytest.mark.system

ALL_IN = 30_000
SCRIPT = 6_000


class Scales:
    """Everything Jack sends to a page, and how many bytes of it went over the line."""

    def __init__(self, page: Page, jack: str) -> None:
        self.jack = jack
        self.came: list[Response] = []
        page.on("response", self._come)

    def _come(self, response: Response) -> None:
        self.came.append(response)

    def weights(self) -> dict[str, int]:
        """Bytes by address, bodies and headers."""
        mine = [response for response in self.came if response.url.startswith(self.jack)]
        found = {}
        for response in mine:
            response.finished()
            sizes = response.request.sizes()
            found[response.url] = sizes["responseBodySize"] + sizes["responseHeadersSize"]
        return found


def test_the_first_load_of_the_widget(visit: Visit, site: Site, ada: Staff, server: Server) -> None:
    site.configure(ada, colour="#b4552d", greeting="Welcome! " * 20, hours={})
    page = visit("/robots.txt")
    scales = Scales(page, server.url)
    page.goto(site.url)
    launcher(page).click()
    expect(chat(page).get_by_role("button", name="Skip")).to_be_visible()
    page.wait_for_load_state("networkidle")
    weights = scales.weights()
    assert weights[f"{server.url}/widget.js"] <= SCRIPT
    assert len(weights) > 5
    assert sum(weights.values()) <= ALL_IN, weights


def test_the_first_load_of_the_page(visit: Visit, server: Server) -> None:
    page = visit("about:blank")
    scales = Scales(page, server.url)
    page.goto(f"{server.url}/chat")
    page.wait_for_load_state("networkidle")
    weights = scales.weights()
    assert len(weights) > 5
    assert sum(weights.values()) <= ALL_IN, weights


def test_the_second_load_costs_nearly_nothing(visit: Visit, server: Server) -> None:
    page = visit("/chat")
    page.wait_for_load_state("networkidle")
    scales = Scales(page, server.url)
    page.goto("/chat")
    page.wait_for_load_state("networkidle")
    assert sum(scales.weights().values()) <= 1_000, scales.weights()
