"""The stays of the hotel's day, for the handover."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from jack.core.query import Query
from jack.resources.settings import hotel_time

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


def _stays(condition: str) -> Query[StayRow]:
    """Those with a guest, by room."""
    return Query[StayRow](f"""
        SELECT stays.id, guest_id, guests.name AS guest_name, room, arrival, departure, eta
        FROM stays JOIN guests ON guests.id = guest_id
        WHERE {condition}
        ORDER BY room IS NULL, room, guests.name, stays.seq""")


ARRIVALS = _stays("arrival = :today AND status IN ('booked', 'in_house')")

DEPARTURES = _stays("departure = :today AND status IN ('in_house', 'departed')")

IN_HOUSE = _stays("status = 'in_house'")


def today(db: Database) -> StaysToday:
    """The stays of today by the hotel's clock: who is to come or has come, who is to leave or has left, who is there."""
    day = {"today": hotel_time.today(db)}
    return {
        "arrivals": db.all(ARRIVALS, day),
        "departures": db.all(DEPARTURES, day),
        "in_house": db.all(IN_HOUSE),
    }
