"""The inbox opens on who waits longest; how long, and how soon WhatsApp's window closes, is seen in steps of colour."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.guest import Visit
from tests.browser.server import ADMIN, Server, Staff
from tests.browser.staff import Guest, answer, enter, open_conversation, row, sql, unique

pytestmark = pytest.mark.system

SINCE = "UPDATE conversations SET waiting_since = :since WHERE id = :id"
WHATSAPP = "UPDATE conversations SET channel = 'whatsapp' WHERE id = :id"
HEARD = """
    INSERT INTO guest_identities (channel, address, guest_id, last_inbound_at, created_at)
    SELECT 'whatsapp', id, guest_id, :heard, :heard FROM conversations WHERE id = :id"""
SHOWN = """elements => elements.filter((one) => {
    const { top, bottom } = one.getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
}).length"""
COLOUR = "element => getComputedStyle(element).color"


def stamp(**ahead: float) -> str:
    """The time it will be then."""
    then = datetime.now(UTC) + timedelta(**ahead)
    return then.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def waits(server: Server, ada: Staff, name: str, minutes: float) -> Guest:
    """A guest who has been waiting for so long."""
    guest = Guest(server, unique(name))
    words = unique("Good evening")
    guest.say(words)
    identifier = ada.conversation(words)["id"]
    sql(server, SINCE, since=stamp(minutes=-minutes), id=identifier)
    return guest


@pytest.fixture
def hotel(tmp_path: Path) -> Iterator[Server]:
    """A server of its own, in which nobody else waits."""
    settings = {"JACK_ADMIN_EMAIL": ADMIN["email"], "JACK_ADMIN_PASSWORD": ADMIN["password"]}
    running = Server(tmp_path / "instance", settings)
    running.start()
    yield running
    running.stop()


def names(page: Page) -> list[str]:
    return page.locator(".rows .row .name").all_inner_texts()


def test_the_inbox_opens_on_who_waits_longest_first(visit: Visit, hotel: Server) -> None:
    ada = Staff(hotel, **ADMIN)
    recent = waits(hotel, ada, "Recent", 2.5)
    longest = waits(hotel, ada, "Longest", 47 * 60)
    middle = waits(hotel, ada, "Middle", 9.5)
    hour = waits(hotel, ada, "Hour", 75)
    answered = waits(hotel, ada, "Answered", 3)
    mine = next(
        one for one in ada.ask("GET", "/conversations") if one["guest"]["name"] == answered.name
    )
    ada.ask("POST", f"/conversations/{mine['id']}/messages", json={"content": "Good evening!"})
    page = enter(visit, base=hotel.url, waiting=True)
    tabs = page.locator(".tabs")
    expect(tabs.get_by_role("button", name="Waiting")).to_have_attribute("aria-pressed", "true")
    expect(tabs.get_by_role("button", name="Waiting")).to_contain_text("4")
    expect(page.locator(".rows .row")).to_have_count(4)
    assert names(page) == [one.name for one in (longest, hour, middle, recent)]
    expect(row(page, longest.name).locator(".waits")).to_contain_text("waiting 2 days")
    expect(row(page, hour.name).locator(".waits")).to_have_class(re.compile(r"\blate\b"))
    expect(row(page, middle.name).locator(".waits")).to_have_class(re.compile(r"\bsoon\b"))
    expect(row(page, recent.name).locator(".waits")).not_to_have_class(re.compile("soon|late"))
    steps = (recent, middle, hour)
    assert len({row(page, one.name).locator(".waits").evaluate(COLOUR) for one in steps}) == 3
    latest = waits(hotel, ada, "Latest", 0)  # one who writes now stands last
    expect(page.locator(".rows .row").last).to_contain_text(latest.name)
    open_conversation(page, longest.name)
    answer(page, "We are coming.")
    expect(row(page, longest.name)).to_have_count(0)
    expect(page.locator(".rows .row").first).to_contain_text(hour.name)
    tabs.get_by_role("button", name="Open").click()
    expect(page.locator(".rows .row").first).to_contain_text(longest.name)
    expect(row(page, answered.name)).to_be_visible()
    page.reload()  # what was chosen last stays chosen
    expect(tabs.get_by_role("button", name="Open")).to_have_attribute("aria-pressed", "true")


def test_a_search_from_those_who_wait_finds_others_too(
    visit: Visit, server: Server, ada: Staff
) -> None:
    guest = Guest(server, unique("Closed"))
    words = unique("marzipan")
    guest.say(words)
    conversation = ada.conversation(words)
    ada.ask("PATCH", f"/conversations/{conversation['id']}", json={"status": "closed"})
    page = enter(visit, waiting=True)
    page.get_by_role("searchbox", name="Search conversations").fill(words)
    expect(page.locator(".rows .row")).to_have_count(1)
    expect(row(page, guest.name).locator(".state")).to_have_text("Closed")


def test_thirteen_conversations_fit_on_a_screen_each_with_one_line_of_meta(
    visit: Visit, server: Server, ada: Staff
) -> None:
    for _ in range(13):
        waits(server, ada, "A guest whose name takes more room than there is on one line", 20)
    page = enter(visit, waiting=True, viewport={"width": 1920, "height": 1080})
    rows = page.locator(".rows .row")
    expect(rows.nth(12)).to_be_visible()
    assert rows.evaluate_all(SHOWN) >= 13
    lefts = "elements => new Set(elements.map((one) => one.getBoundingClientRect().left)).size"
    assert page.locator(".rows .mark-channel").evaluate_all(lefts) == 1


@pytest.mark.parametrize(
    ("hours", "step"), [(23, None), (3.5, "soon"), (0.8, "late")], ids=["23 h", "3.5 h", "48 min"]
)
def test_a_closing_window_is_seen_in_the_list_and_above_the_conversation(
    visit: Visit, server: Server, ada: Staff, hours: float, step: str | None
) -> None:
    guest = Guest(server, unique("Willa"))
    words = unique("Are you there?")
    guest.say(words)
    identifier = ada.conversation(words)["id"]
    sql(server, WHATSAPP, id=identifier)
    sql(server, HEARD, heard=stamp(hours=hours - 24), id=identifier)
    page = enter(visit)
    in_list = row(page, guest.name).locator(".window")
    open_conversation(page, guest.name)
    above = page.locator(".bar .window")
    expect(above).to_contain_text("reply within")
    if step is None:
        expect(above).not_to_have_class(re.compile("soon|late"))
        expect(in_list).to_have_count(0)
        return
    for one in (above, in_list):
        expect(one).to_have_class(re.compile(rf"\b{step}\b"))
        expect(one).to_contain_text("reply within")
    assert above.evaluate(COLOUR) == in_list.evaluate(COLOUR)
