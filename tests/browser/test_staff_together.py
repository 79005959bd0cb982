"""Two people and one guest: they see each other, and nobody answers twice unasked."""

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
    unique,
    until,
)

pytestmark = pytest.mark.system


@pytest.fixture
def guest(server: Server) -> Guest:
    made = Guest(server, unique("Wanda"))
    made.say("Is there a gym?")
    return made


@pytest.fixture
def page(visit: Visit, maria: Staff, guest: Guest) -> Page:
    """María has the conversation open."""
    page = enter(visit, MARIA)
    open_conversation(page, guest.name)
    return page


def test_colleagues_see_who_looks_and_who_writes(page: Page, ada: Staff, guest: Guest) -> None:
    path = f"/conversations/{conversation_id(page)}"

    def seen(name: str) -> list[str]:
        presence = ada.ask("GET", path)["presence"]
        return [one["state"] for one in presence if one["name"] == name]

    until(lambda: seen("María López") == ["viewing"], page)
    box(page).fill("Yes, on the")
    until(lambda: seen("María López") == ["writing"], page)
    ada.ask("PUT", f"{path}/presence", json={"state": "writing"})
    me = ada.ask("GET", "/auth/me")["name"]
    expect(page.locator(".present")).to_contain_text(f"{me} is")


def test_send_asks_once_when_a_colleague_has_answered_meanwhile(
    page: Page, ada: Staff, guest: Guest
) -> None:
    own, theirs = unique("Second floor"), unique("On the second floor, until ten")
    box(page).fill(own)
    ada.answer(conversation_id(page), theirs)
    expect(message(page, theirs)).to_be_visible()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".meanwhile")).to_contain_text(theirs)
    expect(box(page)).to_have_value(own)
    assert own not in str(ada.messages(conversation_id(page)))
    page.get_by_role("button", name="Send anyway").click()
    guest.until_heard(own)
    answers = [one for one in guest.heard() if one == own]
    assert answers == [own]


def test_what_is_begun_after_the_answer_is_sent_at_once(
    page: Page, ada: Staff, guest: Guest
) -> None:
    theirs, own = unique("On the second floor"), unique("And the sauna as well")
    ada.answer(conversation_id(page), theirs)
    expect(message(page, theirs)).to_be_visible()
    box(page).fill(own)
    page.get_by_role("button", name="Send", exact=True).click()
    guest.until_heard(own)
