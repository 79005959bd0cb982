"""Rows of the web chat: sessions, and messages as their visitor is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jack.core.query import AnyRow
    from jack.resources.conversations.message_rows import MessageRow


class TokenRow(TypedDict):
    """A session by its token."""

    id: str
    expires_at: str


class SessionRow(TypedDict):
    """A visitor's session. `guest_id` and `stream_id` are None before the first message, `email_proven` is 0 or 1."""

    id: str
    guest_id: str | None
    stream_id: str | None
    name: str | None
    email: str | None
    email_proven: int
    language: str | None
    delivered_seq: int
    read_seq: int


class CreatedSession(TypedDict):
    """A new session, as it is answered."""

    token: str
    expires_at: str


class StreamRow(TypedDict):
    """A message of a visitor's chat; `staff_name` is the whole name of its author, if it is of the staff."""

    seq: int
    id: str
    conversation_id: str
    direction: str
    type: str
    content: str
    status: str | None
    author_type: str
    staff_name: str | None
    created_at: str
    read_at: str | None


class VisitorAuthor(TypedDict):
    """Who wrote a message; staff by first name only."""

    type: str
    name: str | None


class VisitorMessageRow(StreamRow):
    """A message as its visitor is answered."""

    author: VisitorAuthor
    attachments: Sequence[AnyRow]


def own_message(row: MessageRow) -> StreamRow:
    """A message of the visitor's, as STREAM reads it."""
    return {
        "seq": row["seq"],
        "id": row["id"],
        "conversation_id": row["conversation_id"],
        "direction": row["direction"],
        "type": row["type"],
        "content": row["content"],
        "status": row["status"],
        "author_type": row["author_type"],
        "staff_name": None,
        "created_at": row["created_at"],
        "read_at": row["read_at"],
    }


def shaped(
    rows: Sequence[StreamRow], files: Mapping[str, Sequence[AnyRow]]
) -> list[VisitorMessageRow]:
    """Messages as their visitor is answered, each with its `files`: staff by first name only."""
    return [{**row, "author": _author(row), "attachments": files[row["id"]]} for row in rows]


def _author(row: StreamRow) -> VisitorAuthor:
    name = row["staff_name"].split()[0] if row["staff_name"] else None
    return {"type": row["author_type"], "name": name}
