"""The event log: one row an event, written in the transaction of the change.

Rows hold ids and no personal data, so that nothing here has to be erased with a guest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from jack.core import webhook_queue
from jack.core.query import Query

if TYPE_CHECKING:
    from jack.core.db import Database


class EventRow(TypedDict):
    """An event as it is stored. `seq` is its place in the log, and the cursor of whoever reads it."""

    seq: int
    type: str
    subject_id: str
    conversation_id: str | None
    actor_id: str | None
    created_at: str


RECORD = """
    INSERT INTO events (type, subject_id, conversation_id, actor_id, created_at)
    VALUES (:type, :subject_id, :conversation_id, :actor_id, :now)"""

AFTER = Query[EventRow]("""
    SELECT seq, type, subject_id, conversation_id, actor_id, created_at
    FROM events
    WHERE seq > :after
    ORDER BY seq
    LIMIT :limit""")

EDGES = """
    SELECT coalesce((SELECT min(seq) FROM events), 0) AS oldest,
           coalesce((SELECT max(seq) FROM events), 0) AS newest"""

# `seq` is in order of time, so only the oldest rows are read. The newest stays, or its seq would be used again.
DELETE_EXPIRED = """
    DELETE FROM events
    WHERE seq >= (SELECT min(seq) FROM events) AND seq < (SELECT min(seq) FROM events) + :limit
      AND seq < (SELECT max(seq) FROM events)
      AND created_at < :before"""


def record(
    db: Database,
    type: str,
    subject_id: str,
    *,
    conversation_id: str | None = None,
    by: str | None = None,
) -> None:
    """Write that `type` (`task.changed`, …) happened to a resource. `by` is a member of staff's id."""
    now = db.now()
    db.run(
        RECORD,
        {
            "type": type,
            "subject_id": subject_id,
            "conversation_id": conversation_id,
            "actor_id": by,
            "now": now,
        },
    )
    webhook_queue.add(db, type, subject_id, now)


def after(db: Database, seq: int, limit: int) -> list[EventRow]:
    """Up to `limit` events later than `seq`, oldest first."""
    return db.all(AFTER, {"after": seq, "limit": limit})


def edges(db: Database) -> tuple[int, int]:
    """The oldest and the newest `seq` that is stored; 0 when there is none."""
    row = db.row(EDGES)
    return row["oldest"], row["newest"]


def delete_expired(db: Database, *, before: str, limit: int = 10_000) -> int:
    """Delete up to `limit` events older than `before` (a timestamp); returns how many."""
    return db.run(DELETE_EXPIRED, {"before": before, "limit": limit})
