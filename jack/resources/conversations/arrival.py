"""What the arrival of a message changes in its conversation, and the event that tells of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.core import clock, events
from jack.resources.conversations import scheduled
from jack.resources.conversations.message_rows import SAID
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

# Whether nothing that has been said stands after a message in its conversation.
IS_LAST = f"""NOT EXISTS (
        SELECT 1 FROM messages
        WHERE conversation_id = :id AND (ordered_at, messages.id) > (:ordered_at, :message_id) AND {SAID})"""

IS_CLOSED = "SELECT status = 'closed' FROM conversations WHERE id = :id"

STATE = """
    SELECT status, status = 'closed' AS closed, waiting_since IS NOT NULL AS waits FROM conversations WHERE id = :id"""

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


# Whether nobody waits for an answer to a message any more: one has been sent after it, or the conversation was closed.
IS_ANSWERED = f"""
    SELECT waiting_since IS NULL OR EXISTS (
        SELECT 1 FROM messages
        WHERE conversation_id = :id AND seq > :seq AND direction = 'outbound' AND answers AND {SAID} AND status <> 'failed')
    FROM conversations WHERE id = :id"""

WAITS_AGAIN = """
    UPDATE conversations
    SET preview = :preview, preview_media = NULL, active_at = :now, updated_at = :now, status = 'open',
        waiting_since = coalesce(waiting_since, :now),
        assignee_id = (SELECT staff.id FROM staff WHERE staff.id = assignee_id AND active)
    WHERE id = :id"""

# One of the messages that everybody had read is unread again.
ONE_UNREAD = """
    UPDATE conversation_reads SET inbound_count = inbound_count - 1, current = 0
    WHERE conversation_id = :id AND inbound_count > 0"""


def wait_again(db: Database, message: MessageRow, preview: str) -> None:
    """Reopen the conversation of a guest's message that was edited after the answer: it waits for another, and is unread.

    What nobody has answered yet waits already, and stays as it is; so does what nobody waits for: automatic mail, a blocked guest's.
    """
    conversation_id, guest_id = message["conversation_id"], message["author_id"]
    named = {"id": conversation_id, "seq": message["seq"]}
    if _is_quiet(db, message) or not db.value(IS_ANSWERED, named):
        return
    was = db.row(STATE, named)
    db.run(WAITS_AGAIN, {"id": conversation_id, "preview": preview, "now": db.now()})
    db.run(ONE_UNREAD, named)
    if was["closed"] or not was["waits"]:
        changed = ["status", "waitingSince"] if was["status"] != "open" else ["waitingSince"]
        events.record(
            db,
            "conversation.reopened" if was["closed"] else "conversation.updated",
            conversation_id,
            conversation_id=conversation_id,
            by=guest_id,
            changed=changed,
        )


def _is_quiet(db: Database, message: MessageRow) -> bool:
    """Whether nobody waits for an answer to a guest's message (`COUNTS`), or to them at all."""
    known = message["details"] or {}
    if "automatic" in known or "blocked" in known:
        return True
    return message["author_id"] is not None and blocking.is_blocked(db, message["author_id"])


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
        scheduled.cancel_by_reply(db, message["author_id"])
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
