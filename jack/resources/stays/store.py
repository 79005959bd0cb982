"""Stays: which guests are at the hotel, from when to when, in which room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack, cast

from jack.core import events, fulltext, pairs
from jack.core.db import as_json, transaction
from jack.core.errors import Invalid, NotFound
from jack.core.query import Query
from jack.core.sqlite import UniqueViolation
from jack.resources.external_ids import store as external_ids
from jack.resources.guests import store as guests
from jack.resources.stays import listing
from jack.resources.stays.rows import SELECT, StayChanges, StayRow, StoredStay, parsed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jack.core.db import Database
    from jack.core.paging import Listed, Page, Place, Walked
    from jack.core.pairs import Pairs

GET = Query[StoredStay](f"{SELECT} WHERE stays.id = :id")

# The number of a stay that was deleted is not given again: whoever has read the list up to it would miss the new one.
NEXT_SEQ = """1 + max(coalesce((SELECT max(seq) FROM stays), 0),
                      coalesce((SELECT seq FROM list_ends WHERE list = 'stays'), 0))"""

CREATE = f"""
    INSERT INTO stays (seq, id, guest_id, room, room_type, arrival, departure, eta, adults, children, status, source,
                       confirmation, notes, external_id, metadata, search_text, created_at, updated_at)
    VALUES ({NEXT_SEQ}, :id, :guest_id, :room, :room_type, :arrival, :departure, :eta, :adults, :children, :status, :source,
            :confirmation, :notes, :external_id, :metadata, :search_text, :now, :now)"""

CHANGE = """
    UPDATE stays
    SET guest_id = :guest_id, room = :room, room_type = :room_type, arrival = :arrival, departure = :departure, eta = :eta,
        adults = :adults, children = :children, status = :status, source = :source, confirmation = :confirmation,
        notes = :notes, external_id = :external_id, metadata = :metadata, search_text = :search_text, updated_at = :now
    WHERE id = :id"""

DELETE = "DELETE FROM stays WHERE id = :id"

DELETE_COMPANIONS = (
    "DELETE FROM stay_companions WHERE stay_seq = (SELECT seq FROM stays WHERE id = :id)"
)
CREATE_COMPANIONS = """
    INSERT INTO stay_companions (stay_seq, guest_id, place)
    SELECT stays.seq, companion.value, companion.key FROM stays, json_each(:companions) AS companion WHERE stays.id = :id"""

BY_EXTERNAL_ID = "SELECT id FROM stays WHERE external_id = :external_id"

# What an event names when it has changed.
FIELDS = (
    "guest_id",
    "companions",
    "room",
    "room_type",
    "arrival",
    "departure",
    "nights",
    "eta",
    "adults",
    "children",
    "status",
    "source",
    "confirmation",
    "external_id",
    "notes",
    "metadata",
)
SEARCHED = ("room", "room_type", "confirmation", "external_id", "source", "notes")

# What a new stay has before anything is set.
BLANK: dict[str, object] = {
    **dict.fromkeys(("guest_id", "room", "room_type", "eta", "source", "confirmation")),
    **dict.fromkeys(("notes", "external_id")),
    "companions": [],
    "metadata": {},
    "adults": 1,
    "children": 0,
    "status": "booked",
}

# The most specific word for a change of the status.
EVENTS: dict[str, events.EventType] = {
    "in_house": "stay.checked_in",
    "departed": "stay.checked_out",
    "cancelled": "stay.cancelled",
}


def get(db: Database, stay_id: str) -> StayRow:
    """The stay, or NotFound."""
    row = db.one(GET, {"id": stay_id})
    if row is None:
        raise NotFound("Stay not found")
    return parsed(row)


def by_external_id(db: Database, external_id: str) -> str | None:
    """The id of the stay that another program calls so."""
    found: str | None = db.value(BY_EXTERNAL_ID, {"external_id": external_id})
    return found


def search(
    db: Database,
    *,
    status: Sequence[str] = (),
    sort: str = "-arrival",
    page: Page | Place,
    **filters: str | None,
) -> Listed[StayRow] | Walked[StayRow]:
    """A part of all stays; a page has the latest arrival first, unless `sort` says otherwise.

    `status`: one of them. `filters`: those of `listing.FILTERS`, and `search`: words of a guest, room, confirmation, notes.
    """
    given = {name: value for name, value in filters.items() if value is not None}
    return listing.find(db, given, tuple(dict.fromkeys(status)), sort, page)


def create(
    db: Database, *, id: str | None = None, by: str | None = None, **fields: Unpack[StayChanges]
) -> StayRow:
    """A new stay, with an arrival and a departure at least.

    Raises Invalid for an unknown guest or a departure before the arrival, Conflict for the external id of another stay or of one
    that was erased.
    """
    with transaction(db):
        stay_id = id or db.new_id("stay")
        row = _write(db, CREATE, stay_id, _columns(db, BLANK, fields), fields.get("external_id"))
        events.record(db, "stay.created", stay_id, by=by)
    return row


def change(
    db: Database, stay_id: str, *, by: str | None = None, **changes: Unpack[StayChanges]
) -> StayRow:
    """Change a stay; any status may follow any, and what is already so changes nothing. Raises NotFound, and as `create`."""
    with transaction(db):
        before = get(db, stay_id)
        columns = _columns(db, before, changes)
        if all(columns[name] == before[name] for name in BLANK | {"arrival": 0, "departure": 0}):  # type: ignore[literal-required]
            return before
        row = _write(db, CHANGE, stay_id, columns, changes.get("external_id"))
        changed = events.changed_fields(before, row, FIELDS)
        events.record(db, _event_of(row, changed), stay_id, by=by, changed=changed)
    return row


def delete(db: Database, stay_id: str, *, by: str | None = None) -> None:
    """Delete a stay that was entered by mistake. Raises NotFound."""
    with transaction(db):
        get(db, stay_id)
        db.run(DELETE, {"id": stay_id})
        events.record(db, "stay.deleted", stay_id, by=by)


def upsert(
    db: Database,
    external_id: str,
    sent: Mapping[str, object],
    *,
    recreate: bool = False,
    by: str | None = None,
) -> tuple[StayRow, bool]:
    """The stay that another program calls so, with the fields that were sent; and whether it is new.

    Raises Conflict for an erased one unless `recreate`, Invalid for a new one without arrival or departure.
    """
    fields = cast("StayChanges", sent)
    with transaction(db):
        known = by_external_id(db, external_id)
        if known is not None:
            return change(db, known, by=by, **fields), False
        external_ids.check(db, "stays", external_id, recreate=recreate)
        external_ids.demand(fields, ("arrival", "departure"))
        wanted: StayChanges = {**fields, "external_id": external_id}
        return create(db, by=by, **wanted), True


def _write(
    db: Database,
    statement: str,
    stay_id: str,
    columns: Mapping[str, object],
    external_id: str | None,
) -> StayRow:
    """Write a stay; `external_id` is one it is given. Raises Conflict for that of another or of one that was erased."""
    if external_id is not None:
        external_ids.check(db, "stays", external_id)
    searched = "\n".join(str(columns[name] or "") for name in SEARCHED)
    stored = {
        **columns,
        "id": stay_id,
        "metadata": as_json(columns["metadata"]),
        "search_text": "\n".join(fulltext.folded(line) for line in searched.splitlines()),
        "now": db.now(),
    }
    try:
        db.run(statement, stored)
    except UniqueViolation:
        name = str(columns["external_id"])
        raise external_ids.taken(name, str(by_external_id(db, name))) from None
    db.run(DELETE_COMPANIONS, {"id": stay_id})
    if columns["companions"]:
        companions = as_json(columns["companions"])
        db.run(CREATE_COMPANIONS, {"id": stay_id, "companions": companions})
    return get(db, stay_id)


def _columns(db: Database, before: Mapping[str, object], changes: StayChanges) -> dict[str, object]:
    """The columns of a stay with these changes, and its companions, each once and none of them its guest."""
    wanted: dict[str, object] = {**before, **changes, "metadata": before["metadata"]}
    if "metadata" in changes:
        known = cast("Pairs", before["metadata"])
        wanted["metadata"] = pairs.merged_metadata(known, changes["metadata"])
    if (guest_id := changes.get("guest_id")) is not None:
        guests.check(db, guest_id)
    for companion in changes.get("companions", ()):
        guests.check(db, companion, "companions")
    companions = cast("list[str]", wanted["companions"])
    wanted["companions"] = [one for one in dict.fromkeys(companions) if one != wanted["guest_id"]]
    if str(wanted["departure"]) < str(wanted["arrival"]):
        raise Invalid.field("departure", "out_of_range", "Must not be before the arrival.")
    return wanted


def _event_of(stay: StayRow, changed: Sequence[str]) -> events.EventType:
    """What these changes of a stay are, by the most specific word."""
    return EVENTS.get(stay["status"], "stay.updated") if "status" in changed else "stay.updated"
