"""What is done while a file of a reply is on its way: nothing that is typed or sent meanwhile is lost, or comes twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import FilePayload, Page, Route, expect

from tests.browser.guest import Visit
from tests.browser.server import Server, Staff
from tests.browser.staff import Guest, box, enter, open_conversation, show, unique, until
from tests.browser.test_staff_reply_help import GIVE

pytestmark = pytest.mark.system
ATTACH = ".attach input"
FILES = ".reply .files li"


@pytest.fixture
def guest(server: Server) -> Guest:
    made = Guest(server, unique("Ulla"))
    made.say("May I see the menu?")
    return made


def text(name: str) -> FilePayload:
    return FilePayload(name=name, mimeType="text/plain", buffer=name.encode())


def hold(page: Page) -> Callable[[], None]:
    """Keep files on their way until what is returned is called."""
    held: list[Route] = []
    gone: list[bool] = []

    def keep(route: Route) -> None:
        if gone:
            route.continue_()
        else:
            held.append(route)

    def let_go() -> None:
        until(lambda: held, page)
        gone.append(True)
        for route in held:
            route.continue_()

    page.route("**/api/v1/attachments", keep)
    return let_go


def sent(ada: Staff, conversation: str) -> list[tuple[str, list[str]]]:
    """The texts and files the hotel has sent."""
    rows = [row for row in ada.messages(conversation) if row["direction"] == "outbound"]
    return [(row["content"], [file["name"] for file in row["attachments"]]) for row in rows]


def test_what_is_typed_meanwhile_stays_and_it_is_sent_once_with_the_file(
    visit: Visit, ada: Staff, guest: Guest
) -> None:
    page = enter(visit)
    open_conversation(page, guest.name)
    let_go = hold(page)
    box(page).fill("Here")
    page.locator(ATTACH).set_input_files([text("menu.txt")])
    box(page).fill("Here it is, enjoy")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".notice.bad", has_text="still on its way")).to_be_visible()
    expect(box(page)).to_have_value("Here it is, enjoy")
    let_go()
    expect(page.locator(FILES)).to_have_count(1)
    expect(box(page)).to_have_value("Here it is, enjoy")
    page.get_by_role("button", name="Send", exact=True).click()
    found = ada.ask("GET", f"/conversations?search={guest.name}")[0]["id"]
    once = [("Here it is, enjoy", ["menu.txt"])]
    until(lambda: sent(ada, found) == once, page)
    expect(box(page)).to_have_value("")
    expect(page.locator(FILES)).to_have_count(0)


def test_a_file_that_arrives_after_a_look_elsewhere_joins_what_was_typed_since(
    visit: Visit, guest: Guest
) -> None:
    page = enter(visit)
    open_conversation(page, guest.name)
    here = page.evaluate("location.hash")
    let_go = hold(page)
    box(page).fill("Old")
    page.locator(ATTACH).set_input_files([text("map.txt")])
    show(page, "#/tasks")
    show(page, here)
    box(page).fill("New")
    let_go()
    expect(page.locator(FILES)).to_have_count(1)
    expect(box(page)).to_have_value("New")
    page.reload()  # it is stored like this
    expect(page.locator(FILES)).to_have_count(1)
    expect(box(page)).to_have_value("New")


def test_a_file_given_to_a_dialog_does_not_go_into_the_reply_behind_it(
    visit: Visit, guest: Guest
) -> None:
    page = enter(visit)
    open_conversation(page, guest.name)
    box(page).fill("Tomorrow")
    page.get_by_role("button", name="At another time").click()
    dialog = page.locator("form.reply dialog")
    expect(dialog.get_by_label("When")).to_be_visible()
    for kind in ("paste", "drop"):
        assert not dialog.get_by_label("When").evaluate(GIVE, kind)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert box(page).evaluate(GIVE, "paste")
    expect(page.locator(FILES)).to_have_count(1)


def test_a_dialog_that_cannot_be_loaded_says_so(visit: Visit, guest: Guest) -> None:
    page = enter(visit)
    page.route("**/later/*.js", lambda route: route.abort())
    open_conversation(page, guest.name)
    box(page).fill("Tomorrow")
    page.get_by_role("button", name="At another time").click()
    expect(page.locator(".reply").get_by_role("button", name="Try again")).to_be_visible()
    page.get_by_role("button", name="Snooze").click()
    expect(page.get_by_role("button", name="Try again")).to_have_count(2)
