"""The inbox's search: all states, the sentence that was found, and the way to its message."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.guest import Visit
from tests.browser.server import Server, Staff
from tests.browser.staff import Guest, enter, message, open_conversation, row, show, unique
from tests.browser.test_look import nothing_wrong

pytestmark = pytest.mark.system

SEEN = """element => {
    const { top, bottom } = element.getBoundingClientRect();
    const log = element.closest(".log").getBoundingClientRect();
    return top >= log.top && bottom <= log.bottom;
}"""


def test_a_search_shows_the_sentence_in_any_state_and_opens_at_its_message(
    visit: Visit, server: Server, ada: Staff
) -> None:
    guest, word = Guest(server, unique("Sona")), unique("quince")
    guest.say(f"Hello! Have you got {word} jam? We love it.")
    for number in range(60):  # more than are read at first
        guest.say(f"Line {number} of many")
    conversation = ada.conversation("Line 59")
    ada.ask("PATCH", f"/conversations/{conversation['id']}", json={"status": "closed"})
    page = enter(visit)  # which shows what is open
    page.get_by_role("searchbox", name="Search conversations").fill(word.upper())
    found = row(page, guest.name)
    expect(page.locator(".rows .row")).to_have_count(1)
    expect(found.locator(".preview")).to_have_text(f"Have you got {word} jam?")
    expect(found.locator("mark")).to_have_text(word.split())
    expect(found.locator(".state")).to_have_text("Closed")
    found.get_by_role("link").click()
    said = message(page, word)
    expect(said).to_be_visible()
    expect(page.locator(".message.found")).to_contain_text(word)
    page.wait_for_function(f"({SEEN})(document.querySelector('.message.found'))")
    expect(message(page, "Line 59 of many")).to_be_attached()  # with all that came after it
    page.locator(".tabs").get_by_role("button", name="Open").click()  # the search is over
    expect(page.get_by_role("searchbox", name="Search conversations")).to_have_value("")
    expect(found).to_have_count(0)
    show(page, f"#/inbox/{conversation['id']}/msg-none")  # a message that is gone
    expect(page.locator(".notice.bad")).to_be_visible()


MARKED = "[...(CSS.highlights.get('found') ?? [])].map(String)"


def test_words_are_found_in_the_open_conversation_one_after_another(
    visit: Visit, server: Server
) -> None:
    guest = Guest(server, unique("Fina"))
    guest.say("Is there a crib? A Críb for two")
    for number in range(60):  # more than are read at first
        guest.say(f"Line {number} of many")
    guest.say("The cribs, please")
    page = enter(visit, reduced_motion="reduce")
    open_conversation(page, guest.name)
    page.locator(".conversation .log").press("f")
    field = page.get_by_role("searchbox", name="Words of a message")
    expect(field).to_be_focused()
    field.fill("crib")
    said = page.locator(".find [role=status]")
    expect(said).to_have_text("1 of 2")
    expect(page.locator(".message.found")).to_contain_text("The cribs, please")
    assert page.evaluate(MARKED) == ["crib"]
    field.press("Enter")
    expect(said).to_have_text("2 of 2")
    expect(page.locator(".message.found")).to_contain_text("Is there a crib?")
    page.wait_for_function(f"({SEEN})(document.querySelector('.message.found'))")
    page.wait_for_function(f"{MARKED}.join() === 'crib,Críb,crib'")
    nothing_wrong(page, height=800)
    page.get_by_role("button", name="Newer match").click()
    expect(page.locator(".message.found")).to_contain_text("The cribs, please")
    field.fill("tennis")
    expect(said).to_have_text("Not found")
    field.press("Escape")
    expect(field).to_have_count(0)
    expect(page.locator("[data-act=find]")).to_be_focused()
    assert page.evaluate(MARKED) == []
    page.go_back()  # what was found is no place on the way
    expect(page.locator(".conversation h2", has_text=guest.name)).to_have_count(0)
