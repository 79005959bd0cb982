"""Days of the hotel's calendar: a period of them, the one before, and the parts a report shows it by."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Literal

from jack.core import clock
from jack.core.errors import Invalid

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

Step = Literal["day", "week", "month"]
DAY = timedelta(days=1)
USUAL = timedelta(days=27)  # four weeks, today among them
LONGEST = timedelta(days=366)


@dataclass(frozen=True)
class Period:
    """From the first to the last of these days, both included, as the clocks of `zone` have them."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def start(self) -> str:
        """The moment it begins, as it is stored."""
        return _midnight(self.first, self.zone)

    @property
    def end(self) -> str:
        """The moment it is over: the first that is not in it."""
        return _midnight(self.last + DAY, self.zone)

    def before(self) -> Period:
        """The period just before: of whole months as many months, else as many days."""
        last = self.first - DAY
        if self._has_whole_months():
            months = (
                12 * (self.last.year - self.first.year) + self.last.month - self.first.month + 1
            )
            year, month = divmod(12 * self.first.year + self.first.month - 1 - months, 12)
            return Period(date(year, month + 1, 1), last, self.zone)
        return Period(last - (self.last - self.first), last, self.zone)

    def _has_whole_months(self) -> bool:
        ends = calendar.monthrange(self.last.year, self.last.month)[1]
        return self.first.day == 1 and self.last.day == ends

    def part_of(self, day: date, by: Step) -> date:
        """The first day of the part that a day is in; weeks begin on Mondays."""
        if by == "week":
            day -= timedelta(days=day.weekday())
        elif by == "month":
            day = day.replace(day=1)
        return max(day, self.first)

    def parts(self, by: Step) -> list[date]:
        """The first day of each part, in order."""
        days = range((self.last - self.first).days + 1)
        return list(dict.fromkeys(self.part_of(self.first + DAY * number, by) for number in days))


class LocalClock:
    """Tells day and hour of stored moments from first to last day of these periods, which have one zone.

    Moments of one stretch are told alike: an hour where all offsets are whole hours, as almost everywhere, else a quarter.
    """

    def __init__(self, *periods: Period) -> None:
        self._zone = periods[0].zone
        days = (min(one.first for one in periods), max(one.last for one in periods))
        self.minutes: Literal[15, 60] = 60 if _has_whole_hours(*days, self._zone) else 15
        self._known: dict[str, tuple[date, int]] = {}

    def read(self, moment: str) -> tuple[date, int]:
        """The day and the hour, 0 to 23, of a stored moment or of the beginning of its stretch."""
        stretch = moment[:14]
        if self.minutes == 15:
            stretch = f"{stretch}{int(moment[14:16]) // 15 * 15:02}"
        found = self._known.get(stretch)
        if found is None:
            local = clock.parse(f"{stretch:0<16}Z").astimezone(self._zone)
            found = self._known[stretch] = (local.date(), local.hour)
        return found


def asked(first: date | None, last: date | None, zone: ZoneInfo, now: str) -> Period:
    """The period somebody asks for: up to today, of four weeks, as far as they do not say otherwise. Raises Invalid."""
    if last is None:
        today = clock.parse(now).astimezone(zone).date()
        last = today if first is None else max(today, first)
    period = Period(last - USUAL if first is None else first, last, zone)
    if not DAY * 0 <= period.last - period.first < LONGEST:
        message = f"Must be the day of from or one of the {LONGEST.days - 1} after it."
        raise Invalid.field("to", "out_of_range", message)
    return period


def _midnight(day: date, zone: ZoneInfo) -> str:
    """The moment a day begins. Where clocks skip midnight that is when they do so; where they show it twice, the first time."""
    return clock.render(datetime.combine(day, time.min, zone))


def _has_whole_hours(first: date, last: date, zone: ZoneInfo) -> bool:
    """Are the zone's clocks whole hours from UTC on all these days, and the day after?"""
    return all(
        datetime.combine(first + DAY * number, time.min, zone).strftime("%z").endswith("00")
        for number in range((last - first).days + 2)
    )
