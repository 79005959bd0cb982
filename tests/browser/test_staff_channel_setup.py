"""Channels as an administrator sets them up: a provider fills in the servers, saving tests, the chat shows itself."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Route, expect

from tests.browser.guest import Visit
from tests.browser.server import Server, Staff
from tests.browser.staff import enter, show, until
from tests.browser.test_chat_languages import shot
from tests.browser.test_look import AXE, violations
from tests.peers.smtp import smtp
from tests.ports import free_port

pytestmark = pytest.mark.system

PATH = "/settings/channels.email"


def test_a_provider_and_one_password_set_up_e_mail_and_saving_tests_it(
    visit: Visit, ada: Staff
) -> None:
    page = enter(visit, path="/#/settings/channels")
    mail = page.locator("li.channel", has=page.get_by_role("heading", name="E-mail"))
    mail.get_by_role("link", name="Change settings").click()
    page.get_by_label("Where is the mailbox?").select_option("gmail")
    expect(page.locator("form")).to_contain_text("app password")
    expect(page.get_by_label("Switched on")).to_be_checked()
    details = page.locator("form details").first
    expect(details).not_to_have_attribute("open", re.compile(""))
    page.locator("[name=address]").fill("front@hotel.example")
    page.get_by_label("Password", exact=True).fill("an app password")
    page.evaluate(AXE)
    assert violations(page) == []
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        shot(page, f"email-preset-{width}")
    with smtp() as server:
        page.get_by_text("Servers", exact=True).click()
        for name in ("smtp", "imap"):
            host = page.locator(f'[name="{name}.host"]')
            expect(host).to_have_value(f"{name}.gmail.com")
            host.fill("127.0.0.1")
            page.locator(f'[name="{name}.security"]').select_option("none")
        page.locator('[name="smtp.port"]').fill(str(server.settings()["port"]))
        page.locator('[name="imap.port"]').fill(str(free_port()))  # where nobody is
        page.get_by_role("button", name="Save").click()
        test = page.locator(".channel-test")
        expect(test.get_by_role("status")).to_have_text("It does not work.")
        value = ada.ask("GET", PATH)["value"]
        assert {value[name]["username"] for name in ("smtp", "imap")} == {"front@hotel.example"}
        port = page.locator('[name="imap.port"]')
        expect(port).to_have_attribute("aria-invalid", "true")
        expect(page.locator(".field", has=port).locator(".problem")).to_contain_text(
            "Reading (IMAP): connect"
        )
        password = page.locator(".field", has=page.get_by_label("Password", exact=True))
        expect(password.locator(".problem")).to_contain_text("Sending (SMTP): sign in")
        shot(page, "email-failed")
        page.evaluate(AXE)
        assert violations(page) == []
        show(page, "#/settings/channels")
        expect(mail.locator(".state")).to_have_text("does not work")
    ada.ask("PUT", PATH, json={"value": {"enabled": False}})


def test_a_test_leaves_the_page_where_it_is_and_what_is_saved_meanwhile_is_tested(
    visit: Visit, ada: Staff
) -> None:
    page = enter(visit, path="/#/settings/channels.email", viewport={"width": 1000, "height": 400})
    begun: list[str] = []
    looks: list[str] = []
    running = {"id": "test-1", "status": "running", "steps": []}

    def answer(route: Route) -> None:
        seen = begun if route.request.method == "POST" else looks
        seen.append(route.request.url)
        route.fulfill(json={"success": True, "data": running})

    page.route(re.compile("/channels/email/test"), answer)
    page.get_by_label("Where is the mailbox?").select_option("gmail")
    page.locator("[name=address]").fill("front@hotel.example")
    page.get_by_label("Password", exact=True).fill("an app password")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".channel-test")).to_be_in_viewport()
    until(lambda: looks, page)
    place = page.locator("h2", has_text="E-mail")
    place.scroll_into_view_if_needed()
    expect(page.locator(".channel-test")).not_to_be_in_viewport()
    seen = len(looks)
    until(lambda: len(looks) > seen + 1, page)
    expect(place).to_be_in_viewport()
    page.locator("[name=address]").fill("desk@hotel.example")
    page.get_by_label("Password", exact=True).fill("an app password")
    page.get_by_role("button", name="Save").click()
    until(lambda: ada.ask("GET", PATH)["value"]["address"] == "desk@hotel.example", page)
    seen = len(looks)
    until(lambda: len(looks) > seen, page)
    assert len(begun) == 1
    running["status"] = "ok"
    until(lambda: len(begun) == 2, page)
    expect(page.locator(".channel-test").get_by_role("status")).to_have_text("It works.")
    assert len(begun) == 2
    ada.ask("PUT", PATH, json={"value": {"enabled": False}})


def test_the_web_chat_shows_its_line_its_colour_and_itself(
    visit: Visit, server: Server, ada: Staff
) -> None:
    page = enter(
        visit, path="/#/settings/channels.web", permissions=["clipboard-read", "clipboard-write"]
    )
    line = f'<script src="{server.url}/widget.js" async></script>'
    expect(page.get_by_label("The line for your web site")).to_have_value(line)
    page.locator(".site-line button").click()
    expect(page.locator(".site-line button")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == line
    preview = page.locator(".chat-preview")
    page.get_by_label("Title").fill("Reception")
    page.get_by_label("Greeting").fill("Good day!")
    page.get_by_label("Colour").fill("#ffcc00")
    head = preview.locator(".chat-head")
    expect(head).to_have_text("Reception")
    expect(preview).to_contain_text("Good day!")
    expect(head).to_have_css("background-color", "rgb(255, 204, 0)")
    expect(head).to_have_css("color", "rgb(0, 0, 0)")
    page.evaluate(AXE)
    assert violations(page) == []
    shot(page, "web-chat-form")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".notices")).to_contain_text("Saved")
    assert ada.ask("GET", "/settings/channels.web")["value"]["colour"] == "#ffcc00"
    page.get_by_role("button", name="Take the usual colour").click()
    expect(head).to_have_css("background-color", "rgb(13, 106, 91)")
