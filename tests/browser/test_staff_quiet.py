"""Putting a conversation back to unread, and blocking a guest, on the staff's page."""

from __future__ import annotations

import os
import re
import uuid
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from jack.channels.types import Account, Address, InboundMessage
from jack.core import clock
from jack.core.db import Database
from jack.messaging import inbound
from tests.browser.guest import Visit
from tests.browser.server import Server
from tests.browser.staff import Guest, enter, message, open_conversation, row, unique

pytestmark = pytest.mark.system

SHOTS = os.environ.get("JACK_SCREENSHOTS")


def shot(page: Page, name: str) -> None:
    """Take a picture for whoever wants to look (JACK_SCREENSHOTS: a folder)."""
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png")


def test_a_conversation_is_put_back_to_unread_and_left(visit: Visit, server: Server) -> None:
    name = unique("Max")
    Guest(server, name).say("Hola")
    page = enter(visit)
    open_conversation(page, name)
    expect(row(page, name).locator(".unread")).to_have_count(0)
    shot(page, "unread-before")
    page.get_by_role("button", name="Mark unread").click()
    expect(page.locator(".conversation.nothing")).to_be_visible()
    expect(page.locator(".rows .row.unread", has_text=name)).to_be_visible()
    open_conversation(page, name)
    expect(page.locator(".rows .row.unread", has_text=name)).to_have_count(0)


def test_a_guest_is_blocked_beside_the_conversation_and_what_they_write_rings_nowhere(
    visit: Visit, server: Server
) -> None:
    name = unique("Spam")
    guest = Guest(server, name)
    guest.say("Buy now")
    page = enter(visit)
    open_conversation(page, name)
    card = page.locator(".beside .guest-card")
    card.get_by_role("button", name="Block", exact=True).click()
    expect(card.get_by_text("Blocked: what they write notifies nobody.")).to_be_visible()
    expect(page.locator(".bar .waits")).to_have_count(0)
    guest.say("Buy twice")
    late = message(page, "Buy twice")
    expect(late.get_by_text("Written while they were blocked")).to_be_visible()
    expect(page.locator(".bar .waits")).to_have_count(0)
    shot(page, "blocked")
    card.get_by_role("link", name="Open profile").click()
    page.locator(".more-of-guest summary").click()
    page.locator(".sheet").get_by_role("button", name="Unblock").click()
    expect(page.locator(".notices")).to_contain_text(f"{name} is no longer blocked.")


def test_a_stop_is_seen_in_the_conversation_and_on_the_card(visit: Visit, server: Server) -> None:
    name, number = unique("Stop"), f"+52551{uuid.uuid4().int % 10**7:07}"
    address, account = Address(number, number), Account("sms", "sms:AC1", {})
    database = Database(server.folder / "jack.db")

    def arrive(text: str, **more: Any) -> None:
        event = InboundMessage(
            unique("key"), (address,), text, name=name, **{"at": database.now()} | more
        )
        inbound.store_events(database, account, [event])

    arrive("Hola")
    arrive("Hours ago", at=clock.later(database.now(), hours=-3))
    page = enter(visit)
    open_conversation(page, name)
    card = page.locator(".beside .guest-card")
    expect(card.get_by_role("button", name="Block", exact=True)).to_be_visible()
    advert = {"headline": "Spring offer", "url": "https://fb.me/x", "source": "ad"}
    arrive("From the advert", details={"referral": advert})
    came = message(page, "From the advert").locator(".referral")
    expect(came).to_have_text(re.compile(r"Came from:\s+Spring offer"))
    expect(came.get_by_role("link")).to_have_attribute("href", "https://fb.me/x")
    expect(message(page, "Hours ago").get_by_text("Came late:")).to_be_visible()
    expect(page.locator(".log .message .text")).to_have_text(
        [*("Hours ago", "Hola", "From the advert")]
    )
    arrive("STOP", consent="stop")
    database.close()
    stop = message(page, "STOP")
    expect(stop.get_by_text("Wants no more messages here, until they write")).to_be_visible()
    expect(card.get_by_text("SMS: wants no more messages")).to_be_visible()
    shot(page, "stop")


def test_a_guest_is_blocked_on_a_phone(visit: Visit, server: Server) -> None:
    name = unique("Spam")
    Guest(server, name).say("Buy now")
    page = enter(visit, viewport={"width": 390, "height": 800})
    open_conversation(page, name)
    shot(page, "unread-phone")
    page.get_by_role("button", name="Guest", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Block", exact=True).click()
    expect(dialog.get_by_text("Blocked: what they write notifies nobody.")).to_be_visible()
    shot(page, "blocked-phone")
