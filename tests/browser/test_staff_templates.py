"""Templates on the staff page: opened by a slash, filled in for their guest; and written among the settings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.guest import Visit
from tests.browser.server import Server, Staff
from tests.browser.staff import Guest, box, enter, message, open_conversation, show, unique
from tests.browser.test_look import nothing_wrong

pytestmark = pytest.mark.system


def make(ada: Staff, **fields: Any) -> str:
    """A template of this test's own; its id."""
    return str(ada.ask("POST", "/templates", json=fields)["id"])


def chosen(page: Page) -> Locator:
    """What Enter would take."""
    return page.get_by_role("listbox", name="Templates").get_by_role("option", selected=True)


def day(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


def test_a_slash_opens_what_the_guest_would_read(visit: Visit, server: Server, ada: Staff) -> None:
    word = unique("welcome").replace(" ", "").lower()
    texts = {"en": "Dear {first_name}, room {room_number}.", "es": "Hola, {first_name}."}
    made = make(ada, name=f"Good {word}", shortcut=word, texts=texts)
    guest = Guest(server, unique("Nora"))
    sent = guest.say("Is my room ready?")
    conversation = ada.ask("GET", f"/messages/{sent}")["conversationId"]
    who = ada.ask("GET", f"/conversations/{conversation}")["guestId"]
    page = enter(visit, reduced_motion="reduce")
    open_conversation(page, guest.name)
    page.locator(".kinds").get_by_role("button", name="Templates").click()
    box(page).press_sequentially(word)
    # Without a stay there is no room: it is marked, named, and cannot be taken.
    expect(chosen(page).locator("mark")).to_have_text("room")
    expect(page.locator(".insert .problem")).to_contain_text("Nothing to fill in: room.")
    box(page).press("Enter")
    expect(box(page)).to_have_value(f"/{word}")
    box(page).press("Tab")
    expect(chosen(page)).to_contain_text("Hola, Nora")
    nothing_wrong(page, height=800)
    box(page).press("Escape")
    expect(page.get_by_role("listbox", name="Templates")).to_have_count(0)
    stay = {"guestId": who, "room": "302", "arrival": day(0), "departure": day(2)}
    ada.ask("POST", "/stays", json={**stay, "status": "in_house"})
    box(page).fill("")
    box(page).press_sequentially(f"/good {word}")
    expect(chosen(page)).to_contain_text("Dear Nora, room 302.")
    page.get_by_role("button", name="Send", exact=True).click()  # it is no answer yet
    expect(box(page)).to_have_value(f"/good {word}")
    box(page).press("Enter")
    expect(box(page)).to_have_value("Dear Nora, room 302.")
    box(page).press("Enter")
    expect(message(page, "Dear Nora, room 302.")).to_be_visible()
    guest.until_heard("Dear Nora, room 302.")
    ada.ask("DELETE", f"/templates/{made}")


def test_a_template_is_written_looked_at_changed_and_deleted(visit: Visit, ada: Staff) -> None:
    name, guest = unique("Towels"), unique("Bea Luna")
    who = ada.ask("POST", "/guests", json={"name": guest, "language": "es"})["id"]
    stay = {"guestId": who, "room": "7", "arrival": day(-900), "departure": day(900)}
    ada.ask("POST", "/stays", json={**stay, "status": "in_house"})
    page = enter(visit, path="/#/settings/variables", reduced_motion="reduce")
    page.get_by_role("button", name="Add a variable").click()
    page.get_by_label("Name").fill("pool_hours")
    page.get_by_label("Value").fill("7 to 9")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".notices")).to_contain_text("Saved")
    show(page, "#/settings/templates")
    page.get_by_role("button", name="New template").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill(name)
    text = dialog.get_by_label("Text: English")
    text.fill("Towels for {room}? ")
    nothing_wrong(page, height=800)
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_contain_text("There is no such variable.")
    text.fill("Towels for ")
    text.blur()
    dialog.get_by_role("button", name="room", exact=True).click()
    expect(text).to_have_value("Towels for {room_number}")
    text.press("End")
    text.press_sequentially(", pool ")
    dialog.get_by_role("button", name="pool_hours").click()
    expect(text).to_have_value("Towels for {room_number}, pool {pool_hours}")
    dialog.get_by_role("button", name="Save").click()
    line = page.locator(".message-templates li", has_text=name)
    line.get_by_role("button", name="Preview").click()
    expect(dialog.locator(".said-whole")).to_be_visible()
    nothing_wrong(page, height=800)
    dialog.get_by_label("As read by").select_option(label=f"7 · {guest} · {day(-900)}")
    expect(dialog.locator(".said-whole")).to_have_text("Towels for 7, pool 7 to 9")
    dialog.get_by_role("button", name="Close").click()
    line.get_by_role("button", name="Change").click()
    dialog.get_by_role("button", name="Add a language").click()
    dialog.get_by_label("Language").last.fill("es")
    dialog.get_by_label("Text: Spanish").fill("¿Toallas?")
    dialog.get_by_role("button", name="Save").click()
    expect(line).to_contain_text("English, Spanish")
    line.get_by_role("button", name="Delete").click()
    dialog.get_by_role("button", name="Delete").click()
    expect(line).to_have_count(0)
