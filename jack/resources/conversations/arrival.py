"""What the arrival of a message changes in its conversation, and the event that tells of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.core import clock, events
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

# How far back a message may stand before those that came earlier: no further, so that none slips in unseen far above.
BACK_MINUTES = 2

# Whether nothing but notes stands after a message in its conversation.
IS_LAST = """NOT EXISTS (
        SELECT 1 FROM messages
        WHERE conversation_id = :id AND (ordered_at, messages.id) > (:ordered_at, :message_id) AND type <> 'note')"""

IS_CLOSED = "SELECT status = 'closed' FROM conversations WHERE id = :id"

# Whoever has left since the conversation was closed is not given it again.
RECEIVED = f"""
    UPDATE conversations
    SET preview = iif({IS_LAST}, :preview, preview), preview_media = iif({IS_LAST}, NULL, preview_media),
        last_message_at = :now, active_at = :now, updated_at = :now, status = 'open',
        inbound_count = inbound_count + 1, waiting_since = coalesce(waiting_since, :now),
        assignee_id = (SELECT staff.id FROM staff WHERE staff.id = assignee_id AND active)
    WHERE id = :id"""

# Nobody waits for an answer to it, and nobody has to read it. What a blocked guest begins is closed from the start.
RECEIVED_QUIETLY = f"""
    UPDATE conversations
    SET preview = iif({IS_LAST}, :preview, preview), preview_media = iif({IS_LAST}, NULL, preview_media),
        last_message_at = :now, active_at = :now, updated_at = :now,
        status = iif(:blocked AND last_message_at IS NULL, 'closed', status)
    WHERE id = :id"""


def own_time(written_at: str | None, now: str) -> str | None:
    """When a message that comes now stands in the order, by its sender's time; None where that is now."""
    if written_at is None or written_at >= now:
        return None
    return max(written_at, clock.later(now, minutes=-BACK_MINUTES))


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
    changed = {
        "id": conversation_id,
        "message_id": message["id"],
        "ordered_at": message["ordered_at"],
        "preview": preview,
        "now": message["created_at"],
    }
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
