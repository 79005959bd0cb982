"""`/tasks`."""

from __future__ import annotations

from jack.core.db import Database
from jack.core.paging import Listed, Walked
from jack.http.access import MANAGER
from jack.http.arguments import load
from jack.http.blueprint import Blueprint
from jack.http.bulk import BulkMeta, bulk_of, each
from jack.http.context import caller, get_db
from jack.http.link_fields import UpsertOptions, checked_external_id, existing
from jack.http.responses import Series, Status
from jack.http.schema import Loaded
from jack.resources.tasks import store
from jack.resources.tasks.rows import TaskRow
from jack.resources.tasks.schemas import (
    Task,
    TaskBulk,
    TaskBulkPatch,
    TaskCreate,
    TaskFilters,
    TaskPatch,
    TaskUpsert,
    TaskUpsertItem,
    TaskUpserts,
)

blp = Blueprint(
    "tasks",
    __name__,
    under="/tasks",
    description="What is to be done, and by whom",
    scope="tasks",
)


@blp.get("")
@blp.arguments(TaskFilters, location="query")
@blp.response(200, Task(many=True), walked=True)
def list_tasks(filters: Loaded) -> Listed[TaskRow] | Walked[TaskRow]:
    """List tasks

    Urgent first, then the one due first, unless `sort` says otherwise.
    """
    if filters.get("assignee") == "me":
        filters["assignee"] = caller().id
    return store.search(get_db(), **filters)


@blp.post("")
@blp.arguments(TaskCreate)
@blp.response(201, Task, location="/tasks/{id}")
def create_task(new: Loaded) -> TaskRow:
    """Create a task

    With a `conversationId` and no `guestId` it is for the conversation's guest.
    """
    return store.create(get_db(), by=caller().id, **new)


def by_external_id(db: Database, external_id: str) -> TaskRow:
    """What has this external id, for `If-Match`: of what is not there nobody has read a version."""
    return store.get(db, existing(store.by_external_id(db, checked_external_id(external_id))))


@blp.post("/bulk")
@blp.access(MANAGER)
@blp.bulk
@blp.arguments(TaskBulk)
@blp.response(200, bulk_of(Task), meta=BulkMeta)
def create_tasks(new: Loaded) -> Series:
    """Create up to 500 tasks; each item succeeds or fails by itself"""
    db, by, shape = get_db(), caller().id, TaskCreate()
    return each(db, new["items"], lambda item: store.create(db, by=by, **load(shape, item)))


@blp.patch("/bulk")
@blp.access(MANAGER)
@blp.bulk
@blp.arguments(TaskBulkPatch)
@blp.response(200, bulk_of(Task), meta=BulkMeta)
def change_tasks(change: Loaded) -> Series:
    """Make the same change to up to 500 tasks; each succeeds or fails by itself"""
    db, by = get_db(), caller().id
    return each(
        db, change["ids"], lambda id: store.change(db, id, by=by, **change["changes"]), of="ids"
    )


@blp.put("/by-external-id")
@blp.access(MANAGER)
@blp.bulk
@blp.arguments(TaskUpserts)
@blp.arguments(UpsertOptions, location="query")
@blp.response(200, bulk_of(Task), meta=BulkMeta)
def put_tasks_by_external_id(sent: Loaded, options: Loaded) -> Series:
    """Create or change up to 500 tasks by their external ids; each item succeeds or fails by itself

    What is left out of an item stays as it is; one that changes nothing is answered as it was.
    """
    db, by, shape = get_db(), caller().id, TaskUpsertItem()

    def put(item: object) -> TaskRow:
        fields = load(shape, item)
        name = fields.pop("external_id")
        return store.upsert(db, name, fields, by=by, **options)[0]

    return each(db, sent["items"], put)


@blp.put("/by-external-id/<external_id>")
@blp.arguments(TaskUpsert)
@blp.arguments(UpsertOptions, location="query")
@blp.response(200, Task, location="/tasks/{id}", current=by_external_id)
@blp.alt_response(201, schema=Task, description="It is new", success=True)
def put_task_by_external_id(sent: Loaded, options: Loaded, external_id: str) -> Status:
    """Create or change a task by the id that another program has for it

    What is left out stays as it is; a new one needs `title` and `department`. The id of one that was erased with its guest is 409 with `reason`
    `erased`, unless `recreate=true`.
    """
    row, new = store.upsert(
        get_db(), checked_external_id(external_id), sent, by=caller().id, **options
    )
    return Status(201 if new else 200, row)


@blp.get("/<task_id>")
@blp.response(200, Task)
def get_task(task_id: str) -> TaskRow:
    """Get a task"""
    return store.get(get_db(), task_id)


@blp.patch("/<task_id>")
@blp.arguments(TaskPatch)
@blp.response(200, Task, current=store.get)
def change_task(changes: Loaded, task_id: str) -> TaskRow:
    """Change a task

    Completing it stamps `completedAt`, reopening it clears that. With `If-Match`, of two who claim it one succeeds.
    `attachmentIds` are its photos and other files, uploaded by `POST /attachments`.
    """
    return store.change(get_db(), task_id, by=caller().id, **changes)
