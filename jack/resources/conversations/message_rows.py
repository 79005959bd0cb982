"""Rows of `messages`: as they are stored, and as they are answered, with author, details and files."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

import orjson

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


class StoredMessage(MessageColumns):
    """A message as it is stored; `details` is JSON text."""

    details: str | None


class Author(TypedDict):
    """Who wrote a message."""

    type: str
    id: str | None
    name: str | None


class MessageRow(MessageColumns):
    """A message as it is answered."""

    details: dict[str, object] | None
    author: Author
    written_at: str | None
    attachments: Sequence[AnyRow]


COLUMNS = """
    seq, id, conversation_id, direction, type, content, status, author_type, author_id,
    CASE author_type
        WHEN 'staff' THEN (SELECT name FROM staff WHERE id = author_id)
        WHEN 'integration' THEN (SELECT name FROM api_keys WHERE id = author_id)
        WHEN 'guest' THEN (SELECT name FROM guests WHERE id = author_id)
    END AS author_name,
    error, details, created_at, ordered_at, sent_at, delivered_at, read_at"""


def answered(row: StoredMessage, files: Sequence[AnyRow] = ()) -> MessageRow:
    """A message as it is answered, with these files."""
    author: Author = {
        "type": row["author_type"],
        "id": row["author_id"],
        "name": row["author_name"],
    }
    details = orjson.loads(row["details"]) if row["details"] else None
    return {
        **row,
        "details": details,
        "author": author,
        "written_at": details.get("writtenAt") if details else None,
        "attachments": files,
    }
