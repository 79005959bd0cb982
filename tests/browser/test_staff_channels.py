"""The staff page with guests on WhatsApp: until when one may write, templates, files in both directions."""

from __future__ import annotations

import base64
import os
import re
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.guest import Visit, unique
from tests.browser.server import Server, Staff, settings_kept
from tests.browser.staff import (
    ARRIVED,
    HOSTILE,
    answer,
    box,
    enter,
    message,
    open_conversation,
    said,
    until,
)
from tests.browser.test_look import AXE, violations
from tests.peers.faults import held
from tests.peers.hooks import to_url
from tests.peers.meta import MetaPeer
from tests.peers.meta_guests import Guest

pytestmark = pytest.mark.system

HOUR = 3600
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
numbers = count(15551230000)
ARRIVAL = {
    "components": [
        {"type": "HEADER", "format": "IMAGE"},
        {
            "type": "BODY",
            "text": "Hola {{1}}, habitación {{2}}.",
            "example": {"body_text": [["Ana", "302"]]},
        },
        {"type": "FOOTER", "text": "Hotel Sol"},
        {
            "type": "BUTTONS",
            "buttons": [{"type": "URL", "text": "Reserva", "url": "https://hotel.example/{{1}}"}],
        },
    ]
}


@pytest.fixture(scope="module")
def meta(server: Server, ada: Staff) -> Iterator[MetaPeer]:
    with settings_kept(server), MetaPeer(hook=to_url(server.url)) as peer:
        peer.templates["welcome", "en"] = 1
        peer.templates["arrival", "es_MX"] = ARRIVAL
        ada.ask("PUT", "/settings/channels.whatsapp", json={"value": peer.settings()})
        until(lambda: len(ada.ask("GET", "/channels/whatsapp/templates")) == 2)
        yield peer
        peer.settled()


def writes(meta: MetaPeer, content: str, hours_ago: float = 0) -> Guest:
    """Somebody who has written some hours ago."""
    guest = meta.guest(str(next(numbers)), unique("Wilma"))
    meta.clock.advance(-hours_ago * HOUR)
    guest.says(content)
    meta.clock.advance(hours_ago * HOUR)
    return guest


def exchange_messages(page: Page, guest: Guest) -> None:
    page.get_by_role("searchbox").fill(guest.name)
    open_conversation(page, guest.name)


def test_until_when_one_may_write_is_counted_down(visit: Visit, meta: MetaPeer) -> None:
    guest = writes(meta, "Can you hear me?", hours_ago=20.5)
    page = enter(visit)
    exchange_messages(page, guest)
    expect(page.locator(".bar .window")).to_contain_text(re.compile(r"reply within 3\s*h"))
    content = unique("Loud and clear")
    answer(page, content)
    expect(said(page, content)).to_contain_text(ARRIVED)
    until(lambda: [sent.text for sent in guest.inbox] == [content])


def test_after_that_a_template_goes(visit: Visit, meta: MetaPeer) -> None:
    guest = writes(meta, "Good night", hours_ago=25)
    page = enter(visit)
    exchange_messages(page, guest)
    expect(page.locator(".bar .window.late")).to_contain_text("reply window closed")
    expect(page.get_by_role("button", name="Reply", exact=True)).to_have_count(0)
    page.get_by_role("button", name="Send a template").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="One that is not in the list").click()
    dialog.get_by_role("button", name="Send").click()
    expect(dialog.get_by_text("Please fill this in.")).to_be_visible()
    dialog.get_by_label("Template").fill("welcome")
    dialog.get_by_label("Language").fill("en")
    dialog.get_by_label(re.compile("Texts")).fill("Wilma")
    dialog.get_by_role("button", name="Send").click()
    expect(dialog).to_have_count(0)
    expect(page.locator(".message.ours .delivery")).to_contain_text(ARRIVED)
    until(lambda: [sent.kind for sent in guest.inbox] == ["template"])
    expect(page.locator(".message.ours")).to_have_count(1)


@pytest.mark.parametrize(("width", "locale"), [(1280, "en-GB"), (390, "es-MX")])
def test_to_a_guest_who_never_wrote_a_template_is_picked_and_looked_at(
    visit: Visit, ada: Staff, meta: MetaPeer, width: int, locale: str
) -> None:
    english = locale == "en-GB"
    name, phone = unique("Nilo"), f"+{next(numbers)}"
    made = ada.ask("POST", "/guests", json={"name": name, "phone": phone})
    new = {"guestId": made["id"], "channel": "whatsapp"}
    began = ada.ask("POST", "/conversations", json=new)
    page = enter(visit, locale=locale, viewport={"width": width, "height": 800})
    page.goto(f"/#/inbox/{began['id']}")
    never = "has not written yet" if english else "aún no ha escrito"
    expect(page.locator("form.reply")).to_contain_text(never)
    page.get_by_role(
        "button", name="Send a template" if english else "Enviar una plantilla"
    ).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".templates li")).to_have_count(2)
    charged = "English · Utility" if english else "inglés · Utilidad"
    expect(dialog.locator(".templates button", has_text="welcome")).to_contain_text(charged)
    shot(page, f"templates-{width}")
    dialog.locator(".templates button", has_text="arrival").click()
    expect(dialog.locator(".template-preview")).to_contain_text("Hola ‹Ana›, habitación ‹302›.")
    dialog.get_by_role("button", name="Send" if english else "Enviar").click()
    required = "Please fill this in." if english else "Rellene este campo."
    expect(dialog.locator(".problem", has_text=required)).to_have_count(4)
    expect(dialog.locator("#template-file")).to_have_attribute("accept", re.compile("^image/jpeg,"))
    dialog.locator("#template-file").set_input_files(
        FilePayload(name="door.png", mimeType="image/png", buffer=PNG)
    )
    expect(dialog.locator(".template-preview")).to_contain_text("door.png")
    dialog.locator("[name=template-text-1]").fill("Nilo")
    dialog.locator("[name=template-text-2]").fill("12")
    dialog.locator("[name=template-button-0]").fill("R1")
    expect(dialog.locator(".template-preview")).to_contain_text("Hola Nilo, habitación 12.")
    page.evaluate(AXE)
    assert violations(page) == []
    shot(page, f"template-{width}")
    dialog.get_by_role("button", name="Send" if english else "Enviar").click()
    expect(dialog).to_have_count(0)
    expect(page.locator(".message.ours")).to_contain_text("Hola Nilo, habitación 12.")
    guest = meta.guest(phone)
    until(lambda: [sent.kind for sent in guest.inbox] == ["template"])
    parts = guest.inbox[0].body["template"]["components"]
    assert [part["type"] for part in parts] == ["header", "body", "button"]


def shot(page: Page, name: str) -> None:
    """Take a picture for whoever wants to look (JACK_SCREENSHOTS: a folder)."""
    if folder := os.environ.get("JACK_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def test_a_picture_goes_out_and_one_comes_in(visit: Visit, meta: MetaPeer) -> None:
    guest = writes(meta, "What does the room look like?")
    page = enter(visit)
    exchange_messages(page, guest)
    chosen = FilePayload(name="room <b>12.png", mimeType="image/png", buffer=PNG)
    page.get_by_label("Attach a file").set_input_files(chosen)
    expect(page.locator(".reply .files li")).to_contain_text("room _b_12.png")
    content = unique("Like this")
    answer(page, content)
    expect(said(page, content)).to_contain_text(ARRIVED)
    until(lambda: [sent.file for sent in guest.inbox] == [PNG])
    expect(message(page, content).get_by_role("img")).to_be_visible()
    guest.sends_file(PNG, "image/png", caption="And here I am")
    theirs = message(page, "And here I am")
    expect(theirs.get_by_role("img")).to_be_visible()
    with page.expect_download() as download:
        theirs.locator(".file button").click()
    assert download.value.path().read_bytes() == PNG


def test_a_file_nobody_may_send_is_refused_by_name(visit: Visit, meta: MetaPeer) -> None:
    guest = writes(meta, "Send me the program")
    page = enter(visit)
    exchange_messages(page, guest)
    program = FilePayload(name="setup.exe", mimeType="image/png", buffer=b"MZ" + bytes(100))
    page.get_by_label("Attach a file").set_input_files(program)
    expect(page.locator(".notice.bad")).to_contain_text("setup.exe")
    expect(page.locator(".reply .files li")).to_have_count(0)
    expect(box(page)).to_be_visible()


def test_a_file_is_there_as_soon_as_it_has_been_fetched(visit: Visit, meta: MetaPeer) -> None:
    guest = writes(meta, "My passport follows")
    page = enter(visit)
    exchange_messages(page, guest)
    go = threading.Event()
    meta.faults.add(held(go, on="media"))
    guest.sends_file(b"%PDF-1.4", "application/pdf", kind="document", filename="passport.pdf")
    expect(page.locator(".message .file")).to_contain_text("is being fetched")
    go.set()
    expect(page.locator(".message .file button")).to_have_count(1)


def test_a_test_of_an_account_is_shown_step_by_step(visit: Visit, meta: MetaPeer) -> None:
    """What is done is said while the rest goes on."""
    page = enter(visit, path="/#/settings/channels")
    channel = page.locator(".channel", has_text="WhatsApp")
    go = threading.Event()
    meta.faults.add(held(go, on="account"))
    # Looked at all together: Jack ends a test after ten seconds, also one that is held here.
    under_way = page.locator(
        ".channel:has(button[aria-disabled=true]) .channel-test:has(li.ok + li.ok)"
        ":not(:has(li:nth-child(3))) [role=status]"
    )
    channel.get_by_role("button", name="Test").click()
    expect(under_way).to_have_text("Testing …")
    go.set()
    expect(channel.get_by_role("status")).to_have_text("It works.")
    expect(channel.locator(".channel-test li.ok")).to_contain_text(
        ["look up the address", "connect", "check the credentials"]
    )


def test_the_step_that_failed_says_why(visit: Visit, meta: MetaPeer) -> None:
    right, meta.token = meta.token, "another"
    try:
        page = enter(visit, path="/#/settings/channels", locale="es-ES")
        channel = page.locator(".channel", has_text="WhatsApp")
        channel.get_by_role("button", name="Probar").click()
        expect(channel.get_by_role("status")).to_have_text("No funciona.")
    finally:
        meta.token = right
    expect(channel.locator("li.bad")).to_contain_text("comprobar las credenciales")
    expect(channel.locator("li.bad p")).to_contain_text("access token")
    expect(channel.locator("dl")).to_contain_text("access token")  # the channel's last problem


def test_a_file_name_is_never_more_than_text(visit: Visit, meta: MetaPeer) -> None:
    guest = writes(meta, "My papers")
    for name in HOSTILE:
        guest.sends_file(b"%PDF-1.4", "application/pdf", kind="document", filename=f"{name}.pdf")
    page = enter(visit)
    exchange_messages(page, guest)
    expect(page.locator(".message .file button")).to_have_count(len(HOSTILE))
    assert page.evaluate("window.hacked") is None
    assert page.locator(".file script, .file img, .file iframe, .file [onerror]").count() == 0
