"""Rows of `messages`: as they are stored, and as they are answered, with author, details and files."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

import orjson

from jack.core import actors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jack.core.query import AnyRow


class MessageColumns(TypedDict):
    """The columns of a message that are answered as they are stored."""

    seq: int
    id: str
    conversation_id: str
    direction: str
    type: str
    content: str
    status: str | None
    author_type: str
    author_id: str | None
    author_name: str | None
    error: str | None
    created_at: str
    ordered_at: str
    sent_at: str | None
    delivered_at: str | None
    read_at: str | None
    send_at: str | None


class StoredMessage(MessageColumns):
    """A message as it is stored; `details`, `reactions` and `reply_to` are JSON text."""

    cancel_on_reply: int
    details: str | None
    reactions: str
    reply_to: str | None


class Author(TypedDict):
    """Who wrote a message."""

    type: str
    id: str | None
    name: str | None


class ReactionRow(TypedDict):
    """An emoji that somebody has put on a message; `error` is why the provider refused one of the hotel's."""

    emoji: str
    by: Author
    at: str
    error: str | None


class QuotedRow(TypedDict):
    """The message that another one answers: its beginning, and who wrote it."""

    id: str
    content: str
    author: Author


class MessageRow(MessageColumns):
    """A message as it is answered."""

    cancel_on_reply: bool
    reply_to: QuotedRow | None
    reactions: list[ReactionRow]
    details: dict[str, object] | None
    author: Author
    written_at: str | None
    attachments: Sequence[AnyRow]


# Of the guest's side by whoever is the guest of the conversation now; of the hotel's without an author: from its phone.
REACTIONS = """(
        SELECT json_group_array(json_object(
            'side', side, 'emoji', emoji, 'at', at, 'error', reactions.error,
            'id', iif(side = 'guest', guest_id, reactions.author_id),
            'name', iif(side = 'guest', (SELECT name FROM guests WHERE guests.id = guest_id), coalesce(
                (SELECT name FROM staff WHERE staff.id = reactions.author_id),
                (SELECT name FROM api_keys WHERE api_keys.id = reactions.author_id)))))
        FROM reactions JOIN conversations ON conversations.id = messages.conversation_id
        WHERE message_id = messages.id AND emoji IS NOT NULL)"""

AUTHOR_NAME = """CASE {0}.author_type
        WHEN 'staff' THEN (SELECT name FROM staff WHERE id = {0}.author_id)
        WHEN 'integration' THEN (SELECT name FROM api_keys WHERE id = {0}.author_id)
        WHEN 'automation' THEN (SELECT name FROM automations WHERE id = {0}.author_id)
        WHEN 'guest' THEN (SELECT name FROM guests WHERE id = {0}.author_id)
    END"""

QUOTED = 200  # characters
REPLY_TO = f"""(
        SELECT json_object(
            'id', quoted.id, 'content', substr(quoted.content, 1, {QUOTED}), 'author',
            json_object('type', quoted.author_type, 'id', quoted.author_id, 'name', {AUTHOR_NAME.format("quoted")}))
        FROM messages AS quoted WHERE quoted.id = messages.reply_to_id)"""

COLUMNS = f"""
    seq, id, conversation_id, direction, type, content, status, author_type, author_id,
    {AUTHOR_NAME.format("messages")} AS author_name,
    error, details, created_at, ordered_at, sent_at, delivered_at, read_at, {REACTIONS} AS reactions,
    {REPLY_TO} AS reply_to, send_at, cancel_on_reply"""

# SQL for what has been said to the guest, or by them: no note, and nothing that has not left, or never will.
SAID = "type <> 'note' AND messages.status NOT IN ('scheduled', 'cancelled')"

# SQL for the place of a message that is made now: that of a deleted one is not used again.
NEXT_SEQ = """(
        SELECT 1 + max(coalesce((SELECT max(seq) FROM messages), 0),
                       coalesce((SELECT seq FROM list_ends WHERE list = 'messages'), 0)))"""


def answered(row: StoredMessage, files: Sequence[AnyRow] = ()) -> MessageRow:
    """A message as it is answered, with these files."""
    author: Author = {
        "type": row["author_type"],
        "id": row["author_id"],
        "name": row["author_name"],
    }
    details = orjson.loads(row["details"]) if row["details"] else None
    reactions = [_reaction(one) for one in orjson.loads(row["reactions"])]
    return {
        **row,
        "details": details,
        "author": author,
        "cancel_on_reply": bool(row["cancel_on_reply"]),
        "written_at": details.get("writtenAt") if details else None,
        "attachments": files,
        "reactions": reactions,
        "reply_to": orjson.loads(row["reply_to"]) if row["reply_to"] else None,
    }


def _reaction(stored: dict[str, str]) -> ReactionRow:
    kind = "guest" if stored["side"] == "guest" else actors.type_of(stored["id"] or "staff")
    by: Author = {"type": kind, "id": stored["id"], "name": stored["name"]}
    return {"emoji": stored["emoji"], "by": by, "at": stored["at"], "error": stored["error"]}
