"""What the calendars of booking sites say: folded lines, days and moments, zones, blocks; and what is no calendar."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from jack.resources.stay_feeds.calendar import Unreadable, bookings
from tests.resources.stay_feeds.calendars import AIRBNB, BOOKING, VRBO, calendar, days, event

MADRID = ZoneInfo("Europe/Madrid")


def test_airbnbs_lines_are_unfolded_and_what_is_blocked_is_no_booking() -> None:
    assert b"\r\n " in AIRBNB
    (one,) = bookings(AIRBNB, MADRID)
    assert one.uid == "1418fb94e984-0ee2b9c4d3f1a2b3c4d5e6f7a8b9c0d1@airbnb.com"
    assert (one.arrival, one.departure) == ("2026-06-01", "2026-06-05")
    assert (one.confirmation, one.notes, one.cancelled) == ("HMX2QK4P8A", None, False)


def test_bookings_of_booking_com_are_those_nights_that_are_closed() -> None:
    (one,) = bookings(BOOKING, MADRID)
    assert (one.arrival, one.departure, one.notes) == ("2026-06-03", "2026-06-04", None)


def test_moments_are_days_of_the_hotel_whatever_zone_they_are_in() -> None:
    first, second = bookings(VRBO, MADRID)
    # Two in the morning in Sydney is the evening before in Madrid.
    assert (first.arrival, first.departure) == ("2026-06-06", "2026-06-09")
    assert first.notes == "Reserved - José"
    assert (second.arrival, second.departure) == ("2026-06-13", "2026-06-15")
    assert bookings(VRBO, ZoneInfo("America/Merida"))[1].arrival == "2026-06-12"


@pytest.mark.parametrize("ends", [b"\n", b"\r\n"])
def test_either_line_end_is_understood_and_a_byte_order_mark(ends: bytes) -> None:
    assert len(bookings(b"\xef\xbb\xbf" + AIRBNB.replace(b"\r\n", ends), MADRID)) == 1


def test_without_an_end_it_is_one_night_and_a_uid_counts_once() -> None:
    again = days("a", "20260603", "20260604")
    found = bookings(calendar(event(DTSTART__VALUE_DATE="20260601", UID="a"), again), MADRID)
    assert [(one.arrival, one.departure) for one in found] == [("2026-06-03", "2026-06-04")]
    (one,) = bookings(calendar(event(DTSTART__VALUE_DATE="20260601", UID="a")), MADRID)
    assert one.departure == "2026-06-02"


@pytest.mark.parametrize(
    "lines",
    [
        {"DTSTART__VALUE_DATE": "20260601"},
        {"UID": "a"},
        {"UID": "a", "DTSTART__VALUE_DATE": "20260605", "DTEND__VALUE_DATE": "20260601"},
        {"UID": "a", "DTSTART__VALUE_DATE": "20260601", "SUMMARY": "Blocked"},
        {"UID": "a", "DTSTART__VALUE_DATE": "tomorrow"},
        {"UID": "a", "DTSTART__VALUE_DATE": "99991231"},
        {"UID": "a", "DTSTART": "99991231T233000Z", "DTEND": "99991231T235900Z"},
        {"UID": "a", "DTSTART__VALUE_DATE": "20260601", "DURATION": "P9999999D"},
    ],
    ids=str,
)
def test_what_has_no_uid_or_no_days_is_no_booking(lines: dict[str, str]) -> None:
    assert bookings(calendar(event(**lines)), MADRID) == []


def test_text_is_stored_without_control_characters_and_what_turns_it() -> None:
    odd = days(
        "a\0@x", "20260601", "20260604", SUMMARY="Jo\0se\u0301 \u202egnp\u202c\x07 \x1b Ruiz"
    )
    (one,) = bookings(calendar(odd), MADRID)
    assert (one.uid, one.notes) == ("a@x", "Jos\u00e9 gnp Ruiz")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Sign in</html>",
        AIRBNB[:-30],
        AIRBNB[200:],
        b"BEGIN:VCALENDAR\r\nEND:VEVENT\r\nEND:VCALENDAR",
    ],
    ids=["nothing", "a page", "broken off", "from the middle", "nonsense"],
)
def test_what_is_no_whole_calendar_is_refused(body: bytes) -> None:
    with pytest.raises(Unreadable):
        bookings(body, MADRID)
