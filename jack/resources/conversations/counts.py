"""How many conversations there are to take care of: for the inbox, in one question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.resources.conversations.store import total_of

if TYPE_CHECKING:
    from jack.core.db import Database, Row

OF_STATUS = (
    "(SELECT coalesce(sum(conversations), 0) FROM conversation_counts WHERE status = '{0}') AS {0}"
)
OF_OPEN = """(SELECT coalesce(sum(conversations), 0) FROM conversation_counts
    WHERE status = 'open' AND {1}) AS {0}"""
OF_UNREAD = f"({total_of(['status'], unread=True)}) AS unread"

COUNT = "SELECT " + ", ".join(
    (
        *(OF_STATUS.format(status) for status in ("open", "pending", "closed")),
        OF_OPEN.format("mine", "assignee_id = :reader"),
        OF_OPEN.format("unassigned", "assignee_id = ''"),
        OF_OPEN.format("waiting", "waiting = 1"),
        OF_UNREAD,
    )
)


def count(db: Database, *, reader: str) -> Row:
    """open, pending, closed; and of the open ones mine, unassigned, waiting for an answer, unread by `reader`."""
    found = db.cached_one(COUNT, {"reader": reader, "status": "open"})
    return dict(found or {})
