"""What a message of the staff's is made of besides its text: files, a template, the message it quotes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.core import clock
from jack.core.errors import Invalid
from jack.resources.attachments import store as attachments
from jack.resources.conversations import message_templates, sendability

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jack.core.db import Database
    from jack.resources.conversations.message_rows import MessageRow

SET_TYPE = "UPDATE messages SET type = :type WHERE id = :id"

IS_IN = (
    "SELECT EXISTS (SELECT 1 FROM messages WHERE id = :id AND conversation_id = :conversation_id "
    "AND coalesce(status, '') NOT IN ('scheduled', 'cancelled'))"
)

QUEUE = """
    INSERT INTO outbox (message_id, conversation_id, channel, due_at, held_until, created_at)
    VALUES (:message_id, :conversation_id, :channel, coalesce(:held_until, :now), :held_until, :now)"""


def check_quoted(db: Database, conversation_id: str, message_id: str | None) -> None:
    """Raise Invalid unless what a message quotes, if it does, is a message of the same conversation."""
    if message_id is None:
        return
    if not db.value(IS_IN, {"id": message_id, "conversation_id": conversation_id}):
        message = "No message of this conversation has this id."
        raise Invalid.field("replyTo", "no_such", message)


def attach(
    db: Database, message: MessageRow, attachment_ids: Sequence[str], by: str, channel: str
) -> MessageRow:
    """Give a message its files, and the type that goes with them. Raises Invalid for one that its channel does not take."""
    if not attachment_ids:
        return message
    files = attachments.claim(db, attachment_ids, message["id"], by=by)
    sendability.check_files(channel, files)
    message["attachments"] = files
    if message["type"] == "template":  # whose header the file is
        sent = (message["details"] or {}).get("template")
        message_templates.check_file(sent if isinstance(sent, dict) else {}, files[0])
    else:
        pictures = all(file["mime"].startswith("image/") for file in files)
        message["type"] = "image" if pictures else "file"
        db.run(SET_TYPE, {"id": message["id"], "type": message["type"]})
    return message


def queue(db: Database, message: MessageRow, channel: str, delay_seconds: int) -> None:
    """Let the worker send a message, but not before it has been held so long."""
    now = message["created_at"]
    held_until = clock.later(now, seconds=delay_seconds) if delay_seconds else None
    queued = {"message_id": message["id"], "conversation_id": message["conversation_id"]}
    db.run(QUEUE, queued | {"channel": channel, "held_until": held_until, "now": now})
