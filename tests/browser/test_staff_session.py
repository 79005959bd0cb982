"""Signing in and out of the staff's page, and what happens when a session ends while it is open."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.guest import Visit
from tests.browser.server import ADMIN, Server, Staff
from tests.browser.staff import (
    MARIA,
    Guest,
    box,
    enter,
    message,
    open_conversation,
    show,
    sign_in,
    sql,
    unique,
    until,
)
from tests.peers.smtp import Smtp, smtp

pytestmark = pytest.mark.system

EXPIRE = "UPDATE sessions SET expires_at = '2020-01-01T00:00:00.000Z' WHERE staff_id = :id"


@pytest.fixture
def guest(server: Server) -> Guest:
    made = Guest(server, unique("Vera"))
    made.say("Is there parking?")
    return made


@pytest.fixture
def relay() -> Iterator[Smtp]:
    with smtp() as server:
        yield server


@pytest.fixture
def mailing_server(tmp_path: Path, relay: Smtp) -> Iterator[Server]:
    """A server that can send e-mail and has a public address."""
    first = {"JACK_ADMIN_EMAIL": ADMIN["email"], "JACK_ADMIN_PASSWORD": ADMIN["password"]}
    running = Server(tmp_path / "instance", first)
    running.settings["JACK_PUBLIC_URL"] = running.url
    running.start()
    try:
        imap = {"host": "127.0.0.1", "port": 1, "username": "front", "password": "secret"}
        value = {"enabled": True, "address": "front@hotel.example", "imap": imap}
        body = {"value": value | {"smtp": relay.settings()}}
        Staff(running, **ADMIN).ask("PUT", "/settings/channels.email", json=body)
        yield running
    finally:
        running.stop()


def dialog(page: Page, title: str) -> None:
    expect(page.get_by_role("dialog", name=title)).to_be_visible()


def test_signing_in_leads_to_the_inbox_and_leaves_no_token_to_scripts(
    visit: Visit, ada: Staff, guest: Guest
) -> None:
    page = visit("/#/inbox")
    sign_in(page, email="", password="")
    expect(page.get_by_role("alert")).to_contain_text("enter your e-mail")
    sign_in(page, email=ADMIN["email"], password="not the password")
    expect(page.get_by_role("alert")).to_contain_text("not right")
    sign_in(page, **ADMIN)
    expect(page.locator(".row", has_text=guest.name)).to_be_visible()
    [cookie] = page.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Strict", "/")
    found = page.evaluate("document.cookie + JSON.stringify(localStorage)")
    assert cookie["value"] not in found
    page.reload()
    expect(page.locator(".row", has_text=guest.name)).to_be_visible()


@pytest.mark.parametrize(
    ("locale", "says", "again"),
    [
        ("en-GB", "could not be reached", "Try again"),
        ("es-MX", "No se ha podido conectar", "Intentar de nuevo"),
    ],
)
def test_a_page_whose_scripts_did_not_all_arrive_says_so_and_is_loaded_again(
    visit: Visit, locale: str, says: str, again: str
) -> None:
    page = visit("about:blank", locale=locale)
    page.route("**/staff/app.js", lambda route: route.abort())
    page.goto("/")
    expect(page.get_by_role("alert")).to_contain_text(says)
    page.unroute("**/staff/app.js")
    page.get_by_role("button", name=again).click()
    expect(page.get_by_label("E-mail" if locale == "en-GB" else "Correo")).to_be_visible()


def test_whoever_has_forgotten_their_password_is_told_the_way(
    visit: Visit, server: Server, ada: Staff
) -> None:
    page = visit("/")
    page.get_by_role("button", name="Forgotten password?").click()
    expect(page.get_by_text("Ask an administrator")).to_be_visible()
    token = ada.invite("Nora Kahn", "nora@hotel.example")
    ada.ask("POST", "/auth/accept-invite", json={"token": token, "password": "one two three four"})
    admin = enter(visit, path="/#/staff")
    admin.locator(".row", has_text="Nora Kahn").get_by_role("link").click()
    admin.get_by_role("button", name="New invitation").click()
    link = admin.get_by_label("Link").input_value()
    page.goto(link)
    for label in ("Password", "The same password again"):
        page.get_by_label(label, exact=True).fill("five six seven eight")
    page.get_by_role("button", name="Save password").click()
    page.get_by_role("link", name="Open Jack").click()
    expect(page.locator(".rail", has_text="Nora Kahn")).to_be_visible()


def test_whoever_has_forgotten_their_password_gets_a_link_by_e_mail(
    visit: Visit, mailing_server: Server, relay: Smtp
) -> None:
    page = visit("/", base=mailing_server.url)
    page.get_by_label("E-mail").fill(ADMIN["email"])
    page.get_by_role("button", name="Forgotten password?").click()
    reset = page.locator("form.reset")
    expect(reset.get_by_label("E-mail")).to_have_value(ADMIN["email"])
    reset.get_by_label("E-mail").fill("")
    reset.get_by_role("button", name="Send the link").click()
    expect(reset.locator("#reset-email-problem")).to_be_visible()
    reset.get_by_label("E-mail").fill(ADMIN["email"])
    reset.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("status")).to_contain_text("If this address belongs to a member")
    until(lambda: relay.desk.taken)
    link = re.search(rf"{mailing_server.url}/invite#\S+", relay.desk.taken[0].text)
    assert link
    page.goto(link[0])
    for label in ("Password", "The same password again"):
        page.get_by_label(label, exact=True).fill("five six seven eight")
    page.get_by_role("button", name="Save password").click()
    page.get_by_role("link", name="Open Jack").click()
    expect(page.locator(".todays h1")).to_be_visible()


def test_a_session_that_expires_while_one_writes_asks_for_the_password_in_place(
    visit: Visit, server: Server, ada: Staff, guest: Guest
) -> None:
    page = enter(visit)
    open_conversation(page, guest.name)
    answer = unique("Yes, behind the hotel")
    box(page).fill(answer)
    me = ada.ask("GET", "/auth/me")
    sql(server, EXPIRE, id=me["id"])
    dialog(page, "Sign in again")
    expect(page.get_by_text("kept on this device")).to_be_visible()
    page.get_by_label("Password", exact=True).fill("wrong wrong wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("not right")
    page.get_by_label("Password", exact=True).fill(ADMIN["password"])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(box(page)).to_have_value(answer)
    page.get_by_role("button", name="Send").click()
    guest.until_heard(answer)
    ada.sign_in()


def test_a_message_sent_just_as_the_session_ends_is_kept_and_sent_afterwards(
    visit: Visit, server: Server, maria: Staff, guest: Guest
) -> None:
    page = enter(visit, MARIA)
    open_conversation(page, guest.name)
    answer = unique("Behind the hotel")
    page.context.clear_cookies()
    box(page).fill(answer)
    page.keyboard.press("Enter")
    dialog(page, "Sign in again")
    expect(page.get_by_role("dialog")).to_contain_text("when you have signed in again")
    page.get_by_label("Password", exact=True).fill(MARIA["password"])
    page.get_by_role("button", name="Sign in").click()
    guest.until_heard(answer)
    assert guest.heard().count(answer) == 1


def test_a_session_that_is_ended_from_elsewhere_says_so(
    visit: Visit, ada: Staff, maria: Staff, guest: Guest
) -> None:
    page, phone = enter(visit, MARIA), enter(visit, MARIA)
    open_conversation(page, guest.name)
    box(page).fill("half a sentence")
    show(phone, "#/me")
    phone.get_by_role("button", name="Sign out everywhere").click()
    phone.get_by_role("dialog").get_by_role("button", name="Sign out").click()
    expect(phone.get_by_role("heading", name="Sign in to")).to_be_visible()
    dialog(page, "Sign in again")
    expect(page.get_by_text("ended from elsewhere")).to_be_visible()
    # Nothing of the guest is left behind the dialog, and what is kept is said once.
    assert guest.name not in page.content()
    assert "Is there parking?" not in page.content()
    expect(page.get_by_text("kept on this device")).to_have_count(1)
    assert "half a sentence" in page.evaluate("JSON.stringify(localStorage)")
    maria.sign_in()
    page.get_by_label("Password", exact=True).fill(MARIA["password"])
    page.get_by_role("button", name="Sign in").click()
    expect(box(page)).to_have_value("half a sentence")
    expect(page.locator(".row", has_text=guest.name)).to_be_visible()
    expect(message(page, "Is there parking?")).to_be_visible()


@pytest.mark.parametrize("route", ["guests", "tasks"])
def test_every_view_is_blank_once_the_session_has_ended(
    visit: Visit, server: Server, ada: Staff, maria: Staff, guest: Guest, route: str
) -> None:
    word = unique("Ofelia")
    ada.ask("POST", "/guests", json={"name": word})
    ada.ask("POST", "/tasks", json={"title": word, "department": "maintenance"})
    page = enter(visit, MARIA, f"/#/{route}")
    expect(page.get_by_text(word).first).to_be_visible()
    page.get_by_role("button", name="New guest" if route == "guests" else "Make a task").click()
    page.get_by_role("dialog").get_by_role("textbox").first.fill("a new one")
    maria.ask("POST", "/auth/logout-everywhere")
    dialog(page, "Sign in again")
    expect(page.get_by_text(word)).to_have_count(0)
    expect(page.get_by_role("dialog")).to_have_count(1)
    maria.sign_in()
    page.get_by_label("Password", exact=True).fill(MARIA["password"])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text(word).first).to_be_visible()


def test_a_member_who_is_deactivated_can_do_nothing_more(visit: Visit, ada: Staff) -> None:
    token = ada.invite("Otto Weg", "otto@hotel.example")
    ada.ask("POST", "/auth/accept-invite", json={"token": token, "password": "one two three four"})
    page = enter(visit, {"email": "otto@hotel.example", "password": "one two three four"})
    expect(page.locator(".rail", has_text="Otto Weg")).to_be_visible()
    otto = next(one for one in ada.ask("GET", "/staff?limit=100") if one["name"] == "Otto Weg")
    ada.ask("PATCH", f"/staff/{otto['id']}", json={"active": False})
    dialog(page, "Sign in again")
    page.get_by_label("Password", exact=True).fill("one two three four")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("not right")


def test_signing_out_leaves_nothing_behind(visit: Visit, maria: Staff, guest: Guest) -> None:
    page = enter(visit, MARIA)
    open_conversation(page, guest.name)
    box(page).fill("a draft")
    show(page, "#/me")
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in to")).to_be_visible()
    assert page.context.cookies() == []
    assert "a draft" not in page.evaluate("JSON.stringify(localStorage)")


def test_another_who_signs_in_beside_one_takes_over_all_windows(
    visit: Visit, ada: Staff, maria: Staff
) -> None:
    page = enter(visit)
    expect(page.locator(".rail .own")).to_contain_text(ada.ask("GET", "/auth/me")["name"])
    other = page.context.new_page()
    other.goto("/")
    other.request.post("/api/v1/auth/login", data=MARIA, headers={"X-Jack-Page": "1"})
    other.reload()
    expect(page.locator(".rail .own")).to_contain_text("María López")


def test_the_password_can_be_changed(visit: Visit, server: Server, ada: Staff) -> None:
    token = ada.invite("Pia Roth", "pia@hotel.example")
    old, new = "one two three four", "five six seven eight"
    ada.ask("POST", "/auth/accept-invite", json={"token": token, "password": old})
    page = enter(visit, {"email": "pia@hotel.example", "password": old}, "/#/me")
    current, chosen = page.get_by_label("Current password"), page.get_by_label("New password")
    current.fill("not the old one")
    chosen.fill(new)
    page.get_by_role("button", name="Change password").click()
    expect(page.locator("#f-currentPassword-problem")).to_contain_text("not right")
    current.fill(old)
    chosen.fill("passwordpassword")
    page.get_by_role("button", name="Change password").click()
    expect(page.locator("#f-newPassword-problem")).to_contain_text("commonest")
    chosen.fill(new)
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("Your password is changed")).to_be_visible()
    assert Staff(server, "pia@hotel.example", new).ask("GET", "/auth/me")["name"] == "Pia Roth"
