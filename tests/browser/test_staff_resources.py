"""Guests, knowledge, staff, settings and channels on the page: found, read, changed by those who may."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.guest import Visit
from tests.browser.server import Server, Staff
from tests.browser.staff import MARIA, Guest, enter, show, sql, unique, until

pytestmark = pytest.mark.system


def shows_notice(page: Page, text: str) -> None:
    expect(page.locator(".notices")).to_contain_text(text)


def test_a_guest_is_made_found_changed_and_erased(visit: Visit, ada: Staff) -> None:
    name = unique("Beatrix")
    page = enter(visit, path="/#/guests")
    page.get_by_role("button", name="New guest").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("E-mail").fill("nonsense")
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator("#f-over-name-problem")).to_contain_text("Please fill this in.")
    expect(page.locator("#f-over-email-problem")).to_contain_text("Not a valid e-mail address.")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_label("E-mail").fill("")
    dialog.get_by_label("Phone").fill("by pigeon")
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator("#f-over-phone-problem")).to_contain_text("Not a phone number")
    dialog.get_by_label("Phone").fill("")
    dialog.get_by_label("Tags").fill("vip, returning")
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator(".sheet h2")).to_have_text(name)
    page.get_by_role("searchbox").fill(name)
    expect(page.locator(".rows .row")).to_have_count(1)
    page.get_by_role("button", name="Edit: Notes").click()
    page.get_by_role("textbox", name="Notes").fill("Likes tea")
    page.get_by_role("button", name="Save").click()
    shows_notice(page, "Saved.")
    [found] = ada.ask("GET", "/guests", params={"search": name})
    assert (found["tags"], found["notes"]) == (["vip", "returning"], "Likes tea")
    page.locator(".sheet").get_by_label("More", exact=True).click()
    page.get_by_role("button", name="Erase").click()
    page.get_by_role("dialog").get_by_role("button", name="Erase").click()
    expect(page.locator(".rows .row")).to_have_count(0)
    assert ada.ask("GET", "/guests", params={"search": name}) == []


def test_two_who_change_the_same_guest_do_not_undo_each_other(visit: Visit, ada: Staff) -> None:
    made = ada.ask("POST", "/guests", json={"name": unique("Cora")})
    page = enter(visit, path=f"/#/guests/{made['id']}")
    page.get_by_role("button", name="Edit: Notes").click()
    page.get_by_role("textbox", name="Notes").fill("mine")
    ada.ask("PATCH", f"/guests/{made['id']}", json={"notes": "theirs"})
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Somebody has changed it in the meantime")
    expect(page.get_by_role("textbox", name="Notes")).to_have_value("mine")
    page.get_by_role("button", name="Show how it is now").click()
    expect(page.locator(".guest-notes")).to_have_text("theirs")


def test_a_guest_is_written_to(visit: Visit, server: Server, ada: Staff) -> None:
    guest = Guest(server, unique("Dora"))
    guest.say("Hello")
    [found] = ada.ask("GET", "/guests", params={"search": guest.name})
    page = enter(visit, path=f"/#/guests/{found['id']}")
    page.get_by_role("button", name="Write").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Write to the guest").fill("Your taxi is here.")
    dialog.get_by_label("Channels").select_option("sms")
    dialog.get_by_role("button", name="Send").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    dialog.get_by_label("Channels").select_option("web")
    dialog.get_by_role("button", name="Send").click()
    expect(page.locator(".message.ours")).to_contain_text("Your taxi is here.")


def test_knowledge_is_written_changed_and_deleted(visit: Visit, ada: Staff) -> None:
    title = unique("Pool hours")
    page = enter(visit, path="/#/knowledge")
    page.get_by_role("button", name="New entry").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Title").fill(title)
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator("#f-over-content-problem")).to_be_visible()
    dialog.get_by_label("Text").fill("From 6 to 22 h")
    dialog.get_by_label("Category").select_option("amenity")
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator(".sheet h2")).to_have_text(title)
    page.locator(".sheet").get_by_label("Text").fill("From 7 to 21 h")
    page.get_by_role("button", name="Save").click()
    shows_notice(page, "Saved.")
    page.get_by_role("searchbox").fill(title)
    expect(page.locator(".rows .row").first).to_contain_text(title)
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.locator(".rows .row", has_text=title)).to_have_count(0)


def test_a_colleague_is_invited_and_given_a_role(visit: Visit, ada: Staff, maria: Staff) -> None:
    page = enter(visit, path="/#/staff")
    page.get_by_role("button", name="Invite somebody").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Elsa Uhl")
    dialog.get_by_label("E-mail").fill(MARIA["email"])
    dialog.get_by_role("button", name="Invite").click()
    expect(dialog.get_by_text("Somebody else has this already.")).to_be_visible()
    email = f"{unique('elsa').replace(' ', '.')}@hotel.example"
    dialog.get_by_label("E-mail").fill(email)
    dialog.get_by_role("button", name="Invite").click()
    link = page.get_by_role("dialog", name="Invitation").get_by_label("Link").input_value()
    assert re.search(r"/invite#[\w-]{20,}$", link)
    page.keyboard.press("Escape")
    page.locator(".row", has_text="Elsa Uhl").last.get_by_role("link").click()
    page.get_by_label("Role").select_option("manager")
    page.get_by_role("button", name="Save").click()
    shows_notice(page, "Saved.")
    found = next(one for one in ada.ask("GET", "/staff?limit=100") if one["email"] == email)
    assert found["role"] == "manager"


def test_the_last_administrator_stays_one(visit: Visit, ada: Staff) -> None:
    me = ada.ask("GET", "/auth/me")
    page = enter(visit, path=f"/#/staff/{me['id']}")
    page.get_by_label("Role").select_option("staff")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("last administrator")


def test_settings_are_forms_with_their_problems_at_the_field(visit: Visit, ada: Staff) -> None:
    page = enter(visit, path="/#/settings")
    page.get_by_label("Name").fill(" ")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#f-name-problem")).to_be_visible()
    page.get_by_label("Time zone").select_option("Madrid, Europe")
    page.get_by_label("Language").select_option("German")
    page.get_by_label("Country").select_option("Spain")
    page.get_by_label("Name").fill("Hotel Miramar")
    page.get_by_role("button", name="Save").click()
    shows_notice(page, "Saved.")
    expect(page.locator(".brand")).to_have_text("Hotel Miramar")
    hotel = ada.ask("GET", "/settings/hotel")["value"]
    chosen = (hotel["timeZone"], hotel["language"], hotel["country"])
    assert chosen == ("Europe/Madrid", "de", "ES")


def test_departments_nobody_has_named_are_called_so_in_ones_own_language(
    visit: Visit, server: Server, ada: Staff
) -> None:
    sql(server, "DELETE FROM settings WHERE key = 'departments'")
    delivered = ada.ask("GET", "/settings/departments")["value"]["items"]
    page = enter(visit, path="/#/settings/departments")
    names = page.locator("input[name$='.name']")
    for place, item in enumerate(delivered):
        expect(names.nth(place)).to_have_value(item["name"])
    page = enter(visit, path="/#/settings/departments", locale="es-MX")
    names = page.locator("input[name$='.name']")
    expect(names.first).to_have_value("Recepción")
    names.first.fill("Lobby")
    page.get_by_role("button", name="Guardar").click()
    expect(page.locator(".notices")).to_contain_text("Guardado")
    show(page, "#/tasks")
    known = page.get_by_label("Departamento").locator("option")
    expect(known.nth(1)).to_have_text("Lobby")
    expect(known.nth(2)).to_have_text("Limpieza")
    kept = ada.ask("GET", "/settings/departments")["value"]["items"]
    assert [item["slug"] for item in kept] == [item["slug"] for item in delivered]
    assert [item["name"] for item in kept][:2] == ["Lobby", "Limpieza"]


def test_departments_are_added_and_taken_away(visit: Visit, ada: Staff) -> None:
    before = ada.ask("GET", "/settings/departments")["value"]
    page = enter(visit, path="/#/settings/departments")
    page.get_by_role("button", name="Add a department").click()
    page.get_by_label("Name", exact=True).last.fill("Spa")
    page.get_by_label("Short name").last.fill("Not A Slug")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".problem")).to_contain_text("lower-case")
    page.get_by_label("Short name").last.fill("spa")
    page.get_by_role("button", name="Save").click()
    shows_notice(page, "Saved.")
    items = ada.ask("GET", "/settings/departments")["value"]["items"]
    assert items == [*before["items"], {"slug": "spa", "name": "Spa"}]
    page.get_by_role("button", name="Remove: Spa").click()
    with page.expect_response(lambda response: response.request.method == "PUT"):
        page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name="Remove: Spa")).to_have_count(0)
    assert ada.ask("GET", "/settings/departments")["value"] == before


def test_the_chat_is_set_up(visit: Visit, ada: Staff) -> None:
    ada.ask("PUT", "/settings/channels.web", json={"value": {"enabled": True}})
    page = enter(visit, path="/#/settings/channels.web")
    page.get_by_label("Greeting").fill("Welcome!")
    page.get_by_label("Colour").fill("#123456")
    page.get_by_label("Somebody answers at any time").uncheck()
    page.get_by_label("Monday").fill("07:00-12:00, 14:00-25:00")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#f-monday-problem")).to_be_visible()
    page.get_by_label("Monday").fill("07:00-12:00, 14:00-23:00")
    page.get_by_role("button", name="Save").click()
    shows_notice(page, "Saved.")
    value = ada.ask("GET", "/settings/channels.web")["value"]
    assert (value["greeting"], value["colour"]) == ("Welcome!", "#123456")
    assert value["hours"]["monday"][1] == {"from": "14:00", "to": "23:00"}


def test_an_account_at_a_provider_is_set_up(visit: Visit, ada: Staff) -> None:
    page = enter(visit, path="/#/settings/channels")
    expect(page.locator(".channel", has_text="Web chat")).to_contain_text("working")
    expect(page.locator(".channel", has_text="SMS")).to_contain_text("not set up")
    show(page, "#/settings/channels.sms")
    page.get_by_label("Switched on").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#f-accountSid-problem")).to_be_visible()
    page.get_by_label("Account SID").fill("AC123")
    page.get_by_label("Auth token").fill("not shown again")
    page.get_by_label("From (number)").fill("+15550001111")
    page.get_by_label("Switched on").uncheck()
    page.get_by_role("button", name="Save").click()
    shows_notice(page, "Saved.")
    expect(page.get_by_label("Auth token")).to_have_value("********")
    page.get_by_label("From (number)").fill("+15550002222")
    with page.expect_response(lambda response: response.request.method == "PUT"):
        page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("From (number)")).to_have_value("+15550002222")
    value = ada.ask("GET", "/settings/channels.sms")["value"]
    assert (value["accountSid"], value["authToken"]) == ("AC123", "********")
    show(page, "#/settings/channels.email")
    expect(page.locator("#f-address")).to_be_visible()  # the form before it has the same switch
    page.get_by_label("Switched on").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#f-address-problem")).to_be_visible()


def saved(ada: Staff) -> dict[str, str]:
    """The hotel, as it is kept."""
    return dict(ada.ask("GET", "/settings/hotel")["value"])


def test_what_is_typed_while_the_saved_is_read_again_stays_and_is_saved(
    visit: Visit, ada: Staff
) -> None:
    page = enter(visit, path="/#/settings")
    page.get_by_label("Address").fill("1 Main Street")
    held: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.method == "GET":
            held.append(route)
        else:
            route.continue_()

    page.route("**/api/v1/settings/hotel", hold)
    page.get_by_role("button", name="Save").click()
    shows_notice(page, "Saved.")
    page.get_by_label("Phone").fill("+1 555 000 1111")
    page.get_by_label("Address").fill("2 Main Street")
    save = page.locator("form button[type=submit]")
    page.get_by_label("Address").press("Enter")  # what would be sent is of the version before
    expect(save).to_have_attribute("aria-disabled", "true")
    until(lambda: page.wait_for_timeout(50) or held)
    for route in held:
        route.continue_()
    page.unroute("**/api/v1/settings/hotel")
    expect(save).not_to_have_attribute("aria-disabled", "true")
    expect(page.get_by_label("Phone")).to_have_value("+1 555 000 1111")
    expect(page.get_by_label("Address")).to_have_value("2 Main Street")
    save.click()
    expect(save).not_to_have_attribute("aria-disabled", "true")
    until(lambda: page.wait_for_timeout(50) or saved(ada)["address"] == "2 Main Street")
    assert saved(ada)["phone"].replace(" ", "") == "+15550001111"
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_setting_of_the_hotels_own(visit: Visit, ada: Staff) -> None:
    page = enter(visit, path="/#/settings")
    new = page.get_by_role("button", name="Store values for a program")
    expect(page.locator(".sections nav")).to_contain_text("Developers")
    expect(new).to_be_hidden()
    page.locator("summary", has_text="Developers").click()
    new.click()
    expect(page.get_by_role("dialog")).to_contain_text("Jack itself does nothing with them.")
    page.get_by_label("Name in the API").fill("Not a key")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.locator("#f-over-key-problem")).to_contain_text("lower-case")
    page.get_by_label("Name in the API").fill("welcome-card")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    page.get_by_label("More fields").fill("{oops")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#f-json-problem")).to_have_text("This is not JSON.")
    page.get_by_label("More fields").fill('{"printed": true, "apiKey": "s3cret"}')
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("printed")).to_be_checked()
    expect(page.get_by_label("apiKey")).to_have_value("********")
    assert ada.ask("GET", "/settings/welcome-card")["value"]["printed"] is True
    page.reload()
    own = page.locator(".sections details").get_by_role("link", name="welcome-card")
    expect(own).to_be_visible()  # open where one is
    expect(own).to_have_attribute("aria-current", "page")
    show(page, "#/settings/hotel")
    expect(own).to_be_hidden()
    expect(page.get_by_role("link", name="Integrations")).to_be_hidden()


def test_who_may_not_sees_no_button_for_it(visit: Visit, ada: Staff, maria: Staff) -> None:
    entry = {"title": unique("Wi-Fi"), "content": "In every room", "category": "amenity"}
    made = ada.ask("POST", "/knowledge", json=entry)
    guest = ada.ask("POST", "/guests", json={"name": unique("Emil")})
    page = enter(visit, MARIA, f"/#/knowledge/{made['id']}")
    expect(page.locator(".sheet")).to_contain_text("In every room")
    expect(page.get_by_role("button", name=re.compile("New entry|Save|Delete"))).to_have_count(0)
    show(page, f"#/guests/{guest['id']}")
    expect(page.get_by_role("button", name="Edit: Notes")).to_be_visible()
    page.locator(".sheet").get_by_label("More", exact=True).click()
    expect(page.get_by_role("button", name="Block")).to_be_visible()
    expect(page.get_by_role("button", name="Erase")).to_have_count(0)
    me = maria.ask("GET", "/auth/me")["id"]
    show(page, f"#/staff/{me}")
    expect(page.locator(".sheet")).to_contain_text(MARIA["email"])
    expect(page.get_by_role("button", name=re.compile("Invite|Save|invitation"))).to_have_count(0)
    show(page, "#/settings")
    expect(page.locator("main")).to_contain_text("Time zone")
    expect(page.get_by_role("button", name="Save")).to_have_count(0)
    expect(page.locator(".sections nav")).not_to_contain_text("Store values")
    show(page, "#/settings/channels")
    expect(page.locator(".channel").first).to_be_visible()
    expect(page.get_by_role("button", name="Test")).to_have_count(0)


def test_what_other_programs_call_a_guest_and_a_task_stands_in_their_details(
    visit: Visit, ada: Staff
) -> None:
    number = unique("7").replace(" ", "-")
    body = {"name": unique("Dora"), "externalIds": {"pms": number, "pos": number}}
    guest = ada.ask("POST", "/guests", json={**body, "externalId": f"crm:{number}"})
    page = enter(visit, path=f"/#/guests/{guest['id']}")
    names = f"In other programs: crm:{number}, pms:{number}, pos:{number}"
    expect(page.locator(".sheet .external-ids")).to_have_text(names)
    order = {"title": unique("Lamp"), "department": "maintenance", "externalId": f"wo-{number}"}
    task = ada.ask("POST", "/tasks", json=order)
    show(page, f"#/tasks/{task['id']}")
    card = page.locator(f".task[data-id='{task['id']}']")
    expect(card.locator(".external-ids")).to_have_text(f"In other programs: wo-{number}")
    other = ada.ask("POST", "/guests", json={"name": unique("Eva")})
    show(page, f"#/guests/{other['id']}")
    expect(page.locator(".sheet h2")).to_have_text(other["name"])
    expect(page.locator(".external-ids")).to_have_count(0)


def test_the_audit_log_is_read_and_filtered(visit: Visit, ada: Staff) -> None:
    made = ada.ask("POST", "/guests", json={"name": unique("Fausta")})
    ada.ask("PATCH", f"/guests/{made['id']}", json={"notes": "Likes tea"})
    page = enter(visit, path="/#/settings/audit")
    expect(page.locator(".audit li").first).to_contain_text("Signed in")
    line = page.locator(".audit li", has_text="Guest changed").first
    expect(line).to_contain_text("Notes")
    expect(line).to_contain_text("127.0.0.1")
    expect(page.locator(".audit")).not_to_contain_text("Likes tea")
    page.get_by_label("What", exact=True).select_option("sign_in")
    expect(page.locator(".audit li").first).to_contain_text("Signed in")
    expect(page.locator(".audit")).not_to_contain_text("Guest changed")
    page.get_by_label("From", exact=True).fill("2001-01-01")
    page.get_by_label("To", exact=True).fill("2001-01-02")
    expect(page.locator(".sheet")).to_contain_text("Nothing found.")
    page.get_by_label("To", exact=True).fill("")
    page.get_by_label("What", exact=True).select_option("guest")
    page.locator(".audit li").first.get_by_role("link").click()
    expect(page.locator(".sheet h2")).to_have_text(made["name"])


def test_how_long_the_audit_log_is_kept_is_set(visit: Visit, ada: Staff) -> None:
    page = enter(visit, path="/#/settings/audit")
    page.get_by_label("Days a line is kept").fill("7")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".audit-kept .problem").first).to_be_visible()
    page.get_by_label("Days a line is kept").fill("400")
    page.get_by_role("button", name="Save").click()
    shows_notice(page, "Saved.")
    assert ada.ask("GET", "/settings/audit")["value"] == {"days": 400}


def test_only_administrators_see_the_audit_log(visit: Visit, maria: Staff) -> None:
    page = enter(visit, MARIA, "/#/settings/hotel")
    expect(page.locator(".sections nav")).to_contain_text("Security")
    expect(page.locator(".sections nav")).not_to_contain_text("Audit")
