"""A guest's page: a card to read, in which one thing is changed at a time; and everything said with them."""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from jack.core.db import Database
from jack.resources.conversations import messages
from tests.browser.guest import Visit
from tests.browser.server import Server, Staff
from tests.browser.staff import Guest, enter, show, unique

pytestmark = pytest.mark.system

SIZES = [(390, 844), (820, 1180), (1280, 800), (1920, 1080)]


@pytest.fixture
def nina(ada: Staff) -> dict[str, Any]:
    """A guest of whom there is something to read."""
    known = {"tags": ["vip"], "notes": "Likes tea", "language": "es-MX"}
    made: dict[str, Any] = ada.ask("POST", "/guests", json={"name": unique("Nina"), **known})
    return made


def test_a_guest_is_read_and_the_language_has_a_name(visit: Visit, nina: dict[str, Any]) -> None:
    page = enter(visit, path=f"/#/guests/{nina['id']}", locale="en-GB")
    sheet = page.locator(".sheet")
    expect(sheet).to_contain_text("Likes tea")
    expect(sheet).to_contain_text("Mexican Spanish")
    expect(sheet.locator("input, textarea, select")).to_have_count(0)


def test_a_pencil_changes_one_thing_alone(visit: Visit, ada: Staff, nina: dict[str, Any]) -> None:
    page = enter(visit, path=f"/#/guests/{nina['id']}")
    page.get_by_role("button", name="Edit: Notes").click()
    notes = page.get_by_role("textbox", name="Notes")
    expect(notes).to_be_focused()
    notes.fill("ALLERGIC TO NUTS")
    # A colleague has changed something else meanwhile, and it stays.
    ada.ask("PATCH", f"/guests/{nina['id']}", json={"tags": ["vip", "vegan"]})
    with page.expect_request(lambda call: call.method == "PATCH") as sent:
        page.get_by_role("button", name="Save").click()
    assert sent.value.post_data_json == {"notes": "ALLERGIC TO NUTS"}
    expect(page.locator(".guest-notes")).to_have_text("ALLERGIC TO NUTS")
    expect(page.get_by_role("button", name="Edit: Notes")).to_be_focused()
    now = ada.ask("GET", f"/guests/{nina['id']}")
    assert (now["notes"], now["tags"]) == ("ALLERGIC TO NUTS", ["vip", "vegan"])


@pytest.mark.parametrize("width", [1280, 390])
def test_the_pencils_are_on_the_card_beside_the_conversation_too(
    width: int, visit: Visit, ada: Staff, talked: tuple[Guest, str, dict[str, Any]]
) -> None:
    _, known, said = talked
    page = enter(visit, path=f"/#/inbox/{said['conversationId']}")
    page.set_viewport_size({"width": width, "height": 900})
    card = page.locator(".beside .guest-card")
    if width < 1000:
        page.get_by_role("button", name="Guest", exact=True).click()
        card = page.locator("dialog .guest-card")
    card.get_by_role("button", name="Edit: Notes").click()
    notes = card.get_by_role("textbox", name="Notes")
    expect(notes).to_be_focused()
    notes.fill("Cot for the baby")
    ada.ask("PATCH", f"/guests/{known}", json={"tags": ["vip"]})  # a colleague, meanwhile
    card.get_by_role("button", name="Save").click()
    expect(card.locator(".guest-notes")).to_have_text("Cot for the baby")
    expect(card.get_by_role("button", name="Edit: Notes")).to_be_focused()
    expect(card.locator(".tags")).to_have_text("vip")
    card.get_by_role("button", name="Edit: Name").click()
    card.get_by_role("textbox", name="Name").fill("Olga Petrova")
    card.get_by_role("textbox", name="Name").press("Enter")
    expect(card.locator("h2")).to_have_text("Olga Petrova")
    card.get_by_role("button", name="Edit: Phone").click()
    card.get_by_role("textbox", name="Phone").fill("12")
    card.get_by_role("button", name="Save").click()
    expect(card.locator("[data-name=phone] [aria-invalid=true]")).to_be_visible()
    card.get_by_role("textbox", name="Phone").press("Escape")
    expect(card.get_by_role("button", name="Edit: Phone")).to_be_visible()  # the dialog is open yet
    now = ada.ask("GET", f"/guests/{known}")
    assert (now["name"], now["notes"], now["tags"]) == ("Olga Petrova", "Cot for the baby", ["vip"])


@pytest.mark.parametrize("where", ["inbox", "guests"])
def test_what_a_colleague_wrote_in_the_same_field_is_not_written_over(
    where: str, visit: Visit, ada: Staff, talked: tuple[Guest, str, dict[str, Any]]
) -> None:
    _, known, said = talked
    ada.ask("PATCH", f"/guests/{known}", json={"notes": "Likes tea"})
    page = enter(visit, path=f"/#/{where}/{said['conversationId'] if where == 'inbox' else known}")
    page.get_by_role("button", name="Edit: Notes").click()
    notes = page.get_by_role("textbox", name="Notes")
    notes.fill("Likes coffee")
    theirs = {"notes": "ALLERGIC TO NUTS", "tags": ["vip"]}
    ada.ask("PATCH", f"/guests/{known}", json=theirs)
    if where == "inbox":  # the card is drawn anew around what is typed
        expect(page.locator(".beside .tags")).to_have_text("vip")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".fact [role=alert]")).to_contain_text(
        "Somebody has changed it in the meantime."
    )
    expect(notes).to_have_value("Likes coffee")
    assert ada.ask("GET", f"/guests/{known}")["notes"] == "ALLERGIC TO NUTS"
    page.get_by_role("button", name="Show how it is now").click()
    expect(page.locator(".guest-notes")).to_have_text("ALLERGIC TO NUTS")
    assert "Saved" not in page.locator(".notices").inner_text()  # nothing was


def test_escape_gives_back_what_was_there_and_can_be_undone(
    visit: Visit, ada: Staff, nina: dict[str, Any]
) -> None:
    page = enter(visit, path=f"/#/guests/{nina['id']}")
    page.get_by_role("button", name="Edit: Notes").click()
    notes = page.get_by_role("textbox", name="Notes")
    notes.fill("Half a sentence")
    notes.press("Escape")
    expect(notes).to_have_count(0)
    expect(page.locator(".guest-notes")).to_have_text("Likes tea")
    page.locator(".notices").get_by_role("button", name="Undo").click()
    expect(notes).to_have_value("Half a sentence")
    assert ada.ask("GET", f"/guests/{nina['id']}")["notes"] == "Likes tea"


@pytest.mark.parametrize("width", [390, 820, 1280])
def test_erasing_stands_behind_three_dots(width: int, visit: Visit, nina: dict[str, Any]) -> None:
    page = enter(visit, path=f"/#/guests/{nina['id']}")
    page.set_viewport_size({"width": width, "height": 900})
    sheet = page.locator(".sheet")
    expect(sheet.get_by_role("button", name="Write")).to_be_visible()
    for name in ("Erase", "Export all data"):
        expect(sheet.get_by_role("button", name=name)).not_to_be_visible()
    sheet.get_by_label("More", exact=True).click()
    expect(sheet.get_by_role("button", name="Erase")).to_be_visible()
    left = "sheet => sheet.querySelector('.choices').getBoundingClientRect().left - sheet.getBoundingClientRect().left"
    assert sheet.evaluate(left) >= 0
    sheet.get_by_role("button", name="Erase").press("Escape")
    expect(sheet.get_by_role("button", name="Erase")).not_to_be_visible()
    expect(sheet.get_by_label("More", exact=True)).to_be_focused()


@pytest.fixture
def talked(server: Server, ada: Staff) -> tuple[Guest, str, dict[str, Any]]:
    """A guest of the web chat who has written by e-mail as well: they, their id, and what they have written."""
    address = f"{unique('olga').replace(' ', '.').lower()}@guest.example"
    guest = Guest(server, unique("Olga"), email=address)
    said = guest.say("Is the pool warm?")
    talk = ada.conversation("Is the pool warm?")
    ada.ask("PATCH", f"/guests/{talk['guestId']}", json={"email": address})
    database = Database(server.folder / "jack.db")
    messages.receive(
        database,
        guest_id=talk["guestId"],
        channel="email",
        content="We bring a dog",
        account="test",
        event_key=unique("mail"),
    )
    database.close()
    return guest, str(talk["guestId"]), {"id": said, "conversationId": talk["id"]}


def test_all_channels_are_one_line_of_time_that_leads_into_the_conversation(
    visit: Visit, talked: tuple[Guest, str, dict[str, Any]]
) -> None:
    guest, known, said = talked
    page = enter(visit, path=f"/#/guests/{known}")
    lines = page.locator(".stream .spoken")
    expect(lines.first).to_contain_text("We bring a dog")
    expect(lines.first).to_contain_text("E-mail")
    expect(lines.last).to_contain_text("Is the pool warm?")
    expect(lines.last).to_contain_text("Web chat")
    guest.say("One more thing")
    expect(lines.first).to_contain_text("One more thing")  # by itself
    shots(page, "guest")
    lines.last.get_by_role("link", name="Open in the conversation").click()
    expect(page.locator(f".message.found[data-id='{said['id']}']")).to_be_visible()


def test_earlier_messages_stay_when_something_is_said(
    visit: Visit, server: Server, talked: tuple[Guest, str, dict[str, Any]]
) -> None:
    guest, known, said = talked
    database = Database(server.folder / "jack.db")
    for number in range(60):
        messages.receive(
            database,
            guest_id=known,
            channel="web",
            content=f"Line {number}",
            account="test",
            event_key=unique("line"),
            conversation_id=said["conversationId"],
        )
    database.close()
    page = enter(visit, path=f"/#/guests/{known}")
    lines = page.locator(".stream .spoken")
    expect(lines).to_have_count(50)
    page.get_by_role("button", name="Earlier messages").click()
    oldest = lines.filter(has_text="Is the pool warm?")
    expect(oldest).to_be_visible()
    guest.say("One more thing")
    expect(lines.filter(has_text="One more thing")).to_be_visible()
    expect(oldest).to_be_visible()
    # What is on its way meanwhile is shown as well.
    page.reload()
    expect(lines).to_have_count(50)
    held: list[Any] = []
    page.route("**/messages?*page=2*", lambda route: held.append(route))  # noqa: PLW0108 (Playwright marks it)
    page.get_by_role("button", name="Earlier messages").click()
    guest.say("And another")
    expect(lines.filter(has_text="And another")).to_be_visible()
    held[0].continue_()
    expect(oldest).to_be_visible()


def test_what_is_open_can_be_asked_for_again(
    visit: Visit, talked: tuple[Guest, str, dict[str, Any]]
) -> None:
    _, known, _ = talked
    page = enter(visit, path="/#/guests")
    page.route("**/tasks?*guestId*", lambda route: route.fulfill(status=500, json={}))
    show(page, f"#/guests/{known}")
    open_now = page.get_by_role("region", name="What is open")
    expect(open_now.get_by_role("alert")).to_be_visible()
    expect(open_now.locator(".skeleton")).to_have_count(0)
    page.unroute("**/tasks?*guestId*")
    open_now.get_by_role("button", name="Try again").click()
    expect(open_now.get_by_role("alert")).to_have_count(0)
    expect(open_now).to_contain_text("Is the pool warm?")


def test_what_is_open_stands_above_what_was_said_and_is_up_to_date(
    visit: Visit, ada: Staff, talked: tuple[Guest, str, dict[str, Any]]
) -> None:
    _, known, said = talked
    task = {"title": "Pool towels", "department": "housekeeping", "guestId": known}
    made = ada.ask("POST", "/tasks", json=task)
    done = ada.ask("POST", "/tasks", json={**task, "title": "Done long ago"})
    ada.ask("PATCH", f"/tasks/{done['id']}", json={"status": "completed"})
    consents = {"sms": {"state": "withdrawn"}, "email": {"state": "withdrawn"}}
    ada.ask("PATCH", f"/guests/{known}", json={"consents": consents})
    page = enter(visit, path=f"/#/guests/{known}")
    stopped = page.locator(".sheet .doubt")
    expect(stopped).to_have_count(1)
    expect(stopped).to_contain_text("SMS, E-mail: wants no more messages")
    open_now = page.get_by_role("region", name="What is open")
    expect(open_now.get_by_role("link", name="Pool towels")).to_be_visible()
    expect(open_now).to_contain_text("Is the pool warm?")
    expect(open_now).to_contain_text("We bring a dog")
    expect(open_now).not_to_contain_text("Done long ago")
    history = page.get_by_role("region", name="Everything said")
    above, below = (part.bounding_box() for part in (open_now, history))
    assert above
    assert below
    assert above["y"] + above["height"] <= below["y"]
    ada.ask("PATCH", f"/tasks/{made['id']}", json={"status": "completed"})
    expect(open_now).not_to_contain_text("Pool towels")
    ada.ask("PATCH", f"/conversations/{said['conversationId']}", json={"status": "closed"})
    expect(open_now.locator("> ul")).not_to_contain_text("Is the pool warm?")
    expect(open_now).to_contain_text("Closed conversations: 1")


@pytest.mark.parametrize("width", [1280, 390])
def test_both_guests_are_seen_side_by_side_before_they_are_merged(
    width: int, visit: Visit, ada: Staff
) -> None:
    name = unique("Ana Real")
    mail, number = f"{name.split()[-1]}@guest.example", f"+52999{uuid.uuid4().int % 10**7:07}"
    known = ada.ask("POST", "/guests", json={"name": name, "email": mail})
    other = ada.ask("POST", "/guests", json={"name": name, "phone": number})
    page = enter(visit, path=f"/#/guests/{known['id']}")
    page.set_viewport_size({"width": width, "height": 900})
    expect(page.locator(".notice .both-sides")).to_have_count(1)
    for place in (page.locator(".notice"), page.get_by_role("dialog")):
        cells = place.locator(".both-sides tbody td")
        expect(cells).to_have_text([name, name, mail, "–", "–", number])
        expect(place.locator(".both-sides .same")).to_have_count(1)
        link = place.locator(".both-sides").get_by_role("link", name="The other")
        expect(link).to_have_attribute("href", f"#/guests/{other['id']}")
        expect(place.locator(".evidence")).to_contain_text("They have the same name")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        if not page.get_by_role("dialog").count():
            shots(page, f"merge-{width}")
            place.get_by_role("button", name="Merge").click()
    page.get_by_role("dialog").get_by_role("button", name="Merge").click()
    expect(page.get_by_text("The two are one guest now.")).to_be_visible()
    assert ada.ask("GET", f"/guests/{known['id']}")["phone"] == number


def shots(page: Page, name: str) -> None:
    """Pictures for whoever wants to look (JACK_SCREENSHOTS: a folder)."""
    folder = os.environ.get("JACK_SCREENSHOTS")
    for width, height in SIZES if folder else []:
        page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            path = Path(str(folder)) / f"{name}-{width}-{scheme}.png"
            page.screenshot(path=path, full_page=True)
