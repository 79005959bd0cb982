"""Time as Jack writes it: RFC 3339, UTC, milliseconds, `Z`. Text order is time order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def stamp(seconds: float) -> str:
    """`2026-01-02T03:04:05.678Z` of so many seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def parse(text: str) -> datetime:
    """The moment a stored or received timestamp names. Raises ValueError without an offset."""
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
