"""The stay of a guest that matters now: what is shown beside them, in the lists of guests and of conversations.

It follows from the day and changes without anybody changing the guest, so that it is no part of their `updatedAt`, ETag and events.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from jack.core.db import as_json
from jack.core.query import Query
from jack.resources.settings import hotel_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from jack.core.db import Database


class CurrentStay(TypedDict):
    """A stay in brief."""

    id: str
    room: str | None
    arrival: str
    departure: str
    status: str


class StayOfGuest(CurrentStay):
    """The same, and whose it is: the guest's who booked or a companion's."""

    guest: str


DAYS_AFTER = 14  # how long a stay that is over is shown

# Which of several: the one they have checked in for; else the next; else the last. Of each guest the first row counts.
CURRENT = Query[
    StayOfGuest
]("""
    WITH wanted (guest) AS MATERIALIZED (SELECT value FROM json_each(:guests)),
    found (guest, seq) AS (
        SELECT guest, stays.seq FROM wanted CROSS JOIN stays ON stays.guest_id = wanted.guest
        UNION
        SELECT guest, stay_seq FROM wanted CROSS JOIN stay_companions ON stay_companions.guest_id = wanted.guest)
    SELECT guest, id, room, arrival, departure, status
    FROM found CROSS JOIN stays USING (seq)
    WHERE status = 'in_house'
       OR (status = 'booked' AND departure >= :today)
       OR (status = 'departed' AND departure >= :earliest)
    ORDER BY CASE status WHEN 'in_house' THEN 0 WHEN 'booked' THEN 1 ELSE 2 END,
             CASE status WHEN 'booked' THEN julianday(arrival) ELSE -julianday(departure) END, seq""")

# Guests by the `seq` of those who have a room now or next.
IN_ROOM = """
    SELECT guests.seq
    FROM stays
    JOIN guests ON guests.id = stays.guest_id
        OR guests.id IN (SELECT guest_id FROM stay_companions WHERE stay_seq = stays.seq)
    WHERE room = :room AND (status = 'in_house' OR (status = 'booked' AND departure >= :today))"""

# Whether there are stays at all: many a hotel enters none, and many a guest has none.
ANY = "SELECT EXISTS (SELECT 1 FROM stays)"
ANY_OF_GUEST = """
    SELECT EXISTS (SELECT 1 FROM stays WHERE guest_id = :guest)
        OR EXISTS (SELECT 1 FROM stay_companions WHERE guest_id = :guest)"""


def of(db: Database, guest_ids: Iterable[str | None]) -> dict[str, CurrentStay]:
    """The stay that matters of each of these guests who has one: `in_house`, else the next, else the last within 14 days."""
    known = sorted({one for one in guest_ids if one is not None})
    if not known or not _any_of(db, known):
        return {}
    today = hotel_time.today(db)
    earliest = hotel_time.days_later(today, -DAYS_AFTER)
    found: dict[str, CurrentStay] = {}
    for row in db.all(CURRENT, {"guests": as_json(known), "today": today, "earliest": earliest}):
        stay: CurrentStay = {
            "id": row["id"],
            "room": row["room"],
            "arrival": row["arrival"],
            "departure": row["departure"],
            "status": row["status"],
        }
        found.setdefault(row["guest"], stay)
    return found


def _any_of(db: Database, guest_ids: Sequence[str]) -> bool:
    """Whether it is worth while to look for stays of these guests."""
    if len(guest_ids) == 1:
        return bool(db.value(ANY_OF_GUEST, {"guest": guest_ids[0]}))
    return bool(db.value(ANY))


def room_of(db: Database, guest_id: str) -> str | None:
    """The room of a guest who has checked in or is expected."""
    stay = of(db, [guest_id]).get(guest_id)
    return stay["room"] if stay is not None and stay["status"] != "departed" else None


def in_room(db: Database, room: str) -> list[int]:
    """The guests, by `seq`, who are in this room or are expected there."""
    named = room.encode(errors="ignore").decode().strip()  # half a character is in no room's name
    return sorted(set(db.column(IN_ROOM, {"room": named, "today": hotel_time.today(db)})))
