"""Every view of the staff's page in every light, on small windows and large, from right to left, enlarged, in Spanish."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.guest import Visit
from tests.browser.server import Server, Staff
from tests.browser.staff import MARIA, Guest, box, enter, open_conversation, row, show, unique
from tests.browser.test_look import nothing_wrong

pytestmark = pytest.mark.system

LONG = "Supercalifragilistic" * 8


@pytest.fixture(scope="module")
def guest(server: Server, ada: Staff) -> Guest:
    """One who makes every view hard to draw."""
    made = Guest(server, f"{unique('Wilhelmine')} {LONG}"[:190])
    made.say(f"Is the pool heated? {LONG}\n\n" + "word " * 200)
    chat = ada.conversation("Is the pool heated?")
    ada.answer(chat["id"], f"https://hotel.example/{LONG}")
    note = {"content": f"She is a regular {LONG}", "type": "note"}
    ada.ask("POST", f"/conversations/{chat['id']}/messages", json=note)
    made.say("And is the sauna heated?")
    known = f"/guests/{chat['guestId']}"
    ada.ask("PATCH", known, json={"tags": ["vip", LONG[:50]], "notes": LONG, "language": "de"})
    entry = {"title": f"Pool {LONG}", "content": f"The pool is heated. {LONG}", "category": "faq"}
    ada.ask("POST", "/knowledge", json=entry)
    for priority, due in (("urgent", "2026-01-01T10:00:00Z"), ("low", "2031-01-01T10:00:00Z")):
        task = {"title": f"Heat it {LONG}", "department": "maintenance", "priority": priority}
        ada.ask(
            "POST", "/tasks", json={**task, "dueAt": due, "conversationId": chat["id"], "room": "7"}
        )
    return made


def inbox(page: Page, guest: Guest) -> None:
    show(page, "#/inbox")
    expect(row(page, guest.name)).to_be_visible()


def show_conversation(page: Page, guest: Guest) -> None:
    inbox(page, guest)
    open_conversation(page, guest.name)
    expect(page.locator(".suggestion").first).to_be_visible()


def noting(page: Page, guest: Guest) -> None:
    show_conversation(page, guest)
    page.get_by_role("button", name="Note", exact=True).click()
    box(page).fill(LONG)


def offline(page: Page, guest: Guest) -> None:
    show_conversation(page, guest)
    page.context.set_offline(True)
    box(page).fill("Are you there?")
    page.keyboard.press("Enter")
    expect(page.get_by_text("No connection.")).to_be_visible()


def task_dialog(page: Page, guest: Guest) -> None:
    show_conversation(page, guest)
    page.locator("[data-act=task]").first.click()
    page.get_by_label("Title").fill("")
    page.get_by_role("button", name="Create task").click()
    expect(page.locator("#f-over-title-problem")).to_be_visible()


def shortcuts(page: Page, guest: Guest) -> None:
    inbox(page, guest)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()


def tasks(page: Page, guest: Guest) -> None:
    show(page, "#/tasks")
    page.locator(".task .plain").first.click()
    expect(page.locator(".task .details")).to_be_visible()


def completing(page: Page, guest: Guest) -> None:
    show(page, "#/tasks")
    task = page.locator(".task").first
    task.get_by_role("button", name="More actions").click()
    task.get_by_role("button", name="Complete").click()
    page.get_by_label("Tell the guest").check()


def guests(page: Page, guest: Guest) -> None:
    show(page, "#/guests")
    page.locator(".rows a", has_text=guest.name).click()
    expect(page.locator(".sheet .stream .spoken").first).to_be_visible()
    expect(page.locator(".sheet .plain-list").last).to_be_visible()


def knowledge(page: Page, guest: Guest) -> None:
    show(page, "#/knowledge")
    page.locator(".rows a").first.click()
    expect(page.locator(".sheet form")).to_be_visible()


def people(page: Page, guest: Guest) -> None:
    show(page, "#/staff")
    page.locator(".rows a").first.click()
    expect(page.locator(".sheet form")).to_be_visible()


def hotel(page: Page, guest: Guest) -> None:
    show(page, "#/settings")
    expect(page.locator("form")).to_be_visible()


def web_chat(page: Page, guest: Guest) -> None:
    show(page, "#/settings/channels.web")
    page.get_by_label("Somebody answers at any time").uncheck()


def departments(page: Page, guest: Guest) -> None:
    show(page, "#/settings/departments")
    expect(page.locator("form")).to_be_visible()


def channels(page: Page, guest: Guest) -> None:
    show(page, "#/settings/channels")
    expect(page.locator(".channel").first).to_be_visible()


def account(page: Page, guest: Guest) -> None:
    show(page, "#/me")
    expect(page.locator("form")).to_have_count(2)  # notifications, the password


def locked(page: Page, guest: Guest) -> None:
    show_conversation(page, guest)
    page.context.clear_cookies()
    expect(page.get_by_role("dialog", name="Sign in again")).to_be_visible()


def nothing(page: Page, guest: Guest) -> None:
    inbox(page, guest)
    page.get_by_role("searchbox").first.fill("nobody says this")
    expect(page.get_by_text("Nothing found.")).to_be_visible()


VIEWS = [
    inbox,
    show_conversation,
    noting,
    offline,
    task_dialog,
    shortcuts,
    tasks,
    completing,
    guests,
    knowledge,
    people,
    hotel,
    web_chat,
    departments,
    channels,
    account,
    locked,
    nothing,
]


@pytest.mark.parametrize("reach", VIEWS, ids=lambda reach: reach.__name__)
def test_nobody_is_kept_out(
    visit: Visit, guest: Guest, reach: Callable[[Page, Guest], None]
) -> None:
    page = enter(visit, reduced_motion="reduce")
    reach(page, guest)
    nothing_wrong(page, height=740)


@pytest.mark.parametrize("path", ["inbox", "tasks", "guests", "settings", "me"])
def test_from_right_to_left_and_enlarged_it_stays_whole(
    visit: Visit, guest: Guest, path: str
) -> None:
    page = enter(visit, path=f"/#/{path}", viewport={"width": 640, "height": 400})  # 200 %
    expect(page.locator("main :is(.row, .task, form)").first).to_be_attached()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.evaluate("document.documentElement.dir = 'rtl'")
    for width in (360, 640, 1280):
        page.set_viewport_size({"width": width, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        assert page.evaluate("document.querySelector('#main').scrollWidth") <= width


def test_on_a_phone_one_goes_to_a_conversation_and_back(visit: Visit, guest: Guest) -> None:
    page = enter(visit, viewport={"width": 360, "height": 640})
    expect(row(page, guest.name)).to_be_visible()
    open_conversation(page, guest.name)
    expect(page.locator(".rows")).to_be_hidden()
    expect(box(page)).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("button", name="Send")).to_be_in_viewport(ratio=1)
    page.get_by_role("button", name="Guest", exact=True).click()
    expect(page.get_by_role("dialog", name="Guest")).to_contain_text("vip")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Back").click()
    expect(row(page, guest.name)).to_be_visible()


def test_it_speaks_spanish(visit: Visit, guest: Guest) -> None:
    page = enter(visit, locale="es-MX")
    expect(page.get_by_role("link", name="Bandeja")).to_be_visible()
    open_conversation(page, guest.name)
    expect(page.get_by_role("button", name="Enviar")).to_be_visible()
    show(page, "#/tasks")
    expect(page.locator(".task.overdue").first).to_contain_text("vencida hace")
    page.get_by_role("button", name="Crear tarea").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Crear tarea").click()
    expect(page.locator("#f-over-title-problem")).to_have_text("Rellene este campo.")
    assert "undefined" not in page.locator("body").inner_text()


def test_the_language_can_be_chosen(visit: Visit, maria: Staff) -> None:
    page = enter(visit, MARIA, "/#/me")
    page.get_by_label("Language").select_option("es")
    expect(page.get_by_role("heading", name="Preferencias")).to_be_visible()
    page.reload()
    expect(page.get_by_role("link", name="Bandeja")).to_be_visible()


def test_times_are_the_hotels(visit: Visit, server: Server, ada: Staff) -> None:
    hotel = {"name": "Hotel Pacífico", "timeZone": "Pacific/Kiritimati"}
    ada.ask("PUT", "/settings/hotel", json={"value": hotel})
    made = Guest(server, unique("Kai"))
    made.say("Aloha")
    page = enter(visit, timezone_id="America/Los_Angeles", locale="en-US")
    open_conversation(page, made.name)
    written = page.locator(".message time").first
    when = written.get_attribute("datetime")
    shown = page.evaluate(
        "(when) => new Intl.DateTimeFormat('en-US', { hour: 'numeric', minute: '2-digit',"
        " timeZone: 'Pacific/Kiritimati' }).format(new Date(when))",
        when,
    )
    expect(written).to_have_text(shown)
    expect(written).to_have_text(re.compile("[AP]M$"))
