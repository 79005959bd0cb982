"""What the page opens with: the hotel's day for managers, the inbox for the desk, tasks for a department."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.guest import Visit
from tests.browser.server import Server, Staff
from tests.browser.staff import Guest, enter, show, unique
from tests.browser.test_look import AXE, violations

pytestmark = pytest.mark.system

HOUR = timedelta(hours=1)


def day(days: int = 0) -> str:
    """So many days from today, at a hotel whose zone is UTC."""
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


def stay(ada: Staff, name: str, **given: object) -> str:
    """The name of a guest of this beginning, who has such a stay."""
    guest = ada.ask("POST", "/guests", json={"name": unique(name)})
    ada.ask("POST", "/stays", json={"guestId": guest["id"], **given})
    return str(guest["name"])


def task(ada: Staff, title: str, due: timedelta, **given: object) -> str:
    """The title of a task of this beginning that is due so long from now."""
    at = (datetime.now(UTC) + due).isoformat(timespec="seconds").replace("+00:00", "Z")
    made = {"title": unique(title), "department": "housekeeping", "priority": "high"}
    ada.ask("POST", "/tasks", json={**made, "dueAt": at, **given})
    return made["title"]


def fits(page: Page) -> None:
    """Nothing is wrong with what is shown, in any light, on a phone and on a desk."""
    page.evaluate(AXE)
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        assert page.evaluate("document.querySelector('#main').scrollWidth") <= width


def test_a_manager_begins_with_the_day_and_each_line_is_a_tap_from_its_thing(
    visit: Visit, server: Server, ada: Staff
) -> None:
    ada.ask("PUT", "/settings/hotel", json={"value": {"name": "Hotel Sol", "timeZone": "UTC"}})
    for made in ada.ask("GET", "/stays?limit=100"):
        ada.ask("DELETE", f"/stays/{made['id']}")
    page = enter(visit, path="/", reduced_motion="reduce")
    expect(page.locator(".rail a[aria-current]")).to_have_text("Today")
    expect(page.locator(".first-steps")).to_contain_text("Bring in stays")
    for other in ada.ask("GET", "/conversations?waiting=true&limit=100"):
        ada.ask("PATCH", f"/conversations/{other['id']}", json={"status": "closed"})
    waiting = Guest(server, unique("Wanda"))
    waiting.say("Where is my key?")
    coming = {"room": "302", "arrival": day(), "departure": day(3), "eta": "15:30"}
    arrives = stay(ada, "Arno", **coming, notes="Two bicycles")
    leaving = {"room": "303", "arrival": day(-2), "departure": day()}
    leaves = stay(ada, "Lea", **leaving, status="in_house")
    later = stay(ada, "Toni", arrival=day(1), departure=day(2))
    late = task(ada, "Towels", -HOUR, room="302")
    soon = task(ada, "Minibar", HOUR)
    quiet = task(ada, "Curtains", 5 * HOUR)
    part = {name: page.locator(f"[data-part={name}]") for name in ("waiting", "tasks")}
    arrival = page.locator("[data-part=arrivals] li", has_text=arrives)
    departure = page.locator("[data-part=departures] li", has_text=leaves)
    # What has happened since is there without a reload.
    expect(part["waiting"].get_by_role("link", name=waiting.name)).to_be_visible()
    steps = page.locator(".first-steps")
    expect(steps.get_by_role("link", name="Bring in stays")).to_have_count(0)
    for text in ("302", "15:30", "3 nights", "Two bicycles"):
        expect(arrival).to_contain_text(text)
    expect(departure).to_contain_text("303")
    expect(part["tasks"].locator("li", has_text=late)).to_contain_text("overdue")
    expect(part["tasks"].locator("li", has_text=soon)).to_contain_text("due in")
    expect(part["tasks"]).not_to_contain_text(quiet)
    expect(page.locator(".figures")).to_contain_text("longest")
    fits(page)

    arrival.get_by_role("button", name="Check in").click()
    expect(arrival).to_contain_text("checked in")
    page.get_by_role("button", name="Undo").click()
    arrival.get_by_role("button", name="Check in").click()
    staying = page.locator(".staying")
    staying.locator("summary").click()
    expect(staying).to_contain_text(arrives)
    departure.get_by_role("button", name="Check out").click()
    expect(departure).to_contain_text("left")
    expect(staying).not_to_contain_text(leaves)
    row = part["tasks"].locator("li", has_text=late)
    row.get_by_role("button", name="Claim").click()
    row.get_by_role("button", name="Complete").click()
    expect(row).to_have_count(0)
    page.get_by_role("button", name="Tomorrow").click()
    expect(page.locator("[data-part=arrivals]")).to_contain_text(later)
    expect(
        page.locator("[data-part=arrivals]").get_by_role("button", name="Check in")
    ).to_have_count(0)

    page.emulate_media(media="print")
    for hidden in (".rail", ".days", ".todays .head button", ".todays .side button"):
        expect(page.locator(hidden).first).to_be_hidden()
    page.set_viewport_size({"width": 390, "height": 800})  # all parts are on paper, not one of them
    expect(part["tasks"]).to_be_visible()
    page.emulate_media(media="screen")
    expect(part["tasks"]).to_be_hidden()
    page.get_by_role("button", name="overdue").click()
    expect(part["tasks"]).to_be_visible()
    page.get_by_role("button", name="arrivals").click()
    expect(part["tasks"]).to_be_hidden()
    page.locator("[data-part=arrivals] li", has_text=later).get_by_role("link").click()
    expect(page.locator(".sheet h2")).to_have_text(later)
    page.go_back()
    page.get_by_role("link", name=waiting.name).click()
    expect(page.locator(".conversation h2", has_text=waiting.name)).to_be_visible()


def test_where_one_begins_is_by_what_one_does(visit: Visit, ada: Staff) -> None:
    title = task(ada, "Linen", HOUR)
    elsewhere = task(ada, "Lamp", HOUR, department="maintenance")
    for department, view in (("housekeeping", "Tasks"), ("front-desk", "Inbox"), (None, "Inbox")):
        email = f"{unique('x')[2:]}@hotel.example"
        given = {"name": "Rosa Ruiz", "email": email, "role": "staff", "department": department}
        member = ada.ask("POST", "/staff", json=given)
        password = "a linen cupboard"
        invited = {"token": member["invite"]["token"], "password": password}
        ada.ask("POST", "/auth/accept-invite", json=invited)
        page = enter(visit, {"email": email, "password": password}, "/", locale="en-GB")
        expect(page.locator(".rail a[aria-current]")).to_contain_text(view)
        if department == "housekeeping":  # theirs
            expect(page.locator(".task", has_text=title)).to_be_visible()
            expect(page.locator(".task", has_text=elsewhere)).to_have_count(0)
    show(page, "#/today")
    expect(page.locator(".todays")).to_be_visible()


def test_the_day_is_in_spanish_as_well(visit: Visit, ada: Staff) -> None:
    arrives = stay(ada, "Inés", arrival=day(), departure=day(1))
    page = enter(visit, path="/#/today", locale="es-ES", reduced_motion="reduce")
    line = page.locator("[data-part=arrivals] li", has_text=arrives)
    expect(line).to_contain_text("sin hora")
    fits(page)
    assert "undefined" not in page.locator("body").inner_text()
