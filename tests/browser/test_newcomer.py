"""What a new hotel does first, counted as a newcomer does it: clicks, and fields they write in.

A field is clicked before it is written in, unless it has the focus already; to choose from a list takes two clicks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.guest import Visit, unique
from tests.browser.server import Server, Staff
from tests.browser.site import Site, open_chat, serving, write
from tests.browser.test_account import GOOD, starting
from tests.browser.test_chat_languages import shot
from tests.peers.imap import Dovecot, dovecot
from tests.peers.smtp import PASSWORD, USER, Smtp, smtp

pytestmark = pytest.mark.system


@dataclass
class Newcomer:
    """Somebody with a mouse and a keyboard, who is counted."""

    page: Page
    clicks: int = 0
    fields: int = 0

    def click(self, what: Locator) -> None:
        what.click()
        self.clicks += 1

    def write(self, label: str, text: str) -> None:
        field = self.page.get_by_label(label, exact=True)
        expect(field).to_be_visible()
        if not field.evaluate("field => field === document.activeElement"):
            self.click(field)
        self.page.keyboard.type(text)
        self.fields += 1

    def choose(self, label: str, option: str) -> None:
        self.page.get_by_label(label, exact=True).select_option(option)
        self.clicks += 2

    def press(self, name: str) -> None:
        self.click(self.page.get_by_role("button", name=name, exact=True))

    def follow(self, name: str) -> None:
        self.click(self.page.get_by_role("link", name=name, exact=True))


@contextmanager
def counted(page: Page, what: str, clicks: int, fields: int) -> Iterator[Newcomer]:
    """Somebody who does this in so many clicks, and writes in so many fields."""
    somebody = Newcomer(page)
    yield somebody
    print(f"{what}: {somebody.clicks} clicks, {somebody.fields} fields")  # noqa: T201 (read with pytest -s)
    assert (somebody.clicks, somebody.fields) == (clicks, fields), what


def sets_up(page: Page) -> None:
    """From the link that the server prints to the inbox."""
    with counted(page, "first set-up", clicks=7, fields=5) as ada:
        ada.write("Your name", "Ada O'Hara")
        ada.write("E-mail", "ada@hotel.example")
        ada.write("Password", GOOD)
        ada.write("The same password again", GOOD)
        ada.write("Name of the hotel", "Hotel Sol")
        ada.press("Become administrator")
        ada.follow("Open Jack")
        expect(page.locator(".first-steps")).to_be_visible()


def route_mail(page: Page, postbox: Dovecot, relay: Smtp) -> None:
    """The provider's servers, as the page fills them in, are reached on loopback."""

    def put(route: Route) -> None:
        value = json.loads(route.request.post_data or "{}")["value"]
        assert (value["smtp"]["host"], value["imap"]["host"]) == (
            "smtp.gmail.com",
            "imap.gmail.com",
        )
        for name, peer in (("smtp", relay.settings()), ("imap", postbox.settings())):
            assert value[name]["username"] == "front@hotel.example"
            value[name] |= {key: peer[key] for key in ("host", "port", "security")}
            value[name]["username"] = USER
        route.continue_(post_data=json.dumps({"value": value}))

    page.route(
        "**/settings/channels.email",
        lambda route: put(route) if route.request.method == "PUT" else route.continue_(),
    )


def connects_mail(page: Page) -> None:
    """From the inbox to an account whose test has passed."""
    with counted(page, "connect e-mail", clicks=7, fields=2) as ada:
        ada.follow("Connect a channel")
        mail = page.locator("li.channel", has=page.get_by_role("heading", name="E-mail"))
        ada.click(mail.get_by_role("link", name="Change settings"))
        ada.choose("Where is the mailbox?", "gmail")
        ada.write("Address", "front@hotel.example")
        ada.write("Password", PASSWORD)
        ada.press("Save")
        expect(page.locator(".channel-test").get_by_role("status")).to_have_text("It works.")
    shot(page, "newcomer-mail")


def invites(page: Page, relay: Smtp) -> None:
    """From the inbox to an invitation that is on its way, and can be copied."""
    with counted(page, "invite a colleague", clicks=4, fields=2) as ada:
        ada.follow("Invite colleagues")
        ada.press("Invite somebody")
        ada.write("Name", "Iris Blum")
        ada.write("E-mail", "iris@hotel.example")
        ada.press("Invite")
        expect(page.get_by_text("also on its way to iris@hotel.example")).to_be_visible()
    shot(page, "newcomer-invitation")
    page.get_by_role("button", name="Close", exact=True).last.click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def shows_the_chat(page: Page, site: Site) -> str:
    """From the inbox to the line for the site, which may show the chat; returns the line."""
    with counted(page, "chat on a site", clicks=6, fields=1) as ada:
        ada.follow("Settings")
        ada.follow("Channels")
        chat = page.locator("li.channel", has=page.get_by_role("heading", name="Web chat"))
        ada.click(chat.get_by_role("link", name="Change settings"))
        ada.click(page.locator(".site-line button"))
        ada.write("Websites that may show the chat", site.url)
        ada.press("Save")
        expect(page.locator(".notices")).to_contain_text("Saved")
    return str(page.evaluate("navigator.clipboard.readText()"))


@pytest.fixture
def new_server(tmp_path: Path) -> Iterator[tuple[Server, str]]:
    with starting(tmp_path, public=True) as made:
        yield made


def inbox(page: Page) -> None:
    page.get_by_role("navigation", name="Main menu").get_by_role("link", name="Inbox").click()
    expect(page.locator(".first-steps")).to_be_visible()


def test_a_new_hotel_is_at_work_after_a_few_clicks(
    visit: Visit, new_server: tuple[Server, str]
) -> None:
    server, token = new_server
    allowed = ["clipboard-read", "clipboard-write"]
    page = visit(f"/setup#{token}", base=server.url, permissions=allowed)
    page.set_viewport_size({"width": 1280, "height": 800})
    sets_up(page)
    with dovecot() as postbox, smtp() as relay:
        route_mail(page, postbox, relay)
        connects_mail(page)
        inbox(page)
        invites(page, relay)
        inbox(page)
    with serving(server.url) as site:
        line = shows_the_chat(page, site)
        site.page = f"<!doctype html><title>Hotel Sol</title><body><h1>Hotel Sol</h1>{line}</body>"
        guest = visit(site.url)
        open_chat(guest)
        words = unique("Is there a lift?")
        write(guest, words)
        ada = Staff(server, "ada@hotel.example", GOOD)
        assert ada.conversation(words)["channel"] == "web"
