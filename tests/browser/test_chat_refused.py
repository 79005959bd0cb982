"""What the chat does when Jack says no."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from tests.browser.guest import MESSAGES, Visit, begin, box, heard, state, unique, write
from tests.browser.server import Staff
from tests.browser.staff import until

pytestmark = pytest.mark.system


def test_a_guest_who_was_erased_begins_a_new_chat_and_keeps_what_was_not_sent(
    visit: Visit, ada: Staff
) -> None:
    page = visit()
    question, reply = begin(page), unique("Good morning")
    conversation = ada.conversation(question)
    ada.answer(conversation["id"], reply)
    expect(heard(page, reply)).to_be_visible()
    page.context.set_offline(True)
    unsent = unique("Not sent before it ended")
    write(page, unsent)
    box(page).fill("and a draft")
    ada.ask("DELETE", f"/guests/{conversation['guestId']}")
    page.context.set_offline(False)
    expect(page.get_by_text("Your earlier chat has ended").last).to_be_visible()
    expect(state(page, unsent)).to_have_text("Delivered")
    expect(page.locator("#log")).not_to_contain_text(question)
    expect(page.locator("#log")).not_to_contain_text(reply)
    expect(box(page)).to_have_value("and a draft")
    assert ada.said(ada.conversation(unsent)["id"]) == [unsent]


def test_too_many_messages_are_sent_when_jack_says_so(visit: Visit) -> None:
    page = visit()
    begin(page)
    refused: list[float] = []
    sent: list[float] = []

    held: list[Route] = []

    def refuse(route: Route) -> None:
        now: float = page.evaluate("performance.now()")
        (sent if refused else refused).append(now)
        if not sent:
            error = {"success": False, "error": {"code": "RATE_LIMITED", "message": "Wait."}}
            route.fulfill(status=429, headers={"Retry-After": "5"}, json=error)
        else:
            held.append(route)

    page.route(MESSAGES, refuse)
    content = unique("Too much")
    write(page, content)
    expect(page.get_by_role("status")).to_contain_text("goes on in a moment")
    expect(state(page, content)).to_have_text("Not sent yet, retrying …")
    until(lambda: page.wait_for_timeout(50) or held)
    held[0].continue_()
    expect(state(page, content)).to_have_text("Delivered")
    expect(page.get_by_role("status")).to_be_hidden()
    assert len(refused) == len(sent) == 1
    assert sent[0] - refused[0] >= 4_900


def test_a_message_that_jack_will_not_take_goes_back_into_the_box(visit: Visit) -> None:
    page = visit()
    begin(page)
    error = {"success": False, "error": {"code": "VALIDATION_ERROR", "message": "No."}}
    page.route(MESSAGES, lambda route: route.fulfill(status=400, json=error), times=1)
    content, after = unique("Strange"), unique("The next one goes out")
    write(page, content)
    expect(state(page, content)).to_contain_text("Could not be sent.")
    write(page, after)
    expect(state(page, after)).to_have_text("Delivered")
    page.get_by_role("button", name="Edit").click()
    expect(box(page)).to_have_value(content)
    expect(page.locator("li", has_text=content)).to_have_count(0)


def test_a_chat_that_is_switched_off_says_so_and_keeps_what_was_written(
    visit: Visit, ada: Staff
) -> None:
    page = visit()
    begin(page)
    page.clock.install()
    ada.ask("PUT", "/settings/channels.web", json={"value": {"enabled": False}})
    try:
        unsent = unique("Is anybody there?")
        write(page, unsent)
        expect(page.get_by_role("status")).to_contain_text("is kept on this device")
        expect(box(page)).to_be_hidden()
        other = visit()
        expect(other.get_by_role("status")).to_contain_text("The chat is switched off")
        expect(other.get_by_role("button")).to_have_count(0)
    finally:
        ada.ask("PUT", "/settings/channels.web", json={"value": {"enabled": True}})
    page.clock.fast_forward(61_000)
    expect(state(page, unsent)).to_have_text("Delivered")
    expect(box(page)).to_be_visible()
    other.reload()
    expect(other.get_by_role("button", name="Start chat")).to_be_visible()
