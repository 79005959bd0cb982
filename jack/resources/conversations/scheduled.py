"""Scheduled messages as rows: when one may leave, its place among the others when it does, and which a guest's message cancels."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from jack.core import clock, events
from jack.core.errors import Invalid
from jack.core.query import Query
from jack.resources.conversations.message_rows import COLUMNS, NEXT_SEQ, StoredMessage

if TYPE_CHECKING:
    from jack.core.db import Database

GRACE_SECONDS = 60  # so long past counts as now
LONGEST_DAYS = 366
OUT_OF_RANGE = "Must be now or later, and a year ahead at the most."


class Columns(TypedDict):
    """What is stored of when a message leaves."""

    status: str
    send_at: str | None
    cancel_on_reply: bool


class MessageId(TypedDict):
    """A message."""

    id: str


DUE = Query[MessageId]("""
    SELECT id FROM messages INDEXED BY messages_scheduled
    WHERE status = 'scheduled' AND send_at <= :now
    ORDER BY send_at, seq LIMIT :limit""")

# It is created when it leaves, for whoever reads the messages in the order of their creation.
ENDED = Query[StoredMessage](f"""
    UPDATE messages
    SET seq = {NEXT_SEQ}, status = :status, created_at = :now, own_at = NULL, error = :error,
        details = coalesce(:details, details)
    WHERE id = :id AND status = 'scheduled'
    RETURNING {COLUMNS}""")

CANCELLED_BY = Query[MessageId]("""
    SELECT id FROM messages INDEXED BY messages_cancelled_by_reply
    WHERE status = 'scheduled' AND cancel_on_reply
      AND conversation_id IN (SELECT conversations.id FROM conversations WHERE guest_id = :guest_id)
    ORDER BY seq""")


def moment(db: Database, send_at: str | None) -> str | None:
    """When a message is to leave that was given this time; None where that is at once. Raises Invalid."""
    if send_at is None:
        return None
    now = db.now()
    if not _earlier(now) <= send_at <= clock.later(now, days=LONGEST_DAYS):
        raise Invalid.field("sendAt", "out_of_range", OUT_OF_RANGE)
    return send_at if send_at > now else None


def columns(send_at: str | None, *, cancel_on_reply: bool) -> Columns:
    """What is stored of a message that leaves then; None: at once."""
    status = "queued" if send_at is None else "scheduled"
    cancelled = cancel_on_reply and send_at is not None
    return {"status": status, "send_at": send_at, "cancel_on_reply": cancelled}


def _earlier(now: str) -> str:
    return clock.later(now, seconds=-GRACE_SECONDS)


def due(db: Database, *, limit: int = 100) -> list[str]:
    """The ids of scheduled messages whose time has come, in the order of their times."""
    return [row["id"] for row in db.all(DUE, {"now": db.now(), "limit": limit})]


def end(
    db: Database,
    message_id: str,
    status: str,
    *,
    by: str | None = None,
    error: str | None = None,
    details: str | None = None,
) -> StoredMessage | None:
    """Give a scheduled message another status, and its place as of now, with the event; None where it is scheduled no more.

    `details` (JSON) takes the place of its own. In a transaction.
    """
    changed = {"status": status, "error": error, "details": details}
    row = db.one(ENDED, {"id": message_id, "now": db.now(), **changed})
    if row is not None:
        names = ["status", "createdAt", "orderedAt", *(name for name in changed if changed[name])]
        events.record(
            db,
            "conversation.message.status",
            message_id,
            conversation_id=row["conversation_id"],
            by=by,
            changed=list(dict.fromkeys(names)),
        )
    return row


def cancel_by_reply(db: Database, guest_id: str | None) -> None:
    """The guest has written: cancel what was to leave only if they did not. In the transaction of their message."""
    for row in db.all(CANCELLED_BY, {"guest_id": guest_id}):
        end(db, row["id"], "cancelled", by=guest_id)
