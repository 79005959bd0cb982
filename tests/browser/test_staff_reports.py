"""Reports on the page: the figures of a period, charts with tables behind them, a file; for managers, in both languages."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.guest import Visit
from tests.browser.server import Server, Staff
from tests.browser.staff import MARIA, Guest, enter, unique
from tests.browser.test_look import AXE, violations

pytestmark = pytest.mark.system

PATH = "/#/reports"


@pytest.fixture
def overview(server: Server, ada: Staff) -> dict[str, Any]:
    """What the API says after somebody has written and was answered."""
    made = Guest(server, unique("Nora"))
    made.say("Is there a late bus?")
    ada.answer(ada.conversation("Is there a late bus?")["id"], "Until midnight.")
    ada.ask("POST", "/tasks", json={"title": "A bus timetable", "department": "front-desk"})
    return dict(ada.ask("GET", "/reports/overview"))


def figure(page: Page, name: str) -> str:
    """The number under a name."""
    return page.locator(".figures > div", has_text=name).locator("dd").first.inner_text()


def test_it_shows_what_the_api_says(visit: Visit, overview: dict[str, Any]) -> None:
    page = enter(visit, path=PATH)
    expect(page.get_by_role("heading", name="Reports")).to_be_visible()
    expect(page.locator(".figures")).to_be_visible()
    assert int(figure(page, "Conversations begun")) >= overview["conversations"]["opened"] > 0
    chart = page.locator(".chart", has_text="Tasks by department")
    expect(chart.locator("table")).to_be_hidden()
    chart.get_by_text("Table").click()
    row = chart.get_by_role("row", name="Front desk")
    expect(row).to_be_visible()
    assert int(row.locator("td").first.inner_text()) >= 1
    for title in ("Messages", "When guests write", "Conversations by channel"):
        expect(page.locator(".chart", has_text=title).first.locator("table")).to_have_count(1)


def test_other_days_and_steps_are_asked_for(visit: Visit, overview: dict[str, Any]) -> None:
    page = enter(visit, path=PATH)
    page.get_by_label("Period").select_option(label="Other days")
    with page.expect_response(lambda one: "from=2026-01-05" in one.url):
        page.get_by_label("From").fill("2026-01-05")
    with page.expect_response(lambda one: "to=2026-03-01" in one.url and one.ok):
        page.get_by_label("To", exact=True).fill("2026-03-01")
    with page.expect_response(lambda one: "by=week" in one.url and one.ok):
        page.get_by_label("By", exact=True).select_option(label="Weeks")
    expect(page.get_by_text("Nov 10 to Jan 4")).to_be_visible()
    page.locator(".chart").first.get_by_text("Table").click()
    expect(page.locator(".chart").first.locator("tbody tr")).to_have_count(8)


def test_the_figures_are_saved_as_a_file(visit: Visit, overview: dict[str, Any]) -> None:
    page = enter(visit, path=PATH)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as CSV").click()
    content = saved.value.path().read_text(encoding="utf-8-sig")
    assert content.startswith("date,conversations.opened,")
    assert len(content.splitlines()) == 29
    assert saved.value.suggested_filename.startswith("report-")


def test_it_is_for_managers(visit: Visit, maria: Staff, overview: dict[str, Any]) -> None:
    page = enter(visit, MARIA, path=PATH)
    expect(page.get_by_text("not allowed")).to_be_visible()
    expect(page.get_by_role("navigation").get_by_role("link", name="Reports")).to_have_count(0)


@pytest.mark.parametrize("locale", ["en-GB", "es-ES"])
def test_it_fits_in_every_light(visit: Visit, overview: dict[str, Any], locale: str) -> None:
    page = enter(visit, path=PATH, locale=locale, reduced_motion="reduce")
    expect(page.locator(".figures")).to_be_visible()
    page.locator(".chart details").first.evaluate("one => { one.open = true }")
    page.evaluate(AXE)
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        assert page.evaluate("document.querySelector('#main').scrollWidth") <= width
