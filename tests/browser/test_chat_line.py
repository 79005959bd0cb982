"""Every message arrives once and none is lost, whatever happens on the way."""

from __future__ import annotations

import pytest
from playwright.sync_api import Request, Route, expect

from tests.browser.guest import (
    MESSAGES,
    POLLS,
    Visit,
    begin,
    box,
    heard,
    hide,
    start,
    state,
    unique,
    write,
)
from tests.browser.server import Staff
from tests.browser.staff import until

pytestmark = pytest.mark.system


def test_a_double_click_sends_once(visit: Visit, ada: Staff) -> None:
    page = visit()
    question = begin(page)
    again = unique("Two towels, please")
    box(page).fill(again)
    page.get_by_role("button", name="Send").dblclick()
    expect(state(page, again)).to_have_text("Delivered")
    assert ada.said(ada.conversation(again)["id"]) == [question, again]


def test_nothing_is_sent_for_nothing(visit: Visit) -> None:
    page = visit()
    start(page)
    for empty in ("", "   ", "\n\n"):
        write(page, empty)
    expect(page.locator("li.mine")).to_have_count(0)


def test_a_message_written_without_connection_is_kept_and_sent_once(
    visit: Visit, ada: Staff
) -> None:
    page = visit()
    question = begin(page)
    page.context.set_offline(True)
    kept = [unique("Is the pool open?"), unique("And the sauna?")]
    for content in kept:
        write(page, content)
        expect(state(page, content)).to_have_text("Not sent yet, retrying …")
    expect(page.get_by_role("status")).to_contain_text("No connection")
    page.context.set_offline(False)
    expect(state(page, kept[1])).to_have_text("Delivered")
    expect(page.get_by_role("status")).to_be_hidden()
    expect(page.locator("li.mine")).to_have_count(3)
    assert ada.said(ada.conversation(kept[1])["id"]) == [question, *kept]


def test_the_first_message_waits_for_a_connection_as_well(visit: Visit, ada: Staff) -> None:
    page = visit()
    page.context.set_offline(True)
    page.get_by_label("Your name").fill("Tom Baker")
    page.get_by_role("button", name="Start chat").click()
    question = unique("Hello?")
    write(page, question)
    expect(state(page, question)).to_have_text("Not sent yet, retrying …")
    page.context.set_offline(False)
    expect(state(page, question)).to_have_text("Delivered")
    conversation = ada.conversation(question)
    assert conversation["guest"]["name"] == "Tom Baker"
    assert ada.said(conversation["id"]) == [question]


def test_a_message_whose_answer_got_lost_is_sent_again_and_is_there_once(
    visit: Visit, ada: Staff
) -> None:
    page = visit()
    question = begin(page)
    lost: list[str] = []

    def lose(route: Route) -> None:
        if route.request.method == "POST" and len(lost) < 2:
            lost.append(str(route.fetch().status))
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route(MESSAGES, lose)
    again = unique("One more pillow")
    write(page, again)
    expect(state(page, again)).to_have_text("Delivered")
    assert lost == ["201", "200"]
    expect(page.locator("li.mine")).to_have_count(2)
    assert ada.said(ada.conversation(again)["id"]) == [question, again]


def test_a_failing_server_is_asked_again(visit: Visit) -> None:
    page = visit()
    begin(page)
    asked: list[Route] = []

    def refuse(route: Route) -> None:
        asked.append(route)
        if len(asked) == 1:
            route.fulfill(status=503, json={"success": False, "error": {"code": "UNAVAILABLE"}})
        elif len(asked) == 2:
            route.fulfill(status=200, body="<html>Please sign in to the hotel's network</html>")

    page.route(MESSAGES, refuse)
    content = unique("Are you there?")
    write(page, content)
    until(lambda: page.wait_for_timeout(50) or len(asked) == 3)
    expect(page.get_by_role("status")).to_contain_text("No connection")
    asked[2].continue_()
    expect(state(page, content)).to_have_text("Delivered")
    assert len(asked) == 3


def test_a_reload_keeps_the_chat_the_draft_and_what_was_not_sent(
    visit: Visit, maria: Staff
) -> None:
    page = visit()
    question, reply, waiting = begin(page), unique("Good morning"), unique("Wait for me")
    maria.answer(maria.conversation(question)["id"], reply)
    expect(heard(page, reply)).to_be_visible()
    page.route(MESSAGES, lambda route: route.abort())
    write(page, waiting)
    expect(state(page, waiting)).to_have_text("Not sent yet, retrying …")
    box(page).fill("half a sent")
    page.unroute_all()
    page.reload()
    expect(heard(page, reply)).to_be_visible()
    expect(state(page, waiting)).to_have_text("Delivered")
    expect(box(page)).to_have_value("half a sent")
    said = [m["content"] for m in maria.messages(maria.conversation(waiting)["id"])]
    assert said == [question, reply, waiting]
    expect(page.locator("li.mine .what")).to_have_text([question, waiting])


def test_two_windows_of_one_guest_are_one_chat(visit: Visit, ada: Staff) -> None:
    one = visit()
    question = begin(one)
    two = one.context.new_page()
    two.goto("/chat")
    expect(two.get_by_text(question)).to_be_visible()
    again = unique("From the other window")
    write(two, again)
    expect(state(one, again)).to_have_text("Delivered")
    expect(one.locator("li.mine")).to_have_count(2)
    assert ada.said(ada.conversation(again)["id"]) == [question, again]


def test_two_windows_that_begin_together_begin_one_chat(visit: Visit, ada: Staff) -> None:
    one = visit()
    two = one.context.new_page()
    two.goto("/chat")
    one.context.set_offline(True)
    start(one)
    expect(box(two)).to_be_visible()  # nobody is asked twice who they are
    first, second = unique("From one"), unique("From two")
    write(one, first)
    write(two, second)
    one.context.set_offline(False)
    for page in (one, two):
        expect(page.locator("li.mine", has_text=first)).to_have_count(1)
        expect(page.locator("li.mine", has_text=second)).to_have_count(1)
        expect(page.locator(".state", has_text="Delivered")).to_have_count(1)
    expect(one.get_by_text(second)).to_be_visible()
    said = ada.said(ada.conversation("From")["id"])
    assert sorted(said) == sorted([first, second])


def test_a_page_that_may_keep_nothing_still_works(visit: Visit, ada: Staff) -> None:
    page = visit("/robots.txt")
    page.add_init_script(
        """delete Crypto.prototype.randomUUID;
        Object.defineProperty(navigator, "locks", { get: () => undefined });
        Object.defineProperty(window, "localStorage", { get() { throw new DOMException("no"); } });"""
    )
    page.goto("/chat")
    question = begin(page)
    assert ada.said(ada.conversation(question)["id"]) == [question]


def test_nothing_new_costs_nothing(visit: Visit) -> None:
    page = visit()
    begin(page)
    nothing_new = lambda r: bool(POLLS.search(r.url)) and r.status == 304  # noqa: E731
    page.wait_for_event("response", nothing_new)
    page.wait_for_event("response", nothing_new)


def test_a_hidden_page_asks_less_often(visit: Visit) -> None:
    page = visit()
    begin(page)
    page.clock.install()
    page.wait_for_event("response", lambda r: bool(POLLS.search(r.url)))
    hide(page, True)
    asked: list[Request] = []
    page.on("request", lambda r: POLLS.search(r.url) and asked.append(r))
    with page.expect_response(POLLS):
        page.clock.run_for(3_000)  # the one that was due
    page.wait_for_timeout(300)
    asked.clear()
    seconds = 0
    while not asked:  # on a slow machine it is set later when the next one is due
        page.clock.run_for(1_000)
        page.wait_for_timeout(20)
        seconds += 1
    assert 15 < seconds < 60
