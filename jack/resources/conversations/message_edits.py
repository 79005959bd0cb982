"""Messages that their senders have edited or deleted afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.core import events
from jack.core.db import as_json, transaction
from jack.resources.attachments import store as attachments
from jack.resources.conversations import media_preview
from jack.resources.conversations.messages import PREVIEW

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jack.core.db import Database
    from jack.resources.conversations.message_rows import MessageRow

# The details that a deleted message keeps.
KEPT = ("echo", "writtenAt")

CHANGE = "UPDATE messages SET type = :type, content = :content, details = :details WHERE id = :id"

CHANGE_PREVIEW = """
    UPDATE conversations SET preview = :preview, preview_media = NULL, updated_at = :now
    WHERE id = :id AND last_message_at = :created_at"""


def edit(db: Database, message: MessageRow, content: str, *, at: str) -> None:
    """Replace the text of a message its sender edited at this time."""
    details = {**(message["details"] or {}), "edited": at}
    _change(db, message, message["type"], content, details)


def revoke(db: Database, message: MessageRow, content: str, *, at: str) -> None:
    """Delete the text and the files of a message its sender deleted at this time; `content` stands in their place."""
    known = message["details"] or {}
    details = {name: known[name] for name in KEPT if name in known}
    with transaction(db):
        attachments.delete_of_message(db, message["id"])
        _change(db, message, "text", content, {**details, "revoked": at})


def _change(
    db: Database, message: MessageRow, type: str, content: str, details: Mapping[str, object]
) -> None:
    conversation_id = message["conversation_id"]
    changed = {"id": message["id"], "type": type, "content": content}
    preview = {"id": conversation_id, "created_at": message["created_at"], "now": db.now()}
    with transaction(db):
        db.run(CHANGE, changed | {"details": as_json(dict(details))})
        db.run(CHANGE_PREVIEW, preview | {"preview": content[:PREVIEW]})
        media_preview.update(db, message["id"])
        author = message["author_id"] if message["author_type"] == "guest" else None
        events.record(
            db,
            "conversation.message.updated",
            message["id"],
            conversation_id=conversation_id,
            by=author,
            changed=["content", "details"],
        )
