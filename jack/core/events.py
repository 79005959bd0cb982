"""What happened: one row an event, written in the same transaction as the change it tells of.

Rows hold ids and no personal data, so that nothing here has to be erased with a guest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jack.core.db import Database, Row

RECORD = """
    INSERT INTO events (type, subject_id, conversation_id, actor_id, created_at)
    VALUES (:type, :subject_id, :conversation_id, :actor_id, :now)"""

AFTER = """
    SELECT seq, type, subject_id, conversation_id, actor_id, created_at
    FROM events
    WHERE seq > :after
    ORDER BY seq
    LIMIT :limit"""

EDGES = """
    SELECT coalesce((SELECT min(seq) FROM events), 0) AS oldest,
           coalesce((SELECT max(seq) FROM events), 0) AS newest"""

# Order is time order: only the oldest are looked at. The newest stays, or its seq would be given out again.
FORGET = """
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
    """Write down that `type` (`task.changed`, …) happened to a resource, by a member of staff or by nobody."""
    db.run(
        RECORD,
        {
            "type": type,
            "subject_id": subject_id,
            "conversation_id": conversation_id,
            "actor_id": by,
            "now": db.now(),
        },
    )


def after(db: Database, seq: int, limit: int) -> list[Row]:
    """Up to `limit` events later than `seq`, oldest first."""
    return db.all(AFTER, {"after": seq, "limit": limit})


def edges(db: Database) -> tuple[int, int]:
    """The oldest `seq` that is still kept (0 when none is) and the newest ever given out."""
    row = db.row(EDGES)
    return row["oldest"], row["newest"]


def delete_expired(db: Database, *, before: str, limit: int = 10_000) -> int:
    """Drop events older than `before` (a timestamp); returns how many."""
    return db.run(FORGET, {"before": before, "limit": limit})
