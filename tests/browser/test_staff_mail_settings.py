"""The account for e-mail on the staff's page: signatures by language, what is quoted, and a test letter to oneself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.guest import Visit
from tests.browser.server import ADMIN, Staff
from tests.browser.staff import enter
from tests.browser.test_chat_languages import shot
from tests.browser.test_look import AXE, violations
from tests.peers.smtp import Smtp, smtp

pytestmark = pytest.mark.system

PATH = "/settings/channels.email"


@pytest.fixture
def relay(ada: Staff) -> Iterator[Smtp]:
    """A mail server that the account, which is off, is connected to."""
    with smtp() as server:
        imap = {"host": "127.0.0.1", "port": 1, "username": "front", "password": "secret"}
        value = {"enabled": False, "address": "front@hotel.example", "imap": imap}
        ada.ask("PUT", PATH, json={"value": value | {"smtp": server.settings()}})
        yield server
        ada.ask("PUT", PATH, json={"value": {"enabled": False}})


@pytest.mark.parametrize("width", [1280, 390])
def test_an_administrator_has_a_letter_sent_to_themselves(
    visit: Visit, relay: Smtp, width: int
) -> None:
    page = enter(visit, path="/#/settings/channels", viewport={"width": width, "height": 800})
    mail = page.locator("li.channel", has=page.get_by_role("heading", name="E-mail"))
    mail.get_by_role("button", name="Send me a test letter").click()
    expect(mail.get_by_text("It works.")).to_be_visible()
    expect(mail.locator("li.ok").last).to_contain_text("Sending (SMTP): hand over the mail")
    (taken,) = relay.desk.taken
    assert taken.recipients == [ADMIN["email"]]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    shot(page, f"test-letter-{width}")


@pytest.mark.parametrize("width", [1280, 390])
def test_signatures_are_written_by_language(
    visit: Visit, relay: Smtp, ada: Staff, width: int
) -> None:
    page = enter(visit, path="/#/settings/channels.email", viewport={"width": width, "height": 800})
    page.get_by_label("The guest’s last message, quoted").uncheck()
    for language, text in (
        ("German", "Mit freundlichen Grüßen\nHotel Sol"),
        ("Spanish", "Saludos"),
    ):
        page.get_by_label("Add a signature in").select_option(label=language)
        page.get_by_label(f"Signature in {language}").fill(text)
    page.evaluate(AXE)
    assert violations(page) == []
    page.get_by_label("Add a signature in").scroll_into_view_if_needed()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    shot(page, f"signatures-{width}")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".notices")).to_contain_text("Saved")
    value = ada.ask("GET", PATH)["value"]
    assert value["quoteLastMessage"] is False
    assert value["signatures"] == {"de": "Mit freundlichen Grüßen\nHotel Sol", "es": "Saludos"}
    page.reload()
    page.get_by_label("Signature in German").fill("")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".notices")).to_contain_text("Saved")
    assert ada.ask("GET", PATH)["value"]["signatures"] == {"es": "Saludos"}
