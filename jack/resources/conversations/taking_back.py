"""Taking back a message that is held: it goes with everything it has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from jack.core import events
from jack.core.db import transaction
from jack.core.errors import Conflict
from jack.core.query import Query
from jack.resources.attachments import store as attachments
from jack.resources.conversations import answering, arrival, media_preview, messages, store
from jack.resources.conversations.message_rows import SAID

if TYPE_CHECKING:
    from jack.core.db import Database


class LatestRow(TypedDict):
    """The last message of a conversation, and its preview."""

    id: str
    preview: str


# Only while it is held and nobody sends it.
DELETE_HELD = """
    DELETE FROM outbox WHERE message_id = :id AND owner IS NULL AND held_until > :now"""

DELETE = "DELETE FROM messages WHERE id = :id"

LATEST = Query[LatestRow](f"""
    SELECT id, substr(iif(details ->> 'doubtful', '{arrival.DOUBT}', '') || content, 1, {answering.PREVIEW}) AS preview
    FROM messages WHERE conversation_id = :id AND {SAID}
    ORDER BY ordered_at DESC, id DESC
    LIMIT 1""")

LATEST_AT = f"SELECT max(created_at) FROM messages WHERE conversation_id = :id AND {SAID}"

# The first response may have been this one: it is the oldest answer that is left.
RESTORE = f"""
    UPDATE conversations
    SET preview = :preview, preview_media = NULL, last_message_at = :at, active_at = coalesce(:at, created_at), updated_at = :now,
        first_response_at = (
            SELECT min(created_at) FROM messages
            WHERE conversation_id = :id AND direction = 'outbound' AND answers AND {SAID} AND seq > (
                SELECT min(seq) FROM messages WHERE conversation_id = :id AND direction = 'inbound'))
    WHERE id = :id"""

RESTORE_GUEST = """
    UPDATE guests
    SET last_contact_at = (SELECT max(last_message_at) FROM conversations WHERE guest_id = guests.id)
    WHERE id = (SELECT guest_id FROM conversations WHERE id = :id)"""


def take_back(db: Database, message_id: str, *, by: str) -> None:
    """Delete a message that is held or scheduled; its files can be sent again. Raises NotFound, or Conflict when it is too late."""
    with transaction(db):
        message = messages.get(db, message_id)
        held = message["status"] != "scheduled"
        if held and not db.run(DELETE_HELD, {"id": message_id, "now": db.now()}):
            raise Conflict("It has left, and cannot be taken back.", reason="not_held")
        attachments.release(db, message_id, by=by)
        db.run(DELETE, {"id": message_id})
        if held:  # a scheduled one has moved nothing
            _restore(db, message["conversation_id"])
        events.record(
            db,
            "conversation.message.updated",
            message_id,
            conversation_id=message["conversation_id"],
            by=by,
            changed=["deleted"],
        )


def _restore(db: Database, conversation_id: str) -> None:
    """Make preview, activity, first response and waiting what they are by the messages that are left."""
    latest = db.one(LATEST, {"id": conversation_id})
    values = {
        "id": conversation_id,
        "preview": latest["preview"] if latest else None,
        "at": db.value(LATEST_AT, {"id": conversation_id}),
        "now": db.now(),
    }
    db.run(RESTORE, values)
    if latest:
        media_preview.update(db, latest["id"])
    db.run(RESTORE_GUEST, {"id": conversation_id})
    store.restore_waiting(db, conversation_id)
