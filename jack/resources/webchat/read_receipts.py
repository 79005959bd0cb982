"""Up to where the staff have read a visitor's messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from jack.core.query import Query
from jack.resources.conversations import arrival

if TYPE_CHECKING:
    from jack.core.db import Database


class UnreadRow(TypedDict):
    """A conversation of the visitor's, with how many messages nobody on the staff has read."""

    id: str
    unread: int


class MessageSeq(TypedDict):
    """A message, and its place among all."""

    seq: int
    id: str


# The visitor's web conversations, with how many messages of each nobody on the staff has read.
UNREAD = Query[UnreadRow]("""
    SELECT id, inbound_count - coalesce(
        (SELECT max(seen_count) FROM conversation_reads WHERE conversation_id = conversations.id), 0) AS unread
    FROM conversations
    WHERE stream_id = (SELECT stream_id FROM webchat_sessions WHERE id = :session_id)""")

# What a blocked visitor writes counts as read with what was read after it: nobody has to read it.
OLDEST_UNREAD = f"""
    SELECT seq FROM messages
    WHERE conversation_id = :id AND {arrival.COUNTS}
    ORDER BY seq DESC
    LIMIT 1 OFFSET :unread - 1"""

LAST_BEFORE = Query[MessageSeq](f"""
    SELECT seq, id FROM messages
    WHERE conversation_id = :id AND {arrival.COUNTS} AND seq < :bound
    ORDER BY seq DESC
    LIMIT 1""")

END = 2**62


def up_to(db: Database, session_id: str) -> str | None:
    """The id of the visitor's message up to which somebody on the staff has read all of theirs."""
    conversations = db.all(UNREAD, {"session_id": session_id})
    unread = [db.value(OLDEST_UNREAD, row) or 0 for row in conversations if row["unread"] > 0]
    bound = min(unread, default=END)
    found = [db.one(LAST_BEFORE, {"id": row["id"], "bound": bound}) for row in conversations]
    last = max((row for row in found if row), key=lambda row: row["seq"], default=None)
    return last["id"] if last else None
