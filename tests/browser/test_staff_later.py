"""What is put off on the staff page: messages that leave later, and conversations that are snoozed."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.guest import Visit
from tests.browser.server import Server, Staff
from tests.browser.staff import (
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
SHOTS = os.environ.get("JACK_SHOTS")


def shot(page: Page, name: str) -> None:
    """A picture of the page, where pictures are wanted."""
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png")


def moment(days: int, hour: int) -> str:
    """A moment in the zone of the hotel, which is UTC, as the field has it."""
    day = datetime.now(UTC) + timedelta(days=days)
    return f"{day.date().isoformat()}T{hour:02}:00"


@pytest.fixture
def guest(server: Server, ada: Staff) -> Guest:
    """A guest who has written, and arrives in three days."""
    made = Guest(server, unique("Nora"))
    about = ada.ask("GET", f"/messages/{made.say('May we arrive late?')}")["conversationId"]
    days = {"arrival": moment(3, 0)[:10], "departure": moment(5, 0)[:10]}
    who = ada.ask("GET", f"/conversations/{about}")["guestId"]
    ada.ask("POST", "/stays", json={"guestId": who, "room": "302", **days})
    return made


def ask_when(page: Page, button: Locator) -> Locator:
    """The dialog that asks for a moment."""
    button.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("When")).to_be_visible()
    return dialog


def narrow(page: Page, view: str) -> None:
    page.get_by_label("Later", exact=True).select_option(view)


@pytest.mark.parametrize("width", [1280, 390])
def test_a_message_is_scheduled_changed_cancelled_and_sent_after_all(
    width: int, visit: Visit, server: Server, ada: Staff, guest: Guest
) -> None:
    words = unique("Your key is in the box")
    other = Guest(server, unique("Olaf"))
    other.say("Hello")
    page = enter(visit)
    page.set_viewport_size({"width": width, "height": 800})
    open_conversation(page, guest.name)
    about = conversation_id(page)
    box(page).fill(words)
    dialog = ask_when(page, page.get_by_role("button", name="At another time"))
    dialog.get_by_role("button", name="Arrival").click()
    expect(dialog.get_by_label("When")).to_have_value(moment(3, 10))
    before = datetime.now(UTC) + timedelta(minutes=59)
    dialog.get_by_role("button", name="In an hour").click()
    soon = datetime.fromisoformat(f"{dialog.get_by_label('When').input_value()}Z")
    assert before <= soon <= datetime.now(UTC) + timedelta(hours=1)
    dialog.get_by_role("button", name="Tomorrow").click()
    dialog.get_by_label("Not if the guest writes first").check()
    shot(page, f"send-later-{width}")
    dialog.get_by_role("button", name="Schedule").click()
    expect(message(page, words)).to_contain_text("Leaves: Tomorrow")
    expect(message(page, words)).to_contain_text("unless the guest writes first")
    expect(box(page)).to_have_value("")
    [made] = ada.ask("GET", f"/conversations/{about}/messages?status=scheduled")
    assert made["sendAt"] == f"{moment(1, 9)}:00.000Z"
    box(page).fill("Of course")
    box(page).press("Enter")
    expect(page.locator(".log .message").nth(1)).to_contain_text("Of course")
    expect(page.locator(".log .message").last).to_contain_text(words)
    shot(page, f"scheduled-{width}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    dialog = ask_when(page, message(page, words).get_by_role("button", name="Change"))
    dialog.get_by_label("When").fill(moment(-1, 9))
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_text("This time is past.")).to_be_visible()
    dialog.get_by_label("When").fill(moment(2, 18))
    dialog.get_by_label("Write to the guest").fill(f"{words}, on the left")
    dialog.get_by_role("button", name="Save").click()
    expect(message(page, "on the left")).to_be_visible()
    if width == 390:
        page.go_back()
    narrow(page, "scheduled")
    expect(row(page, other.name)).to_have_count(0)
    expect(row(page, guest.name)).to_be_visible()
    shot(page, f"scheduled-view-{width}")
    row(page, guest.name).get_by_role("link").click()

    message(page, words).get_by_role("button", name="Cancel").click()
    expect(message(page, words)).to_have_count(0)
    page.locator(".notices").get_by_role("button", name="Undo").click()
    message(page, words).get_by_role("button", name="Send now").click()
    guest.until_heard(f"{words}, on the left")
    expect(message(page, words)).not_to_contain_text("Leaves:")


def test_a_conversation_is_snoozed_and_comes_back_with_the_guest(
    visit: Visit, server: Server, ada: Staff, guest: Guest
) -> None:
    other = Guest(server, unique("Olaf"))
    other.say("Hello")
    page = enter(visit)
    open_conversation(page, guest.name)
    dialog = ask_when(page, page.get_by_role("button", name="Snooze"))
    dialog.get_by_role("button", name="Tomorrow").click()
    shot(page, "snooze-1280")
    dialog.get_by_role("button", name="Snooze").click()
    expect(page.locator(".bar")).to_contain_text("Snoozed until Tomorrow")
    expect(row(page, guest.name)).to_have_count(0)
    found = ada.ask("GET", f"/conversations/{conversation_id(page)}")
    assert (found["status"], found["snoozedUntil"]) == ("pending", f"{moment(1, 9)}:00.000Z")
    narrow(page, "snoozed")
    expect(row(page, guest.name)).to_contain_text("Snoozed until")
    expect(row(page, other.name)).to_have_count(0)
    shot(page, "snoozed-view-1280")
    guest.say("We are early after all")
    expect(row(page, guest.name)).to_have_count(0)
    expect(page.locator(".bar")).not_to_contain_text("Snoozed")
