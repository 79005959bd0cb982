"""The inbox: what is read there, how it stays true by itself, and what can be done with a conversation."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from jack.core.patterns import plain_line
from tests.browser.guest import Visit
from tests.browser.server import Server, Staff
from tests.browser.staff import (
    ARRIVED,
    HOSTILE,
    MARIA,
    Guest,
    answer,
    box,
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
    until_left,
)

pytestmark = pytest.mark.system

STATUS = "UPDATE messages SET status = :status, error = :error WHERE id = :id"
TOUCH = """
    INSERT INTO events (type, subject_id, conversation_id, created_at)
    SELECT 'conversation.message.status', id, conversation_id, created_at FROM messages WHERE id = :id"""


@pytest.fixture
def guest(server: Server, ada: Staff) -> Guest:
    made = Guest(server, unique("Vera"), email=f"{unique('vera').replace(' ', '.')}@example.com")
    made.say("Is there parking?")
    return made


def tab(page: Page, name: str) -> None:
    page.locator(".tabs").get_by_role("button", name=name).click()


def test_two_members_and_a_guest_talk_to_each_other(
    visit: Visit, server: Server, ada: Staff, maria: Staff, guest: Guest
) -> None:
    one, two = enter(visit), enter(visit, MARIA)
    open_conversation(one, guest.name)
    open_conversation(two, guest.name)
    hello, more, note = unique("Yes, for free"), unique("And a garage?"), unique("She is a regular")
    answer(one, hello)
    expect(message(two, hello)).to_contain_text(ada.ask("GET", "/auth/me")["name"])
    guest.until_heard(hello)
    expect(said(one, hello)).to_contain_text("Delivered")
    guest.read()
    expect(said(one, hello)).to_contain_text("Read")
    guest.say(more)
    expect(message(one, more)).to_be_visible()
    expect(message(two, more)).to_be_visible()
    two.get_by_role("button", name="Note", exact=True).click()
    box(two).fill(note)
    two.get_by_role("button", name="Save note").click()
    expect(message(one, note)).to_have_class(re.compile(r"\bnote\b"))
    expect(message(one, note)).to_contain_text("Note for staff")
    assert note not in guest.heard()


def test_who_waits_is_seen_and_what_is_unread_is_counted(
    visit: Visit, server: Server, guest: Guest
) -> None:
    guest.say("Hello?")
    sql(
        server,
        "UPDATE conversations SET waiting_since = '2026-01-01T00:00:00.000Z' WHERE id = "
        "(SELECT conversation_id FROM messages ORDER BY seq DESC LIMIT 1)",
    )
    page = enter(visit)
    expect(row(page, guest.name).locator(".waits.late")).to_contain_text("waiting")
    expect(row(page, guest.name).locator(".badge")).to_have_text(re.compile("2 "))
    expect(page).to_have_title(re.compile(r"^\(\d+\) Inbox · "))
    expect(page.locator("link[rel=icon]")).to_have_attribute("href", re.compile("favicon-new"))
    open_conversation(page, guest.name)
    expect(row(page, guest.name).locator(".badge")).to_have_count(0)
    answer(page, unique("We are coming"))
    expect(row(page, guest.name).locator(".waits")).to_have_count(0)


def test_a_new_conversation_comes_by_itself_and_rings_only_when_asked_to(
    visit: Visit, server: Server, ada: Staff
) -> None:
    page = enter(visit)
    rang = "Number(document.documentElement.dataset.rang ?? 0)"
    first = Guest(server, unique("Silent"))
    first.say("Hello")
    expect(row(page, first.name)).to_be_visible()
    assert page.evaluate(rang) == 0
    show(page, "#/me")
    page.get_by_label("A sound for new messages").check()
    show(page, "#/inbox")
    begun = page.evaluate(rang)
    second = Guest(server, unique("Loud"))
    second.say("Hello")
    expect(row(page, second.name)).to_be_visible()
    until(lambda: page.evaluate(rang) > begun)
    other = page.context.new_page()
    other.goto(page.url)
    third = Guest(server, unique("Once"))
    expect(row(other, second.name)).to_be_visible()
    before = page.evaluate(rang) + other.evaluate(rang)
    third.say("Hello")
    for tab in (page, other):
        expect(row(tab, third.name)).to_be_visible()
    until(lambda: page.evaluate(rang) + other.evaluate(rang) > before)
    for tab in (page, other):  # both have heard of it by now
        expect(tab.locator("[aria-live=polite]").last).to_have_text("New messages")
    assert page.evaluate(rang) + other.evaluate(rang) == before + 1
    expect(page.locator("[aria-live=polite]").last).to_have_text("New messages")


def test_the_list_is_filtered_and_searched(
    visit: Visit, server: Server, ada: Staff, maria: Staff, guest: Guest
) -> None:
    other = Guest(server, unique("Paul"))
    words = unique("xylophone")
    other.say(words)
    mine = ada.conversation(words)
    ada.ask("PATCH", f"/conversations/{mine['id']}", json={"assignee": "unassigned"})
    page = enter(visit)
    expect(row(page, guest.name)).to_be_visible()
    search = page.get_by_role("searchbox", name="Search conversations")
    search.fill(words)
    expect(page.locator(".rows .row")).to_have_count(1)
    expect(row(page, other.name)).to_be_visible()
    search.fill(unique("nothing like this"))
    expect(page.get_by_text("Nothing found.")).to_be_visible()
    page.get_by_role("button", name="Show all open ones").click()
    expect(row(page, guest.name)).to_be_visible()
    page.get_by_label("Assigned to").first.select_option("me")
    expect(row(page, other.name)).to_have_count(0)
    ada.ask(
        "PATCH",
        f"/conversations/{mine['id']}",
        json={"assignee": ada.ask("GET", "/auth/me")["id"]},
    )
    expect(row(page, other.name)).to_be_visible()
    page.get_by_label("Channels").first.select_option("whatsapp")
    expect(row(page, other.name)).to_have_count(0)
    page.get_by_label("Channels").first.select_option("")
    page.get_by_label("Assigned to").first.select_option("")
    tab(page, "Closed")
    expect(row(page, other.name)).to_have_count(0)
    ada.ask("PATCH", f"/conversations/{mine['id']}", json={"status": "closed"})
    expect(row(page, other.name)).to_be_visible()
    tab(page, "Open")
    page.get_by_role("button", name=re.compile("^unread", re.I)).click()
    expect(row(page, guest.name)).to_be_visible()
    ada.ask("POST", f"/conversations/{ada.conversation('Is there parking?')['id']}/read")


def test_a_conversation_is_assigned_set_pending_closed_and_reopened(
    visit: Visit, ada: Staff, maria: Staff, guest: Guest
) -> None:
    page, other = enter(visit), enter(visit, MARIA)
    open_conversation(page, guest.name)
    bar = page.locator(".bar")
    bar.get_by_role("button", name="Assign to me").click()
    name = ada.ask("GET", "/auth/me")["name"]
    expect(row(other, guest.name)).to_contain_text(name)
    bar.get_by_label("Assigned to").select_option(label="María López")
    expect(row(other, guest.name)).to_contain_text("You")
    bar.get_by_role("button", name="Pending").click()
    expect(row(page, guest.name)).to_have_count(0)
    expect(bar).to_contain_text("Pending")
    bar.get_by_role("button", name="Reopen").click()
    expect(row(page, guest.name)).to_be_visible()
    bar.get_by_role("button", name="Close", exact=True).click()
    expect(row(other, guest.name)).to_have_count(0)
    guest.say("One more thing")
    expect(row(other, guest.name)).to_be_visible()


@pytest.mark.parametrize(
    ("status", "says", "way"),
    [
        ("failed", "Not delivered. The number does not exist.", "Try again"),
        ("unknown", "It is not certain that this arrived.", "Resend?"),
    ],
)
def test_a_message_that_was_lost_says_so_and_why_and_can_be_sent_again(
    visit: Visit, server: Server, ada: Staff, guest: Guest, status: str, says: str, way: str
) -> None:
    page = enter(visit)
    open_conversation(page, guest.name)
    content = unique("Behind the hotel")
    answer(page, content)
    guest.until_heard(content)
    expect(said(page, content)).to_contain_text(ARRIVED)
    made = next(m for m in ada.messages(conversation_id(page)) if m["content"] == content)
    until_left(server, made["id"])
    why = "The number does not exist." if status == "failed" else None
    sql(server, STATUS, id=made["id"], status=status, error=why)
    sql(server, TOUCH, id=made["id"], status=status)
    expect(said(page, content)).to_contain_text(says)
    said(page, content).get_by_role("button", name=way).click()
    expect(said(page, content).last).to_contain_text(ARRIVED)


def test_a_double_click_sends_once(visit: Visit, ada: Staff, guest: Guest) -> None:
    page = enter(visit)
    open_conversation(page, guest.name)
    content = unique("Only once")
    box(page).fill(content)
    page.get_by_role("button", name="Send").dblclick()
    guest.until_heard(content)
    box(page).press("Enter")
    expect(message(page, content)).to_have_count(1)
    assert guest.heard().count(content) == 1


def test_an_answer_that_is_lost_on_its_way_back_is_not_a_second_message(
    visit: Visit, guest: Guest
) -> None:
    page = enter(visit)
    open_conversation(page, guest.name)
    lost = []

    def lose(route: object) -> None:
        route.fetch()  # type: ignore[attr-defined]
        lost.append(True)
        route.abort()  # type: ignore[attr-defined]

    pattern = re.compile(r"/conversations/[^/]+/messages$")
    page.route(pattern, lose, times=2)
    content = unique("Once and for all")
    answer(page, content)
    expect(said(page, content)).to_contain_text(ARRIVED)
    assert len(lost) == 2
    assert guest.heard().count(content) == 1


def test_without_a_connection_it_says_so_and_sends_later(visit: Visit, guest: Guest) -> None:
    page = enter(visit)
    open_conversation(page, guest.name)
    page.context.set_offline(True)
    first, second = unique("First"), unique("Second")
    answer(page, first)
    answer(page, second)
    expect(said(page, first)).to_contain_text("as soon as there is a connection")
    expect(page.get_by_text("No connection.")).to_be_visible()
    page.context.set_offline(False)
    expect(said(page, second)).to_contain_text(ARRIVED)
    expect(page.get_by_text("No connection.")).to_have_count(0)
    assert [text for text in guest.heard() if text in (first, second)] == [first, second]


def test_what_was_not_sent_survives_a_reload(visit: Visit, guest: Guest) -> None:
    page = enter(visit)
    open_conversation(page, guest.name)
    content = unique("Even so")
    pattern = re.compile(r"/conversations/[^/]+/messages$")
    page.route(pattern, lambda route: route.abort())
    answer(page, content)
    expect(said(page, content)).to_contain_text("Not sent yet")
    page.unroute(pattern)
    page.reload()
    guest.until_heard(content)
    expect(said(page, content)).to_contain_text(ARRIVED)
    assert guest.heard().count(content) == 1


def test_a_message_jack_refuses_is_kept_with_the_reason(
    visit: Visit, ada: Staff, guest: Guest
) -> None:
    page = enter(visit)
    open_conversation(page, guest.name)
    content = unique("Too late")
    ada.ask("PUT", "/settings/channels.web", json={"value": {"enabled": False}})
    try:
        answer(page, content)
        expect(said(page, content)).to_contain_text("This channel is not set up")
        said(page, content).get_by_role("button", name="Edit").click()
        expect(box(page)).to_have_value(content)
        expect(message(page, content)).to_have_count(0)
    finally:
        ada.ask("PUT", "/settings/channels.web", json={"value": {"enabled": True}})
    page.get_by_role("button", name="Send").click()
    guest.until_heard(content)


def test_a_draft_is_there_after_a_reload_and_belongs_to_its_conversation(
    visit: Visit, server: Server, guest: Guest
) -> None:
    other = Guest(server, unique("Rosa"))
    other.say("Hello")
    page = enter(visit)
    open_conversation(page, guest.name)
    box(page).fill("half a sentence")
    open_conversation(page, other.name)
    expect(box(page)).to_have_value("")
    page.get_by_role("button", name="Note", exact=True).click()
    box(page).fill("half a note")
    page.reload()
    expect(box(page)).to_have_value("half a note")
    expect(page.get_by_role("button", name="Save note")).to_be_visible()
    open_conversation(page, guest.name)
    expect(box(page)).to_have_value("half a sentence")


def test_the_guest_is_beside_their_conversation(visit: Visit, ada: Staff, guest: Guest) -> None:
    page = enter(visit)
    open_conversation(page, guest.name)
    known = ada.ask("GET", f"/conversations/{conversation_id(page)}")["guestId"]
    ada.ask("PATCH", f"/guests/{known}", json={"tags": ["vip"], "notes": "Likes the quiet side"})
    beside = page.get_by_role("complementary")
    expect(beside).to_contain_text("vip")
    expect(beside).to_contain_text("Likes the quiet side")
    beside.get_by_role("link", name="Open profile").click()
    expect(page.locator(".sheet h2")).to_have_text(guest.name)


def test_knowledge_that_fits_the_question_is_inserted_with_one_click(
    visit: Visit, server: Server, ada: Staff
) -> None:
    word = f"zeppelin{unique('').strip()}"
    entry = {"title": "Flights", "content": f"Our {word} leaves at noon.", "category": "service"}
    ada.ask("POST", "/knowledge", json=entry)
    guest = Guest(server, unique("Ferdinand"))
    guest.say(f"When does the {word} leave?")
    page = enter(visit)
    open_conversation(page, guest.name)
    page.get_by_role("button", name="Insert: Flights").click()
    expect(box(page)).to_have_value(entry["content"])
    expect(box(page)).to_be_focused()
    page.keyboard.press("Enter")
    guest.until_heard(entry["content"])


def test_small_words_suggest_nothing(visit: Visit, server: Server, ada: Staff) -> None:
    word = f"gondola{unique('').strip()}"
    manners = {"title": unique("Manners"), "content": "Could we have thanks, please?"}
    boats = {"title": unique("Boats"), "content": f"The {word} is free."}
    for entry in (manners, boats):
        ada.ask("POST", "/knowledge", json={**entry, "category": "service"})
    guest = Guest(server, unique("Giulia"))
    guest.say(f"Hello! Could we have the {word}, please? Thanks!")
    page = enter(visit)
    open_conversation(page, guest.name)
    expect(page.locator(".suggestion")).to_have_count(1)
    expect(page.locator(".suggestion")).to_contain_text(boats["title"])


def test_a_message_becomes_a_task_with_guest_room_and_words(
    visit: Visit, server: Server, ada: Staff
) -> None:
    guest = Guest(server, unique("Tamara"))
    words = unique("Two towels for room 304, please")
    guest.say(words)
    page = enter(visit)
    open_conversation(page, guest.name)
    message(page, words).get_by_role("button", name="Make a task").click()
    expect(page.get_by_label("Title")).to_have_value(words)
    expect(page.get_by_label("Room")).to_have_value("304")
    page.get_by_label("Department").select_option("housekeeping")
    page.get_by_label("Priority").select_option("high")
    page.get_by_role("button", name="Create task").dblclick()
    expect(page.get_by_role("dialog")).to_have_count(0)
    conversation = ada.ask("GET", f"/conversations/{conversation_id(page)}")
    [task] = ada.ask("GET", "/tasks", params={"guestId": conversation["guestId"]})
    assert (task["title"], task["room"], task["priority"]) == (words, "304", "high")
    assert (task["conversationId"], task["department"]) == (conversation["id"], "housekeeping")
    expect(page.get_by_role("complementary")).to_contain_text(words)


def test_earlier_messages_are_there_when_wanted(visit: Visit, server: Server, ada: Staff) -> None:
    guest = Guest(server, unique("Thea"))
    for number in range(70):
        guest.say(f"Line {number}.")
    page = enter(visit)
    open_conversation(page, guest.name)
    expect(page.locator(".message")).to_have_count(50)
    expect(message(page, "Line 69.")).to_be_in_viewport()
    page.get_by_role("button", name="Earlier messages").click()
    expect(page.locator(".message")).to_have_count(70)
    expect(page.get_by_role("button", name="Earlier messages")).to_have_count(0)


def test_the_keyboard_is_enough(visit: Visit, server: Server, ada: Staff, guest: Guest) -> None:
    page = enter(visit)
    expect(row(page, guest.name)).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_contain_text("Assign to me")
    page.keyboard.press("Escape")
    for place in range(30):
        page.keyboard.press("j")
        expect(page.locator(".rows .row").nth(place).locator("a[aria-current]")).to_be_visible()
        if row(page, guest.name).locator("a[aria-current]").count():
            break
    expect(page.locator(".conversation h2")).to_have_text(guest.name)
    page.keyboard.press("a")
    expect(row(page, guest.name)).to_contain_text("You")
    page.keyboard.press("t")
    expect(page.get_by_role("dialog", name="Make a task")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("r")
    expect(box(page)).to_be_focused()
    content = unique("By keyboard: j k e ?")
    page.keyboard.type(content)
    page.keyboard.press("Enter")
    guest.until_heard(content)
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    expect(row(page, guest.name)).to_have_count(0)
    page.keyboard.press("g")
    page.keyboard.press("t")
    expect(page.get_by_role("heading", name="Tasks", level=1)).to_be_visible()


def test_the_shortcuts_can_be_switched_off(visit: Visit, ada: Staff) -> None:
    page = enter(visit, path="/#/me")
    page.get_by_label("Keyboard shortcuts").uncheck()
    show(page, "#/inbox")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_nothing_a_guest_writes_is_ever_more_than_text(
    visit: Visit, server: Server, ada: Staff
) -> None:
    guests = []
    for text in HOSTILE:
        guest = Guest(server, text[:200])
        guest.say(text)
        guests.append(guest)
    page = enter(visit)
    expect(page.locator(".rows .row")).not_to_have_count(0)
    found = ada.ask("GET", "/conversations", params={"limit": 100})
    for text in HOSTILE:
        mine = next(one for one in found if one["preview"] == text)
        ada.ask(
            "PATCH",
            f"/guests/{mine['guestId']}",
            json={"tags": [text[:50]], "notes": text},
        )
        ada.ask("PATCH", f"/conversations/{mine['id']}", json={"subject": text})
        show(page, f"#/inbox/{mine['id']}")
        expect(page.locator(".message .text").first).to_have_text(text)
        expect(page.locator(".beside .guest-notes")).to_have_text(text)
        page.locator(".message [data-act=task]").first.click()
        expect(page.get_by_label("Title")).to_have_value(text)
        page.keyboard.press("Escape")
        show(page, f"#/guests/{mine['guestId']}")
        expect(page.locator(".sheet h2")).to_have_text(plain_line(text))
        assert page.evaluate("window.hacked") is None
        assert page.locator("#app script, #app iframe, #app [onload], #app [onerror]").count() == 0
        assert page.locator("#app a[href^='javascript']").count() == 0
