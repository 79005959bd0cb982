"""Of what the open page tells its reader: all that happens between two looks at the events, and where a script is missing."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.guest import Visit
from tests.browser.server import Server, Staff
from tests.browser.staff import MARIA, Guest, enter, row, show, unique, until

pytestmark = pytest.mark.system

EVENTS = re.compile(r"/api/v1/events\?after=")
RANG = "Number(document.documentElement.dataset.rang ?? 0)"


def hold(page: Page) -> None:
    """The page hears of nothing until `release`."""
    page.route(EVENTS, lambda route: route.abort())


def release(page: Page) -> None:
    page.unroute(EVENTS)
    page.evaluate('dispatchEvent(new Event("focus"))')


def test_a_task_is_told_whatever_guests_write_at_the_same_time(
    visit: Visit, server: Server, ada: Staff, maria: Staff
) -> None:
    page = enter(visit, MARIA)
    hold(page)
    title = unique("Bring a cot")
    me = maria.ask("GET", "/auth/me")["id"]
    ada.ask("POST", "/tasks", json={"title": title, "department": "maintenance", "assignee": me})
    guest = Guest(server, unique("Nora"))
    for number in range(4):
        guest.say(f"Hello {number}")
    release(page)
    told = page.locator(".notices .notice", has_text=title)
    expect(told).to_have_text(re.compile("A task for you"))
    expect(row(page, guest.name)).to_be_visible()


def test_messages_and_mentions_are_told_where_the_script_that_picks_them_is_missing(
    visit: Visit, server: Server, ada: Staff, maria: Staff
) -> None:
    page = enter(visit, MARIA)
    page.route("**/told/kinds.js*", lambda route: route.abort())
    show(page, "#/me")
    page.get_by_label("A sound for new messages").check()
    show(page, "#/inbox")
    before = page.evaluate(RANG)
    guest = Guest(server, unique("Loud"))
    guest.say("Hello")
    expect(page.locator("[aria-live=polite]").last).to_have_text("New messages")
    until(lambda: page.evaluate(RANG) > before)
    name = maria.ask("GET", "/auth/me")["name"]
    note = {"content": f"@{name} please", "type": "note"}
    conversation = ada.conversation("Hello")["id"]
    ada.ask("POST", f"/conversations/{conversation}/messages", json=note)
    expect(page.locator(".notices .notice", has_text="mentions you in a note")).to_be_visible()
