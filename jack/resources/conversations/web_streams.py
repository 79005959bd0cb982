"""Who of the web chat's visitors may see a conversation: those of its stream, whoever its guest is or becomes.

A visitor who has proven nothing has a stream of their own; those who have proven the same e-mail share one. A merge of guests
changes no stream: who has claimed to be somebody else is shown what they said and what they were answered, and nothing more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.core.db import as_json
from jack.core.errors import Conflict
from jack.core.patterns import email_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jack.core.db import Database

OF_GUEST = """
    SELECT DISTINCT stream_id FROM webchat_sessions
    WHERE guest_id = :guest_id AND stream_id IS NOT NULL AND expires_at > :now
    LIMIT 2"""

# Whether a merge may have made the visitor of a stream, who has proven nothing, this guest.
DOUBTFUL = """
    SELECT email_key IS NULL AND EXISTS (SELECT 1 FROM merged_guests WHERE merged_into = :guest_id)
    FROM webchat_streams
    WHERE id = :stream_id"""

BY_EMAIL = "SELECT id FROM webchat_streams WHERE email_key = :email_key"

CREATE = """
    INSERT INTO webchat_streams (id, email_key, created_at) VALUES (:id, :email_key, :now)
    ON CONFLICT (email_key) DO NOTHING"""

SET_STREAM = "UPDATE webchat_sessions SET stream_id = :stream_id WHERE id = :id"

DELETE_UNUSED = """
    DELETE FROM webchat_streams
    WHERE id IN (SELECT value FROM json_each(:ids))
      AND NOT EXISTS (SELECT 1 FROM webchat_sessions WHERE stream_id = webchat_streams.id)
      AND NOT EXISTS (SELECT 1 FROM conversations WHERE stream_id = webchat_streams.id)"""

# The stream's session that ends last: it is the one a message is sent to.
VISITOR = """
    SELECT webchat_sessions.id
    FROM conversations JOIN webchat_sessions ON webchat_sessions.stream_id = conversations.stream_id
    WHERE conversations.id = :conversation_id AND expires_at > :now
    ORDER BY expires_at DESC
    LIMIT 1"""


def join(db: Database, session_id: str, email: str | None) -> str:
    """Give a session its stream: that of its proven e-mail, or one of its own; returns the stream's id."""
    key = email_key(email) if email else None
    db.run(CREATE, {"id": session_id, "email_key": key, "now": db.now()})
    found = db.value(BY_EMAIL, {"email_key": key}) if key else None
    stream_id = str(found or session_id)
    db.run(SET_STREAM, {"id": session_id, "stream_id": stream_id})
    return stream_id


def of_guest(db: Database, guest_id: str) -> str | None:
    """The stream in which a guest can be written to first; None when they have no web chat that is still open.

    Raises Conflict when they have several, or have been merged and the visitor has proven nothing: whoever staff take for the
    guest would be told what is meant for the guest.
    """
    found: list[str] = db.column(OF_GUEST, {"guest_id": guest_id, "now": db.now()})
    if len(found) > 1:
        message = (
            "This guest has several web chats, and nothing proves that one person has them. "
            "Write in the conversation of the one you mean."
        )
        raise Conflict(message, reason="several_web_chats")
    if found and db.value(DOUBTFUL, {"guest_id": guest_id, "stream_id": found[0]}):
        message = (
            "This guest was merged with another one, and nothing proves that the web chat is theirs. "
            "Answer in its conversation, or write to them on another channel."
        )
        raise Conflict(message, reason="web_chat_unproven")
    return found[0] if found else None


def delete_unused(db: Database, ids: Sequence[str]) -> None:
    """Delete those of these streams that have neither a session nor a conversation any more."""
    if ids:
        db.run(DELETE_UNUSED, {"ids": as_json(list(ids))})


def visitor(db: Database, conversation_id: str) -> str | None:
    """The id of the session that a message in this conversation is for; None when no visitor can come back to it."""
    found: str | None = db.value(VISITOR, {"conversation_id": conversation_id, "now": db.now()})
    return found
