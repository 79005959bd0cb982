"""The shapes of tasks."""

from __future__ import annotations

from marshmallow import fields

from jack.http.field_errors import Length
from jack.http.fields import Choice, Ids, Items, Moment, OwnPath, QueryFlag, Text, when
from jack.http.link_fields import ExternalId, Metadata, pairs
from jack.http.schema import CursorFilters, Patch, ResponseSchema, Schema
from jack.resources.attachments.store import MAX_FILES

PRIORITIES = ("low", "normal", "high", "urgent")
STATUSES = ("open", "in_progress", "blocked", "completed", "cancelled")
LONG_TEXT = 10_000


class TaskCreate(Schema):
    """A new task. Without `dueAt` its priority says when: urgent 15 minutes, high 30, normal 2 hours, low 24."""

    title = Text(200, required=True, line=True)
    description = Text(LONG_TEXT, min=0, allow_none=True)
    department = Text(64, required=True, line=True)
    priority = Choice(*PRIORITIES, load_default="normal")
    status = Choice(*STATUSES, load_default="open")
    guest_id = Text(64, line=True, allow_none=True)
    conversation_id = Text(64, line=True, allow_none=True)
    room = Text(32, line=True, allow_none=True)
    assignee = Text(64, line=True, allow_none=True)
    due_at = Moment(allow_none=True)
    notes = Text(LONG_TEXT, min=0, allow_none=True)
    external_id = ExternalId(allow_none=True)
    metadata = Metadata(allow_none=True)


class TaskChanges(Patch):
    """What of a task is to change; null clears, and `assignee: "unassigned"` does too."""

    title = Text(200, line=True)
    description = Text(LONG_TEXT, min=0, allow_none=True)
    department = Text(64, line=True)
    priority = Choice(*PRIORITIES)
    status = Choice(*STATUSES)
    guest_id = Text(64, line=True, allow_none=True)
    conversation_id = Text(64, line=True, allow_none=True)
    room = Text(32, line=True, allow_none=True)
    assignee = Text(64, line=True, allow_none=True)
    due_at = Moment()
    notes = Text(LONG_TEXT, min=0, allow_none=True)
    external_id = ExternalId(allow_none=True)
    metadata = Metadata(allow_none=True)


class TaskPatch(TaskChanges):
    """What of a task is to change; null clears, and `assignee: "unassigned"` does too."""

    attachment_ids = fields.List(
        Text(64, line=True),
        validate=Length(max=MAX_FILES),
        metadata={
            "description": "The files it has from now on: those it had, and what you have uploaded. One that is left out is deleted"
        },
    )


class TaskUpsert(Schema):
    """A task by the id another program has for it: what is left out stays as it is, a new one needs a title and a department."""

    title = Text(200, line=True)
    description = Text(LONG_TEXT, min=0, allow_none=True)
    department = Text(64, line=True)
    priority = Choice(*PRIORITIES)
    status = Choice(*STATUSES)
    guest_id = Text(64, line=True, allow_none=True)
    conversation_id = Text(64, line=True, allow_none=True)
    room = Text(32, line=True, allow_none=True)
    assignee = Text(64, line=True, allow_none=True)
    due_at = Moment()
    notes = Text(LONG_TEXT, min=0, allow_none=True)
    metadata = Metadata(allow_none=True)


class TaskUpsertItem(TaskUpsert):
    """One of several tasks."""

    external_id = ExternalId(required=True)


class TaskUpserts(Schema):
    """Up to 500 tasks."""

    items = Items(TaskUpsertItem)


class TaskFilters(CursorFilters):
    """Which tasks to list."""

    status = fields.List(
        Choice(*STATUSES), metadata={"description": "May repeat: a task has one of them"}
    )
    priority = fields.List(
        Choice(*PRIORITIES), metadata={"description": "May repeat: a task has one of them"}
    )
    department = Text(64, line=True)
    assignee = Text(64, line=True, metadata={"description": "Staff id, `unassigned` or `me`"})
    guest_id = Text(64, line=True)
    external_id = ExternalId()
    overdue = QueryFlag(
        metadata={"description": "Past its `dueAt` and neither completed nor cancelled, or not"}
    )
    room = Text(32, line=True)
    conversation_id = Text(64, line=True)
    search = Text(
        200,
        line=True,
        metadata={"description": "Words of title, description, notes or room, or how they begin"},
    )
    sort = Choice(
        "priority",
        "dueAt",
        "-createdAt",
        metadata={
            "description": "`priority`, unless given: urgent first, then the one due first. `dueAt`: the one due first"
        },
    )


class TaskBulk(Schema):
    """Up to 500 new tasks."""

    items = Items(TaskCreate)


class TaskBulkPatch(Schema):
    """The same change to up to 500 tasks."""

    ids = Ids()
    changes = fields.Nested(TaskChanges, required=True)


class TaskFile(ResponseSchema):
    """A file of a task. `previewUrl`: a JPEG of a picture that browsers do not show.

    `failed`: it was not in the backup that was restored, and has no `url`. With an API key, reading what is at `url` takes
    `conversations:read`, and uploading one `conversations:write`: files go with conversations.
    """

    id = fields.String()
    name = fields.String()
    mime = fields.String()
    size = fields.Integer()
    status = Choice("ready", "failed")
    url = OwnPath(allow_none=True, metadata={"format": "uri-reference"})
    preview_url = OwnPath(allow_none=True, metadata={"format": "uri-reference"})
    created_at = when()


class Task(ResponseSchema):
    """A task. `overdue`: past `dueAt` and neither completed nor cancelled."""

    live = ("overdue",)

    id = fields.String()
    title = fields.String()
    description = fields.String(allow_none=True)
    department = fields.String()
    priority = Choice(*PRIORITIES)
    status = Choice(*STATUSES)
    guest_id = fields.String(allow_none=True)
    conversation_id = fields.String(allow_none=True)
    room = fields.String(allow_none=True)
    assignee = fields.String(attribute="assignee_id", allow_none=True)
    due_at = when()
    overdue = fields.Boolean()
    notes = fields.String(allow_none=True)
    completed_at = when(allow_none=True)
    external_id = fields.String(allow_none=True)
    metadata = pairs("What other programs note")
    attachments = fields.List(fields.Nested(TaskFile))
    created_at = when()
    updated_at = when()
