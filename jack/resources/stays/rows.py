"""Stays as they are stored and as they are answered."""

from __future__ import annotations

from typing import TypedDict

import orjson

from jack.core import pairs
from jack.core.pairs import PairChanges, Pairs

STATUSES = ("booked", "in_house", "departed", "cancelled", "no_show")

SELECT = """
    SELECT stays.seq, stays.id, stays.guest_id, guests.name AS guest_name, room, room_type, arrival, departure,
        CAST(julianday(departure) - julianday(arrival) AS INTEGER) AS nights,
        eta, adults, children, status, source, confirmation, stays.external_id, stays.notes, stays.metadata,
        (SELECT json_group_array(guest_id) FROM (
            SELECT guest_id FROM stay_companions WHERE stay_seq = stays.seq ORDER BY place)) AS companions,
        stays.created_at, stays.updated_at
    FROM stays LEFT JOIN guests ON guests.id = stays.guest_id"""


class GuestName(TypedDict):
    """The guest of a stay."""

    id: str
    name: str


class StayColumns(TypedDict):
    """What is read of a stay; `nights` is 0 for a day use."""

    seq: int
    id: str
    guest_id: str | None
    room: str | None
    room_type: str | None
    arrival: str
    departure: str
    nights: int
    eta: str | None
    adults: int
    children: int
    status: str
    source: str | None
    confirmation: str | None
    external_id: str | None
    notes: str | None
    created_at: str
    updated_at: str


class StoredStay(StayColumns):
    """A stay as it is read: `companions` and `metadata` are JSON text."""

    guest_name: str
    companions: str
    metadata: str


class StayRow(StayColumns):
    """A stay as it is answered. `companions` are the ids of who stays with the guest."""

    guest: GuestName | None
    companions: list[str]
    metadata: Pairs


class StayChanges(TypedDict, total=False):
    """What of a stay may be changed."""

    guest_id: str | None
    companions: list[str]
    room: str | None
    room_type: str | None
    arrival: str
    departure: str
    eta: str | None
    adults: int
    children: int
    status: str
    source: str | None
    confirmation: str | None
    external_id: str | None
    notes: str | None
    metadata: PairChanges | None


def parsed(row: StoredStay) -> StayRow:
    """The row as it is answered."""
    guest: GuestName | None = None
    if row["guest_id"] is not None:
        guest = {"id": row["guest_id"], "name": row["guest_name"]}
    return {
        "seq": row["seq"],
        "id": row["id"],
        "guest_id": row["guest_id"],
        "guest": guest,
        "companions": orjson.loads(row["companions"]),
        "room": row["room"],
        "room_type": row["room_type"],
        "arrival": row["arrival"],
        "departure": row["departure"],
        "nights": row["nights"],
        "eta": row["eta"],
        "adults": row["adults"],
        "children": row["children"],
        "status": row["status"],
        "source": row["source"],
        "confirmation": row["confirmation"],
        "external_id": row["external_id"],
        "notes": row["notes"],
        "metadata": pairs.parsed(row["metadata"]),
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }
