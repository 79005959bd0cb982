"""Erasing a guest: the rows that tell of work done stay, nothing of the person does.

The one place that reaches into other rooms' tables, so that one reading shows everything an erasure touches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack import events, idempotency
from jack.db import transaction
from jack.guests import store

if TYPE_CHECKING:
    from jack.db import Database

ERASED = "[erased]"

# What is theirs, and may be named in an answer that is kept.
THEIRS = """
    SELECT id FROM conversations WHERE guest_id = :id
    UNION SELECT id FROM webchat_sessions WHERE guest_id = :id
    UNION SELECT id FROM tasks
    WHERE guest_id = :id OR conversation_id IN (SELECT id FROM conversations WHERE guest_id = :id)"""

UNWRITTEN_CHATS = (
    "SELECT id, email FROM webchat_sessions WHERE guest_id IS NULL AND email IS NOT NULL"
)

END_CHAT = "DELETE FROM webchat_sessions WHERE id = :id"

STATEMENTS = (
    """
    DELETE FROM outbox
    WHERE message_id IN (SELECT id FROM messages WHERE conversation_id IN
                         (SELECT id FROM conversations WHERE guest_id = :id))""",
    """
    DELETE FROM inbound
    WHERE message_id IN (SELECT id FROM messages WHERE conversation_id IN
                         (SELECT id FROM conversations WHERE guest_id = :id))""",
    """
    UPDATE messages
    SET content = :erased, error = NULL, provider_id = NULL,
        author_id = CASE author_type WHEN 'staff' THEN author_id END,
        status = CASE WHEN status IN ('queued', 'sending') THEN 'failed' ELSE status END
    WHERE conversation_id IN (SELECT id FROM conversations WHERE guest_id = :id)""",
    """
    UPDATE tasks
    SET title = :erased, description = NULL, notes = NULL, room = NULL, guest_id = NULL, updated_at = :now
    WHERE guest_id = :id OR conversation_id IN (SELECT id FROM conversations WHERE guest_id = :id)""",
    "DELETE FROM webchat_sessions WHERE guest_id = :id",
    """
    UPDATE conversations
    SET guest_id = NULL, subject = NULL, preview = NULL, status = 'closed', waiting_since = NULL, updated_at = :now
    WHERE guest_id = :id""",
    "DELETE FROM guests WHERE id = :id",
)


def erase(db: Database, guest_id: str, *, by: str | None = None) -> None:
    """Erase a guest from profile, conversations, messages, tasks and kept answers. Raises NotFound.

    Copies made before (`backups/`, your own) still hold them: that is what backups do.
    """
    with transaction(db):
        guest = store.get(db, guest_id)
        theirs = [row["id"] for row in db.all(THEIRS, {"id": guest_id})]
        idempotency.erase(db, [guest_id, *theirs])
        _end_chats(db, guest["email"])
        params = {"id": guest_id, "erased": ERASED, "now": db.now()}
        for statement in STATEMENTS:
            db.run(statement, params)
        events.record(db, "guest.erased", guest_id, by=by)
    db.checkpoint()


def _end_chats(db: Database, email: str | None) -> None:
    """End web chats that gave this e-mail and have not been written in yet: no guest is theirs, but the address is."""
    for row in db.all(UNWRITTEN_CHATS) if email else ():
        if row["email"].casefold() == str(email).casefold():
            db.run(END_CHAT, {"id": row["id"]})
