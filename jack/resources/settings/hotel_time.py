"""The day it is at the hotel."""

from __future__ import annotations

import functools
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from jack.core.db import Database

ZONE = "SELECT value ->> '$.timeZone' FROM settings WHERE key = 'hotel'"


def today(db: Database) -> str:
    """Today in the hotel's time zone, as `YYYY-MM-DD`."""
    return _day(int(db.time()) // 60, db.value(ZONE) or "UTC")


@functools.lru_cache(maxsize=8)
def _day(minute: int, zone: str) -> str:
    """The day in a minute since 1970: no zone's midnight is within one."""
    return day_at(60 * minute, zone)


def day_at(seconds: float, zone: str) -> str:
    """The day it is in a time zone so many seconds after 1970."""
    return datetime.fromtimestamp(seconds, UTC).astimezone(ZoneInfo(zone)).date().isoformat()


def days_later(day: str, days: int) -> str:
    """So many days after a day; before it, where `days` is negative."""
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
