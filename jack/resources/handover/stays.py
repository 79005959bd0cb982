"""The stays of the hotel's day, for the handover."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from jack.core.db import Database


class StayRow(TypedDict):
    """A stay: whose, in which room, from which day to which, and its hour of arrival as it was told."""

    id: str
    guest_id: str
    guest_name: str
    room: str | None
    arrival: str
    departure: str
    eta: str | None


class StaysToday(TypedDict):
    """Who arrives today, who leaves today, and who is in the hotel."""

    arrivals: list[StayRow]
    departures: list[StayRow]
    in_house: list[StayRow]


def today(db: Database) -> StaysToday:  # noqa: ARG001 (there are no stays to be read yet)
    """The stays of today by the hotel's clock: none, as long as there is no list of stays."""
    return {"arrivals": [], "departures": [], "in_house": []}
