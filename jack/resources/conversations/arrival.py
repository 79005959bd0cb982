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

# Whoever has left since the conversation was closed is not given it again.
RECEIVED = """
    UPDATE conversations
    SET preview = :preview, preview_media = NULL, last_message_at = :now, active_at = :now, updated_at = :now, status = 'open',
        inbound_count = inbound_count + 1, waiting_since = coalesce(waiting_since, :now),
        assignee_id = (SELECT staff.id FROM staff WHERE staff.id = assignee_id AND active)
    WHERE id = :id"""

# Nobody waits for an answer to it, and nobody has to read it.
RECEIVED_AUTOMATIC = """
    UPDATE conversations
    SET preview = :preview, preview_media = NULL, last_message_at = :now, active_at = :now, updated_at = :now
    WHERE id = :id"""


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
