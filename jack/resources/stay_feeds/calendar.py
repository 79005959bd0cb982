"""The bookings in a calendar (iCal, RFC 5545), as Airbnb, Booking.com and Vrbo export them."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, NamedTuple

from jack.core.patterns import FORBIDDEN, plain_line

if TYPE_CHECKING:
    from icalendar import Component

LONGEST = 500  # characters of a UID or a summary
# What these sites call nights that the hotel itself has blocked. Booking.com calls bookings and blocks the same: bookings, then.
BLOCKED = frozenset({"airbnb (not available)", "blocked"})
# What says no more than that somebody comes.
SAYS_NOTHING = frozenset({"reserved", "closed - not available", "booked", "reservation"})
# Airbnb's code of a booking, in the address of it that the description has.
CODE = re.compile(r"/reservations/details/([A-Z0-9]{6,20})")


class Unreadable(Exception):
    """What came is no whole calendar; the message says why."""


class Booking(NamedTuple):
    """A booking: its days are the hotel's, `YYYY-MM-DD`."""

    uid: str
    arrival: str
    departure: str
    cancelled: bool
    confirmation: str | None
    notes: str | None


def bookings(body: bytes, zone: tzinfo) -> list[Booking]:
    """The bookings of a calendar, each `UID` once. What has no `UID` or no days, or is blocked, is none. Raises Unreadable."""
    whole = body.removeprefix(b"\xef\xbb\xbf").strip()
    if not whole[:15].upper().startswith(b"BEGIN:VCALENDAR"):
        raise Unreadable("What came is no calendar.")
    if not whole[-13:].upper().endswith(b"END:VCALENDAR"):
        raise Unreadable("The calendar broke off.")
    from icalendar import Calendar  # takes a tenth of a second

    try:
        events = [
            event
            for calendar in Calendar.from_ical(whole, multiple=True)
            for event in calendar.walk("VEVENT")
        ]
    except Exception:  # whatever its maker made of it
        raise Unreadable("The calendar cannot be read.") from None
    found = (_booking(event, zone) for event in events)
    return list({one.uid: one for one in found if one is not None}.values())


def _booking(event: Component, zone: tzinfo) -> Booking | None:
    uid, summary = (_text(event.get(name)) for name in ("UID", "SUMMARY"))
    try:
        days = _days(event, zone)
    except (ValueError, OverflowError):  # before the year 1, or after 9999
        days = None
    if not uid or days is None or summary.casefold() in BLOCKED:
        return None
    code = CODE.search(str(event.get("DESCRIPTION", "")))
    return Booking(
        uid,
        *days,
        cancelled=_text(event.get("STATUS")).upper() == "CANCELLED",
        confirmation=code[1] if code else None,
        notes=None if summary.casefold() in SAYS_NOTHING else summary or None,
    )


def _days(event: Component, zone: tzinfo) -> tuple[str, str] | None:
    """Arrival and departure; without an end it is one night."""
    start = _value(event, "DTSTART")
    if not isinstance(start, date):
        return None
    end = _value(event, "DTEND")
    if not isinstance(end, date):
        length = _value(event, "DURATION")
        end = start + (length if isinstance(length, timedelta) else timedelta(days=1))
    arrival, departure = _day(start, zone), _day(end, zone)
    return (arrival, departure) if arrival <= departure else None


def _value(event: Component, name: str) -> object:
    """What a line says as Python has it; None where there is none, or none that can be read."""
    try:
        return getattr(event.get(name), "dt", None)
    except ValueError:
        return None


def _day(value: date, zone: tzinfo) -> str:
    """The hotel's day of a day or a moment; a moment without a zone is meant at the hotel."""
    if not isinstance(value, datetime):
        return value.isoformat()
    local = value.astimezone(zone) if value.tzinfo is not None else value
    return local.date().isoformat()


def _text(value: object) -> str:
    """A line as the API's own fields take it: without control characters and what turns its direction."""
    words = (plain_line(FORBIDDEN.sub("", word)) for word in str(value or "").split())
    return " ".join(word for word in words if word)[:LONGEST]
