"""The chat in the guest's language: the browser's, or the one they choose."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.guest import Visit, unique
from tests.browser.server import Server, Staff
from tests.browser.site import Site, box, chat, launcher, open_chat
from tests.browser.test_look import AXE, violations
from tests.browser.test_widget import NOTHING_KEPT
from tests.browser.test_widget_weight import ALL_IN, SCRIPT, Scales

pytestmark = pytest.mark.system

SHOTS = os.environ.get("JACK_SCREENSHOTS")


def shot(page: Page, name: str) -> None:
    """Take a picture for whoever wants to look (JACK_SCREENSHOTS: a folder)."""
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png")


@pytest.mark.parametrize(
    ("locale", "label", "skip", "direction"),
    [
        ("de-AT", "Chatten Sie mit uns", "Überspringen", "ltr"),
        ("zh-TW", "與我們聊天", "略過", "ltr"),
        ("he-IL", "דברו איתנו", "דילוג", "rtl"),
    ],
)
def test_the_widget_speaks_the_browsers_language(
    visit: Visit, site: Site, locale: str, label: str, skip: str, direction: str
) -> None:
    site.show(language="xx")
    page = visit(site.url, locale=locale)
    expect(launcher(page)).to_have_accessible_name(label)
    expect(launcher(page)).to_have_css("direction", direction)
    launcher(page).click()
    expect(chat(page).get_by_role("button", name=skip)).to_be_visible()
    expect(chat(page).locator("html")).to_have_attribute("dir", direction)
    shot(page, f"chat-{locale}")


@pytest.mark.parametrize("kept", [True, False], ids=["kept by the frame", "kept by the page"])
def test_a_guest_chooses_another_language_and_keeps_it(
    visit: Visit, site: Site, kept: bool
) -> None:
    page = visit(site.near if kept else site.url)
    if not kept:
        page.context.add_init_script(NOTHING_KEPT)
        page.reload()
    open_chat(page)
    box(page).fill("half a sent")
    chat(page).get_by_label("Language").select_option("ar")
    expect(chat(page).locator("html")).to_have_attribute("dir", "rtl")
    expect(chat(page).get_by_label("رسالتكم")).to_have_value("half a sent")
    chat(page).get_by_role("button", name="إغلاق الدردشة").click()
    expect(launcher(page)).to_have_accessible_name("تحدثوا معنا")
    page.goto(f"{page.url.rstrip('/')}/rooms")
    expect(launcher(page)).to_have_accessible_name("تحدثوا معنا")
    launcher(page).click()
    expect(chat(page).get_by_label("رسالتكم")).to_have_value("half a sent")


def test_the_page_of_its_own_speaks_the_chosen_language(
    visit: Visit, server: Server, ada: Staff
) -> None:
    page = visit("/chat")
    page.get_by_label("Language").select_option("fi")
    expect(page.locator("html")).to_have_attribute("lang", "fi")
    page.goto("/chat")
    page.get_by_role("button", name="Ohita").click()
    content = unique("Hei")
    page.get_by_label("Viestinne").fill(content)
    page.get_by_role("button", name="Lähetä").click()
    expect(page.locator("li", has_text=content).locator(".state")).to_have_text("Toimitettu")
    guest = ada.ask("GET", f"/guests/{ada.conversation(content)['guestId']}")
    assert guest["language"] == "fi"


@pytest.mark.parametrize("locale", ["ja-JP", "ar"])
def test_it_looks_right_on_a_phone(visit: Visit, locale: str) -> None:
    page = visit("/chat", locale=locale, viewport={"width": 390, "height": 780})
    expect(page.locator("#details")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.evaluate(AXE)
    assert violations(page) == []
    shot(page, f"phone-{locale}")


def test_a_language_costs_no_more_than_english(visit: Visit, site: Site, server: Server) -> None:
    page = visit("/robots.txt", locale="el-GR")
    site.show(language="el")
    scales = Scales(page, server.url)
    page.goto(site.url)
    launcher(page).click()
    expect(chat(page).get_by_role("button", name="Παράλειψη")).to_be_visible()
    page.wait_for_load_state("networkidle")
    weights = scales.weights()
    assert weights[f"{server.url}/widget.js"] <= SCRIPT
    assert sum(weights.values()) <= ALL_IN, weights
