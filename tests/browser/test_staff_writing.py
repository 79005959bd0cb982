"""The reply box: what Enter does by channel and by choice, and the subject of a mail."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from jack.channels.mail.inbound import events_of
from jack.channels.types import Account
from jack.core.db import Database
from jack.messaging import inbound
from tests.browser.guest import Visit
from tests.browser.server import Server, Staff
from tests.browser.staff import (
    Guest,
    box,
    conversation_id,
    enter,
    message,
    open_conversation,
    unique,
)
from tests.channels.mails import OWN, make_mail

pytestmark = pytest.mark.system

ACCOUNT = Account("email", f"email:{OWN}", {})


@pytest.fixture
def db(server: Server) -> Iterator[Database]:
    database = Database(server.folder / "jack.db")
    yield database
    database.close()


@pytest.fixture
def mail_page(visit: Visit, db: Database, ada: Staff) -> Page:
    """The conversation of somebody who has written an e-mail."""
    name = unique("Elena")
    sender = f"{name} <{name.replace(' ', '.')}@guest.example>"
    headers = {"Message_ID": f"<{name.replace(' ', '')}@guest.example>", "From": sender}
    raw = make_mail("Do you have a cot?", Subject="Our stay", **headers)
    inbound.store_events(db, ACCOUNT, events_of(raw, db.now(), OWN, "mx.hotel.example"))
    page = enter(visit)
    open_conversation(page, name)
    return page


def test_enter_is_a_new_line_in_a_mail_and_ctrl_enter_sends(mail_page: Page) -> None:
    box(mail_page).focus()
    mail_page.keyboard.type("Dear Elena,")
    mail_page.keyboard.press("Enter")
    mail_page.keyboard.type("of course.")
    expect(box(mail_page)).to_have_value("Dear Elena,\nof course.")
    expect(mail_page.locator(".message")).to_have_count(1)
    mail_page.keyboard.press("ControlOrMeta+Enter")
    expect(box(mail_page)).to_have_value("")
    expect(message(mail_page, "of course.")).to_contain_text("Dear Elena,")


def test_what_enter_does_is_everybodys_own_choice(visit: Visit, server: Server, ada: Staff) -> None:
    guest = Guest(server, unique("Xenia"))
    guest.say("Hello?")
    page = enter(visit, path="/#/me")
    page.get_by_label("The Enter key in a reply").select_option("never")
    page.goto("/#/inbox")
    open_conversation(page, guest.name)
    box(page).focus()
    page.keyboard.type("one")
    page.keyboard.press("Enter")
    page.keyboard.type("two")
    expect(box(page)).to_have_value("one\ntwo")
    page.reload()
    expect(page.locator(".kinds .hint")).to_contain_text("Ctrl Enter sends")
    page.goto("/#/me")
    page.get_by_label("The Enter key in a reply").select_option("chats")
    page.go_back()
    expect(message(page, "Hello?")).to_be_visible()
    box(page).press("Enter")
    guest.until_heard("one\ntwo")


def test_the_subject_of_a_mail_stands_there_and_can_be_changed(mail_page: Page, ada: Staff) -> None:
    subject = mail_page.locator(".conversation .subject")
    expect(subject).to_contain_text("Our stay")
    subject.get_by_role("button").click()
    dialog = mail_page.get_by_role("dialog")
    dialog.get_by_label("Subject").fill("Your stay in May")
    dialog.get_by_role("button", name="Save").click()
    expect(subject).to_contain_text("Your stay in May")
    found = ada.ask("GET", f"/conversations/{conversation_id(mail_page)}")
    assert found["subject"] == "Your stay in May"


def test_what_was_sent_can_be_taken_back_for_five_seconds(
    visit: Visit, server: Server, ada: Staff
) -> None:
    guest, words = Guest(server, unique("Yves")), unique("Room 12 is yours")
    guest.say("Which room?")
    page = enter(visit)
    open_conversation(page, guest.name)
    before = ada.ask("GET", f"/conversations/{conversation_id(page)}")["waitingSince"]
    held = page.expect_request(lambda asked: asked.method == "DELETE")
    box(page).fill(words)
    # The first moment it is there: the machine may be slow, and five seconds are short.
    page.evaluate(
        """words => new MutationObserver((_, watching) => {
            const sent = [...document.querySelectorAll('.message')].find((one) => one.textContent.includes(words));
            const undo = sent?.querySelector('.delivery button');
            if (undo) { watching.disconnect(); undo.click(); }
        }).observe(document.body, { childList: true, subtree: true })""",
        words,
    )
    with held:
        page.get_by_role("button", name="Send", exact=True).click()
    expect(box(page)).to_have_value(words)
    expect(message(page, words)).to_have_count(0)
    found = ada.ask("GET", f"/conversations/{conversation_id(page)}")
    assert (found["waitingSince"], found["preview"]) == (before, "Which room?")
    assert guest.heard() == []
    box(page).press("Enter")
    guest.until_heard(words)
    expect(message(page, words).get_by_role("button", name="Undo")).to_have_count(0)
