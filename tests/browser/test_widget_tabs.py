"""The widget in several tabs of one visitor, and on sites whose programs exchange the page under it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from tests.browser.guest import Visit, unique
from tests.browser.server import Staff
from tests.browser.site import Site, box, chat, launcher, open_chat, state, write
from tests.browser.test_widget import NOTHING_KEPT, begin

pytestmark = pytest.mark.system


def test_two_tabs_are_one_visitor_where_frames_keep_nothing(
    visit: Visit, site: Site, maria: Staff
) -> None:
    """The page keeps for both who the visitor is; what is half written is each tab's own."""
    page = visit(site.url)
    page.context.add_init_script(NOTHING_KEPT)
    page.reload()
    other = page.context.new_page()
    other.goto(site.url)
    launcher(other).click()
    expect(chat(other).get_by_role("button", name="Skip")).to_be_visible()  # nobody has begun
    question = begin(page)
    expect(chat(other).get_by_text(question)).to_be_visible()
    box(other).fill("half a sent")
    again = unique("And a cot?")
    write(page, again)
    expect(state(page, again)).to_have_text("Delivered")
    expect(chat(other).get_by_text(again)).to_be_visible()
    expect(box(other)).to_have_value("half a sent")
    third = page.context.new_page()
    third.goto(f"{site.url}/rooms")
    launcher(third).click()
    expect(chat(third).get_by_text(again)).to_be_visible()
    last = unique("Thank you")
    write(third, last)
    expect(state(third, last)).to_have_text("Delivered")
    assert maria.said(maria.conversation(last)["id"]) == [question, again, last]


def test_two_tabs_that_begin_at_once_are_one_visitor_where_frames_keep_nothing(
    visit: Visit, site: Site, maria: Staff
) -> None:
    page = visit(site.url)
    page.context.add_init_script(NOTHING_KEPT)
    page.reload()
    other = page.context.new_page()
    other.goto(site.url)
    begun: list[Route] = []

    def keep(route: Route) -> None:
        begun.append(route)

    page.context.route("**/api/v1/webchat/sessions", keep)
    words = [unique("From one"), unique("From the other")]
    launcher(other).click()
    open_chat(page)
    for tab, content in zip((page, other), words, strict=True):
        write(tab, content)
    page.wait_for_timeout(200)
    assert len(begun) == 1  # the other waits for its turn
    begun[0].continue_()
    for tab, content in zip((page, other), words, strict=True):
        expect(state(tab, content)).not_to_have_text("Sending …")
        expect(chat(tab).get_by_text(content)).to_be_visible()
    last = unique("Thank you")
    write(page, last)
    expect(state(page, last)).to_have_text("Delivered")
    said = maria.said(maria.conversation(last)["id"])
    assert sorted(said) == sorted([*words, last])


EXCHANGE = """async () => {
    const next = new DOMParser().parseFromString(await (await fetch('/rooms')).text(), 'text/html');
    const body = document.adoptNode(next.body);
    for (const old of body.querySelectorAll('script')) {
        const again = document.createElement('script');
        again.src = old.src;
        again.async = true;
        old.replaceWith(again);
    }
    window.kept = document.body.cloneNode(true);
    document.documentElement.replaceChild(body, document.body);
}"""
EMPTY = "() => { document.body.innerHTML = '<h1>Rooms</h1>' }"
RESTORE = "() => { document.documentElement.replaceChild(window.kept, document.body) }"


def test_the_widget_survives_pages_that_are_exchanged_under_it(
    visit: Visit, site: Site, maria: Staff
) -> None:
    """As Turbo and pjax do it: another body, an emptied one, one that had been kept."""
    page = visit(site.url)
    question = begin(page)
    for exchange in (EXCHANGE, EMPTY, EXCHANGE, RESTORE):
        page.evaluate(exchange)
        expect(launcher(page)).to_have_count(1)
        expect(page.locator("[data-jack-chat]")).to_have_count(1)
        expect(launcher(page)).to_have_attribute("aria-expanded", "true")
        expect(chat(page).get_by_text(question)).to_be_visible()
    page.evaluate("JackChat.close()")
    page.evaluate(EXCHANGE)
    expect(launcher(page)).to_have_attribute("aria-expanded", "false")
    page.evaluate("JackChat.open()")
    again = unique("Still me")
    write(page, again)
    expect(state(page, again)).to_have_text("Delivered")
    assert maria.said(maria.conversation(again)["id"]) == [question, again]


def test_the_page_can_open_the_chat_at_any_time(visit: Visit, site: Site) -> None:
    script = f'<script src="{site.jack}/widget.js"></script>'
    early = f"<head>{script}<script>JackChat.open()</script>"
    site.page = site.page.replace("<head>", early)
    page = visit(site.url)
    expect(launcher(page)).to_have_attribute("aria-expanded", "true")
    expect(chat(page).get_by_label("Your name")).to_be_visible()
    chat(page).get_by_role("button", name="Skip").click()  # not inert
    page.evaluate("document.body.replaceWith(document.createElement('body')); JackChat.open()")
    expect(box(page)).to_be_visible()
    page.evaluate("document.body.innerHTML = ''; JackChat.close(); JackChat.open()")
    expect(launcher(page)).to_have_attribute("aria-expanded", "true")
    expect(box(page)).to_be_visible()
