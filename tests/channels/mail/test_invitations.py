"""An invitation to a calendar's event is told in words, by the hotel's clock."""

from __future__ import annotations

import pytest

from tests.channels.mails import in_parts, message_of

TEXT = "Content-Type: text/plain\n\nPlease come.\n\nOn Tue, Hotel <front@hotel.example> wrote:\n> Hello"


def calendar(*lines: str, method: str = "REQUEST", before: str = "") -> str:
    body = "\r\n".join(
        ["BEGIN:VCALENDAR", f"METHOD:{method}", *filter(None, [before]), "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR", ""]
    )  # fmt: skip
    return f"Content-Type: text/calendar; method={method}; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{body}"


def told(*lines: str, method: str = "REQUEST", zone: str = "Europe/Madrid") -> str:
    return message_of(in_parts("multipart/mixed", calendar(*lines, method=method)), zone).text


VISIT = ("SUMMARY:Site visit", "LOCATION:Lobby\\, Hotel Sol")


@pytest.mark.parametrize(
    ("lines", "when"),
    [
        (["DTSTART:20260310T090000Z", "DTEND:20260310T100000Z"], "Tue 10 March 2026, 10:00–11:00 (Europe/Madrid)"),
        (["DTSTART;TZID=America/New_York:20260310T200000", "DURATION:PT2H"], "Wed 11 March 2026, 01:00–03:00 (Europe/Madrid)"),
        (["DTSTART;TZID=W. Europe Standard Time:20260710T090000"], "Fri 10 July 2026, 09:00 (Europe/Madrid)"),
        (["DTSTART:20260310T090000"], "Tue 10 March 2026, 09:00 (Europe/Madrid)"),
        (["DTSTART:20260310T230000Z", "DTEND:20260311T230000Z"], "Wed 11 March 2026, 00:00–Thu 12 March 2026, 00:00 (Europe/Madrid)"),
        (["DTSTART;VALUE=DATE:20260310", "DTEND;VALUE=DATE:20260312"], "Tue 10 March 2026–Wed 11 March 2026"),
        (["DTSTART;VALUE=DATE:20260310", "DTEND;VALUE=DATE:20260311"], "Tue 10 March 2026"),
        (["DTSTART:20260310T090000Z", "RRULE:FREQ=WEEKLY"], "Tue 10 March 2026, 10:00 (Europe/Madrid), repeated"),
    ],
)  # fmt: skip
def test_an_invitation_says_what_when_and_where(lines: list[str], when: str) -> None:
    assert told(*VISIT, *lines) == f"Invitation: Site visit\nWhen: {when}\nWhere: Lobby, Hotel Sol"


@pytest.mark.parametrize(("method", "line", "word"), [
    ("CANCEL", "STATUS:CANCELLED", "Cancelled"), ("PUBLISH", "STATUS:CONFIRMED", "Event"),
    ("REPLY", "ATTENDEE;PARTSTAT=DECLINED:mailto:ana@guest.example", "Declined"),
    ("REPLY", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:ana@guest.example", "Accepted"),
])  # fmt: skip
def test_it_says_what_became_of_the_event(method: str, line: str, word: str) -> None:
    assert told("SUMMARY:Visit", line, method=method) == f"{word}: Visit"


def test_it_stands_below_what_was_written_and_is_not_folded() -> None:
    event = message_of(in_parts("multipart/mixed", TEXT, calendar("SUMMARY:Visit")))
    assert event.text == "Please come.\n\nInvitation: Visit"
    assert [file.name for file in event.media] == ["invitation.ics"]


def test_an_attached_calendar_is_told_once_and_keeps_its_name() -> None:
    attached = calendar("SUMMARY:Visit").replace(
        "text/calendar;", "application/ics; name=visit.ics;"
    )
    event = message_of(in_parts("multipart/mixed", calendar("SUMMARY:Visit"), attached))
    assert event.text == "Invitation: Visit"
    assert [file.name for file in event.media] == ["invitation.ics", "visit.ics"]


@pytest.mark.parametrize("lines", [
    ["DTSTART:rubbish"], ["DTSTART:99999999T999999Z", "DTEND:1"], ["DURATION:-P9999999999D"], ["DTSTART;TZID=No/Where:20260310T090000"],
    ["BEGIN:VEVENT"] * 200, ["RRULE:FREQ=SECONDLY"] * 500, ["X" * 10_000],
])  # fmt: skip
def test_a_malformed_calendar_is_a_file_all_the_same(lines: list[str]) -> None:
    event = message_of(in_parts("multipart/mixed", TEXT, calendar(*lines)))
    assert event.text.startswith("Please come.")
    assert [file.name for file in event.media] == ["invitation.ics"]
