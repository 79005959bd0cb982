"""The event log: one row an event, written in the transaction of the change, with its row of the audit log.

Rows hold ids and no personal data, so that nothing here has to be erased with a guest.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Literal, get_args

import orjson

from jack.core import audit, webhook_queue

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from jack.core.db import Database

# The vocabulary. A change is one event, by the most specific type: what is closed is not also `updated`.
EventType = Literal[
    "conversation.created",
    "conversation.updated",
    "conversation.assigned",
    "conversation.closed",
    "conversation.reopened",
    "conversation.read",
    "conversation.unread",
    "conversation.mentioned",
    "conversation.message.created",
    "conversation.message.updated",
    "conversation.message.status",
    "task.created",
    "task.updated",
    "task.assigned",
    "task.completed",
    "guest.created",
    "guest.updated",
    "guest.merged",
    "guest.unmerged",
    "guest.erased",
    "stay.created",
    "stay.updated",
    "stay.checked_in",
    "stay.checked_out",
    "stay.cancelled",
    "stay.deleted",
    "knowledge.created",
    "knowledge.updated",
    "knowledge.deleted",
    "template.created",
    "template.updated",
    "template.deleted",
    "automation.created",
    "automation.updated",
    "automation.deleted",
    "automation.notified",
    "staff.created",
    "staff.updated",
    "staff.work_returned",
    "setting.updated",
    "channel.paused",
    "channel.resumed",
    "health.failed",
    "health.recovered",
    "webhook.updated",
    "ping",
    "import.finished",
]
TYPES: tuple[str, ...] = get_args(EventType)

RECORD = """
    INSERT INTO events (type, subject_id, conversation_id, actor_id, changed, created_at)
    VALUES (:type, :subject_id, :conversation_id, :actor_id, :changed, :now)"""

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
    type: EventType,
    subject_id: str,
    *,
    conversation_id: str | None = None,
    by: str | None = None,
    changed: Sequence[str] = (),
) -> None:
    """Write that `type` (`task.updated`, …) happened to a resource.

    `by` is the id of who did it (the prefix says what they are), None for Jack itself. `changed` are names of fields as the API
    has them, none for what is new or gone.
    """
    names = orjson.dumps(changed).decode() if changed else "[]"
    now = db.now()
    db.run(
        RECORD,
        {
            "type": type,
            "subject_id": subject_id,
            "conversation_id": conversation_id,
            "actor_id": by,
            "changed": names,
            "now": now,
        },
    )
    webhook_queue.add(db, type, subject_id, now)
    audit.record_event(db, type, subject_id, by, names)


def changed_fields(
    before: Mapping[str, object], after: Mapping[str, object], columns: Iterable[str]
) -> list[str]:
    """Those of these columns that differ between two rows, by the names the API has for them."""
    return [_outside(name) for name in columns if before[name] != after[name]]


@functools.cache
def _outside(column: str) -> str:
    """`due_at` → `dueAt`; `assignee_id` → `assignee`, which the API calls so."""
    if column == "assignee_id":
        return "assignee"
    first, *rest = column.split("_")
    return first + "".join(part.title() for part in rest)


def edges(db: Database) -> tuple[int, int]:
    """The oldest and the newest `seq` that is stored; 0 when there is none."""
    row = db.row(EDGES)
    return row["oldest"], row["newest"]


def delete_expired(db: Database, *, before: str, limit: int = 10_000) -> int:
    """Delete up to `limit` events older than `before` (a timestamp); returns how many."""
    return db.run(DELETE_EXPIRED, {"before": before, "limit": limit})
