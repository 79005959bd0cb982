"""The hotel's hours, on the hotel's clock, wherever the guest is."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.guest import Visit
from tests.browser.server import Staff
from tests.browser.site import Site, chat, launcher

pytestmark = pytest.mark.system

# Tokyo is nine hours ahead of UTC, all year. The 5th of January 2026 is a Monday.
OFFICE = [{"from": "09:00", "to": "18:00"}]
HOURS: dict[str, Any] = {
    "monday": OFFICE,
    "tuesday": OFFICE,
    "friday": [{"from": "09:00", "to": "12:00"}, {"from": "22:00", "to": "02:00"}],
}
AWAY = "We sleep just now."
HELLO = "Good day!"


@pytest.fixture
def tokyo(ada: Staff) -> Staff:
    """The hotel is in Tokyo."""
    ada.ask("PUT", "/settings/hotel", json={"value": {"name": "Miramar", "timeZone": "Asia/Tokyo"}})
    web = {"enabled": True, "hours": HOURS, "greeting": HELLO, "awayMessage": AWAY}
    ada.ask("PUT", "/settings/channels.web", json={"value": web})
    return ada


def come(visit: Visit, now: str, **options: Any) -> Page:
    """A visit at that time by the guest's clock."""
    page = visit("/robots.txt", **options)
    page.clock.install(time=now)
    page.goto("/chat")
    return page


def shows(page: Page, greeting: str | re.Pattern[str], line: str) -> None:
    """What is said first, and the line under the name."""
    expect(page.locator("#greeting .what")).to_have_text(greeting)
    expect(page.locator("#about")).to_have_text(line)


@pytest.mark.parametrize(
    ("now", "says", "line"),
    [
        ("2026-01-05T00:00:00Z", HELLO, "We are here now."),  # Monday 09:00
        ("2026-01-05T08:59:00Z", HELLO, "We are here now."),  # Monday 17:59
        ("2026-01-05T09:00:00Z", AWAY, "Away. Back: Tuesday 09:00"),  # Monday 18:00
        ("2026-01-04T23:30:00Z", AWAY, "Away. Back: 9:00"),  # Monday 08:30
        ("2026-01-06T12:00:00Z", AWAY, "Away. Back: Friday 09:00"),  # Tuesday 21:00
        ("2026-01-09T04:00:00Z", AWAY, "Away. Back: 22:00"),  # Friday 13:00
        ("2026-01-09T16:59:00Z", HELLO, "We are here now."),  # Saturday 01:59, from Friday on
        ("2026-01-09T17:00:00Z", AWAY, "Away. Back: Monday 09:00"),  # Saturday 02:00
    ],
)
def test_the_hours_are_the_hotels(
    visit: Visit, tokyo: Staff, now: str, says: str, line: str
) -> None:
    page = come(visit, now, timezone_id="Asia/Tokyo")
    shows(page, says, line)


@pytest.mark.parametrize("zone", ["Europe/Madrid", "America/Los_Angeles", "Pacific/Kiritimati"])
def test_a_guest_elsewhere_is_told_whose_time_it_is(visit: Visit, tokyo: Staff, zone: str) -> None:
    page = come(visit, "2026-01-05T09:00:00Z", timezone_id=zone)
    shows(page, AWAY, "Away. Back: Tuesday 09:00 (hotel time)")


def test_it_says_so_in_the_guests_language_and_format(visit: Visit, tokyo: Staff) -> None:
    page = come(visit, "2026-01-05T09:00:00Z", timezone_id="Asia/Tokyo", locale="es-ES")
    shows(page, AWAY, "Ausentes. Volvemos: martes, 9:00")
    page = come(visit, "2026-01-05T09:00:00Z", timezone_id="Asia/Tokyo", locale="en-US")
    shows(page, AWAY, "Away. Back: Tuesday 9:00 AM")


def test_the_hours_go_by_while_the_chat_is_open(visit: Visit, tokyo: Staff) -> None:
    page = come(visit, "2026-01-05T08:59:00Z", timezone_id="Asia/Tokyo")
    shows(page, HELLO, "We are here now.")
    page.clock.fast_forward(61_000)
    expect(page.locator("#greeting .what")).to_have_text(AWAY)


def test_without_texts_of_its_own_the_hotel_says_the_usual_ones(visit: Visit, tokyo: Staff) -> None:
    value = {"enabled": True, "hours": {}}
    tokyo.ask("PUT", "/settings/channels.web", json={"value": value})
    page = come(visit, "2026-01-05T09:00:00Z")
    shows(page, re.compile("^We are not here just now."), "We are away at the moment.")


def test_one_without_hours_is_always_there(visit: Visit, tokyo: Staff) -> None:
    tokyo.ask("PUT", "/settings/channels.web", json={"value": {"enabled": True}})
    page = come(visit, "2026-01-05T18:00:00Z")
    shows(page, "Hello! How can we help you?", "Write to us. We answer here.")


def test_away_or_not_a_message_is_taken(visit: Visit, tokyo: Staff) -> None:
    page = come(visit, "2026-01-05T18:00:00Z")
    page.get_by_role("button", name="Skip").click()
    page.get_by_label("Your message").fill("For tomorrow")
    page.keyboard.press("Enter")
    expect(page.locator(".state", has_text="Delivered")).to_be_visible()


def test_the_widget_keeps_the_hours_as_well(visit: Visit, tokyo: Staff, site: Site) -> None:
    site.configure(tokyo, hours=HOURS, awayMessage=AWAY)
    page = visit("/robots.txt", timezone_id="Asia/Tokyo")
    page.clock.install(time="2026-01-05T09:00:00Z")
    page.goto(site.url)
    launcher(page).click()
    expect(chat(page).get_by_text(AWAY)).to_be_visible()
