"""Calendars as three booking sites and others write them."""

from __future__ import annotations

from collections.abc import Mapping


def calendar(*events: str, maker: str = "-//Airbnb Inc//Hosting Calendar 1.0//EN") -> bytes:
    """A whole calendar, its lines ended and folded as RFC 5545 says."""
    lines = ["BEGIN:VCALENDAR", f"PRODID:{maker}", "VERSION:2.0", *events, "END:VCALENDAR", ""]
    return "\r\n".join(folded(line) for text in lines for line in text.split("\n")).encode()


def folded(line: str) -> str:
    """A line of more than 75 characters in several, of which all but the first begin with a space."""
    return "\r\n ".join(line[at : at + 74] for at in range(0, len(line), 74)) or line


def event(**lines: str) -> str:
    """An event with these lines; `DTSTART__VALUE_DATE` is `DTSTART;VALUE=DATE`."""
    named: Mapping[str, str] = {
        name.replace("__VALUE_DATE", ";VALUE=DATE"): text for name, text in lines.items()
    }
    return "\n".join(
        ["BEGIN:VEVENT", *(f"{name}:{text}" for name, text in named.items()), "END:VEVENT"]
    )


def days(uid: str, arrival: str, departure: str, **lines: str) -> str:
    """A booking of whole days: `20260601`."""
    return event(
        DTSTART__VALUE_DATE=arrival,
        DTEND__VALUE_DATE=departure,
        UID=uid,
        **{"SUMMARY": "Reserved", **lines},
    )


AIRBNB = calendar(
    days(
        "1418fb94e984-0ee2b9c4d3f1a2b3c4d5e6f7a8b9c0d1@airbnb.com",
        "20260601",
        "20260605",
        DTSTAMP="20260501T083000Z",
        DESCRIPTION="Reservation URL: https://www.airbnb.com/hosting/reservations/details/HMX2QK4P8A"
        "\\nPhone Number (Last 4 Digits): 1234",
    ),
    days("7f662ec65913-block@airbnb.com", "20260610", "20260612", SUMMARY="Airbnb (Not available)"),
)
BOOKING = calendar(
    days(
        "e2a1d5c64a1f1f4bd4d12b6f8a7e3b4f@booking.com",
        "20260603",
        "20260604",
        SUMMARY="CLOSED - Not available",
    ),
    maker="-//admin.booking.com//ical 1.0//EN",
)
# Vrbo writes moments, here in a zone that it defines by itself, and the guest's first name.
VRBO = calendar(
    "\n".join(
        [
            "BEGIN:VTIMEZONE",
            "TZID:Sydney of Vrbo",
            "BEGIN:STANDARD",
            "DTSTART:19700101T000000",
            "TZOFFSETFROM:+1000",
            "TZOFFSETTO:+1000",
            "END:STANDARD",
            "END:VTIMEZONE",
        ]
    ),
    "\n".join(
        [
            "BEGIN:VEVENT",
            "UID:8c9d7a7e-5f35-4f5e-9d8b-000000000001",
            "DTSTART;TZID=Sydney of Vrbo:20260607T020000",
            "DTEND;TZID=Sydney of Vrbo:20260609T100000",
            "SUMMARY:Reserved - José",
            "END:VEVENT",
        ]
    ),
    "\n".join(
        [
            "BEGIN:VEVENT",
            "UID:8c9d7a7e-5f35-4f5e-9d8b-000000000002",
            "DTSTART:20260612T233000Z",
            "DURATION:P2D",
            "SUMMARY:Reserved - Kim",
            "END:VEVENT",
        ]
    ),
    maker="-//HomeAway.com, Inc.//EN",
)
