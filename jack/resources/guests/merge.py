"""Merging two profiles of one person, which can be undone for thirty days.

Like erasure, it changes tables of other resources, so that all a merge moves is in one file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NotRequired, TypedDict

import orjson

from jack.core import clock, deletions, events, fulltext
from jack.core.db import as_json, transaction
from jack.core.errors import Invalid, NotFound
from jack.core.query import Query
from jack.resources.guests import (
    blocking,
    external_ids,
    merged,
    merged_profile,
    stays_moved,
    store,
)
from jack.resources.guests import search as guest_search

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jack.core.db import Database
    from jack.resources.guests.consents import Consents
    from jack.resources.guests.rows import GuestChanges, GuestRow


class MergeRow(TypedDict):
    """A merge: `other` is the profile that was removed, `moved` a `MergeRecord`, both as JSON text."""

    id: str
    kept_id: str
    other_id: str
    other: str
    moved: str


class MergeRecord(TypedDict):
    """What an undo needs: the ids that were moved, and what the kept profile took over, before and after.

    `external_ids` are the names that led to the other guest, `stays` those of the other as they were, `noted` the consents of both.
    """

    identities: list[str]
    conversations: list[str]
    tasks: list[str]
    sessions: list[str]
    external_ids: NotRequired[list[str]]
    stays: NotRequired[list[stays_moved.StayBefore]]
    noted: NotRequired[Consents]
    before: GuestChanges
    gained: GuestChanges


class MergeResult(TypedDict):
    """A merge: its id, the guest as they are now, and until when it can be undone."""

    id: str
    guest: GuestRow
    undo_until: str


class UnmergeResult(TypedDict):
    """The guest who stayed, and the one who is there again."""

    guest: GuestRow
    restored: GuestRow


DAYS = 30

Table = Literal["identities", "conversations", "tasks", "sessions"]

# The rows of the other guest, by table: their keys.
OWNED: dict[Table, str] = {
    "identities": "SELECT channel || ' ' || address AS id FROM guest_identities WHERE guest_id = :other",
    "conversations": "SELECT id FROM conversations WHERE guest_id = :other",
    "tasks": "SELECT id FROM tasks WHERE guest_id = :other",
    "sessions": "SELECT id FROM webchat_sessions WHERE guest_id = :other",
}

# From one guest to the other: only rows that are still the one's.
MOVE_SHOWN: dict[Table, Query[merged.MovedRow]] = {
    "conversations": Query("""
        UPDATE conversations SET guest_id = :to, updated_at = :now
        WHERE guest_id = :from AND id IN (SELECT value FROM json_each(:ids))
        RETURNING id, id AS conversation_id"""),
    "tasks": Query("""
        UPDATE tasks SET guest_id = :to, updated_at = :now
        WHERE guest_id = :from AND id IN (SELECT value FROM json_each(:ids))
        RETURNING id, conversation_id"""),
}

# The same of what is in no answer of the API.
MOVE: dict[Table, str] = {
    "identities": """
        UPDATE guest_identities SET guest_id = :to
        WHERE guest_id = :from AND channel || ' ' || address IN (SELECT value FROM json_each(:ids))""",
    "sessions": """
        UPDATE webchat_sessions SET guest_id = :to
        WHERE guest_id = :from AND id IN (SELECT value FROM json_each(:ids))""",
}

# The author of a guest's messages is the guest of the conversation.
AUTHORED = """
    UPDATE messages SET author_id = :to
    WHERE author_type = 'guest' AND conversation_id IN (
        SELECT id FROM conversations WHERE guest_id = :to AND id IN (SELECT value FROM json_each(:ids)))"""

# What automations have done for the other guest; and back, for what is theirs again.
MOVE_RUNS = "UPDATE automation_runs SET guest_id = :kept WHERE guest_id = :other"
MOVE_RUNS_BACK = """
    UPDATE automation_runs SET guest_id = :other
    WHERE guest_id = :kept AND subject_id IN (
        SELECT id FROM conversations WHERE guest_id = :other
        UNION SELECT id FROM stays WHERE guest_id = :other
        UNION SELECT id FROM tasks WHERE guest_id = :other)"""

REMOVE = "DELETE FROM guests WHERE id = :other"

CREATE = """
    INSERT INTO merges (id, kept_id, other_id, other, moved, created_at)
    VALUES (:id, :kept, :other, :profile, :moved, :now)"""

GET = Query[MergeRow]("""
    SELECT id, kept_id, other_id, other, moved FROM merges
    WHERE id = :id AND kept_id = :kept AND created_at >= :since""")

DELETE = "DELETE FROM merges WHERE id = :id"

DELETE_EXPIRED = "DELETE FROM merges WHERE created_at < :before"

# With the `seq` it had, unless another guest has it by now; the rest of the profile is written by a change.
RESTORE = """
    INSERT INTO guests (seq, id, name, search_text, search_grams, created_at, updated_at)
    VALUES (CASE WHEN EXISTS (SELECT 1 FROM guests WHERE seq = :seq) THEN NULL ELSE :seq END,
            :id, :name, :search_text, :search_grams, :created_at, :now)"""


def merge(db: Database, guest_id: str, other_id: str, *, by: str | None = None) -> MergeResult:
    """Merge the other guest into this one, who stays.

    Raises NotFound for the one who is to stay, Invalid for an unknown other or the same.
    """
    if other_id == guest_id:
        store.get(db, guest_id)
        raise Invalid.field("guestId", "invalid", "A guest cannot be merged with themselves.")
    with transaction(db):
        kept, other = store.get(db, guest_id), _other(db, other_id)
        owned = {name: db.column(sql, {"other": other_id}) for name, sql in OWNED.items()}
        names = external_ids.names(db, other_id)
        gained = merged_profile.gained(kept, other)
        moved = _move(db, owned, other_id, guest_id)
        stays = stays_moved.move(db, other_id, guest_id, by)
        external_ids.move(db, names, other_id, guest_id)
        db.run(MOVE_RUNS, {"kept": guest_id, "other": other_id})
        db.run(REMOVE, {"other": other_id})
        deletions.set_merged(db, other_id, guest_id)
        merged.remember(db, other_id, guest_id)
        after = store.change(db, guest_id, dialled=True, by=by, **gained) if gained else kept
        if kept["blocked"]:
            blocking.stop_waiting(db, guest_id, by=by)
        record: MergeRecord = {
            "identities": owned["identities"],
            "conversations": owned["conversations"],
            "tasks": owned["tasks"],
            "sessions": owned["sessions"],
            "external_ids": names,
            "stays": stays,
            "noted": after["noted"],
            "before": merged_profile.fields_of(kept, gained),
            "gained": merged_profile.fields_of(after, gained)
            | merged_profile.gained_pairs(kept, other),
        }
        made = _recorded(db, guest_id, other, record, by)
        merged.record_moves(db, moved["conversations"], moved["tasks"], by)
        return made


def undo(db: Database, guest_id: str, merge_id: str, *, by: str | None = None) -> UnmergeResult:
    """Make two guests of one again. What was added since the merge stays with the one who stayed.

    Raises NotFound for an unknown merge or one of more than 30 days, Conflict when somebody else has the e-mail or phone now.
    """
    with transaction(db):
        kept = store.get(db, guest_id)
        since = clock.later(db.now(), days=-DAYS)
        row = db.one(GET, {"id": merge_id, "kept": guest_id, "since": since})
        if row is None:
            raise NotFound("Merge not found")
        record: MergeRecord = orjson.loads(row["moved"])
        restored = _restored(db, kept, orjson.loads(row["other"]), record, by)
        db.run(DELETE, {"id": merge_id})
        events.record(db, "guest.unmerged", guest_id, by=by)
        return {"guest": store.get(db, guest_id), "restored": restored}


def delete_expired(db: Database) -> int:
    """Delete merges that can no longer be undone, with the profiles they hold; returns how many."""
    return db.run(DELETE_EXPIRED, {"before": clock.later(db.now(), days=-DAYS)})


def _other(db: Database, other_id: str) -> GuestRow:
    try:
        return store.get(db, other_id)
    except NotFound:
        raise Invalid.field("guestId", "no_such", "No such guest.") from None


def _move(
    db: Database, owned: Mapping[Table, Sequence[str]], source: str, target: str
) -> dict[Table, list[merged.MovedRow]]:
    """Move these rows to another guest; returns the conversations and tasks that were moved."""
    ids = {name: as_json(owned[name]) for name in OWNED}
    guests = {"from": source, "to": target, "now": db.now()}
    for name, statement in MOVE.items():
        db.run(statement, {**guests, "ids": ids[name]})
    moved = {name: db.all(sql, {**guests, "ids": ids[name]}) for name, sql in MOVE_SHOWN.items()}
    db.run(AUTHORED, {"to": target, "ids": ids["conversations"]})
    return moved


def _recorded(
    db: Database, guest_id: str, other: GuestRow, record: MergeRecord, by: str | None
) -> MergeResult:
    """Store what an undo needs, and record the event of the merge."""
    now, merge_id = db.now(), db.new_id("merge")
    row = {"id": merge_id, "kept": guest_id, "other": other["id"], "now": now}
    profile = {name: value for name, value in other.items() if name not in ("stay", "consents")}
    db.run(CREATE, {**row, "profile": as_json(profile), "moved": as_json(record)})
    events.record(db, "guest.merged", guest_id, by=by)
    guest = store.get(db, guest_id)
    return {"id": merge_id, "guest": guest, "undo_until": clock.later(now, days=DAYS)}


def _restored(
    db: Database, kept: GuestRow, other: GuestRow, record: MergeRecord, by: str | None
) -> GuestRow:
    """The other guest, created again with what was theirs."""
    searched = guest_search.search_text(other["name"], None, None)
    found_by = {"search_text": searched, "search_grams": fulltext.grams(searched)}
    db.run(RESTORE, {**other, **found_by, "now": db.now()})
    merged.forget(db, other["id"])
    events.record(db, "guest.created", other["id"], by=by)
    moved = _move(db, {name: record[name] for name in OWNED}, kept["id"], other["id"])
    merged.record_moves(db, moved["conversations"], moved["tasks"], by)
    stays_moved.move_back(db, record.get("stays", []), kept["id"], other["id"], by)
    db.run(MOVE_RUNS_BACK, {"kept": kept["id"], "other": other["id"]})
    names = record.get("external_ids", [])
    noted = record.get("noted", record["gained"].get("noted", {}))
    external_ids.move(db, names, kept["id"], other["id"])
    # First the kept guest loses the other's e-mail and phone: two guests cannot have them at once.
    reverted = merged_profile.reverted(kept, record["before"], record["gained"])
    if reverted := reverted | external_ids.losing(kept["ids"], names):
        store.change(db, kept["id"], dialled=True, by=by, **reverted)
    return store.change(
        db,
        other["id"],
        dialled=True,
        by=by,
        name=other["name"],
        email=other["email"],
        phone=other["phone"],
        tags=other["tags"],
        notes=other["notes"],
        language=other["language"],
        metadata=other.get("metadata", {}),
        external_ids=other.get("external_ids", {}),
        external_id=other.get("external_id"),
        blocked=other.get("blocked", False),
        noted=merged_profile.noted_of_restored(other, kept, noted),
    )
