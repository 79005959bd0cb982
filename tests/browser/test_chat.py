"""A guest writes in a browser, and the hotel answers through the API."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.guest import Visit, begin, box, deaf, heard, hide, start, state, unique, write
from tests.browser.server import Staff

pytestmark = pytest.mark.system


def test_a_guest_asks_and_the_hotel_answers(visit: Visit, maria: Staff) -> None:
    page = visit()
    page.get_by_label("Your name").fill("Tom Baker")
    page.get_by_label("E-mail").fill("tom@example.com")
    page.get_by_role("button", name="Start chat").click()
    question, reply = unique("Is there a late check-in?"), unique("Yes, at any hour.")
    write(page, question)
    expect(state(page, question)).to_have_text("Delivered")
    conversation = maria.conversation(question)
    assert (conversation["guest"]["name"], conversation["channel"]) == ("Tom Baker", "web")
    with deaf(page):
        sent = maria.answer(conversation["id"], reply)
        assert sent["status"] == "queued"
        maria.until_status(conversation["id"], sent["id"], "sent")
    bubble = heard(page, reply)
    expect(bubble).to_be_visible()
    expect(bubble.locator(".who")).to_have_text("María")
    expect(page.locator("#announce")).to_contain_text(f"María: {reply}")
    maria.until_status(conversation["id"], sent["id"], "read")
    assert maria.history(sent["id"]) == ["queued", "sending", "sent", "delivered", "read"]
    assert "López" not in page.content()
    notes = [m["content"] for m in maria.messages(conversation["id"]) if m["type"] == "note"]
    assert "tom@example.com" in notes[0]


def test_a_note_of_the_staff_is_not_shown(visit: Visit, maria: Staff) -> None:
    page = visit()
    question, note, reply = begin(page), unique("He was here before"), unique("Good morning")
    conversation = maria.conversation(question)["id"]
    path = f"/conversations/{conversation}/messages"
    maria.ask("POST", path, json={"content": note, "type": "note"})
    maria.answer(conversation, reply)
    expect(heard(page, reply)).to_be_visible()
    assert note not in page.content()


def test_a_message_is_delivered_to_a_hidden_page_and_read_on_a_visible_one(
    visit: Visit, maria: Staff
) -> None:
    page = visit()
    question, reply = begin(page), unique("Good morning")
    page.clock.install()
    conversation = maria.conversation(question)["id"]
    with deaf(page):
        hide(page, True)
        sent = maria.answer(conversation, reply)
        maria.until_status(conversation, sent["id"], "sent")
    while not heard(page, reply).count():
        page.clock.fast_forward(21_000)
        page.wait_for_timeout(100)
    expect(page).to_have_title(re.compile(r"^\(1\) "))
    maria.until_status(conversation, sent["id"], "delivered")
    hide(page, False)
    maria.until_status(conversation, sent["id"], "read")
    expect(page).to_have_title(re.compile(r"^[^(]"))


def test_a_message_below_the_window_is_not_read_before_the_guest_goes_there(
    visit: Visit, maria: Staff
) -> None:
    page = visit()
    question = begin(page, "Tell me everything" + "\nplease" * 60)
    page.locator("#log").evaluate("log => { log.scrollTop = 0 }")
    conversation = maria.conversation("Tell me everything")["id"]
    sent = maria.answer(conversation, unique("It is a long story"))
    newer = page.get_by_role("button", name="New messages")
    expect(newer).to_be_visible()
    assert maria.status(conversation, sent["id"]) == "delivered"
    newer.click()
    expect(newer).to_be_hidden()
    maria.until_status(conversation, sent["id"], "read")
    assert question


def test_a_bad_email_is_pointed_at_and_can_be_mended(visit: Visit) -> None:
    page = visit()
    email = page.get_by_label("E-mail")
    for wrong in ("tom", "tom@example(com"):  # seen by the page, seen by Jack
        email.fill(wrong)
        page.get_by_role("button", name="Start chat").click()
        expect(email).to_have_attribute("aria-invalid", "true")
        expect(email).to_be_focused()
        expect(email).to_have_accessible_description(re.compile("e-mail address"))
    email.fill("tom@example.com")
    page.get_by_role("button", name="Start chat").click()
    expect(box(page)).to_be_focused()


def test_one_who_skips_the_question_is_not_asked_again(visit: Visit) -> None:
    page = visit()
    start(page)
    page.reload()
    expect(box(page)).to_be_visible()
    expect(page.get_by_role("button", name="Skip")).to_be_hidden()


def test_the_keyboard_alone_is_enough(visit: Visit, maria: Staff) -> None:
    page = visit()
    page.locator("body").press("Tab")
    expect(page.get_by_label("Language")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Messages")).to_be_focused()
    keys: list[Any] = [page.get_by_label("Your name"), page.get_by_label("E-mail")]
    for field in keys:
        page.keyboard.press("Tab")
        expect(field).to_be_focused()
    page.keyboard.type("tom@example.com")
    page.keyboard.press("Enter")
    expect(box(page)).to_be_focused()
    first = unique("First line")
    page.keyboard.type(first)
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("second line")
    page.keyboard.press("Enter")
    expect(state(page, first)).to_have_text("Delivered")
    expect(box(page)).to_have_value("")
    expect(box(page)).to_be_focused()
    assert maria.said(maria.conversation(first)["id"]) == [f"{first}\nsecond line"]
    page.keyboard.type("by button")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Send")).to_be_focused()
    page.keyboard.press("Enter")
    expect(state(page, "by button")).to_have_text("Delivered")


def test_a_spanish_guest_is_spoken_to_in_spanish(visit: Visit, ada: Staff) -> None:
    page = visit(locale="es-MX")
    page.get_by_role("button", name="Omitir").click()
    question = unique("¿Hay desayuno?")
    page.get_by_label("Su mensaje").fill(question)
    page.get_by_role("button", name="Enviar").click()
    expect(state(page, question)).to_have_text("Entregado")
    guest = ada.ask("GET", f"/guests/{ada.conversation(question)['guestId']}")
    assert guest["language"] == "es-MX"


def test_a_message_as_long_as_allowed_is_sent_whole_and_the_box_says_when_it_is_full(
    visit: Visit, ada: Staff
) -> None:
    page = visit()
    start(page)
    content = (unique("Long") + " word" * 1000)[:4096]
    box(page).fill(content)
    expect(page.get_by_text("A message can have 4,096 characters")).to_be_visible()
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".state", has_text="Delivered")).to_be_visible()
    assert ada.said(ada.conversation(content[:140])["id"]) == [content]


def test_a_guest_saves_the_file_they_were_sent(visit: Visit, maria: Staff) -> None:
    page = visit()
    question = begin(page)
    conversation = maria.conversation(question)["id"]
    picture = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
    file = maria.ask("POST", "/attachments", files={"file": ("Plan <1>.png", picture)})
    path = f"/conversations/{conversation}/messages"
    maria.ask("POST", path, json={"attachmentIds": [file["id"]]})
    button = page.get_by_role("button", name="Plan _1_.png")
    expect(button).to_be_visible()
    expect(page.locator("li.theirs", has=button).locator(".what")).to_be_hidden()
    with page.expect_download() as saved:
        button.click()
    assert saved.value.suggested_filename == "Plan _1_.png"
    assert saved.value.path().read_bytes() == picture
    page.route("**/webchat/attachments/*", lambda route: route.abort())
    button.click()
    expect(page.locator("#notice")).to_contain_text("could not be loaded")
    expect(button).to_be_enabled()
