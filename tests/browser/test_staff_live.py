"""How the staff's page stays true while things happen: answers that overlap, fail, come late or are too many."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import APIResponse, Page, Request, Response, Route, expect

from tests.browser.guest import Visit
from tests.browser.server import ADMIN, Server, Staff
from tests.browser.staff import (
    Guest,
    answer,
    conversation_id,
    enter,
    message,
    open_conversation,
    row,
    said,
    show,
    sql,
    unique,
    until,
)

pytestmark = pytest.mark.system

LATEST = re.compile(r"/conversations/[\w-]+/messages\?order=desc")
EVENTS = re.compile(r"/api/v1/events\?")
EXPIRE = "UPDATE sessions SET expires_at = '2020-01-01T00:00:00.000Z' WHERE staff_id = :id"
FULL = 100  # events in one answer


@pytest.fixture
def guest(server: Server) -> Guest:
    made = Guest(server, unique("Ines"), email=f"{unique('ines').replace(' ', '')}@guest.example")
    made.say("Is there parking?")
    return made


def tells(type: str) -> Callable[[Response], bool]:
    """An answer that tells of such an event."""
    return lambda answer: (
        bool(EVENTS.search(answer.url)) and answer.status == 200 and type in answer.text()
    )


def answered(visit: Visit, guest: Guest) -> tuple[Page, str]:
    """A window with the guest's conversation, and what has just been delivered to them from there."""
    page = enter(visit)
    open_conversation(page, guest.name)
    words = unique("Yes, behind the hotel")
    answer(page, words)
    guest.until_heard(words)
    expect(said(page, words)).to_contain_text("Delivered")
    return page, words


def failing(page: Page, pattern: re.Pattern[str], times: int) -> list[Request]:
    """The next calls like this get no answer. Returns those that got none so far."""
    lost: list[Request] = []

    def lose(route: Route) -> None:
        if len(lost) < times:
            lost.append(route.request)
            route.abort()
        else:
            route.continue_()

    page.route(pattern, lose)
    return lost


def test_an_older_answer_that_comes_later_does_not_undo_a_newer_one(
    visit: Visit, guest: Guest
) -> None:
    page, words = answered(visit, guest)
    held: list[tuple[Route, APIResponse]] = []

    def hold(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append((route, route.fetch()))

    page.route(LATEST, hold)
    page.reload()
    until(lambda: page.wait_for_timeout(50) or held)
    with page.expect_response(tells("readAt")):
        guest.read()
    page.wait_for_timeout(500)  # time for a second read, if there is one beside the first
    route, response = held[0]
    route.fulfill(response=response)
    expect(said(page, words)).to_contain_text("Read")
    page.wait_for_timeout(500)
    expect(said(page, words)).to_contain_text("Read")


def test_what_could_not_be_read_is_read_again(visit: Visit, guest: Guest) -> None:
    page = enter(visit)
    open_conversation(page, guest.name)
    lost = failing(page, LATEST, 2)
    more = unique("And a charger for the car?")
    guest.say(more)
    expect(message(page, more)).to_be_visible()
    assert len(lost) == 2


def test_a_list_that_could_not_be_read_is_read_again(
    visit: Visit, server: Server, guest: Guest
) -> None:
    page = enter(visit)
    expect(row(page, guest.name)).to_be_visible()
    lost = failing(page, re.compile(r"/api/v1/conversations/(?!counts)[\w-]+$"), 2)
    other = Guest(server, unique("Noor"))
    other.say("Hello?")
    expect(row(page, other.name)).to_be_visible()
    assert len(lost) == 2


def test_a_conversation_that_could_not_be_opened_opens_by_itself(
    visit: Visit, guest: Guest
) -> None:
    page = enter(visit)
    lost = failing(page, LATEST, 1)
    row(page, guest.name).get_by_role("link").click()
    expect(message(page, "Is there parking?")).to_be_visible()
    assert lost


def test_a_late_status_of_an_older_message_is_seen(visit: Visit, ada: Staff, guest: Guest) -> None:
    page, words = answered(visit, guest)
    path = f"/conversations/{conversation_id(page)}/messages"
    for number in range(30):
        ada.ask("POST", path, json={"content": f"Note {number} of 30", "type": "note"})
    expect(message(page, "Note 29 of 30")).to_be_visible()
    guest.read()
    expect(said(page, words)).to_contain_text("Read")


def test_after_a_long_absence_everything_is_read_at_once(
    visit: Visit, server: Server, ada: Staff, guest: Guest
) -> None:
    page = enter(visit)
    open_conversation(page, guest.name)
    path = f"/conversations/{conversation_id(page)}/messages"
    page.context.set_offline(True)
    expect(page.get_by_text("No connection.")).to_be_visible()
    for number in range(2 * FULL + 20):
        ada.ask("POST", path, json={"content": f"Note {number} of many", "type": "note"})
    other = Guest(server, unique("Noor"))
    other.say("Hello?")
    asked: list[str] = []
    page.on(
        "requestfinished", lambda request: EVENTS.search(request.url) and asked.append(request.url)
    )
    page.context.set_offline(False)
    expect(row(page, other.name)).to_be_visible()
    expect(message(page, f"Note {2 * FULL + 19} of many")).to_be_visible()
    until(lambda: page.wait_for_timeout(50) or len(asked) > 1)
    first, second = (int(re.findall(r"after=(\d+)", url)[0]) for url in asked[:2])
    assert second - first > FULL


def test_the_guests_card_stays_while_it_is_read_again(
    visit: Visit, ada: Staff, guest: Guest
) -> None:
    page = enter(visit)
    open_conversation(page, guest.name)
    card = page.locator(".beside .guest-card")
    expect(card.get_by_text("No tasks")).to_be_visible()
    held: list[Route] = []

    def hold(
        route: Route,
    ) -> None:  # Playwright marks its handlers, which a method of a list does not let it
        held.append(route)

    page.route("**/api/v1/tasks?guestId=*", hold)
    conversation = ada.ask("GET", f"/conversations/{conversation_id(page)}")
    title = unique("Towels")
    task = {"title": title, "department": "housekeeping", "guestId": conversation["guestId"]}
    ada.ask("POST", "/tasks", json=task)
    until(lambda: page.wait_for_timeout(50) or held)
    expect(card.get_by_text("No tasks")).to_be_visible()
    held[0].continue_()
    expect(card.get_by_text(title)).to_be_visible()


def test_what_can_be_read_is_shown_beside_what_cannot(
    visit: Visit, server: Server, guest: Guest
) -> None:
    page = enter(visit)
    open_conversation(page, guest.name)
    broken = f"/api/v1/conversations/{conversation_id(page)}"
    show(page, "#/inbox")
    refused: list[Request] = []

    def refuse(route: Route) -> None:
        refused.append(route.request)
        route.fulfill(status=500, json={"success": False, "error": {"message": "Broken"}})

    page.route(lambda url: url.endswith(broken), refuse)
    page.context.set_offline(True)
    expect(page.get_by_text("No connection.")).to_be_visible()
    guest.say("Nobody can read this")
    other = Guest(server, unique("Noor"))
    other.say("Hello?")
    page.context.set_offline(False)
    expect(row(page, other.name)).to_be_visible()
    assert refused


def test_beside_a_search_the_open_conversation_stays_true(
    visit: Visit, ada: Staff, guest: Guest
) -> None:
    page = enter(visit)
    open_conversation(page, guest.name)
    id = conversation_id(page)
    search = page.get_by_role("searchbox", name="Search conversations")
    search.fill(unique("nothing like this"))
    expect(page.get_by_text("Nothing found.")).to_be_visible()
    more = unique("And a charger for the car?")
    guest.say(more)
    expect(message(page, more)).to_be_visible()
    until(lambda: page.wait_for_timeout(50) or not ada.ask("GET", f"/conversations/{id}")["unread"])
    ada.ask("PATCH", f"/conversations/{id}", json={"status": "closed"})
    expect(page.locator(".bar").get_by_role("button", name="Reopen")).to_be_visible()


def test_a_guest_who_is_erased_or_renamed_elsewhere_is_so_here(
    visit: Visit, ada: Staff, guest: Guest
) -> None:
    page = enter(visit)
    open_conversation(page, guest.name)
    guest_id = ada.ask("GET", f"/conversations/{conversation_id(page)}")["guestId"]
    card = page.locator(".beside .guest-card")
    mail = f"{unique('ines').replace(' ', '')}@guest.example"
    name = unique("Inés Robles")
    ada.ask("PATCH", f"/guests/{guest_id}", json={"name": name, "email": mail})
    expect(card.get_by_text(mail)).to_be_visible()
    expect(row(page, name)).to_be_visible()
    ada.http.delete(f"/guests/{guest_id}").raise_for_status()
    expect(page.get_by_text(mail)).to_have_count(0)
    expect(page.get_by_text(name)).to_have_count(0)
    expect(message(page, "Is there parking?")).to_have_count(0)


def test_a_conversation_the_session_ended_at_opens_after_signing_in(
    visit: Visit, server: Server, ada: Staff, guest: Guest
) -> None:
    page = enter(visit)
    expect(row(page, guest.name)).to_be_visible()
    page.route(EVENTS, lambda route: route.abort())  # so that it is the opening that finds out
    sql(server, EXPIRE, id=ada.ask("GET", "/auth/me")["id"])
    row(page, guest.name).get_by_role("link").click()
    expect(page.get_by_role("dialog", name="Sign in again")).to_be_visible()
    page.wait_for_timeout(3500)  # longer than it waits before it tries again
    page.get_by_label("Password", exact=True).fill(ADMIN["password"])
    page.get_by_role("button", name="Sign in").click()
    expect(message(page, "Is there parking?")).to_be_visible()
    ada.sign_in()
