"""What a message of the hotel's changes in its conversation: its preview and activity, and that the guest waits no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.resources.conversations import composing, media_preview

if TYPE_CHECKING:
    from jack.core.db import Database
    from jack.resources.conversations.message_rows import MessageRow

PREVIEW = 140  # characters

SHOWS = """
    UPDATE conversations
    SET preview = :preview, preview_media = :media, last_message_at = :now, active_at = :now, updated_at = :now"""
SHOW_LAST = f"{SHOWS} WHERE id = :id"
ANSWERED = f"""{SHOWS}, waiting_since = NULL,
        first_response_at = coalesce(first_response_at, CASE WHEN inbound_count > 0 THEN :now END)
    WHERE id = :id"""


def queue(db: Database, message: MessageRow, channel: str, delay_seconds: int = 0) -> None:
    """Let a message leave, after it has been held so long, and answer its conversation."""
    composing.queue(db, message, channel, delay_seconds)
    mark_answered(db, message)


def mark_answered(db: Database, message: MessageRow) -> None:
    """The message is the last of its conversation, and its answer."""
    db.run(ANSWERED, _shown(message))


def show_last(db: Database, message: MessageRow) -> None:
    """The message is the last of its conversation, and answers nobody."""
    db.run(SHOW_LAST, _shown(message))


def _shown(message: MessageRow) -> dict[str, str | None]:
    """What a conversation shows of its last message, as the parameters of a statement."""
    shown = {"id": message["conversation_id"], "now": message["created_at"]}
    media = media_preview.stored(message["attachments"])
    return {**shown, "preview": message["content"][:PREVIEW], "media": media}
