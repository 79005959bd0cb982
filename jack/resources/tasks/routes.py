"""`/tasks`."""

from __future__ import annotations

from jack.core.paging import Listed, Walked
from jack.http.access import MANAGER
from jack.http.arguments import load
from jack.http.blueprint import Blueprint
from jack.http.bulk import BulkMeta, bulk_of, each
from jack.http.context import caller, get_db
from jack.http.responses import Series
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
    """
    return store.change(get_db(), task_id, by=caller().id, **changes)
