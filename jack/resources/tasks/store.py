"""Tasks: what is to be done, by which department, by when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack, cast

from jack.core import clock, events, pairs
from jack.core.db import as_json, transaction
from jack.core.errors import Invalid, NotFound
from jack.core.paging import Listed, Page, Place, Walked
from jack.core.query import Query
from jack.core.sqlite import UniqueViolation
from jack.core.walking import next_change
from jack.resources.attachments import task_files
from jack.resources.conversations import store as conversations
from jack.resources.external_ids import store as external_ids
from jack.resources.guests import current_stay
from jack.resources.guests import store as guests
from jack.resources.settings import store as settings
from jack.resources.staff import store as staff
from jack.resources.tasks import search as task_search
from jack.resources.tasks.rows import (
    ACTIVE,
    COLUMNS,
    STATUSES,
    URGENCY,
    StoredTask,
    TaskChanges,
    TaskPatched,
    TaskRow,
    parsed,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jack.core.db import Database
    from jack.core.pairs import Pairs
    from jack.core.query import AnyRow


MINUTES_TO_DO = {"urgent": 15, "high": 30, "normal": 120, "low": 24 * 60}

GET = Query[StoredTask](f"SELECT {COLUMNS} FROM tasks WHERE id = :id")

CREATE = Query[StoredTask](f"""
    INSERT INTO tasks (id, title, description, department, priority, status, guest_id, conversation_id, room,
                       assignee_id, due_at, notes, completed_at, external_id, metadata, created_at, updated_at,
                       changed_seq)
    VALUES (:id, :title, :description, :department, :priority, :status, :guest_id, :conversation_id, :room,
            :assignee_id, :due_at, :notes, :completed_at, :external_id, :metadata, :now, :now,
            {next_change("tasks")})
    RETURNING {COLUMNS}""")

CHANGE = Query[StoredTask](f"""
    UPDATE tasks
    SET title = :title, description = :description, department = :department, priority = :priority,
        status = :status, guest_id = :guest_id, conversation_id = :conversation_id, room = :room,
        assignee_id = :assignee_id, due_at = :due_at, notes = :notes, completed_at = :completed_at,
        external_id = :external_id, metadata = :metadata, updated_at = :now
    WHERE id = :id
    RETURNING {COLUMNS}""")

IN_USE = "SELECT EXISTS (SELECT 1 FROM tasks WHERE department = :department)"

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
    "external_id",
    "metadata",
    "attachments",
)

# What a new task has before anything is set.
BLANK: dict[str, object] = {
    **dict.fromkeys(("description", "guest_id", "conversation_id", "room", "assignee_id")),
    **dict.fromkeys(("notes", "completed_at", "external_id")),
    "metadata": {},
}

BY_EXTERNAL_ID = "SELECT id FROM tasks WHERE external_id = :external_id"


def get(db: Database, task_id: str) -> TaskRow:
    """The task, or NotFound."""
    row = db.one(GET, {"id": task_id, "second": _second(db)})
    if row is None:
        raise NotFound("Task not found")
    return parsed(row)


def by_external_id(db: Database, external_id: str) -> str | None:
    """The id of the task that another program calls so."""
    found: str | None = db.value(BY_EXTERNAL_ID, {"external_id": external_id})
    return found


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

    `status`, `priority`: one of them; `assignee` may be `unassigned`; `equal`: department, guest_id, external_id, and what
    `search.MORE_FILTERS` has. Raises Invalid for a department that the hotel does not have, and no task is of from before.
    """
    given: dict[str, object] = {name: value for name, value in equal.items() if value is not None}
    if "department" in given and not db.value(IN_USE, {"department": given["department"]}):
        settings.check_department(db, str(given["department"]))
    if assignee is not None:
        given["assignee"] = None if assignee == staff.UNASSIGNED else assignee
    if priority:
        given["urgencies"] = as_json(sorted({URGENCY[name] for name in priority}))
    if overdue is not None:
        given["overdue" if overdue else "in_time"] = overdue
    among = ACTIVE if overdue else STATUSES
    statuses = tuple(name for name in among if not status or name in status)
    return task_search.find(db, given, statuses, sort, page, _second(db))


def _second(db: Database) -> str:
    """Now, to the second: the time `overdue` is judged by, so that cached totals are valid for a second."""
    return clock.stamp(int(db.time()))


def create(
    db: Database, *, id: str | None = None, by: str | None = None, **fields: Unpack[TaskChanges]
) -> TaskRow:
    """A new task, with a title and a department at least; without `guest_id` that of a conversation is for its guest.

    Without `room` it has the one in which its guest is or is expected.

    `due_at` follows from the priority unless given. Raises Invalid for an unknown department, guest, conversation or assignee,
    Conflict for the external id of another task or of one that was erased.
    """
    wanted: TaskChanges = {"priority": "normal", "status": "open", **fields}
    if not wanted.get("due_at"):
        wanted["due_at"] = clock.stamp(db.time() + 60 * MINUTES_TO_DO[wanted["priority"]])
    if wanted.get("guest_id") is None:
        wanted.pop("guest_id", None)
    with transaction(db):
        columns = {**_columns(db, BLANK, wanted), "id": id or db.new_id("task")}
        if "room" not in fields and columns["guest_id"] is not None:
            columns["room"] = current_stay.room_of(db, str(columns["guest_id"]))
        row = _write(db, CREATE, columns, wanted.get("external_id"))
        events.record(db, "task.created", row["id"], conversation_id=row["conversation_id"], by=by)
    return row


def change(
    db: Database, task_id: str, *, by: str | None = None, **changes: Unpack[TaskPatched]
) -> TaskRow:
    """Change a task; one that is reopened is not given to somebody who has left, and what is already so changes nothing.

    Raises NotFound, or Invalid for an unknown department, guest, conversation, assignee or file.
    """
    with transaction(db):
        before = get(db, task_id)
        files = changes.pop("attachment_ids", None)
        refiled = files is not None and task_files.put(db, task_id, files, by=by)
        columns = _columns(db, before, changes)
        same = all(columns[name] == value for name, value in before.items() if name != "overdue")
        if same and not refiled:
            return before
        row = _write(db, CHANGE, columns, changes.get("external_id"))
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


def upsert(
    db: Database,
    external_id: str,
    sent: Mapping[str, object],
    *,
    recreate: bool = False,
    by: str | None = None,
) -> tuple[TaskRow, bool]:
    """The task that another program calls so, with the fields that were sent; and whether it is new.

    Raises Conflict for an erased one unless `recreate`, Invalid for a new one without title or department.
    """
    fields = cast("TaskChanges", sent)
    with transaction(db):
        known = by_external_id(db, external_id)
        if known is not None:
            return change(db, known, by=by, **fields), False
        external_ids.check(db, "tasks", external_id, recreate=recreate)
        external_ids.demand(fields, ("title", "department"))
        wanted: TaskChanges = {**fields, "external_id": external_id}
        return create(db, by=by, **wanted), True


def _write(
    db: Database,
    statement: Query[StoredTask],
    columns: Mapping[str, object],
    external_id: str | None,
) -> TaskRow:
    """Write a task; `external_id` is one it is given. Raises Conflict for that of another or of one that was erased."""
    if external_id is not None:
        external_ids.check(db, "tasks", external_id)
    try:
        return parsed(db.row(statement, {**columns, "metadata": as_json(columns["metadata"])}))
    except UniqueViolation:
        name = str(columns["external_id"])
        raise external_ids.taken(name, str(by_external_id(db, name))) from None


def _event_of(task: TaskRow, changed: Sequence[str]) -> events.EventType:
    """What these changes of a task are, by the most specific word."""
    if "status" in changed and task["status"] == "completed":
        return "task.completed"
    return "task.assigned" if "assignee" in changed else "task.updated"


def _columns(db: Database, before: AnyRow, changes: TaskChanges) -> dict[str, object]:
    """The columns of a task with these changes, and the parameters `now` and `second`."""
    now = db.now()
    wanted = {**before, **changes, "now": now, "second": _second(db)}
    wanted["metadata"] = before["metadata"]
    if "metadata" in changes:
        known = cast("Pairs", before["metadata"])
        wanted["metadata"] = pairs.merged_metadata(known, changes["metadata"])
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
