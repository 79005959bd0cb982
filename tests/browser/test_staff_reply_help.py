"""What helps to write a reply: entries of the knowledge base that fit, files pasted and dropped, hours as one reads them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.guest import Visit
from tests.browser.server import Server, Staff
from tests.browser.staff import Guest, enter, open_conversation, show, unique, until

pytestmark = pytest.mark.system
GIVE = """(form, kind) => {
    const data = new DataTransfer();
    data.items.add(new File(["Menu"], "menu.txt", { type: "text/plain" }));
    const options = { bubbles: true, cancelable: true };
    const event = kind === "paste"
        ? new ClipboardEvent(kind, { ...options, clipboardData: data })
        : new DragEvent(kind, { ...options, dataTransfer: data });
    form.dispatchEvent(event);
    return event.defaultPrevented;
}"""


@pytest.mark.parametrize("kind", ["paste", "drop"])
def test_a_file_is_pasted_or_dropped_and_sent(
    visit: Visit, server: Server, ada: Staff, kind: str
) -> None:
    guest = Guest(server, unique("Paula"))
    guest.say("May I see the menu?")
    page = enter(visit)
    open_conversation(page, guest.name)
    form = page.locator("form.reply")
    assert page.locator("#reply").evaluate(GIVE, kind)
    expect(form).to_contain_text("menu.txt")
    form.get_by_role("button", name="Send", exact=True).click()
    found = ada.ask("GET", f"/conversations?search={guest.name}")[0]["id"]

    def files() -> list[Any]:
        rows = ada.ask("GET", f"/conversations/{found}/messages")
        return [file["name"] for row in rows for file in row.get("attachments") or []]

    until(lambda: files() == ["menu.txt"], page)


def test_a_note_takes_no_file_and_the_page_stays(visit: Visit, server: Server) -> None:
    guest = Guest(server, unique("Nora"))
    guest.say("Hello")
    page = enter(visit)
    open_conversation(page, guest.name)
    page.get_by_role("button", name="Note", exact=True).click()
    assert page.locator("#reply").evaluate(GIVE, "drop")
    expect(page.get_by_text("Files go with a reply")).to_be_visible()
    expect(page.locator("form.reply")).not_to_contain_text("menu.txt")


def test_only_what_fits_and_the_guest_can_read_is_suggested_in_one_line(
    visit: Visit, server: Server, ada: Staff
) -> None:
    word = f"gondola{unique('').strip()}"
    entries = {
        "en": f"The {word} leaves the harbour at nine.",
        "de": f"Die {word} am harbour: breakfast gibt es an Bord.",
        "": f"A {word} is a boat.",
    }
    for language, content in entries.items():
        new = {"title": unique("Boats"), "content": content, "category": "service"}
        ada.ask("POST", "/knowledge", json=new | ({"language": language} if language else {}))
    guest = Guest(server, unique("Gerda"), language="en")
    guest.say(f"Is breakfast served aboard the {word} leaving that harbour tomorrow morning early?")
    page = enter(visit)
    open_conversation(page, guest.name)
    expect(page.locator(".suggestion")).to_have_count(1)
    expect(page.locator(".suggestion")).to_contain_text(entries["en"])
    box = page.locator(".suggestions").bounding_box()
    assert box
    assert box["height"] <= 44
    fold = page.locator(".suggestions .fold")
    fold.click()
    expect(page.locator(".suggestion")).to_have_count(0)
    page.reload()
    expect(fold).to_have_attribute("aria-expanded", "false")


LABELS = """() => [...document.querySelectorAll("button[aria-label], a[aria-label], summary[aria-label]")]
    .filter((one) => one.checkVisibility())
    .map((one) => [one.getAttribute("aria-label"), one.innerText.replace(/\\s+/g, " ").trim()])
    .filter(([label, shown]) => /\\p{L}{2}/u.test(shown) && !label.toLowerCase().includes(shown.toLowerCase()))"""


def test_what_a_control_shows_is_in_its_name(visit: Visit, server: Server, ada: Staff) -> None:
    """WCAG 2.5.3: who speaks to the page says what they see."""
    guest = Guest(server, unique("Vera"))
    guest.say("Is there a gym?")
    ada.ask("POST", "/tasks", json={"title": unique("Gym"), "department": "maintenance"})
    page = enter(visit)
    open_conversation(page, guest.name)
    assert page.evaluate(LABELS) == []
    for view in ("today", "tasks", "guests", "knowledge", "reports", "settings", "me"):
        show(page, f"#/{view}")
        page.wait_for_load_state("networkidle")
        assert page.evaluate(LABELS) == [], view


def test_hours_are_written_as_one_chooses(visit: Visit, server: Server) -> None:
    guest = Guest(server, unique("Hugo"))
    guest.say("Good evening")
    page = enter(visit)

    def times(choice: str, pattern: str) -> None:
        show(page, "#/me")
        page.get_by_label("Times", exact=True).select_option(choice)
        show(page, "#/inbox")
        open_conversation(page, guest.name)
        expect(page.locator(".log time").first).to_have_text(re.compile(pattern))

    times("h12", r"\d:\d\d.[ap]m")
    times("h23", r"\d\d:\d\d$")
