"""What a member of staff, or an API key, has read of a conversation, and has put back to unread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.core import events
from jack.core.db import transaction
from jack.core.errors import Conflict
from jack.resources.conversations import store

if TYPE_CHECKING:
    from jack.core.db import Database
    from jack.resources.conversations.conversation_rows import ConversationRow

MARK_READ = """
    INSERT INTO conversation_reads (conversation_id, staff_id, inbound_count, current, seen_count)
    SELECT id, :reader, inbound_count, inbound_count > 0, inbound_count FROM conversations WHERE id = :id
    ON CONFLICT (conversation_id, staff_id)
        DO UPDATE SET (inbound_count, current, seen_count) = (excluded.inbound_count, excluded.current, excluded.seen_count)"""

# As if the last message of the guest had not been read. It has been seen all the same, which a visitor has been told.
MARK_UNREAD = """
    UPDATE conversation_reads
    SET inbound_count = inbound_count - 1, current = 0
    WHERE conversation_id = :id AND staff_id = :reader"""


def mark_read(db: Database, conversation_id: str, *, by: str) -> ConversationRow:
    """Note that this member has read all of it. Raises NotFound."""
    with transaction(db):
        row = store.get(db, conversation_id, reader=by)
        if row["unread"]:
            note_read(db, conversation_id, by)
            _record(db, "conversation.read", conversation_id, by)
        row["unread"] = 0
    return row


def mark_unread(db: Database, conversation_id: str, *, by: str) -> ConversationRow:
    """Have this member's conversation be unread again, by its guest's last message; one that is unread stays as it is.

    Raises NotFound; Conflict where the guest has written nothing that could be read.
    """
    with transaction(db):
        row = store.get(db, conversation_id, reader=by)
        if not row["inbound_count"]:
            message = "The guest has written nothing in this conversation that could be unread."
            raise Conflict(message, reason="nothing_to_read")
        if not row["unread"]:
            db.run(MARK_UNREAD, {"id": conversation_id, "reader": by})
            _record(db, "conversation.unread", conversation_id, by)
            row["unread"] = 1
    return row


def note_read(db: Database, conversation_id: str, reader: str) -> None:
    """Note that they have read all of it, as whoever writes in it has. In the transaction of the change."""
    db.run(MARK_READ, {"id": conversation_id, "reader": reader})


def _record(db: Database, type: events.EventType, conversation_id: str, by: str) -> None:
    events.record(db, type, conversation_id, conversation_id=conversation_id, by=by)
