"""What the arrival of a message changes in its conversation, and the event that tells of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.core import events
from jack.resources.guests import blocking

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jack.core.db import Database
    from jack.resources.conversations.message_rows import MessageRow

# Before the preview of a mail that may not be from whom it names: wherever that is shown beside their name.
DOUBT = "⚠ "

# SQL for what of the messages a guest may wait for an answer to, and the staff have to read: not what a program wrote, nor a
# guest while they were blocked.
COUNTS = (
    "direction = 'inbound' AND details ->> 'automatic' IS NULL AND details ->> 'blocked' IS NULL"
)

IS_CLOSED = "SELECT status = 'closed' FROM conversations WHERE id = :id"

# Whoever has left since the conversation was closed is not given it again.
RECEIVED = """
    UPDATE conversations
    SET preview = :preview, last_message_at = :now, active_at = :now, updated_at = :now, status = 'open',
        inbound_count = inbound_count + 1, waiting_since = coalesce(waiting_since, :now),
        assignee_id = (SELECT staff.id FROM staff WHERE staff.id = assignee_id AND active)
    WHERE id = :id"""

# Nobody waits for an answer to it, and nobody has to read it. What a blocked guest begins is closed from the start.
RECEIVED_QUIETLY = """
    UPDATE conversations
    SET preview = :preview, last_message_at = :now, active_at = :now, updated_at = :now,
        status = iif(:blocked AND last_message_at IS NULL, 'closed', status)
    WHERE id = :id"""


def details_of(
    db: Database, guest_id: str, details: Mapping[str, object] | None
) -> dict[str, object]:
    """The details of a message of this guest: `blocked` where they are at its arrival, whatever they become."""
    known = dict(details or {})
    return known | {"blocked": True} if blocking.is_blocked(db, guest_id) else known


def update_conversation(
    db: Database, message: MessageRow, details: Mapping[str, object], longest: int
) -> None:
    """Move the conversation of a message that has come in, with a preview of `longest` characters, and record the events.

    It waits for an answer and is unread, unless the details say that no person wrote it (`automatic`), or a guest who is
    `blocked`: then its event has no actor, and it reopens nothing.
    """
    conversation_id, content = message["conversation_id"], message["content"]
    blocked = bool(details.get("blocked"))
    quiet = blocked or bool(details.get("automatic"))
    preview = (DOUBT + content if details.get("doubtful") else content)[:longest]
    was_closed = not quiet and db.value(IS_CLOSED, {"id": conversation_id})
    changed = {"id": conversation_id, "preview": preview, "now": message["created_at"]}
    if quiet:
        db.run(RECEIVED_QUIETLY, changed | {"blocked": blocked})
    else:
        db.run(RECEIVED, changed)
    by = None if quiet else message["author_id"]
    if was_closed:
        changed_fields = ["status", "waitingSince"]
        events.record(
            db,
            "conversation.reopened",
            conversation_id,
            conversation_id=conversation_id,
            by=by,
            changed=changed_fields,
        )
    events.record(
        db, "conversation.message.created", message["id"], conversation_id=conversation_id, by=by
    )
