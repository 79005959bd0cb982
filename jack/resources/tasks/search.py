"""Which tasks a list is of, by more than where they stand: a room, a conversation, words, a time; in any order, or from a cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from jack.core import fulltext
from jack.core.db import as_json
from jack.core.paging import Listed, Page, Place, Walked
from jack.core.query import Query, where
from jack.core.snapshot import snapshot
from jack.core.sqlite import texts_found
from jack.core.walking import Wanted, walk
from jack.resources.tasks.listing import DUE, FEW, FILTERS, statements
from jack.resources.tasks.rows import COLUMNS, STATUSES, StoredTask, TaskRow, parsed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jack.core.db import Database


class RecentTask(TypedDict):
    """A task as it is searched."""

    seq: int
    search_text: str


# Each has an index. `seq` is in the order of creation.
SORTS = {
    "priority": "urgency, due_at, seq",
    "dueAt": "due_at, seq",
    "-createdAt": "seq DESC",
}

MORE_FILTERS = {
    "room": "room = :room",
    "conversation_id": "conversation_id = :conversation_id",
    "search": """seq IN (
        SELECT rowid FROM task_search WHERE task_search MATCH :search UNION ALL SELECT value FROM json_each(:recent))""",
    "created_since": "created_at >= :created_since",
    # Each side has an index.
    "updated_since": """(updated_at <> created_at AND updated_at >= :updated_since
        OR updated_at = created_at AND created_at >= :updated_since)""",
}

# Few tasks are of one guest, conversation or room.
INDEXES = FEW | {
    "conversation_id": "tasks_of_conversation",
    "room": "tasks_by_room",
}

# Those that are not in the search index yet: fewer than 64.
RECENT = Query[RecentTask](
    "SELECT seq, search_text FROM tasks WHERE seq > (SELECT coalesce(max(id), 0) FROM task_search_docsize)"
)

BY_SEQ = Query[StoredTask](
    f"SELECT {COLUMNS} FROM tasks WHERE seq IN (SELECT value FROM json_each(:seqs))"
)


def find(
    db: Database,
    given: Mapping[str, object],
    statuses: tuple[str, ...],
    sort: str,
    page: Page | Place,
    second: str,
) -> Listed[TaskRow] | Walked[TaskRow]:
    """The tasks on a page or after a place that pass the filters of `listing` and `MORE_FILTERS`, in one of these statuses.

    `second` is the time by which they are overdue.
    """
    if isinstance(page, Place):
        params = {"second": second}
        with snapshot(db):  # what is not in the search index yet is read by itself
            return walk(
                db,
                _wanted(db, given, statuses, second),
                page,
                lambda seqs: map(parsed, db.all(BY_SEQ, {"seqs": as_json(seqs), **params})),
            )
    if not statuses:
        return Listed([], 0, page)
    if sort != "priority" or MORE_FILTERS.keys() & given.keys():
        return _sorted(db, _wanted(db, given, statuses, second), sort, page, second)
    return _listed(db, given, statuses, page, second)


def _listed(
    db: Database, given: Mapping[str, object], statuses: tuple[str, ...], page: Page, second: str
) -> Listed[TaskRow]:
    """A page in the usual order."""
    listing, counting = statements(tuple(given), statuses)
    now = {"second": second}
    rows = db.all(listing, {**given, **now, "limit": page.limit, "offset": page.offset})
    timed = bool(DUE.keys() & given.keys())
    total = db.cached_count(counting, {**given, **now} if timed else given)
    return Listed([parsed(row) for row in rows], total, page)


def _wanted(
    db: Database, given: Mapping[str, object], statuses: Sequence[str], second: str
) -> Wanted:
    """The tasks that pass these filters, wherever they stand."""
    params = {**given, "second": second} if DUE.keys() & given.keys() else dict(given)
    conditions = [(FILTERS | MORE_FILTERS)[name] for name in given]
    if len(statuses) < len(STATUSES):
        named = ", ".join(f"'{name}'" for name in statuses)
        conditions.append(f"status IN ({named})")
    if "search" in given:
        query = fulltext.words(str(given["search"]))
        params |= {"search": query, "recent": _recent(db, query)}
        if not query:
            conditions = ["0"]
    index = next((INDEXES[name] for name in INDEXES if name in given), None)
    return Wanted("tasks", conditions, params, few=index is not None, index=index)


def _recent(db: Database, query: str) -> str:
    """The tasks that a query finds and that are not in the search index yet, by their `seq`, as JSON."""
    texts = [(row["seq"], row["search_text"]) for row in db.all(RECENT)] if query else []
    return as_json(texts_found(texts, query) if texts else [])


def _sorted(db: Database, of: Wanted, sort: str, page: Page, second: str) -> Listed[TaskRow]:
    """A page in another order, or by what has no index that is in order."""
    index = f"INDEXED BY {of.index}" if of.index else ""
    source = f"FROM tasks {index} {where(of.conditions)}"
    total = db.cached_count(f"SELECT count(*) {source}", of.params)
    listing = Query[StoredTask](
        f"SELECT {COLUMNS} {source} ORDER BY {SORTS[sort]} LIMIT :limit OFFSET :offset"
    )
    bounds = {"limit": page.limit, "offset": page.offset, "second": second}
    rows = db.all(listing, {**of.params, **bounds})
    return Listed([parsed(row) for row in rows], total, page)
