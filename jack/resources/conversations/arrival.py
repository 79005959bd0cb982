"""What the arrival of a message changes in its conversation, and the event that tells of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.core import events

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jack.core.db import Database
    from jack.resources.conversations.message_rows import MessageRow

# Before the preview of a mail that may not be from whom it names: wherever that is shown beside their name.
DOUBT = "⚠ "

IS_CLOSED = "SELECT status = 'closed' FROM conversations WHERE id = :id"

STATE = """
    SELECT status, status = 'closed' AS closed, waiting_since IS NOT NULL AS waits FROM conversations WHERE id = :id"""

# Whoever has left since the conversation was closed is not given it again.
RECEIVED = """
    UPDATE conversations
    SET preview = :preview, last_message_at = :now, active_at = :now, updated_at = :now, status = 'open',
        inbound_count = inbound_count + 1, waiting_since = coalesce(waiting_since, :now),
        assignee_id = (SELECT staff.id FROM staff WHERE staff.id = assignee_id AND active)
    WHERE id = :id"""

# Nobody waits for an answer to it, and nobody has to read it.
RECEIVED_AUTOMATIC = """
    UPDATE conversations
    SET preview = :preview, last_message_at = :now, active_at = :now, updated_at = :now
    WHERE id = :id"""


# Whether nobody waits for an answer to a message any more: one has been sent after it, or the conversation was closed.
IS_ANSWERED = """
    SELECT waiting_since IS NULL OR EXISTS (
        SELECT 1 FROM messages
        WHERE conversation_id = :id AND seq > :seq AND direction = 'outbound' AND type <> 'note' AND status <> 'failed')
    FROM conversations WHERE id = :id"""

WAITS_AGAIN = """
    UPDATE conversations
    SET preview = :preview, active_at = :now, updated_at = :now, status = 'open', waiting_since = coalesce(waiting_since, :now),
        assignee_id = (SELECT staff.id FROM staff WHERE staff.id = assignee_id AND active)
    WHERE id = :id"""

# One of the messages that everybody had read is unread again.
ONE_UNREAD = """
    UPDATE conversation_reads SET inbound_count = inbound_count - 1, current = 0
    WHERE conversation_id = :id AND inbound_count > 0"""


def wait_again(db: Database, message: MessageRow, preview: str) -> None:
    """Reopen the conversation of a guest's message that was edited after the answer: it waits for another, and is unread.

    What nobody has answered yet waits already, and stays as it is.
    """
    conversation_id, guest_id = message["conversation_id"], message["author_id"]
    named = {"id": conversation_id, "seq": message["seq"]}
    if not db.value(IS_ANSWERED, named):
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


def update_conversation(
    db: Database, message: MessageRow, details: Mapping[str, object], longest: int
) -> None:
    """Move the conversation of a message that has come in, with a preview of `longest` characters, and record the events.

    It waits for an answer and is unread, unless the details say that no person wrote it (`automatic`):
    then its event has no actor, and it reopens nothing.
    """
    conversation_id, content = message["conversation_id"], message["content"]
    automatic = bool(details.get("automatic"))
    preview = (DOUBT + content if details.get("doubtful") else content)[:longest]
    was_closed = not automatic and db.value(IS_CLOSED, {"id": conversation_id})
    changed = {"id": conversation_id, "preview": preview, "now": message["created_at"]}
    db.run(RECEIVED_AUTOMATIC if automatic else RECEIVED, changed)
    by = None if automatic else message["author_id"]
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
