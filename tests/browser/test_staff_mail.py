"""Mail on the staff's page: what a program wrote, what may not be from whom it names, and what came back or is late."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from jack.channels.mail.inbound import events_of
from jack.channels.types import Account, DeliveryReceipt
from jack.core.db import Database
from jack.messaging import inbound, receipts
from jack.resources.conversations import messages
from tests.browser.guest import Visit
from tests.browser.server import ADMIN, Server
from tests.browser.staff import enter, message, open_conversation, row, said, unique, until
from tests.browser.test_look import AXE, violations
from tests.channels.mails import OWN, make_mail

pytestmark = pytest.mark.system

ACCOUNT = Account("email", f"email:{OWN}", {})
DISOWNED = "mx.hotel.example; dmarc=fail header.from=guest.example"
SHOTS = os.environ.get("JACK_SCREENSHOTS")


@pytest.fixture
def db(server: Server) -> Iterator[Database]:
    database = Database(server.folder / "jack.db")
    yield database
    database.close()


@pytest.fixture
def mail(db: Database) -> Callable[..., None]:
    """Has a mail come in."""

    def arrive(text: str, **headers: str) -> None:
        known = {"Message_ID": f"<{unique('id').replace(' ', '')}@guest.example>"} | headers
        raw = make_mail(text, **known)
        inbound.store_events(db, ACCOUNT, events_of(raw, db.now(), OWN, "mx.hotel.example"))

    return arrive


def shot(page: Page, name: str) -> None:
    """Take a picture for whoever wants to look (JACK_SCREENSHOTS: a folder)."""
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png")


def test_automatic_mail_is_greyed_and_makes_no_sound(
    visit: Visit, db: Database, mail: Callable[..., None]
) -> None:
    name = unique("Ina")
    page = enter(visit)
    ada = db.value("SELECT id FROM staff WHERE email = :email", {"email": ADMIN["email"]})
    page.evaluate("key => localStorage.setItem(key, 'true')", f"jack:{ada}:sound")
    sender = f"{name} <{name.replace(' ', '.')}@guest.example>"
    mail("I am away.", From=sender, Auto_Submitted="auto-replied")
    expect(row(page, name)).to_be_visible()
    expect(row(page, name).locator(".unread")).to_have_count(0)
    open_conversation(page, name)
    expect(message(page, "I am away.")).to_have_class("message theirs automatic")
    expect(message(page, "I am away.")).to_contain_text("Automatic mail: nobody waits")
    rang = "document.documentElement.dataset.rang ?? '0'"
    assert page.evaluate(rang) == "0"
    page.evaluate(AXE)
    assert violations(page) == []
    shot(page, "automatic-1280")
    mail("I am back.", From=sender)
    expect(message(page, "I am back.")).to_have_class("message theirs")
    until(lambda: page.evaluate(rang) == "1")


def test_of_several_tabs_one_rings(visit: Visit, db: Database, mail: Callable[..., None]) -> None:
    page = enter(visit)
    ada = db.value("SELECT id FROM staff WHERE email = :email", {"email": ADMIN["email"]})
    page.evaluate("key => localStorage.setItem(key, 'true')", f"jack:{ada}:sound")
    tabs = [page, *(page.context.new_page() for _ in range(2))]
    for tab in tabs[1:]:
        tab.goto("/#/inbox")
        expect(tab.locator(".rail .own .name")).not_to_be_empty()
    for times in (1, 2):
        name = unique("Tia")
        mail("Hello", From=f"{name} <{name.replace(' ', '.')}@guest.example>")
        for tab in tabs:  # each has heard of it
            expect(row(tab, name)).to_be_visible()
        until(lambda times=times: rung(tabs) == times)
    page.wait_for_timeout(500)
    assert rung(tabs) == 2


def rung(tabs: list[Page]) -> int:
    """How often all the tabs together have rung."""
    return sum(int(tab.evaluate("document.documentElement.dataset.rang ?? '0'")) for tab in tabs)


@pytest.mark.parametrize(("width", "locale"), [(1280, "en-GB"), (390, "es-MX")])
def test_who_may_not_be_who_they_say_is_marked(
    visit: Visit, mail: Callable[..., None], width: int, locale: str
) -> None:
    name = unique("Eva")
    sender = f"{name} <{name.replace(' ', '.')}@guest.example>"
    mail("Send the door code.", From=sender, Authentication_Results=DISOWNED)
    page = enter(visit, locale=locale, viewport={"width": width, "height": 800})
    expect(row(page, name)).to_contain_text("⚠ Send the door code.")
    open_conversation(page, name)
    words = "May not be from" if locale == "en-GB" else "Puede que no sea de"
    expect(message(page, "Send the door code.").locator(".doubt")).to_contain_text(
        f"{words} {name}"
    )
    page.evaluate(AXE)
    assert violations(page) == []
    shot(page, f"doubtful-{width}")


@pytest.mark.parametrize(("width", "locale"), [(1280, "es-MX"), (390, "en-GB")])
def test_whom_a_form_names_is_marked(
    visit: Visit, mail: Callable[..., None], width: int, locale: str
) -> None:
    name = unique("Ona")
    mail("A room?", From="noreply@forms.example", Reply_To=f"{name} <ona@guest.example>")
    page = enter(visit, locale=locale, viewport={"width": width, "height": 800})
    open_conversation(page, name)
    mark = message(page, "A room?").locator(".doubt")
    for words in ("noreply@forms.example", "ona@guest.example"):
        expect(mark).to_contain_text(words)
    shot(page, f"unproven-{width}")


@pytest.mark.parametrize(("width", "locale", "late", "back"), [
    (1280, "en-GB", "Delayed (", "The mailbox is full."), (390, "es-MX", "Retrasado (", "El buzón está lleno."),
])  # fmt: skip
def test_a_mail_that_is_late_or_came_back_says_why(
    visit: Visit, db: Database, mail: Callable[..., None], width: int, locale: str, late: str, back: str
) -> None:  # fmt: skip
    name = unique("Uma")
    mail("Hello", From=f"{name} <{name.replace(' ', '.')}@guest.example>")
    conversation = db.value("SELECT id FROM conversations ORDER BY seq DESC LIMIT 1")
    page = enter(visit, locale=locale, viewport={"width": width, "height": 800})
    open_conversation(page, name)
    sent = messages.echo(db, conversation, "Good day")["id"]
    receipts.record_accepted(db, ACCOUNT.name, f"<jack.{sent}@hotel.example>", sent, 0)
    why = (("code", "4.2.2"), ("cause", "mailbox_full"))
    for status, words in (("delayed", late), ("failed", back)):
        told = DeliveryReceipt(f"<jack.{sent}@hotel.example>", status, db.now(), error="Full.", report=why)  # type: ignore[arg-type]  # fmt: skip
        inbound.store_events(db, ACCOUNT, [told])
        expect(said(page, "Good day")).to_contain_text(words)
        expect(said(page, "Good day")).to_contain_text(back)
        shot(page, f"{status}-{width}")
    page.evaluate(AXE)
    assert violations(page) == []
