"""Which tasks a list is of, by more than where they stand: a room, a conversation, words, a time; in any order, or from a cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.core import fulltext
from jack.core.query import Query, where
from jack.core.walking import Wanted
from jack.resources.tasks.listing import FILTERS
from jack.resources.tasks.rows import COLUMNS, TaskRow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jack.core.db import Database
    from jack.core.paging import Page

# Each has an index. `seq` is in the order of creation.
SORTS = {
    "priority": "urgency, due_at, seq",
    "dueAt": "due_at, seq",
    "-createdAt": "seq DESC",
}

MORE_FILTERS = {
    "room": "room = :room",
    "conversation_id": "conversation_id = :conversation_id",
    "search": "seq IN (SELECT rowid FROM task_search WHERE task_search MATCH :search)",
    "created_since": "created_at >= :created_since",
    "updated_since": "updated_at >= :updated_since",
}

# Few tasks are of one guest, conversation or room.
INDEXES = {
    "guest_id": "tasks_of_guest",
    "conversation_id": "tasks_of_conversation",
    "room": "tasks_by_room",
}

BY_SEQ = Query[TaskRow](
    f"SELECT {COLUMNS} FROM tasks WHERE seq IN (SELECT value FROM json_each(:seqs))"
)


def wanted(given: Mapping[str, object], statuses: Sequence[str], *, all: int) -> Wanted:
    """The tasks that pass the filters of `listing` and `MORE_FILTERS`, in one of these statuses, of `all` there are."""
    params = dict(given)
    conditions = [(FILTERS | MORE_FILTERS)[name] for name in given]
    if len(statuses) < all:
        named = ", ".join(f"'{name}'" for name in statuses)
        conditions.append(f"status IN ({named})")
    if "search" in given:
        params["search"] = fulltext.words(str(given["search"]))
        if not params["search"]:
            conditions = ["0"]
    index = next((INDEXES[name] for name in INDEXES if name in given), None)
    return Wanted("tasks", conditions, params, few=index is not None, index=index)


def page_of(
    db: Database, of: Wanted, sort: str, page: Page, second: str
) -> tuple[list[TaskRow], int]:
    """The tasks on a page, and how many there are. `second` is the time by which they are overdue."""
    index = f"INDEXED BY {of.index}" if of.index else ""
    source = f"FROM tasks {index} {where(of.conditions)}"
    total = db.cached_count(f"SELECT count(*) {source}", of.params)
    listing = Query[TaskRow](
        f"SELECT {COLUMNS} {source} ORDER BY {SORTS[sort]} LIMIT :limit OFFSET :offset"
    )
    bounds = {"limit": page.limit, "offset": page.offset, "second": second}
    return db.all(listing, {**of.params, **bounds}), total
