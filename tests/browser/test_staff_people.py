"""Who is who on the page: two guests who may be one, a member who leaves, and to whom a channel's secrets are sent."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.guest import Visit
from tests.browser.server import Server, Staff
from tests.browser.staff import Guest, enter, unique

pytestmark = pytest.mark.system

UNPROVEN = {
    "en-GB": "in the web chat only: nothing shows who that is.",
    "es-MX": "solo ha escrito en el chat web: nada muestra quién es.",
}


@pytest.mark.parametrize(
    ("locale", "merge", "not_proven"),
    [("en-GB", "Merge", "Not proven"), ("es-MX", "Unir", "No está demostrado")],
)
def test_what_is_not_proven_is_read_before_two_guests_are_merged(
    locale: str, merge: str, not_proven: str, visit: Visit, server: Server, ada: Staff
) -> None:
    name = unique("Ana Real")
    email = f"{name.split()[-1]}@guest.example"
    known = ada.ask("POST", "/guests", json={"name": name, "email": email})
    Guest(server, name, email=email).say("It is me")
    page = enter(visit, path=f"/#/guests/{known['id']}", locale=locale)
    line = page.locator(".notice li", has_text=name).first
    expect(line.locator(".evidence li")).to_have_count(3)
    expect(line.locator(".evidence")).to_contain_text(not_proven)
    expect(line.locator(".unproven")).to_contain_text(UNPROVEN[locale])
    line.get_by_role("button", name=merge).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".evidence")).to_contain_text(not_proven)
    expect(dialog.locator(".unproven")).to_contain_text(UNPROVEN[locale])
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_everybody_is_told_when_a_member_leaves_work_behind(
    visit: Visit, server: Server, ada: Staff
) -> None:
    name = unique("Iker Sosa")
    email = f"{name.split()[-1]}@hotel.example"
    who = ada.ask("POST", "/staff", json={"name": name, "email": email, "role": "staff"})["id"]
    ada.ask("POST", "/tasks", json={"title": name, "department": "front-desk", "assignee": who})
    watching = enter(visit, path="/#/tasks")
    page = enter(visit, path=f"/#/staff/{who}")
    page.get_by_label("May sign in").uncheck()
    expect(page.locator("main")).to_contain_text("open tasks go back to their department")
    page.get_by_role("button", name="Save").click()
    for one in (page, watching):
        expect(one.locator(".notices")).to_contain_text(f"{name} may not sign in any more.")


MAIL = {
    "enabled": False,
    "address": "front@hotel.example",
    "accessToken": "not on the form",
    "smtp": {"host": "smtp.hotel.example", "username": "front", "password": "Rosebud"},
    "imap": {"host": "imap.hotel.example", "username": "front", "password": "Rosebud"},
}


@pytest.mark.parametrize(
    ("locale", "save", "again"),
    [("en-GB", "Save", "Type it again"), ("es-MX", "Guardar", "Escríbalo de nuevo")],
)
def test_a_password_is_typed_again_when_the_server_is_another_one(
    locale: str, save: str, again: str, visit: Visit, ada: Staff
) -> None:
    ada.ask("PUT", "/settings/channels.email", json={"value": MAIL})
    page: Page = enter(visit, path="/#/settings/channels.email", locale=locale)
    page.locator("[name='smtp.host']").fill("mail.elsewhere.example")
    page.get_by_role("button", name=save).click()
    field = page.locator(".field", has=page.locator("[name='password']"))
    expect(field.locator(".problem")).to_contain_text(again)
    page.locator("[name='password']").fill("for elsewhere")  # once for both directions
    page.get_by_role("button", name=save).click()
    expect(page.locator(".notices .notice")).to_be_visible()
    kept = ada.ask("GET", "/settings/channels.email")["value"]
    assert kept["smtp"]["host"] == "mail.elsewhere.example"
    assert kept["imap"]["password"] == "********"
    assert not kept.get("accessToken")
