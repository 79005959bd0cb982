"""The widget by keyboard, by ear, on a phone, from right to left."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.guest import Visit, unique
from tests.browser.server import Staff
from tests.browser.site import Site, box, chat, launcher, open_chat, state
from tests.browser.staff import until
from tests.browser.test_look import AXE, COLOURS, violations
from tests.browser.test_widget import begin, the_frame

pytestmark = pytest.mark.system

PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 780},
    "has_touch": True,
    "is_mobile": True,
}


def test_the_keyboard_alone_is_enough(visit: Visit, site: Site, maria: Staff) -> None:
    page = visit(site.url)
    page.get_by_label("Looking for").focus()
    page.keyboard.press("Tab")
    expect(launcher(page)).to_be_focused()
    expect(launcher(page)).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Enter")
    expect(chat(page).get_by_label("Your name")).to_be_focused()
    expect(launcher(page)).to_have_attribute("aria-expanded", "true")
    page.keyboard.type("Tom Baker")
    page.keyboard.press("Enter")
    expect(box(page)).to_be_focused()
    question = unique("Is there a lift?")
    page.keyboard.type(question)
    page.keyboard.press("Enter")
    expect(state(page, question)).to_have_text("Delivered")
    assert maria.conversation(question)["guest"]["name"] == "Tom Baker"
    page.keyboard.press("Escape")
    expect(launcher(page)).to_be_focused()
    expect(launcher(page)).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Space")
    expect(box(page)).to_be_focused()


def test_the_tab_key_stays_in_the_panel(visit: Visit, site: Site) -> None:
    page = visit(site.url)
    open_chat(page)
    frame = the_frame(page)
    for key in ("Tab", "Shift+Tab"):
        seen = []
        for _ in range(9):
            page.keyboard.press(key)
            assert (
                page.evaluate("document.activeElement.shadowRoot.activeElement.tagName") == "IFRAME"
            )
            seen.append(frame.evaluate("document.activeElement.id"))
        assert set(seen) == {"language", "close", "log", "text", "send"}


def test_a_closed_panel_is_nowhere_for_the_keyboard(visit: Visit, site: Site) -> None:
    page = visit(site.url)
    begin(page)
    page.keyboard.press("Escape")
    expect(launcher(page)).to_be_focused()
    for _ in range(6):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.shadowRoot?.activeElement.tagName") != "IFRAME"


def test_the_page_is_told_what_is_there(visit: Visit, site: Site, ada: Staff) -> None:
    site.configure(ada, title="Reception")
    page = visit(site.url)
    launcher(page).click()
    dialog = page.get_by_role("dialog", name="Reception")
    expect(dialog).to_be_visible()
    expect(dialog.locator("iframe")).to_have_attribute("title", "Reception")
    expect(launcher(page)).to_have_attribute("aria-controls", "panel")
    expect(launcher(page)).to_have_accessible_name("Close the chat")
    expect(chat(page).get_by_role("heading", name="Reception")).to_be_visible()


def test_an_answer_is_announced_in_the_open_panel(visit: Visit, site: Site, maria: Staff) -> None:
    page = visit(site.url)
    question, reply = begin(page), unique("Yes")
    maria.answer(maria.conversation(question)["id"], reply)
    expect(chat(page).locator("[aria-live=polite]")).to_contain_text(f"María: {reply}")


def look(page: Page) -> None:
    """Nothing for axe to find, in the page or in the frame, in either light."""
    frame = the_frame(page)
    frame.evaluate(AXE)
    page.evaluate(AXE)
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    assert violations(page) + violations(frame) == []
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert violations(page, COLOURS) + violations(frame, COLOURS) == []


@pytest.mark.parametrize("colour", [None, "#ffd400", "#0b1f4b"])
@pytest.mark.parametrize("wide", [True, False], ids=["1280", "390"])
def test_nobody_is_kept_out(
    visit: Visit, site: Site, ada: Staff, wide: bool, colour: str | None
) -> None:
    site.configure(ada, colour=colour, hours={})
    shape = {"viewport": {"width": 1280, "height": 800}} if wide else PHONE
    page = visit(site.url, **shape)
    launcher(page).click()
    expect(chat(page).get_by_role("button", name="Skip")).to_be_visible()
    look(page)
    chat(page).get_by_role("button", name="Skip").click()
    box(page).fill(question := unique("Good evening"))
    chat(page).get_by_role("button", name="Send").click()
    expect(state(page, question)).to_have_text("Delivered")
    ada.answer(ada.conversation(question)["id"], "https://hotel.example/" + "a" * 200)
    expect(chat(page).locator("li.theirs")).to_have_count(2)
    expect(state(page, question)).to_have_text("Read")
    look(page)
    frame = the_frame(page)
    assert frame.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_on_a_phone_the_chat_is_all_there_is(visit: Visit, site: Site) -> None:
    page = visit(site.url, **PHONE)
    launcher(page).tap()
    chat(page).get_by_role("button", name="Skip").tap()
    dialog = page.get_by_role("dialog")
    until(lambda: dialog.bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 780})
    expect(dialog).to_have_attribute("aria-modal", "true")
    expect(launcher(page)).to_be_hidden()
    expect(page.locator("html")).to_have_css("overflow", "hidden")
    expect(box(page)).to_be_in_viewport(ratio=1)
    page.set_viewport_size({"width": 390, "height": 420})  # a keyboard comes up
    expect(box(page)).to_be_in_viewport(ratio=1)
    page.set_viewport_size({"width": 390, "height": 780})
    chat(page).get_by_role("button", name="Close the chat").tap()
    expect(launcher(page)).to_be_focused()
    expect(dialog).to_be_hidden()
    expect(page.locator("html")).not_to_have_css("overflow", "hidden")


def test_no_keyboard_is_called_up_on_a_phone(visit: Visit, site: Site) -> None:
    page = visit(site.url, **PHONE)
    launcher(page).tap()
    expect(chat(page).get_by_role("heading", level=1)).to_be_focused()


def test_turning_the_phone_leaves_the_page_as_it_was(visit: Visit, site: Site) -> None:
    page = visit(site.url, viewport={"width": 390, "height": 780})
    launcher(page).click()
    expect(page.get_by_role("dialog")).to_have_attribute("aria-modal", "true")
    page.set_viewport_size({"width": 1000, "height": 780})
    expect(page.get_by_role("dialog")).to_have_attribute("aria-modal", "false")
    expect(page.locator("html")).not_to_have_css("overflow", "hidden")
    expect(launcher(page)).to_be_visible()


def test_a_site_from_right_to_left_has_it_at_the_left(visit: Visit, site: Site) -> None:
    site.show(root=' dir="rtl"')
    page = visit(site.url)
    place = launcher(page).bounding_box()
    assert place is not None
    assert place["x"] < 100
    open_chat(page)
    frame = the_frame(page)
    frame.evaluate("document.documentElement.dir = 'rtl'")
    assert frame.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    send, close = (chat(page).locator(name).bounding_box() for name in ("#send", "#close"))
    panel = page.get_by_role("dialog").bounding_box()
    assert send
    assert close
    assert panel
    assert send["x"] - panel["x"] < 60
    assert close["x"] - panel["x"] < 60
