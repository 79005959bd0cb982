"""The statements that list and count tasks in their usual order, by the filters that are given."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from jack.core.query import Query, where
from jack.resources.tasks.rows import ACTIVE, COLUMNS, OVERDUE, URGENCY, StoredTask

if TYPE_CHECKING:
    from collections.abc import Sequence

EVERY_URGENCY = f"urgency IN ({', '.join(map(str, URGENCY.values()))})"
IN_ORDER = "ORDER BY urgency, due_at, seq LIMIT :limit OFFSET :offset"

# The indexes hold status, then urgency and due_at: each status is a range that is in order already.
FILTERS = {
    "department": "department = :department",
    "assignee": "assignee_id IS :assignee",
    "guest_id": "guest_id = :guest_id",
    "external_id": "external_id = :external_id",
    "urgencies": "urgency IN (SELECT value FROM json_each(:urgencies))",
    "overdue": OVERDUE,
    "in_time": f"NOT {OVERDUE}",
}

# With one of these there are few tasks, which its index finds.
FEW = {"external_id": "tasks_by_external_id", "guest_id": "tasks_of_guest"}

# Of an active task: whether it is overdue.
DUE = {"overdue": "due_at < :second", "in_time": "due_at >= :second"}

# With these filters a total is a sum over `task_counts`, where '' stands for no assignee.
COUNTED = {
    "department": FILTERS["department"],
    "assignee": "assignee_id = coalesce(:assignee, '')",
    "urgencies": FILTERS["urgencies"],
}


@functools.cache
def statements(
    filters: tuple[str, ...], statuses: tuple[str, ...]
) -> tuple[Query[StoredTask], str]:
    """The statements of the page and the total for these filters and statuses (one at least).

    SQLite merges ranges that are in order, one a status, without sorting; `IN` would sort every match. Only the index is
    scanned: of the table, the tasks of the page alone are read.
    """
    index = next((index for name, index in FEW.items() if name in filters), None)
    if index is not None:  # so few that they are sorted
        wanted = [FILTERS[name] for name in filters]
        source = f"FROM tasks INDEXED BY {index} {where([_any_of(statuses), *wanted])}"
        listing = Query[StoredTask](f"SELECT {COLUMNS} {source} {IN_ORDER}")
        return listing, f"SELECT count(*) {source}"
    wanted = [FILTERS[name] for name in filters if name not in DUE]
    keys = "\n    UNION ALL".join(
        f"\n    SELECT seq, urgency, due_at FROM tasks {where([*bounds, *wanted])}"
        for bounds in _ranges(filters, statuses)
    )
    listing = Query[StoredTask](f"""WITH page (seq, urgent, due) AS MATERIALIZED ({keys}
    {IN_ORDER})
    SELECT {COLUMNS} FROM page CROSS JOIN tasks USING (seq) ORDER BY urgent, due, seq""")
    return listing, _total(filters, statuses)


def _ranges(filters: tuple[str, ...], statuses: tuple[str, ...]) -> list[list[str]]:
    """The conditions of each range to scan: one for each status; for each urgency of it where `due_at` is compared."""
    ranges = []
    for status in statuses:
        if status in ACTIVE and DUE.keys() & set(filters):
            due = next(DUE[name] for name in filters if name in DUE)
            ranges += [
                [f"status = '{status}'", f"urgency = {urgency}", due]
                for urgency in URGENCY.values()
            ]
        else:
            ranges.append([f"status = '{status}'"])
    return ranges


def _total(filters: tuple[str, ...], statuses: tuple[str, ...]) -> str:
    """The statement of the total: from `task_counts`; what is not due yet, which is little, is counted by the index."""
    others = [name for name in filters if name not in DUE]
    counted = _counted(others, statuses)
    if len(others) == len(filters):
        return f"SELECT {counted}"
    active = tuple(name for name in statuses if name in ACTIVE)
    early = where(
        [
            _any_of(active),
            EVERY_URGENCY,  # with each of them named, what is due later is a range of each
            DUE["in_time"],
            *(FILTERS[name] for name in others),
        ]
    )
    early = f"(SELECT count(*) FROM tasks {early})"
    if "overdue" in filters:
        return f"SELECT {_counted(others, active)} - {early}"
    ended = tuple(name for name in statuses if name not in ACTIVE)
    return f"SELECT {_counted(others, ended)} + {early}"


def _counted(filters: Sequence[str], statuses: tuple[str, ...]) -> str:
    """The expression of a total out of `task_counts`."""
    of_status = _any_of(statuses)
    kept = where([of_status, *(COUNTED[name] for name in filters)])
    return f"(SELECT coalesce(sum(tasks), 0) FROM task_counts {kept})"


def _any_of(statuses: tuple[str, ...]) -> str:
    """The condition that the status is one of these. They are constants of this module, never a caller's text."""
    named = ", ".join(f"'{name}'" for name in statuses)
    return f"status IN ({named})"
