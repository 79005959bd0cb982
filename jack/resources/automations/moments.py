"""Times of the hotel's clock as moments: days that a change of the clock makes shorter or longer, and the quiet hours."""

from __future__ import annotations

import functools
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from jack.core import clock
from jack.resources.settings import store as settings

if TYPE_CHECKING:
    from jack.core.db import Database
    from jack.resources.automations.rows import AutomationRow
    from jack.resources.settings.values import Span

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def zone(db: Database) -> str:
    """The hotel's time zone."""
    return settings.value(db, "hotel")["timeZone"]


@functools.lru_cache(maxsize=512)
def of_day(day: str, days: int, at: str, zone: str) -> str:
    """The moment of a time of the clock (`HH:MM`), so many days after a day.

    A time that the clock leaves out is as long after midnight as it would have been; of one it shows twice it is the first.
    """
    local = datetime.combine(
        date.fromisoformat(day) + timedelta(days=days), time.fromisoformat(at), ZoneInfo(zone)
    )
    return clock.render(local)


def local(moment: str, zone: str) -> datetime:
    """A moment by the hotel's clock."""
    return clock.parse(moment).astimezone(ZoneInfo(zone))


def day_begins(moment: str, zone: str) -> str:
    """When the day of a moment has begun at the hotel."""
    return of_day(local(moment, zone).date().isoformat(), 0, "00:00", zone)


def after_quiet(automation: AutomationRow, moment: str, zone: str) -> str:
    """The moment itself, or the end of the quiet hours it is in."""
    begin, end = automation["quiet_from"], automation["quiet_to"]
    if begin is None or end is None:
        return moment
    now = local(moment, zone)
    shown, today = f"{now:%H:%M}", now.date().isoformat()
    if begin < end:
        return of_day(today, 0, end, zone) if begin <= shown < end else moment
    if shown >= begin:
        return of_day(today, 1, end, zone)
    return of_day(today, 0, end, zone) if shown < end else moment


def is_open(db: Database, moment: str, zone: str) -> bool:
    """Whether somebody answers then, by the hours of the web chat (`channels.web`); without any, always."""
    hours = settings.value(db, "channels.web")["hours"]
    if hours is None:
        return True
    now = local(moment, zone)
    shown, yesterday = f"{now:%H:%M}", now - timedelta(days=1)
    return any(
        span["from"] <= shown < span["to"] if _is_within_day(span) else span["from"] <= shown
        for span in hours.get(DAYS[now.weekday()], [])
    ) or any(
        not _is_within_day(span) and shown < span["to"]
        for span in hours.get(DAYS[yesterday.weekday()], [])
    )


def _is_within_day(span: Span) -> bool:
    return span["from"] < span["to"]


def days_later(day: str, days: int) -> str:
    """So many days after a day; before it, where `days` is negative."""
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
