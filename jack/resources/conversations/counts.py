"""How many conversations there are of each kind, for the inbox: one statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from jack.core.query import Query
from jack.resources.conversations.listing import total_of

if TYPE_CHECKING:
    from jack.core.db import Database


class CountsRow(TypedDict):
    """How many conversations there are; `mine`, `unassigned`, `waiting` and `unread` are of the open ones."""

    open: int
    pending: int
    closed: int
    mine: int
    unassigned: int
    waiting: int
    unread: int


OF_STATUS = (
    "(SELECT coalesce(sum(conversations), 0) FROM conversation_counts WHERE status = '{0}') AS {0}"
)
OF_OPEN = """(SELECT coalesce(sum(conversations), 0) FROM conversation_counts
    WHERE status = 'open' AND {1}) AS {0}"""
OF_UNREAD = f"({total_of(['status'], unread=True)}) AS unread"

COUNTS = (
    *(OF_STATUS.format(status) for status in ("open", "pending", "closed")),
    OF_OPEN.format("mine", "assignee_id = :reader"),
    OF_OPEN.format("unassigned", "assignee_id = ''"),
    OF_OPEN.format("waiting", "waiting = 1"),
    OF_UNREAD,
)
COUNT = Query[CountsRow](f"SELECT {', '.join(COUNTS)}")


def count(db: Database, *, reader: str) -> CountsRow:
    """The counts, as `reader`, a member of staff, sees them."""
    found = db.cached_one(COUNT, {"reader": reader, "status": "open"})
    if found is None:
        raise LookupError("a SELECT without FROM has a row")
    return found
