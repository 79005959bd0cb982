"""Pictures, voice notes and documents on the staff's page: seen, heard, told in the list, and refused with a way out."""

from __future__ import annotations

import io
import os
import re
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from jack.channels.types import Account, Address, InboundMessage, Media
from jack.core.db import Database
from jack.messaging import inbound
from tests.browser.guest import Visit
from tests.browser.server import Server, Staff
from tests.browser.staff import enter, open_conversation, row, unique
from tests.browser.test_look import AXE, violations
from tests.resources.attachments.samples import PDF
from tests.resources.attachments.sounds import HEIC, voice_note

pytestmark = pytest.mark.system

ACCOUNT = Account("whatsapp", "whatsapp:1", {})
SHOTS = os.environ.get("JACK_SCREENSHOTS")
META = {"enabled": True, "provider": "meta", "phoneNumberId": "1", "accessToken": "t", "appSecret": "s", "verifyToken": "v", "baseUrl": "http://127.0.0.1:9"}  # fmt: skip
IN_MEMORY = re.compile("^blob:")
MOV = b"\0\0\0\x14ftypqt  " + bytes(30)


def jpeg(colour: str) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (640, 420), colour).save(made, "JPEG")
    return made.getvalue()


@pytest.fixture
def send(server: Server) -> Iterator[Callable[..., None]]:
    """Has a guest send files by WhatsApp, each message with those that are given."""
    db = Database(server.folder / "jack.db")
    number = f"5215{secrets.randbelow(10**9):09}"

    def arrive(name: str, *media: Media, text: str = "", **more: object) -> None:
        people = (Address(f"+{number}", number),)
        key = unique("wamid").replace(" ", "")
        event = InboundMessage(key, people, text, db.now(), name=name, media=media, **more)
        inbound.store_events(db, ACCOUNT, [event])

    yield arrive
    db.close()


def shot(page: Page, name: str) -> None:
    """Take a picture for whoever wants to look (JACK_SCREENSHOTS: a folder)."""
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png")


@pytest.mark.parametrize(("width", "locale"), [(1280, "en-GB"), (390, "es-MX")])
def test_pictures_and_voice_notes_are_seen_and_heard(
    visit: Visit, send: Callable[..., None], width: int, locale: str
) -> None:
    english = locale == "en-GB"
    name = unique("Vera")
    first = Media(name="bath.jpg", content=jpeg("steelblue"))
    second = Media(name="balcony.jpg", content=jpeg("seagreen"))
    send(name, first, second, text="The room", type="image")
    send(name, Media(name="pass.pdf", content=PDF), type="file")
    send(
        name,
        Media(mime="audio/ogg", content=voice_note(12.2)),
        type="file",
        details={"voice": True},
    )
    page = enter(visit, locale=locale, viewport={"width": width, "height": 800})
    words = "Voice note, 0:12" if english else "Nota de voz, 0:12"
    expect(row(page, name).locator(".preview")).to_have_text(words)
    open_conversation(page, name)
    expect(page.locator(".files audio")).to_have_attribute("src", IN_MEMORY)
    expect(page.locator(".file .length")).to_have_text(words)
    expect(page.locator(".file", has_text="pass.pdf")).to_contain_text("PDF · 1 kB")
    expect(page.locator(".picture img")).to_have_count(2)
    expect(
        page.locator(".files audio")
    ).to_be_in_viewport()  # the log stays at its end while files come
    page.evaluate(AXE)
    assert violations(page) == []
    shot(page, f"media-{width}")
    page.locator(".picture").first.click()
    viewer = page.locator(".viewer")
    expect(viewer.locator("img")).to_have_attribute("alt", "bath.jpg")
    page.evaluate(AXE)
    assert violations(page) == []
    shot(page, f"viewer-{width}")
    page.keyboard.press("ArrowRight")
    expect(viewer.locator("img")).to_have_attribute("alt", "balcony.jpg")
    viewer.get_by_role("button", name="Previous" if english else "Anterior").click()
    expect(viewer.locator("img")).to_have_attribute("alt", "bath.jpg")
    page.keyboard.press("Escape")
    expect(viewer).to_have_count(0)
    expect(page.locator(".picture").first).to_be_focused()


def test_an_iphones_photo_is_shown(visit: Visit, send: Callable[..., None]) -> None:
    name = unique("Iris")
    send(name, Media(mime="image/heic", content=HEIC), type="image")
    page = enter(visit)
    expect(row(page, name).locator(".preview")).to_have_text("Photo")
    open_conversation(page, name)
    expect(page.locator(".picture img")).to_be_visible()
    expect(page.locator(".file")).to_contain_text("file.heic")


@pytest.mark.parametrize(
    ("locale", "way_out"), [("en-GB", "Save it as MP4"), ("es-MX", "como MP4")]
)
def test_what_whatsapp_does_not_take_is_refused_with_a_way_out(
    visit: Visit, ada: Staff, send: Callable[..., None], locale: str, way_out: str
) -> None:
    name = unique("Nora")
    ada.ask("PUT", "/settings/channels.whatsapp", json={"value": META})
    try:
        send(name, text="Show me the pool")
        page = enter(visit, locale=locale)
        open_conversation(page, name)
        film = {"name": "pool.mov", "mimeType": "video/quicktime", "buffer": MOV}
        page.locator(".attach input").set_input_files([film])
        expect(page.get_by_text(way_out)).to_be_visible()
        expect(page.locator("form.reply .files")).to_have_count(0)
    finally:
        ada.ask("PUT", "/settings/channels.whatsapp", json={"value": {**META, "enabled": False}})
