"""Erasing a guest: the rows that tell of work done stay, nothing of the person does.

The one place that reaches into other rooms' tables, so that one reading shows everything an erasure touches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.core import events, idempotency
from jack.core.db import transaction
from jack.resources.attachments import storage
from jack.resources.guests import store
from jack.resources.quarantine import store as quarantine

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jack.core.db import Database, Row

ERASED = "[erased]"

# What is theirs, and may be named in an answer that is kept.
THEIRS = """
    SELECT id FROM conversations WHERE guest_id = :id
    UNION SELECT id FROM webchat_sessions WHERE guest_id = :id
    UNION SELECT attachments.id FROM attachments JOIN messages ON messages.id = message_id
    WHERE conversation_id IN (SELECT id FROM conversations WHERE guest_id = :id)
    UNION SELECT id FROM tasks
    WHERE guest_id = :id OR conversation_id IN (SELECT id FROM conversations WHERE guest_id = :id)"""

# Who was merged into them, and into those in turn: what a merge keeps is theirs as well.
MERGED = """
    WITH RECURSIVE theirs (id, merge_id) AS (
        SELECT other_id, id FROM merges WHERE kept_id = :id
        UNION SELECT other_id, merges.id FROM merges JOIN theirs ON kept_id = theirs.id)
    SELECT theirs.id, merge_id, other ->> 'email' AS email FROM theirs JOIN merges ON merges.id = merge_id"""

UNMERGEABLE = "DELETE FROM merges WHERE id = :id"

# The files themselves go when this is certain.
ATTACHMENTS = """
    DELETE FROM attachments
    WHERE message_id IN (SELECT id FROM messages WHERE conversation_id IN
                         (SELECT id FROM conversations WHERE guest_id = :id))
    RETURNING file"""

EMAILS = """
    SELECT address FROM guest_identities WHERE guest_id = :id AND channel = 'email'
    UNION SELECT email_key FROM guests WHERE id = :id AND email_key IS NOT NULL"""

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
    DELETE FROM receipts
    WHERE (account, provider_id) IN (
        SELECT account, provider_id FROM provider_messages JOIN messages ON messages.id = message_id
        WHERE conversation_id IN (SELECT id FROM conversations WHERE guest_id = :id))""",
    """
    DELETE FROM provider_messages
    WHERE message_id IN (SELECT id FROM messages WHERE conversation_id IN
                         (SELECT id FROM conversations WHERE guest_id = :id))""",
    """
    DELETE FROM unknown_sends
    WHERE message_id IN (SELECT id FROM messages WHERE conversation_id IN
                         (SELECT id FROM conversations WHERE guest_id = :id))""",
    """
    UPDATE messages
    SET content = :erased, error = NULL, details = NULL,
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
    """Erase a guest from profile, conversations, messages, files, tasks, merges, quarantine and kept answers.

    Raises NotFound. That they want to hear no more stays, under a hash of their address (`conversations.reach`). Copies
    made before (`backups/`, your own) still hold them: that is what backups do.
    """
    put_aside = quarantine.naming(db, [row["address"] for row in db.all(EMAILS, {"id": guest_id})])
    with transaction(db):
        guest = store.get(db, guest_id)
        theirs = [row["id"] for row in db.all(THEIRS, {"id": guest_id})]
        merged = _unmerge(db, guest_id)
        idempotency.erase(db, [guest_id, *theirs, *(other["id"] for other in merged)])
        _end_chats(db, [guest["email"], *(other["email"] for other in merged)])
        storage.remove(db, [row["file"] for row in db.all(ATTACHMENTS, {"id": guest_id})])
        quarantine.remove(db, put_aside)
        params = {"id": guest_id, "erased": ERASED, "now": db.now()}
        for statement in STATEMENTS:
            db.run(statement, params)
        events.record(db, "guest.erased", guest_id, by=by)
    db.checkpoint()


def _unmerge(db: Database, guest_id: str) -> list[Row]:
    """Forget what was merged into this guest; returns whom: `id` and `email`."""
    found = db.all(MERGED, {"id": guest_id})
    for row in found:
        db.run(UNMERGEABLE, {"id": row["merge_id"]})
    return found


def _end_chats(db: Database, emails: Iterable[str | None]) -> None:
    """End web chats that gave such an e-mail and have not been written in yet: no guest is theirs, but the address is."""
    known = {email.casefold() for email in emails if email}
    for row in db.all(UNWRITTEN_CHATS) if known else ():
        if row["email"].casefold() in known:
            db.run(END_CHAT, {"id": row["id"]})
