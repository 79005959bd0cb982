"""The stays of two guests who are merged, and of the two again when that is undone."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

import orjson

from jack.core import events
from jack.core.db import as_json
from jack.core.query import Query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jack.core.db import Database


class StayBefore(TypedDict):
    """A stay with its guest and companions as they were."""

    id: str
    guest_id: str | None
    companions: list[str]


class StoredStay(TypedDict):
    """The same as it is read: `companions` is JSON text."""

    id: str
    guest_id: str | None
    companions: str


COLUMNS = """stays.id, stays.guest_id, (SELECT json_group_array(guest_id) FROM (
    SELECT guest_id FROM stay_companions WHERE stay_seq = stays.seq ORDER BY place)) AS companions"""

OF_GUEST = Query[StoredStay](f"""
    SELECT {COLUMNS} FROM stays
    WHERE seq IN (SELECT own.seq FROM stays AS own WHERE own.guest_id = :guest
                  UNION SELECT stay_seq FROM stay_companions WHERE stay_companions.guest_id = :guest)
    ORDER BY seq""")

THESE = Query[StoredStay](
    f"SELECT {COLUMNS} FROM stays WHERE id IN (SELECT value FROM json_each(:ids)) ORDER BY seq"
)

CHANGE = "UPDATE stays SET guest_id = :guest, updated_at = :now WHERE id = :id"
DELETE_COMPANIONS = (
    "DELETE FROM stay_companions WHERE stay_seq = (SELECT seq FROM stays WHERE id = :id)"
)
CREATE_COMPANIONS = """
    INSERT INTO stay_companions (stay_seq, guest_id, place)
    SELECT stays.seq, companion.value, companion.key FROM stays, json_each(:companions) AS companion WHERE stays.id = :id"""


def move(db: Database, source: str, target: str, by: str | None) -> list[StayBefore]:
    """Give the stays of one guest to another, who is named once in each; returns them as they were."""
    found = [_parsed(row) for row in db.all(OF_GUEST, {"guest": source})]
    for stay in found:
        guest = target if stay["guest_id"] == source else stay["guest_id"]
        companions = [target if one == source else one for one in stay["companions"]]
        _write(db, stay, guest, companions, by)
    return found


def move_back(
    db: Database, before: Sequence[StayBefore], kept: str, other: str, by: str | None
) -> None:
    """Undo `move`: where a stay is still the kept guest's. What was changed since stays so."""
    were = {stay["id"]: stay for stay in before}
    for stay in map(_parsed, db.all(THESE, {"ids": as_json(list(were))})):
        was = were[stay["id"]]
        guest = other if (stay["guest_id"], was["guest_id"]) == (kept, other) else stay["guest_id"]
        both = kept in (was["guest_id"], *was["companions"])
        companions = list(stay["companions"])
        if other in was["companions"]:
            companions = companions if both else [one for one in companions if one != kept]
            named = kept in (stay["guest_id"], *stay["companions"])
            companions += [other] if named else []
        if guest == other and kept in was["companions"]:
            companions.append(kept)
        order = {one: place for place, one in enumerate(was["companions"])}
        companions.sort(key=lambda one: order.get(one, len(order)))
        _write(db, stay, guest, companions, by)


def _parsed(row: StoredStay) -> StayBefore:
    companions: list[str] = orjson.loads(row["companions"])
    return {"id": row["id"], "guest_id": row["guest_id"], "companions": companions}


def _write(
    db: Database, stay: StayBefore, guest: str | None, companions: Sequence[str], by: str | None
) -> None:
    """Write whose a stay is, each named once, and record what has changed."""
    others = [one for one in dict.fromkeys(companions) if one != guest]
    changed = ["guestId"] if guest != stay["guest_id"] else []
    changed += ["companions"] if others != stay["companions"] else []
    if not changed:
        return
    db.run(CHANGE, {"id": stay["id"], "guest": guest, "now": db.now()})
    db.run(DELETE_COMPANIONS, {"id": stay["id"]})
    db.run(CREATE_COMPANIONS, {"id": stay["id"], "companions": as_json(others)})
    events.record(db, "stay.updated", stay["id"], by=by, changed=changed)
