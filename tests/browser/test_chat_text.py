"""Whatever anybody writes is text, and nothing but text."""

from __future__ import annotations

import uuid

import pytest
from playwright.sync_api import Page, expect

from tests.browser.guest import Visit, begin, start, state, unique, write
from tests.browser.server import Staff

pytestmark = pytest.mark.system

HARMFUL = [
    "<script>window.harmed = true; alert(1)</script>",
    "<img src=x onerror='window.harmed = true; alert(1)'>",
    "<svg/onload=alert(1)><iframe srcdoc='<script>parent.harmed = true</script>'>",
    "\"><a href='javascript:window.harmed = true'>go</a>",
    "javascript:alert(1)//' onmouseover='alert(1)' x='",
    "{{ 7 * 7 }} ${7 * 7} {name} $& &lt;b&gt; &amp;",
    "]]><!-- --> </ol></main></body></html>",
    "\u202eevil\u202c \u200b \ufeff ﷽ Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢ 🏨👩‍👩‍👧",
]


def nothing_harmed(page: Page) -> None:
    """No text has become a part of the page."""
    assert page.evaluate("window.harmed") is None
    tags = "document.body.querySelectorAll('script, iframe, svg, a, ol ol, li img').length"
    assert page.evaluate(tags) == 0


def test_whatever_guest_and_staff_write_is_text_and_runs_nothing(visit: Visit, ada: Staff) -> None:
    page = visit()
    conversation = ada.conversation(begin(page))["id"]
    for text in HARMFUL:
        write(page, text)
    expect(page.locator("li.mine")).to_have_count(len(HARMFUL) + 1)
    expect(page.locator("li.mine").last.locator(".state")).to_have_text("Delivered")
    for text in HARMFUL:
        ada.answer(conversation, text)
    heard = page.locator("li.theirs:not(#greeting) .what")
    expect(heard).to_have_count(len(HARMFUL))
    assert page.locator("li.mine .what").all_text_contents()[1:] == HARMFUL
    assert heard.all_text_contents() == HARMFUL
    assert ada.said(conversation)[1:] == HARMFUL
    nothing_harmed(page)


@pytest.mark.parametrize("text", ["".join(HARMFUL[:2]), "".join(HARMFUL[2:5])])
def test_whatever_anybody_is_called_is_text_and_runs_nothing(
    visit: Visit, ada: Staff, text: str
) -> None:
    ada.ask("PUT", "/settings/hotel", json={"value": {"name": text}})
    ada.ask("PUT", "/settings/channels.web", json={"value": {"enabled": True, "greeting": text}})
    word = text.replace(" ", "/")  # staff are shown by their first
    token = ada.invite(f"{word} Smith", f"{uuid.uuid4().hex}@hotel.example")
    invited = {"token": token, "password": "a sunny terrace"}
    session = ada.ask("POST", "/auth/accept-invite", json=invited)
    page = visit()
    page.get_by_label("Your name").fill(text)
    page.get_by_role("button", name="Start chat").click()
    content = unique("Hello")
    write(page, content)
    expect(state(page, content)).to_have_text("Delivered")
    conversation = ada.conversation(content)
    assert conversation["guest"]["name"] == text
    as_they = {"Authorization": f"Bearer {session['token']}"}
    path, reply = f"/conversations/{conversation['id']}/messages", {"content": "Hi", "type": "text"}
    ada.ask("POST", path, json=reply, headers=as_they)
    expect(page.locator("li .what")).to_have_text([text, content, "Hi"])
    assert page.locator("li.theirs .who").all_text_contents() == [text, word]
    assert page.title() == text
    nothing_harmed(page)


def test_characters_that_cannot_be_stored_are_left_out(visit: Visit, ada: Staff) -> None:
    page = visit()
    start(page)
    marked = unique("bell")
    page.evaluate(
        "text => { document.getElementById('text').value = text }",
        f"a\u0000b\u0007c\tok\r\nline {marked}",
    )
    page.evaluate("document.getElementById('text').value += '\\ud800.'")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".state", has_text="Delivered")).to_be_visible()
    assert ada.said(ada.conversation("abc")["id"]) == [f"abc\tok\nline {marked}."]
