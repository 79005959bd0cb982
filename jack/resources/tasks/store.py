"""Tasks: what is to be done, by which department, by when."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Unpack

from jack.core import clock, events
from jack.core.db import as_json, transaction
from jack.core.errors import Invalid, NotFound
from jack.core.paging import Listed, Page, Place, Walked
from jack.core.query import Query
from jack.core.walking import Wanted, walk
from jack.resources.conversations import store as conversations
from jack.resources.guests import store as guests
from jack.resources.settings import store as settings
from jack.resources.staff import store as staff
from jack.resources.tasks import search as task_search
from jack.resources.tasks.listing import DUE, statements
from jack.resources.tasks.rows import ACTIVE, COLUMNS, STATUSES, URGENCY, TaskChanges, TaskRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jack.core.db import Database
    from jack.core.query import AnyRow


MINUTES_TO_DO = {"urgent": 15, "high": 30, "normal": 120, "low": 24 * 60}

GET = Query[TaskRow](f"SELECT {COLUMNS} FROM tasks WHERE id = :id")

CREATE = Query[TaskRow](f"""
    INSERT INTO tasks (id, title, description, department, priority, status, guest_id, conversation_id, room,
                       assignee_id, due_at, notes, completed_at, created_at, updated_at)
    VALUES (:id, :title, :description, :department, :priority, :status, :guest_id, :conversation_id, :room,
            :assignee_id, :due_at, :notes, :completed_at, :now, :now)
    RETURNING {COLUMNS}""")

CHANGE = Query[TaskRow](f"""
    UPDATE tasks
    SET title = :title, description = :description, department = :department, priority = :priority,
        status = :status, guest_id = :guest_id, conversation_id = :conversation_id, room = :room,
        assignee_id = :assignee_id, due_at = :due_at, notes = :notes, completed_at = :completed_at,
        updated_at = :now
    WHERE id = :id
    RETURNING {COLUMNS}""")

# What an event names when it has changed.
FIELDS = (
    "title",
    "description",
    "department",
    "priority",
    "status",
    "guest_id",
    "conversation_id",
    "room",
    "assignee_id",
    "due_at",
    "notes",
    "completed_at",
)

# What a new task has before anything is set.
BLANK = {"guest_id": None, "completed_at": None}


def get(db: Database, task_id: str) -> TaskRow:
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
    assignee: str | None = None,
    overdue: bool | None = None,
    sort: str = "priority",
    page: Page | Place,
    **equal: str | None,
) -> Listed[TaskRow] | Walked[TaskRow]:
    """A part of all tasks; a page is urgent first, then oldest due, unless `sort` says otherwise.

    `status`, `priority`: one of them; `assignee` may be `unassigned`; `equal`: department, guest_id, and what
    `search.MORE_FILTERS` has.
    """
    given: dict[str, object] = {name: value for name, value in equal.items() if value is not None}
    if assignee is not None:
        given["assignee"] = None if assignee == staff.UNASSIGNED else assignee
    if priority:
        given["urgencies"] = as_json(sorted({URGENCY[name] for name in priority}))
    if overdue is not None:
        given["overdue" if overdue else "in_time"] = overdue
    among = ACTIVE if overdue else STATUSES
    statuses = tuple(name for name in among if not status or name in status)
    if isinstance(page, Place):
        return _walked(db, given, statuses, page)
    if not statuses:
        return Listed([], 0, page)
    if sort != "priority" or task_search.MORE_FILTERS.keys() & given.keys():
        rows, total = task_search.page_of(db, _wanted(db, given, statuses), sort, page, _second(db))
        return Listed(rows, total, page)
    return _listed(db, given, statuses, page)


def _listed(
    db: Database, given: dict[str, object], statuses: tuple[str, ...], page: Page
) -> Listed[TaskRow]:
    """A page in the usual order."""
    listing, counting = statements(tuple(given), statuses)
    second = {"second": _second(db)}
    rows = db.all(listing, given | second | {"limit": page.limit, "offset": page.offset})
    timed = bool(DUE.keys() & given.keys())
    return Listed(rows, db.cached_count(counting, given | second if timed else given), page)


def _walked(
    db: Database, given: dict[str, object], statuses: tuple[str, ...], place: Place
) -> Walked[TaskRow]:
    """What comes after a place."""
    second = _second(db)
    return walk(
        db,
        _wanted(db, given, statuses),
        place,
        lambda seqs: db.all(task_search.BY_SEQ, {"seqs": as_json(seqs), "second": second}),
    )


def _wanted(db: Database, given: dict[str, object], statuses: tuple[str, ...]) -> Wanted:
    """The tasks that pass these filters, wherever they stand."""
    timed = {"second": _second(db)} if DUE.keys() & given.keys() else {}
    found = task_search.wanted(given, statuses, all=len(STATUSES))
    return replace(found, params={**found.params, **timed})


def _second(db: Database) -> str:
    """Now, to the second: the time `overdue` is judged by, so that cached totals are valid for a second."""
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
) -> TaskRow:
    """A new task; without `guest_id` that of a conversation is for the conversation's guest.

    `due_at` follows from the priority unless given. Raises Invalid for an unknown department, guest, conversation or assignee.
    """
    wanted: TaskChanges = {
        "title": title,
        "department": department,
        "description": description,
        "priority": priority,
        "status": status,
        "conversation_id": conversation_id,
        "room": room,
        "assignee": assignee,
        "due_at": due_at or clock.stamp(db.time() + 60 * MINUTES_TO_DO[priority]),
        "notes": notes,
    }
    if guest_id is not None:
        wanted["guest_id"] = guest_id
    with transaction(db):
        row = db.row(CREATE, {**_columns(db, BLANK, wanted), "id": id or db.new_id("task")})
        events.record(db, "task.created", row["id"], conversation_id=row["conversation_id"], by=by)
    return row


def change(
    db: Database, task_id: str, *, by: str | None = None, **changes: Unpack[TaskChanges]
) -> TaskRow:
    """Change a task; one that is reopened is not given to somebody who has left, and what is already so changes nothing.

    Raises NotFound, or Invalid for an unknown department, guest, conversation or assignee.
    """
    with transaction(db):
        before = get(db, task_id)
        columns = _columns(db, before, changes)
        if all(columns[name] == value for name, value in before.items() if name != "overdue"):
            return before
        row = db.row(CHANGE, columns)
        changed = events.changed_fields(before, row, FIELDS)
        conversation_id = row["conversation_id"]
        events.record(
            db,
            _event_of(row, changed),
            task_id,
            conversation_id=conversation_id,
            by=by,
            changed=changed,
        )
    return row


def _event_of(task: TaskRow, changed: Sequence[str]) -> events.EventType:
    """What these changes of a task are, by the most specific word."""
    if "status" in changed and task["status"] == "completed":
        return "task.completed"
    return "task.assigned" if "assignee" in changed else "task.updated"


def _columns(db: Database, before: AnyRow, changes: TaskChanges) -> dict[str, object]:
    """The columns of a task with these changes, and the parameters `now` and `second`."""
    now = db.now()
    wanted = {**before, **changes, "now": now, "second": _second(db)}
    if "department" in changes:
        settings.check_department(db, changes["department"])
    if (guest_id := changes.get("guest_id")) is not None:
        guests.check(db, guest_id)
    if (conversation_id := changes.get("conversation_id")) is not None:
        guest_id = _guest_of(db, conversation_id)
        if wanted["guest_id"] is None and "guest_id" not in changes:
            wanted["guest_id"] = guest_id
    if "assignee" in changes:
        wanted["assignee_id"] = staff.assignable(db, changes["assignee"])
    elif wanted["status"] in ACTIVE and (assignee := before.get("assignee_id")):
        wanted["assignee_id"] = staff.still_active(db, str(assignee))
    completed = wanted["status"] == "completed"
    wanted["completed_at"] = (before["completed_at"] or now) if completed else None
    return wanted


def _guest_of(db: Database, conversation_id: str) -> str | None:
    try:
        guest_id: str | None = conversations.get(db, conversation_id)["guest_id"]
    except NotFound:
        raise Invalid.field("conversationId", "no_such", "No such conversation.") from None
    return guest_id
