"""Stays on the staff page: on rows and cards, checking in and out, entering one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.guest import Visit
from tests.browser.server import Server, Staff
from tests.browser.staff import Guest, enter, unique, until
from tests.browser.test_staff_today import fits
from tests.peers.receiver import Answer, receiver
from tests.resources.stay_feeds.calendars import calendar, days

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


def test_a_stay_is_moved_to_another_room_where_it_stands_which_can_be_undone(
    visit: Visit, ada: Staff
) -> None:
    guest = ada.ask("POST", "/guests", json={"name": unique("Mora")})["id"]
    stay = {"guestId": guest, "room": "302", "arrival": day(), "departure": day(1)}
    made = ada.ask("POST", "/stays", json=stay)
    page = enter(visit, path=f"/#/guests/{guest}")
    stays = page.locator(".stays")
    stays.get_by_role("button", name="Move room").click()
    expect(stays.get_by_label("Room")).to_be_focused()
    stays.get_by_label("Room").fill("410")
    stays.get_by_label("Room").press("Enter")
    expect(stays.locator("li b")).to_have_text("410")
    page.locator(".notices").get_by_role("button", name="Undo").click()
    expect(stays.locator("li b")).to_have_text("302")
    assert ada.ask("GET", f"/stays/{made['id']}")["room"] == "302"


def test_the_keyboard_stays_where_the_room_is_typed(visit: Visit, ada: Staff) -> None:
    guest = ada.ask("POST", "/guests", json={"name": unique("Mora")})["id"]
    stay = {"guestId": guest, "room": "302", "arrival": day(), "departure": day(1)}
    ada.ask("POST", "/stays", json=stay)
    page = enter(visit, path=f"/#/guests/{guest}")
    stays = page.locator(".stays")
    button = stays.get_by_role("button", name="Move room")
    for key in ("Cancel", "Save"):
        button.click()
        expect(stays.get_by_label("Room")).to_be_focused()
        stays.get_by_role("button", name=key, exact=True).press("Enter")
        expect(button).to_be_focused()


def test_what_is_typed_for_one_stay_is_not_shown_for_another(visit: Visit, ada: Staff) -> None:
    guest = ada.ask("POST", "/guests", json={"name": unique("Mora")})["id"]
    stay = {"guestId": guest, "room": "302", "arrival": day(), "departure": day(1)}
    ada.ask("POST", "/stays", json=stay)
    page = enter(visit, path=f"/#/guests/{guest}")
    stays, dialog = page.locator(".stays"), page.get_by_role("dialog")
    room = dialog.get_by_label("Room")
    for name, shown, typed in (
        ("Enter a stay", "", "777"),
        ("Edit", "302", "888"),
        ("Enter a stay", "777", "777"),
        ("Edit", "888", "888"),
    ):
        stays.get_by_role("button", name=name, exact=True).click()
        expect(room).to_have_value(shown)
        room.fill(typed)
        dialog.press("Escape")
        expect(dialog).to_have_count(0)


@pytest.mark.parametrize("where", ["guests", "inbox"])
def test_the_stay_is_one_block_on_the_page_and_on_the_card(
    where: str, visit: Visit, server: Server, ada: Staff
) -> None:
    said = Guest(server, unique("Ida")).say("Is the sauna open?")
    conversation = ada.ask("GET", f"/messages/{said}")["conversationId"]
    guest = ada.ask("GET", f"/conversations/{conversation}")["guestId"]
    stay = {"guestId": guest, "room": "302", "arrival": day(-1), "departure": day(2)}
    known = {"adults": 2, "children": 1, "eta": "15:30", "source": "Direct", "confirmation": "QX7"}
    ada.ask("POST", "/stays", json={**stay, **known, "status": "in_house"})
    ada.ask("POST", "/stays", json={**stay, "arrival": day(90), "departure": day(91)})
    page = enter(visit, path=f"/#/{where}/{guest if where == 'guests' else conversation}")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    block = page.locator(".stay-block")
    expect(block).to_have_count(1)
    for words in ("302", "checked in", "→", "3 nights", "2+1 pers.", "15:30", "Direct", "QX7"):
        expect(block).to_contain_text(words)
    expect(page.locator(".stays > ul > li")).to_have_count(2)
    block.get_by_role("button", name="Copy Booking number").click()
    expect(block.get_by_role("button", name="Copied Booking number")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "QX7"
    block.get_by_role("button", name="Check out").click()
    expect(block).to_contain_text("booked")  # the next one


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


def test_a_stay_is_moved_and_cancelled_from_the_guests_card_which_can_be_undone(
    visit: Visit, server: Server, ada: Staff
) -> None:
    name = unique("Bea Luna")
    message = Guest(server, name).say("We come a day later")
    conversation = ada.ask("GET", f"/messages/{message}")["conversationId"]
    guest = ada.ask("GET", f"/conversations/{conversation}")["guestId"]
    stay = {"guestId": guest, "room": "302", "arrival": day(3), "departure": day(5)}
    made = ada.ask("POST", "/stays", json={**stay, "notes": "Cot"})
    ada.ask(
        "POST",
        "/stays",
        json={**stay, "arrival": day(-9), "departure": day(-7), "status": "departed"},
    )
    page = enter(visit, path=f"/#/inbox/{conversation}")
    card = page.locator(".beside .stays")
    expect(card).to_contain_text("Over or cancelled: 1")
    card.locator("> ul").get_by_role("button", name="Edit").click()
    dialog = page.get_by_role("dialog", name="Change the stay")
    expect(dialog.get_by_label("Notes")).to_have_value("Cot")
    dialog.get_by_label("Arrival").fill(day(4))
    dialog.get_by_label("Departure").fill(day(6))
    dialog.get_by_label("Room").fill("305")
    ada.ask("PATCH", f"/stays/{made['id']}", json={"notes": "Cot, and a high chair"})
    dialog.get_by_role("button", name="Save").click()
    expect(card.locator("> ul")).to_contain_text("305")
    changed = ada.ask("GET", f"/stays/{made['id']}")
    assert (changed["arrival"], changed["departure"]) == (day(4), day(6))
    assert changed["notes"] == "Cot, and a high chair"  # what was not touched here stays
    card.get_by_role("button", name="Cancel the stay").click()
    expect(card).to_contain_text("Over or cancelled: 2")
    page.get_by_role("button", name="Undo").click()
    expect(card).to_contain_text("Over or cancelled: 1")
    assert ada.ask("GET", f"/stays/{made['id']}")["status"] == "booked"


def test_stays_come_from_a_file_and_from_calendars_which_say_how_they_are(
    visit: Visit, ada: Staff
) -> None:
    name = unique("Bea Luna")
    page = enter(visit, path="/#/settings/stays.feeds", reduced_motion="reduce")
    with receiver() as site:
        coming = "".join(day(offset).replace("-", "") + " " for offset in (0, 2)).split()
        site.always = Answer(status=200, body=calendar(days(name, *coming)))
        page.get_by_role("button", name="Add a calendar").click()
        page.get_by_label("Name").fill("Airbnb")
        page.get_by_label("Room").fill("901")
        page.get_by_label("Address").fill("not an address")
        page.get_by_role("button", name="Save").click()
        expect(page.locator(".problem").first).to_be_visible()
        page.get_by_label("Address").fill(site.url)
        page.get_by_role("button", name="Save").click()
        states = page.locator(".feed-states li")
        expect(states).to_contain_text("Airbnb")
        until(lambda: ada.ask("GET", "/stay-feeds")[0]["state"] == "working", page)
        expect(states).to_contain_text("without a guest: 1")
    fits(page)
    page.get_by_role("link", name="Bring in stays from a file").click()
    kinds = page.locator(".kinds-of-files")
    expect(kinds.locator("[aria-current=page]")).to_have_text("Stays")
    lines = f"Guest,E-Mail,Arrival,Departure,Room\r\n{name},{unique('b')[2:]}@guest.example,{day()},{day(1)},902\r\n"
    page.get_by_label("File", exact=True).set_input_files(
        {"name": "stays.csv", "mimeType": "text/csv", "buffer": lines.encode()}
    )
    page.get_by_role("button", name="Import now").click()
    expect(page.locator(".import-result")).to_contain_text("The import is done.")
    fits(page)
    page.get_by_role("link", name="Today").click()
    arrivals = page.locator("[data-part=arrivals]")
    expect(arrivals.locator("li", has_text="902")).to_contain_text(name)
    unnamed = arrivals.locator("li", has_text="901")
    unnamed.get_by_role("button", name="Guest not known yet").click()
    dialog = page.get_by_role("dialog", name="Whose stay is it?")
    dialog.get_by_role("searchbox").fill(name)
    dialog.get_by_role("button", name=name, exact=False).first.click()
    expect(unnamed).to_contain_text(name)
