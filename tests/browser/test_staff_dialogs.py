"""Dialogs and shortcuts: what is typed goes where it was meant, and what a key has done can be undone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.guest import Visit
from tests.browser.server import Server, Staff
from tests.browser.staff import Guest, conversation_id, enter, open_conversation, unique, until

pytestmark = pytest.mark.system


@pytest.fixture
def guest(server: Server, ada: Staff) -> Guest:
    made = Guest(server, unique("Pepa"), email=f"{unique('pepa').replace(' ', '.')}@example.com")
    made.say("The pool is cold.")
    return made


@pytest.fixture
def page(visit: Visit, guest: Guest) -> Page:
    """The guest's conversation, with nothing in it in focus."""
    page = enter(visit)
    open_conversation(page, guest.name)
    page.locator(".conversation h2").focus()
    return page


def conversation(page: Page, ada: Staff) -> dict[str, object]:
    found: dict[str, object] = ada.ask("GET", f"/conversations/{conversation_id(page)}")
    return found


def test_what_is_typed_after_t_is_the_tasks_title(page: Page, ada: Staff, guest: Guest) -> None:
    page.keyboard.press("t")
    title = page.get_by_role("dialog").get_by_role("textbox").first
    expect(title).to_be_focused()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("Fix pool heater")
    expect(title).to_have_value("Fix pool heater")
    found = conversation(page, ada)
    assert (found["status"], found["assignee"]) == ("open", None)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(".conversation :focus")).to_have_count(1)


def test_no_key_is_a_shortcut_while_a_dialog_is_open(page: Page, ada: Staff) -> None:
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.evaluate("document.activeElement.blur()")
    for key in "eap":
        page.keyboard.press(key)
    page.wait_for_timeout(300)
    found = conversation(page, ada)
    assert (found["status"], found["assignee"]) == ("open", None)


@pytest.mark.parametrize(("key", "status"), [("e", "closed"), ("p", "pending")])
def test_what_a_key_did_is_told_and_undone(
    page: Page, ada: Staff, guest: Guest, key: str, status: str
) -> None:
    page.keyboard.press(key)
    told = page.locator(".notices .notice", has_text=guest.name)
    expect(told).to_be_visible()
    until(lambda: conversation(page, ada)["status"] == status)
    told.get_by_role("button", name="Undo").click()
    until(lambda: conversation(page, ada)["status"] == "open")
    expect(told).to_have_count(0)


def test_assigning_and_closing_by_mouse_can_be_undone(page: Page, ada: Staff, guest: Guest) -> None:
    page.keyboard.press("a")
    until(lambda: conversation(page, ada)["assignee"] is not None)
    page.locator(".notices").get_by_role("button", name="Undo").click()
    until(lambda: conversation(page, ada)["assignee"] is None)
    page.locator(".acts").get_by_role("button", name="Close").click()
    page.locator(".notices .notice", has_text="Closed").get_by_role("button", name="Undo").click()
    until(lambda: conversation(page, ada)["status"] == "open")
