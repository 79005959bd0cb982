"""All messages in the order in which they were written, a part at a time: for files with very many of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.core.query import Query, where
from jack.resources.attachments import store as attachments
from jack.resources.conversations.message_rows import COLUMNS, StoredMessage, answered

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jack.core.db import Database
    from jack.resources.conversations.message_rows import MessageRow

PART = 500
FILTERS = {
    "conversation_id": "conversation_id = :conversation_id",
    "created_since": "created_at >= :created_since",
}


def count(db: Database, **filters: str) -> int:
    """How many messages there are: of one conversation (`conversation_id`), since a moment (`created_since`)."""
    conditions = [FILTERS[name] for name in filters]
    return int(db.value(f"SELECT count(*) FROM messages {where(conditions)}", filters))


def parts(db: Database, **filters: str) -> Iterator[Sequence[MessageRow]]:
    """These messages, oldest first, in parts of a few hundred."""
    conditions = ["seq > :after", *(FILTERS[name] for name in filters)]
    statement = Query[StoredMessage](
        f"SELECT {COLUMNS} FROM messages {where(conditions)} ORDER BY seq LIMIT :limit"
    )
    after = 0
    while rows := db.all(statement, {**filters, "after": after, "limit": PART}):
        files = attachments.of_messages(db, [row["id"] for row in rows])
        yield [answered(row, files[row["id"]]) for row in rows]
        after = rows[-1]["seq"]
