"""Stays on the staff page: on rows and cards, checking in and out, entering one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.guest import Visit
from tests.browser.server import Server, Staff
from tests.browser.staff import Guest, enter, unique

pytestmark = pytest.mark.system


def day(days: int = 0) -> str:
    """So many days from today, at a hotel whose zone is UTC."""
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


@pytest.mark.parametrize("width", [1280, 390])
def test_the_stay_is_on_the_row_and_on_the_card_and_changes_there(
    width: int, visit: Visit, server: Server, ada: Staff
) -> None:
    name = unique("Bea Luna")
    message = Guest(server, name).say("When is breakfast?")
    conversation = ada.ask("GET", f"/messages/{message}")["conversationId"]
    row = ada.ask("GET", f"/conversations/{conversation}")
    stay = {"guestId": row["guestId"], "room": "302", "arrival": day(), "departure": day(3)}
    made = ada.ask("POST", "/stays", json={**stay, "status": "booked"})
    page = enter(visit)
    page.set_viewport_size({"width": width, "height": 800})
    line = page.locator(f"a[data-id='{conversation}'] .stay")
    expect(line).to_have_text("302 · 3 nights · arrives today")
    ada.ask("PATCH", f"/stays/{made['id']}", json={"room": "305"})
    expect(line).to_have_text("305 · 3 nights · arrives today")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_guest_is_checked_in_which_can_be_undone_and_out(visit: Visit, ada: Staff) -> None:
    name = unique("Bea Luna")
    guest = ada.ask("POST", "/guests", json={"name": name})["id"]
    stay = {"guestId": guest, "room": "302", "arrival": day(), "departure": day(1)}
    ada.ask("POST", "/stays", json=stay)
    over = {**stay, "arrival": day(-9), "departure": day(-7), "status": "departed"}
    ada.ask("POST", "/stays", json=over)
    page = enter(visit, path=f"/#/guests/{guest}")
    stays = page.locator(".stays")
    stays.get_by_role("button", name="Check in").click()
    expect(page.locator(".notices")).to_contain_text(f"{name} is checked in.")
    expect(stays.get_by_role("button", name="Check out")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(stays.get_by_role("button", name="Check in")).to_be_visible()
    stays.get_by_role("button", name="Check in").click()
    stays.get_by_role("button", name="Check out").click()
    expect(stays).to_contain_text("Over or cancelled: 2")


def test_a_stay_is_entered(visit: Visit, ada: Staff) -> None:
    name = unique("Bea Luna")
    guest = ada.ask("POST", "/guests", json={"name": name})["id"]
    page = enter(visit, path=f"/#/guests/{guest}")
    page.locator(".stays").get_by_role("button", name="Enter a stay").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Arrival").fill(day(2))
    dialog.get_by_label("Departure").fill(day(1))
    dialog.get_by_label("Room").fill("302")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_contain_text("Must not be before the arrival.")
    dialog.get_by_label("Departure").fill(day(4))
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator(".stays li")).to_contain_text("302")
    (made,) = ada.ask("GET", f"/stays?guestId={guest}")
    assert (made["arrival"], made["departure"], made["adults"]) == (day(2), day(4), 1)
