"""Tasks: what is to be done, by which department, by when."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from jack.core import clock, events
from jack.core.db import as_json, transaction
from jack.core.errors import Invalid, NotFound
from jack.core.paging import Listed, Page
from jack.core.query import where
from jack.resources.conversations import store as conversations
from jack.resources.guests import store as guests
from jack.resources.settings import store as settings
from jack.resources.staff import store as staff

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jack.core.db import Database, Row

ACTIVE = ("open", "in_progress", "blocked")
STATUSES = (*ACTIVE, "completed", "cancelled")
URGENCY = {"urgent": 0, "high": 1, "normal": 2, "low": 3}
EVERY_URGENCY = f"urgency IN ({', '.join(map(str, URGENCY.values()))})"
MINUTES_TO_DO = {"urgent": 15, "high": 30, "normal": 120, "low": 24 * 60}

OVERDUE = "(due_at < :second AND status NOT IN ('completed', 'cancelled'))"

COLUMNS = f"""seq, id, title, description, department, priority, urgency, status, guest_id, conversation_id, room,
    assignee_id, due_at, {OVERDUE} AS overdue, notes, completed_at, created_at, updated_at"""

GET = f"SELECT {COLUMNS} FROM tasks WHERE id = :id"

IN_ORDER = "ORDER BY urgency, due_at, seq LIMIT :limit OFFSET :offset"

# The indexes hold status, then urgency and due_at: each status is a range that is in order already.
FILTERS = {
    "department": "department = :department",
    "assignee": "assignee_id IS :assignee",
    "guest_id": "guest_id = :guest_id",
    "urgencies": "urgency IN (SELECT value FROM json_each(:urgencies))",
    "overdue": OVERDUE,
    "in_time": f"NOT {OVERDUE}",
}

# Of an active task, whether its time has come.
DUE = {"overdue": "due_at < :second", "in_time": "due_at >= :second"}

# By these a total is a sum over `task_counts`, which calls nobody ''.
COUNTED = {
    "department": FILTERS["department"],
    "assignee": "assignee_id = coalesce(:assignee, '')",
    "urgencies": FILTERS["urgencies"],
}

CREATE = f"""
    INSERT INTO tasks (id, title, description, department, priority, status, guest_id, conversation_id, room,
                       assignee_id, due_at, notes, completed_at, created_at, updated_at)
    VALUES (:id, :title, :description, :department, :priority, :status, :guest_id, :conversation_id, :room,
            :assignee_id, :due_at, :notes, :completed_at, :now, :now)
    RETURNING {COLUMNS}"""

CHANGE = f"""
    UPDATE tasks
    SET title = :title, description = :description, department = :department, priority = :priority,
        status = :status, guest_id = :guest_id, conversation_id = :conversation_id, room = :room,
        assignee_id = :assignee_id, due_at = :due_at, notes = :notes, completed_at = :completed_at,
        updated_at = :now
    WHERE id = :id
    RETURNING {COLUMNS}"""

BLANK = dict.fromkeys(
    ("description", "guest_id", "conversation_id", "room", "assignee_id", "notes", "completed_at")
)


@functools.cache
def _statements(filters: tuple[str, ...], statuses: tuple[str, ...]) -> tuple[str, str]:
    """The page and the total for these filters and statuses, of which there is one at least.

    SQLite merges ranges that are in order, one a status, without sorting; `IN` would sort every match. What it walks is
    the index alone: only the tasks of the page are read.
    """
    if "guest_id" in filters:  # so few that they are sorted
        wanted = [FILTERS[name] for name in filters]
        source = f"FROM tasks INDEXED BY tasks_of_guest {where([_any_of(statuses), *wanted])}"
        return f"SELECT {COLUMNS} {source} {IN_ORDER}", f"SELECT count(*) {source}"
    wanted = [FILTERS[name] for name in filters if name not in DUE]
    keys = "\n    UNION ALL".join(
        f"\n    SELECT seq, urgency, due_at FROM tasks {where([*bounds, *wanted])}"
        for bounds in _ranges(filters, statuses)
    )
    page = f"""WITH page (seq, urgent, due) AS MATERIALIZED ({keys}
    {IN_ORDER})
    SELECT {COLUMNS} FROM page CROSS JOIN tasks USING (seq) ORDER BY urgent, due, seq"""
    return page, _total(filters, statuses)


def _ranges(filters: tuple[str, ...], statuses: tuple[str, ...]) -> list[list[str]]:
    """The conditions of each range to walk: one a status, or one an urgency where the time decides."""
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
    """How many there are: by `task_counts`; and what is not due yet, which is little, by the index."""
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
    of_status = _any_of(statuses)
    kept = where([of_status, *(COUNTED[name] for name in filters)])
    return f"(SELECT coalesce(sum(tasks), 0) FROM task_counts {kept})"


def _any_of(statuses: tuple[str, ...]) -> str:
    """That the status is one of these, which are words of ours."""
    named = ", ".join(f"'{name}'" for name in statuses)
    return f"status IN ({named})"


def get(db: Database, task_id: str) -> Row:
    """The task, or NotFound."""
    row = db.one(GET, {"id": task_id, "second": _second(db)})
    if row is None:
        raise NotFound("Task not found")
    return row


def search(
    db: Database,
    *,
    status: Sequence[str] = (),
    priority: Sequence[str] = (),
    department: str | None = None,
    assignee: str | None = None,
    guest_id: str | None = None,
    overdue: bool | None = None,
    page: Page,
) -> Listed[Row]:
    """A page of tasks, urgent first, then oldest due. `status`, `priority`: one of them; `assignee` may be `unassigned`."""
    given: Row = {
        "department": department,
        "assignee": assignee,
        "guest_id": guest_id,
        "urgencies": as_json(sorted({URGENCY[name] for name in priority})) if priority else None,
    }
    asked = {name: value for name, value in given.items() if value is not None}
    if overdue is not None:
        asked["overdue" if overdue else "in_time"] = overdue
    statuses = tuple(name for name in STATUSES if not status or name in status)
    if overdue:
        statuses = tuple(name for name in statuses if name in ACTIVE)
    if not statuses:
        return Listed([], 0, page)
    listing, counting = _statements(tuple(asked), statuses)
    if assignee == staff.UNASSIGNED:
        asked["assignee"] = None
    second = {"second": _second(db)}
    rows = db.all(listing, asked | second | {"limit": page.limit, "offset": page.offset})
    return Listed(
        rows, db.cached_count(counting, asked if overdue is None else asked | second), page
    )


def _second(db: Database) -> str:
    """This moment to the second, by which a task is overdue: within it the same question has the same answer."""
    return clock.stamp(int(db.time()))


def create(
    db: Database,
    *,
    title: str,
    department: str,
    description: str | None = None,
    priority: str = "normal",
    status: str = "open",
    guest_id: str | None = None,
    conversation_id: str | None = None,
    room: str | None = None,
    assignee: str | None = None,
    due_at: str | None = None,
    notes: str | None = None,
    id: str | None = None,
    by: str | None = None,
) -> Row:
    """A new task; a conversation's task is its guest's. Raises Invalid for what it names and is not there."""
    given = {
        "title": title,
        "department": department,
        "description": description,
        "priority": priority,
        "status": status,
        "guest_id": guest_id,
        "conversation_id": conversation_id,
        "room": room,
        "assignee": assignee,
        "due_at": due_at or clock.stamp(db.time() + 60 * MINUTES_TO_DO[priority]),
        "notes": notes,
    }
    with transaction(db):
        wanted = _stored(
            db, BLANK, {name: value for name, value in given.items() if value is not None}
        )
        row = db.row(CREATE, wanted | {"id": id or db.new_id("task")})
        events.record(db, "task.created", row["id"], conversation_id=row["conversation_id"], by=by)
    return row


def change(db: Database, task_id: str, *, by: str | None = None, **changes: Any) -> Row:
    """Change a task; `due_at` only when given. Raises NotFound, or Invalid for what it names and is not there."""
    with transaction(db):
        found = get(db, task_id)
        row = db.row(CHANGE, _stored(db, found, changes))
        completed = row["status"] == "completed" != found["status"]
        happened = "task.completed" if completed else "task.changed"
        events.record(db, happened, task_id, conversation_id=row["conversation_id"], by=by)
    return row


def _stored(db: Database, found: Row, changes: Row) -> Row:
    """The columns of a task with these changes, and `now`."""
    now = db.now()
    wanted = {**found, **changes, "now": now, "second": _second(db)}
    if "department" in changes:
        settings.check_department(db, wanted["department"])
    if changes.get("guest_id") is not None:
        guests.check(db, wanted["guest_id"])
    if changes.get("conversation_id") is not None:
        theirs = _guest_of(db, wanted["conversation_id"])
        if wanted["guest_id"] is None and "guest_id" not in changes:
            wanted["guest_id"] = theirs
    if "assignee" in changes:
        wanted["assignee_id"] = staff.assignable(db, changes["assignee"])
    wanted["completed_at"] = (
        (found["completed_at"] or now) if wanted["status"] == "completed" else None
    )
    return wanted


def _guest_of(db: Database, conversation_id: str) -> str | None:
    try:
        found: str | None = conversations.get(db, conversation_id)["guest_id"]
    except NotFound:
        raise Invalid.field("conversationId", "no_such", "No such conversation.") from None
    return found
