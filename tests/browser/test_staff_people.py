"""Who is who on the page: what speaks for two guests being one before they are merged, and a member who leaves."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

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
@pytest.mark.parametrize("width", [1280, 390])
def test_what_is_not_proven_is_read_before_two_guests_are_merged(
    width: int, locale: str, merge: str, not_proven: str, visit: Visit, server: Server, ada: Staff
) -> None:
    name = unique("Ana Real")
    email = f"{name.split()[-1]}@guest.example"
    known = ada.ask("POST", "/guests", json={"name": name, "email": email})
    Guest(server, name, email=email).say("It is me")
    page = enter(visit, path=f"/#/guests/{known['id']}", locale=locale)
    page.set_viewport_size({"width": width, "height": 800})
    line = page.locator(".notice li", has_text=name).first
    expect(line.locator(".evidence li")).to_have_count(3)
    expect(line.locator(".evidence")).to_contain_text(not_proven)
    expect(line.locator(".unproven")).to_contain_text(UNPROVEN[locale])
    line.get_by_role("button", name=merge).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".evidence")).to_contain_text(not_proven)
    expect(dialog.locator(".unproven")).to_contain_text(UNPROVEN[locale])
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
