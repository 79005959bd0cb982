"""WhatsApp on the staff's page: emojis on messages, what was edited, and which message another one answers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.guest import Visit
from tests.browser.server import Server, Staff
from tests.browser.staff import enter, message, open_conversation, row, unique, until
from tests.browser.test_look import AXE, violations
from tests.peers.hooks import to_url
from tests.peers.meta import MetaPeer
from tests.peers.meta_guests import Guest

pytestmark = pytest.mark.system

SHOTS = os.environ.get("JACK_SCREENSHOTS")


@pytest.fixture
def meta(server: Server, ada: Staff) -> Iterator[MetaPeer]:
    with MetaPeer(hook=to_url(server.url)) as peer:
        ada.ask("PUT", "/settings/channels.whatsapp", json={"value": peer.settings()})
        yield peer
        ada.ask(
            "PUT",
            "/settings/channels.whatsapp",
            json={"value": peer.settings() | {"enabled": False}},
        )


@pytest.fixture
def guest(meta: MetaPeer) -> Guest:
    number = f"52155{int.from_bytes(os.urandom(4), 'big') % 10**8:08}"
    return meta.guest(number, unique("Lia"))


def looked_at(page: Page, name: str) -> None:
    """Nothing is wrong for whoever cannot see well; and a picture for whoever wants to look."""
    page.evaluate(AXE)
    assert violations(page) == []
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png")


def act(page: Page, content: str, name: str) -> None:
    message(page, content).locator(f"[data-act={name}]").click()


def sent_reactions(meta: MetaPeer) -> list[str]:
    return [one.body["reaction"]["emoji"] for one in meta.received if one.kind == "reaction"]


@pytest.mark.parametrize(("width", "locale"), [(1280, "en-GB"), (390, "es-MX")])
def test_emojis_stand_on_messages_and_go(
    visit: Visit, meta: MetaPeer, guest: Guest, width: int, locale: str
) -> None:
    words = unique("Thank you")
    guest.says(words, id=f"wamid.{words}")
    page = enter(visit, locale=locale, viewport={"width": width, "height": 800})
    open_conversation(page, guest.name)
    marks = message(page, words).locator(".reactions li")
    guest.reacts(f"wamid.{words}", "🙏")
    expect(marks).to_have_count(1)
    expect(marks).to_contain_text(guest.name)
    act(page, words, "react")
    expect(message(page, words).locator(".palette button")).to_have_count(6)
    looked_at(page, f"palette-{width}")
    message(page, words).get_by_role("button", name="👍").click()
    expect(marks).to_have_count(2)
    until(lambda: sent_reactions(meta) == ["👍"])
    looked_at(page, f"reactions-{width}")
    guest.reacts(f"wamid.{words}", None)
    expect(marks).to_have_count(1)
    act(page, words, "react")
    message(page, words).get_by_role("button", name="👍").click()
    expect(marks).to_have_count(0)
    until(lambda: sent_reactions(meta) == ["👍", ""])


@pytest.mark.parametrize(
    ("width", "locale", "edited"), [(1280, "en-GB", "Edited"), (390, "es-MX", "Editado")]
)
def test_an_edit_after_the_answer_is_unread_and_shows_what_stood_before(
    visit: Visit, guest: Guest, ada: Staff, width: int, locale: str, edited: str
) -> None:
    before, after = unique("Two towels"), unique("Three towels")
    guest.says(before, id=f"wamid.{before}")
    conversation = ada.conversation(before)["id"]
    ada.answer(conversation, "At once")
    ada.ask("PATCH", f"/conversations/{conversation}", json={"status": "closed"})
    guest.edits(f"wamid.{before}", after)
    page = enter(visit, locale=locale, viewport={"width": width, "height": 800})
    unread = "1 unread" if locale == "en-GB" else "1 sin leer"
    expect(row(page, guest.name)).to_contain_text(unread)
    expect(row(page, guest.name)).to_contain_text(after)
    open_conversation(page, guest.name)
    mark = message(page, after).get_by_role("button", name=edited)
    expect(message(page, after)).not_to_contain_text(before)
    mark.click()
    expect(message(page, after).locator(".edits")).to_contain_text(before)
    looked_at(page, f"edited-{width}")
    mark.click()
    expect(message(page, after)).not_to_contain_text(before)


@pytest.mark.parametrize(("width", "locale"), [(1280, "en-GB"), (390, "es-MX")])
def test_what_is_answered_stands_above_the_answer(
    visit: Visit, meta: MetaPeer, guest: Guest, width: int, locale: str
) -> None:
    asked, again = unique("Is there parking?"), unique("And this?")
    guest.says(asked, id=f"wamid.{asked}")
    guest.says("And a pool?")
    guest.says(again, context={"id": f"wamid.{asked}", "from": guest.wa_id})
    page = enter(visit, locale=locale, viewport={"width": width, "height": 800})
    open_conversation(page, guest.name)
    expect(message(page, again).locator(".quote")).to_contain_text(asked)
    message(page, "And a pool?").locator("[data-act=quote]").click()
    expect(page.locator(".quoting")).to_contain_text("And a pool?")
    looked_at(page, f"quoting-{width}")
    page.locator(".quoting .link").click()
    expect(page.locator(".quoting")).to_have_count(0)
    message(page, "And a pool?").locator("[data-act=quote]").click()
    words = unique("Yes")
    page.locator("#reply").fill(words)
    page.locator("form.reply button[type=submit]").click()
    expect(message(page, words).locator(".quote")).to_contain_text("And a pool?")
    expect(page.locator(".quoting")).to_have_count(0)
    until(lambda: any("context" in one.body for one in meta.received))
    looked_at(page, f"quoted-{width}")
