"""Timestamps as they are stored: RFC 3339, UTC, milliseconds, `Z`. Text order is time order."""

from __future__ import annotations

import functools
from datetime import UTC, datetime, timedelta


def stamp(seconds: float) -> str:
    """`2026-01-02T03:04:05.678Z` of so many seconds since 1970."""
    # A float just below a whole millisecond means that millisecond.
    whole, thousandths = divmod(int(seconds * 1000 + 0.0005), 1000)
    return f"{_second(whole)}.{thousandths:03d}Z"


@functools.lru_cache(maxsize=8)
def _second(seconds: int) -> str:
    """A timestamp up to its seconds."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:-6]


def parse(text: str) -> datetime:
    """A stored or received timestamp. Raises ValueError for one without an offset."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a timestamp needs an offset or Z")
    return moment.astimezone(UTC)


def render(moment: datetime) -> str:
    """A moment as it is stored."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def later(text: str, **delta: float) -> str:
    """A stored timestamp moved by `timedelta(**delta)`."""
    return render(parse(text) + timedelta(**delta))
