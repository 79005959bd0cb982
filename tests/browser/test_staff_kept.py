"""What is typed is kept on the device until it is saved or thrown away; where it cannot be, leaving asks."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.guest import Visit
from tests.browser.server import Server, Staff
from tests.browser.staff import Guest, box, enter, open_conversation, unique, until

pytestmark = pytest.mark.system

KEPT = "kept on this device"
NOTES = "ALLERGIC TO NUTS"


@pytest.fixture
def guest(ada: Staff) -> dict[str, Any]:
    made: dict[str, Any] = ada.ask("POST", "/guests", json={"name": unique("Nina")})
    return made


def sheet(page: Page) -> Locator:
    return page.locator(".sheet")


def notes(page: Page) -> Locator:
    return sheet(page).get_by_role("textbox", name="Notes")


def edit_notes(page: Page) -> None:
    sheet(page).get_by_role("button", name="Edit: Notes").click()


def go(page: Page, route: str) -> None:
    page.evaluate("route => { location.hash = route }", route)


def stored(page: Page) -> str:
    return str(page.evaluate("JSON.stringify(localStorage)"))


def test_a_guests_notes_survive_a_look_at_tasks_and_a_reload(
    visit: Visit, ada: Staff, guest: dict[str, Any]
) -> None:
    page = enter(visit, path=f"/#/guests/{guest['id']}")
    edit_notes(page)
    notes(page).fill(NOTES)
    expect(sheet(page).get_by_text(KEPT)).to_be_visible()
    go(page, "#/tasks")
    expect(page.get_by_role("heading", name="Tasks", level=1)).to_be_visible()
    go(page, f"#/guests/{guest['id']}")
    expect(notes(page)).to_have_value(NOTES)
    page.reload()
    expect(notes(page)).to_have_value(NOTES)
    expect(sheet(page).get_by_text(KEPT)).to_be_visible()
    sheet(page).get_by_role("button", name="Save").click()
    expect(sheet(page).get_by_text(KEPT)).to_have_count(0)
    until(lambda: ada.ask("GET", f"/guests/{guest['id']}")["notes"] == NOTES)
    assert NOTES not in stored(page)


def test_what_is_thrown_away_can_be_had_back(visit: Visit, guest: dict[str, Any]) -> None:
    page = enter(visit, path=f"/#/guests/{guest['id']}")
    edit_notes(page)
    notes(page).fill(NOTES)
    sheet(page).get_by_role("button", name="Discard what I typed").click()
    expect(notes(page)).to_have_value("")
    assert NOTES not in stored(page)
    page.locator(".notices").get_by_role("button", name="Undo").click()
    expect(notes(page)).to_have_value(NOTES)
    expect(sheet(page).get_by_text(KEPT)).to_be_visible()


def test_it_is_said_when_somebody_else_has_changed_it_since(
    visit: Visit, ada: Staff, guest: dict[str, Any]
) -> None:
    path = f"/guests/{guest['id']}"
    page = enter(visit, path=f"/#{path}")
    edit_notes(page)
    notes(page).fill(NOTES)
    go(page, "#/tasks")
    ada.ask("PATCH", path, json={"notes": "Likes the sea"})
    go(page, f"#{path}")
    expect(notes(page)).to_have_value(NOTES)
    expect(sheet(page).get_by_text("Somebody else has changed this")).to_be_visible()
    sheet(page).get_by_role("button", name="Discard what I typed").click()
    expect(notes(page)).to_have_value("Likes the sea")


@pytest.mark.parametrize(
    ("route", "opener", "field"),
    [
        ("#/tasks", "Make a task", "Title"),
        ("#/guests", "New guest", "Name"),
        ("#/knowledge", "New entry", "Title"),
        ("#/staff", "Invite somebody", "Name"),
    ],
)
def test_a_dialog_that_is_left_by_escape_has_its_text_again(
    visit: Visit, ada: Staff, route: str, opener: str, field: str
) -> None:
    page = enter(visit, path=f"/{route}")
    page.get_by_role("button", name=opener).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(field).first.fill("half a thought")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.get_by_role("button", name=opener).click()
    expect(dialog.get_by_label(field).first).to_have_value("half a thought")
    expect(dialog.get_by_text(KEPT)).to_be_visible()
    dialog.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name=opener).click()
    expect(dialog.get_by_label(field).first).to_have_value("")


def test_a_tasks_note_is_kept(visit: Visit, ada: Staff) -> None:
    body = {"title": unique("Lamp"), "department": "maintenance"}
    task = ada.ask("POST", "/tasks", json=body)
    page = enter(visit, path=f"/#/tasks/{task['id']}")
    card = page.get_by_role("dialog").locator(".task")
    card.get_by_role("button", name="More actions").click()
    card.get_by_role("button", name="Complete").click()
    page.locator("#task-note").fill("bulb and fuse")
    page.keyboard.press("Escape")
    expect(page.locator("#task-note")).to_have_count(0)
    card.get_by_role("button", name="More actions").click()
    card.get_by_role("button", name="Complete").click()
    expect(page.locator("#task-note")).to_have_value("bulb and fuse")


def test_settings_are_kept_but_no_secret_and_leaving_one_asks(visit: Visit, ada: Staff) -> None:
    page = enter(visit, path="/#/settings/channels.sms")
    secret = sheet(page).locator("input[type=password]").first
    sheet(page).get_by_label("Account SID").fill("AC-half")
    go(page, "#/settings/hotel")
    expect(sheet(page).get_by_label("Address")).to_be_visible()
    go(page, "#/settings/channels.sms")
    expect(sheet(page).get_by_label("Account SID")).to_have_value("AC-half")
    secret.fill("my-secret-token")
    expect(sheet(page).get_by_text("are not kept if you leave")).to_be_visible()
    go(page, "#/tasks")
    asked = page.get_by_role("dialog", name="Leave")
    asked.get_by_role("button", name="Stay here").click()
    expect(secret).to_have_value("my-secret-token")
    assert page.url.endswith("#/settings/channels.sms")
    assert "my-secret-token" not in stored(page)
    go(page, "#/tasks")
    asked.get_by_role("button", name="Leave").click()
    expect(page.get_by_role("heading", name="Tasks", level=1)).to_be_visible()
    assert page.url.endswith("#/tasks")


def test_files_of_a_reply_are_kept_with_it(visit: Visit, server: Server, ada: Staff) -> None:
    guest = Guest(server, unique("Rita"))
    guest.say("A map, please")
    page = enter(visit)
    open_conversation(page, guest.name)
    file = {"name": "map.txt", "mimeType": "text/plain", "buffer": b"here"}
    page.locator(".attach input").set_input_files([file])
    expect(page.locator(".reply .files")).to_contain_text("map.txt")
    box(page).fill("Here it is")
    go(page, "#/tasks")
    expect(page.get_by_role("heading", name="Tasks", level=1)).to_be_visible()
    page.go_back()
    expect(page.locator(".reply .files")).to_contain_text("map.txt")
    expect(box(page)).to_have_value("Here it is")
    page.get_by_role("button", name="Send").click()
    sent = page.locator(".message.ours", has_text="Here it is")
    expect(sent).to_contain_text(re.compile("map.txt"))


def test_what_is_typed_while_a_form_is_read_again_is_kept_and_only_that(
    visit: Visit, ada: Staff
) -> None:
    page = enter(visit, path="/#/settings/hotel")
    name = page.get_by_label("Name", exact=True).first
    expect(name).to_be_visible()  # read for the first time
    new = unique("Hotel Luna")
    held: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.method == "PUT":
            value = json.loads(route.request.post_data or "{}")["value"]
            route.continue_(post_data=json.dumps({"value": {**value, "name": new}}))
        else:
            held.append(route)

    page.route("**/settings/hotel", hold)
    name.fill(f"  {new}  ")
    page.get_by_role("button", name="Save").click()
    until(lambda: held, page)  # saved, and read again
    country = page.get_by_label("Country")
    country.select_option("PT")  # typed since
    held[0].continue_()
    expect(page.get_by_label("Name", exact=True).first).to_have_value(new)
    expect(country).to_have_value("PT")
    expect(sheet(page).get_by_text(KEPT)).to_be_visible()  # of the country
    page.unroute("**/settings/hotel")
    page.get_by_role("button", name="Save").click()
    until(lambda: ada.ask("GET", "/settings/hotel")["value"].get("country") == "PT")
    expect(sheet(page).get_by_text(KEPT)).to_have_count(0)


def test_what_is_saved_is_not_said_to_be_unsaved(visit: Visit) -> None:
    page = enter(visit, path="/#/settings/hotel")
    new = unique("Hotel Sol")

    def trim(route: Route) -> None:
        if route.request.method != "PUT":
            route.continue_()
            return
        value = json.loads(route.request.post_data or "{}")["value"]
        route.continue_(post_data=json.dumps({"value": {**value, "name": new}}))

    page.route("**/settings/hotel", trim)
    name = page.get_by_label("Name", exact=True).first
    name.fill(f"{new} and more")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".notices")).to_contain_text("Saved")
    expect(name).to_have_value(new)
    expect(sheet(page).get_by_text(KEPT)).to_have_count(0)
