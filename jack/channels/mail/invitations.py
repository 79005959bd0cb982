"""A calendar invitation in words: what, when by the hotel's clock, where (iCalendar, RFC 5545)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jack.channels.mail.headers import clean

if TYPE_CHECKING:
    from icalendar import Component

KINDS = frozenset({"application/ics", "text/calendar"})
LARGEST = 256 * 1024
MOST_EVENTS = 3
LONGEST_LINE = 300
WORDS = {
    "CANCEL": "Cancelled",
    "COUNTER": "Another time is proposed",
    "REQUEST": "Invitation",
}
ANSWERS = {"ACCEPTED": "Accepted", "DECLINED": "Declined", "TENTATIVE": "Perhaps"}


class Moment(NamedTuple):
    """A time of the hotel's, or a whole day."""

    day: date
    time: str  # such as "10:00"; empty for a whole day

    def __str__(self) -> str:
        return f"{self.day:%a} {self.day.day} {self.day:%B %Y}{self.time and f', {self.time}'}"


def in_words(calendars: list[str], zone: str) -> str:
    """The events of a mail's calendars, three lines each; empty for what cannot be read. `zone` is the hotel's."""
    told = [_in_words(text, zone) for text in calendars[:MOST_EVENTS]]
    return "\n\n".join(dict.fromkeys(filter(None, told)))


def _in_words(text: str, zone: str) -> str:
    if len(text) > LARGEST or "BEGIN:VEVENT" not in text.upper():
        return ""
    from icalendar import Calendar  # takes a tenth of a second, and few mails need it

    try:
        calendars = Calendar.from_ical(text, multiple=True)
        events = [(found, event) for found in calendars for event in found.walk("VEVENT")]
        return "\n\n".join(
            _event_in_words(calendar, event, _zone(zone))
            for calendar, event in events[:MOST_EVENTS]
        )
    except Exception:  # whatever its sender made of it: the file itself is there
        return ""


def _event_in_words(calendar: Component, event: Component, zone: tzinfo) -> str:
    lines = [f"{_word(calendar, event)}: {_line(event.get('SUMMARY')) or 'an event'}"]
    if when := _when(event, zone):
        lines.append(f"When: {when}")
    if where := _line(event.get("LOCATION")):
        lines.append(f"Where: {where}")
    return "\n".join(lines)


def _word(calendar: Component, event: Component) -> str:
    method = str(calendar.get("METHOD", "")).upper()
    if method == "REPLY":
        attendees = event.get("ATTENDEE", [])
        one = attendees[0] if isinstance(attendees, list) and attendees else attendees
        answer = str(getattr(one, "params", {}).get("PARTSTAT", "")).upper()
        return ANSWERS.get(answer, "Answer to an invitation")
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return WORDS["CANCEL"]
    return WORDS.get(method, "Event")


def _when(event: Component, zone: tzinfo) -> str:
    start = getattr(event.get("DTSTART"), "dt", None)
    if start is None:
        return ""
    end = getattr(event.get("DTEND"), "dt", None)
    duration = getattr(event.get("DURATION"), "dt", None)
    if end is None and isinstance(duration, timedelta):
        end = start + duration
    begins, ends = _moment(start, zone), None if end is None else _moment(end, zone)
    if ends and not ends.time:  # the day after the last
        ends = Moment(max(begins.day, ends.day - timedelta(days=1)), "")
    return f"{_span(begins, ends)}{begins.time and f' ({zone})'}{_repeats(event)}"


def _span(begins: Moment, ends: Moment | None) -> str:
    if ends is None or ends == begins:
        return str(begins)
    return f"{begins}–{ends.time if ends.day == begins.day else ends}"


def _repeats(event: Component) -> str:
    return ", repeated" if event.get("RRULE") else ""


def _moment(value: date | datetime, zone: tzinfo) -> Moment:
    """A time without a zone is meant where the event is: at the hotel."""
    if not isinstance(value, datetime):
        return Moment(value, "")
    local = value.astimezone(zone) if value.tzinfo is not None else value
    return Moment(local.date(), f"{local:%H:%M}")


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return UTC


def _line(value: object) -> str:
    return " ".join(clean(str(value or "")).split())[:LONGEST_LINE]
