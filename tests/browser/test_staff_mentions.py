"""Colleagues named in notes: the names offered after an @, the one who is told, and the view of mentions."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.guest import Visit
from tests.browser.server import Server, Staff
from tests.browser.staff import (
    MARIA,
    Guest,
    box,
    conversation_id,
    enter,
    message,
    open_conversation,
    row,
    unique,
)

pytestmark = pytest.mark.system


@pytest.fixture
def guest(server: Server, ada: Staff) -> Guest:
    made = Guest(server, unique("Nora"))
    made.say("Is there parking?")
    return made


def offered(page: Page) -> str:
    """The name that Enter would take."""
    names = page.get_by_role("listbox", name="Colleagues")
    chosen = names.get_by_role("option", selected=True)
    expect(chosen).to_have_count(1)
    return str(chosen.locator("span[dir]").inner_text())


def test_a_name_is_offered_after_an_at_and_its_colleague_told(
    visit: Visit, server: Server, ada: Staff, maria: Staff, guest: Guest
) -> None:
    name = maria.ask("GET", "/auth/me")["name"]
    one, two = enter(visit), enter(visit, MARIA)
    open_conversation(one, guest.name)
    one.get_by_role("button", name="Note", exact=True).click()
    box(one).press_sequentially("Could you call them, @mar")
    assert offered(one) == name
    box(one).press("Enter")
    expect(box(one)).to_have_value(f"Could you call them, @{name} ")
    expect(one.get_by_role("listbox", name="Colleagues")).to_have_count(0)
    box(one).press_sequentially("please")
    box(one).press("Enter")
    expect(message(one, f"@{name} please")).to_be_visible()
    told = two.locator(".notices .notice", has_text="mentions you in a note")
    told.get_by_role("link", name="Open").click()
    expect(message(two, f"@{name} please")).to_be_visible()


def test_escape_closes_the_names_and_an_address_opens_none(
    visit: Visit, ada: Staff, maria: Staff, guest: Guest
) -> None:
    page = enter(visit)
    open_conversation(page, guest.name)
    page.get_by_role("button", name="Note", exact=True).click()
    names = page.get_by_role("listbox", name="Colleagues")
    box(page).press_sequentially("@")
    expect(names).to_be_visible()
    box(page).press("Escape")
    expect(names).to_have_count(0)
    expect(box(page)).to_be_focused()
    box(page).fill("write to her@mar")
    expect(names).to_have_count(0)
    page.get_by_role("button", name="Reply", exact=True).click()
    box(page).fill("@mar")
    expect(names).to_have_count(0)


def test_mentions_are_a_view_of_the_inbox(
    visit: Visit, server: Server, ada: Staff, maria: Staff, guest: Guest
) -> None:
    other = Guest(server, unique("Olaf"))
    other.say("Hello")
    name = maria.ask("GET", "/auth/me")["name"]
    page = enter(visit, MARIA)
    open_conversation(page, guest.name)
    path = f"/conversations/{conversation_id(page)}/messages"
    expect(row(page, other.name)).to_be_visible()
    page.get_by_role("button", name="Mentions", exact=True).click()
    expect(row(page, other.name)).to_have_count(0)
    expect(row(page, guest.name)).to_have_count(0)
    ada.ask("POST", path, json={"content": f"@{name} see above", "type": "note"})
    expect(row(page, guest.name)).to_be_visible()
    expect(row(page, other.name)).to_have_count(0)
