"""Two profiles of one person made one, and for thirty days two again.

Like erasure, it reaches into other rooms' tables, so that one reading shows everything that moves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from jack.core import clock, events, fulltext
from jack.core.db import as_json, transaction
from jack.core.errors import Invalid, NotFound
from jack.resources.guests import store

if TYPE_CHECKING:
    from jack.core.db import Database, Row

DAYS = 30
NOTES = 10_000
TAGS = 50

# What is another's, by table: its key, and whose it is.
MOVED = {
    "identities": "SELECT channel || ' ' || address AS id FROM guest_identities WHERE guest_id = :other",
    "conversations": "SELECT id FROM conversations WHERE guest_id = :other",
    "tasks": "SELECT id FROM tasks WHERE guest_id = :other",
    "sessions": "SELECT id FROM webchat_sessions WHERE guest_id = :other",
}

# From one guest to another, as far as it still is the one's.
MOVE = {
    "identities": """
        UPDATE guest_identities SET guest_id = :to
        WHERE guest_id = :from AND channel || ' ' || address IN (SELECT value FROM json_each(:ids))""",
    "conversations": """
        UPDATE conversations SET guest_id = :to
        WHERE guest_id = :from AND id IN (SELECT value FROM json_each(:ids))""",
    "tasks": """
        UPDATE tasks SET guest_id = :to
        WHERE guest_id = :from AND id IN (SELECT value FROM json_each(:ids))""",
    "sessions": """
        UPDATE webchat_sessions SET guest_id = :to
        WHERE guest_id = :from AND id IN (SELECT value FROM json_each(:ids))""",
}

# A guest's messages are those of the guest whose conversation it is.
AUTHORED = """
    UPDATE messages SET author_id = :to
    WHERE author_type = 'guest' AND conversation_id IN (
        SELECT id FROM conversations WHERE guest_id = :to AND id IN (SELECT value FROM json_each(:ids)))"""

REMOVE = "DELETE FROM guests WHERE id = :other"

CREATE = """
    INSERT INTO merges (id, kept_id, other_id, other, moved, created_at)
    VALUES (:id, :kept, :other, :profile, :moved, :now)"""

GET = """
    SELECT id, kept_id, other_id, other, moved FROM merges
    WHERE id = :id AND kept_id = :kept AND created_at >= :since"""

DELETE = "DELETE FROM merges WHERE id = :id"

FORGET = "DELETE FROM merges WHERE created_at < :before"

# With the place in time it had, unless that has been given to somebody since; all else is changed into it.
RESTORE = """
    INSERT INTO guests (seq, id, name, search_text, search_grams, created_at, updated_at)
    VALUES (CASE WHEN EXISTS (SELECT 1 FROM guests WHERE seq = :seq) THEN NULL ELSE :seq END,
            :id, :name, '', '', :created_at, :created_at)"""

PROFILE = ("name", "email", "phone", "tags", "notes", "language")


def merge(db: Database, guest_id: str, other_id: str, *, by: str | None = None) -> Row:
    """Make the other guest one with this one, who stays: `id` of the merge, `guest` as they are now, `undo_until`.

    Raises NotFound for the one who is to stay, Invalid for an unknown other or the same.
    """
    if other_id == guest_id:
        store.get(db, guest_id)
        raise Invalid.field("guestId", "invalid", "A guest cannot be merged with themselves.")
    with transaction(db):
        kept, other = store.get(db, guest_id), _other(db, other_id)
        ids = {"kept": guest_id, "other": other_id}
        moved: dict[str, Any] = {
            name: [row["id"] for row in db.all(sql, ids)] for name, sql in MOVED.items()
        }
        gained = _gained(kept, other)
        _move(db, moved, other_id, guest_id)
        db.run(REMOVE, ids)
        after = store.change(db, guest_id, dialled=True, by=by, **gained) if gained else kept
        moved["before"] = {name: kept[name] for name in gained}
        moved["gained"] = {name: after[name] for name in gained}
        return _noted(db, ids, other, moved, by)


def undo(db: Database, guest_id: str, merge_id: str, *, by: str | None = None) -> Row:
    """Make two guests of one again: `guest` and `restored`. What came since stays with the one who stayed.

    Raises NotFound for an unknown merge or one of more than 30 days, Conflict when somebody else has the e-mail or phone now.
    """
    with transaction(db):
        kept = store.get(db, guest_id)
        asked = {"id": merge_id, "kept": guest_id, "since": clock.later(db.now(), days=-DAYS)}
        row = db.one(GET, asked)
        if row is None:
            raise NotFound("Merge not found")
        moved = orjson.loads(row["moved"])
        restored = _parted(db, kept, orjson.loads(row["other"]), moved, by)
        db.run(DELETE, {"id": merge_id})
        events.record(db, "guest.unmerged", guest_id, by=by)
        _tell(db, moved["conversations"], by)
        return {"guest": store.get(db, guest_id), "restored": restored}


def delete_expired(db: Database) -> int:
    """Drop merges that can no longer be undone, and with them what they kept of a guest; returns how many."""
    return db.run(FORGET, {"before": clock.later(db.now(), days=-DAYS)})


def _other(db: Database, other_id: str) -> Row:
    try:
        return store.get(db, other_id)
    except NotFound:
        raise Invalid.field("guestId", "no_such", "No such guest.") from None


def _gained(kept: Row, other: Row) -> Row:
    """What the profile that stays has of the other from now on: what it lacks, all tags, both notes if they fit."""
    gained = {
        name: other[name]
        for name in ("email", "phone", "notes", "language")
        if other[name] and not kept[name]
    }
    known = {fulltext.folded(tag) for tag in kept["tags"]}
    added = [tag for tag in other["tags"] if fulltext.folded(tag) not in known]
    if added:
        gained["tags"] = (kept["tags"] + added)[:TAGS]
    both = f"{kept['notes']}\n\n{other['notes']}"
    if kept["notes"] and other["notes"] and kept["notes"] != other["notes"] and len(both) <= NOTES:
        gained["notes"] = both
    return gained


def _given_back(kept: Row, moved: Row) -> Row:
    """What the profile that stayed had before; what staff have changed since is left as they made it."""
    before, gained = moved["before"], moved["gained"]
    back = {name: before[name] for name in gained if name != "tags" and kept[name] == gained[name]}
    if "tags" in gained:
        added = {fulltext.folded(tag) for tag in gained["tags"] if tag not in before["tags"]}
        back["tags"] = [tag for tag in kept["tags"] if fulltext.folded(tag) not in added]
    return back


def _move(db: Database, moved: Row, source: str, target: str) -> None:
    for name, statement in MOVE.items():
        db.run(statement, {"from": source, "to": target, "ids": as_json(moved[name])})
    db.run(AUTHORED, {"to": target, "ids": as_json(moved["conversations"])})


def _noted(db: Database, ids: Row, other: Row, moved: Row, by: str | None) -> Row:
    """Keep what an undo needs, and tell of the merge."""
    now, merge_id = db.now(), db.new_id("merge")
    kept = {"profile": as_json(other), "moved": as_json(moved), "id": merge_id, "now": now}
    db.run(CREATE, ids | kept)
    events.record(db, "guest.merged", ids["kept"], by=by)
    _tell(db, moved["conversations"], by)
    guest = store.get(db, ids["kept"])
    return {"id": merge_id, "guest": guest, "undo_until": clock.later(now, days=DAYS)}


def _parted(db: Database, kept: Row, other: Row, moved: Row, by: str | None) -> Row:
    """The other guest, there again with what was theirs."""
    db.run(RESTORE, other)
    events.record(db, "guest.created", other["id"], by=by)
    _move(db, moved, kept["id"], other["id"])
    # What both cannot have at once is given back before it is taken.
    if back := _given_back(kept, moved):
        store.change(db, kept["id"], dialled=True, by=by, **back)
    profile = {name: other[name] for name in PROFILE}
    return store.change(db, other["id"], dialled=True, by=by, **profile)


def _tell(db: Database, conversation_ids: list[str], by: str | None) -> None:
    for one in conversation_ids:
        events.record(db, "conversation.changed", one, conversation_id=one, by=by)
