"""Where the keys are after a click, and an address that nobody has written by hand."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.guest import Visit
from tests.browser.server import Server, Staff
from tests.browser.staff import Guest, enter, unique
from tests.browser.test_staff_tasks import card

pytestmark = pytest.mark.system


def test_a_menu_that_a_click_without_focus_opened_is_closed_by_escape(
    visit: Visit, ada: Staff
) -> None:
    """As in Safari, where a click gives no button the focus."""
    new = {"title": unique("Kettle"), "department": "housekeeping"}
    ada.ask("POST", "/tasks", json=new)
    page = enter(visit, path="/#/tasks")
    more = card(page, new["title"]).get_by_role("button", name="More actions")
    more.evaluate("button => button.click()")
    expect(more).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(more).to_have_attribute("aria-expanded", "false")
    expect(more).to_be_focused()


def test_an_address_with_quotes_is_that_of_nothing(visit: Visit, server: Server) -> None:
    Guest(server, unique("Quentin")).say("Hello")
    page = enter(visit)
    expect(page.locator(".rows")).to_be_visible()
    page.evaluate("""location.hash = '#/inbox/a"b'""")
    expect(page.get_by_text("This is no longer here.")).to_be_visible()
    page.get_by_role("searchbox", name="Search conversations").fill("x")  # it goes on
