"""Tasks as they are stored: their columns, and the words these may hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, cast

import orjson

from jack.core import pairs
from jack.core.pairs import PairChanges, Pairs
from jack.resources.attachments.store import URL_PATH

if TYPE_CHECKING:
    from collections.abc import Sequence

ACTIVE = ("open", "in_progress", "blocked")
STATUSES = (*ACTIVE, "completed", "cancelled")
URGENCY = {"urgent": 0, "high": 1, "normal": 2, "low": 3}

OVERDUE = "(due_at < :second AND status NOT IN ('completed', 'cancelled'))"

# A JSON array of what of a file is shown; `url` is where it is, null of one that was lost in a restore.
FILES = f"""(
    SELECT json_group_array(json_object(
        'id', id, 'name', name, 'mime', mime, 'size', size, 'status', status, 'created_at', created_at,
        'url', CASE WHEN file IS NOT NULL THEN '{URL_PATH}/' || id END, 'preview_url', '{URL_PATH}/' || jpeg))
    FROM (SELECT files.id, files.name, files.mime, files.size, files.status, files.file, files.created_at,
                 (SELECT jpegs.id FROM attachments AS jpegs
                  WHERE jpegs.preview_of = files.id AND jpegs.file IS NOT NULL) AS jpeg
          FROM attachments AS files WHERE files.task_id = tasks.id AND files.preview_of IS NULL
          ORDER BY files.place, files.seq))"""

COLUMNS = f"""seq, id, title, description, department, priority, urgency, status, guest_id, conversation_id, room,
    assignee_id, due_at, {OVERDUE} AS overdue, notes, completed_at, external_id, metadata,
    created_at, updated_at, {FILES} AS attachments"""


class TaskFileRow(TypedDict):
    """A file of a task: `size` in bytes, `preview_url` that of a JPEG of a picture that browsers do not show.

    `status` is `ready`, or `failed` of one that was lost in a restore, which has no `url`.
    """

    id: str
    name: str
    mime: str
    size: int
    status: str
    created_at: str
    url: str | None
    preview_url: str | None


class TaskRow(TypedDict):
    """A task; `urgency` is 0 (urgent) to 3 (low), `overdue` 0 or 1."""

    seq: int
    id: str
    title: str
    description: str | None
    department: str
    priority: str
    urgency: int
    status: str
    guest_id: str | None
    conversation_id: str | None
    room: str | None
    assignee_id: str | None
    due_at: str
    overdue: int
    notes: str | None
    completed_at: str | None
    external_id: str | None
    metadata: Pairs
    created_at: str
    updated_at: str
    attachments: list[TaskFileRow]


class StoredTask(TypedDict):
    """What of a task is stored in another form: `metadata` and `attachments` are JSON text."""

    metadata: str
    attachments: str


class TaskChanges(TypedDict, total=False):
    """What of a task may be changed; `assignee` is the id of a member, or `unassigned`."""

    title: str
    description: str | None
    department: str
    priority: str
    status: str
    guest_id: str | None
    conversation_id: str | None
    room: str | None
    assignee: str | None
    due_at: str
    notes: str | None
    external_id: str | None
    metadata: PairChanges | None


class TaskPatched(TaskChanges, total=False):
    """What of one task may be changed: `attachment_ids` are the files it has from now on, in this order."""

    attachment_ids: Sequence[str]


def parsed(row: StoredTask) -> TaskRow:
    """The row with its metadata and files read, in place."""
    found = cast("TaskRow", row)
    found["metadata"] = pairs.parsed(row["metadata"])
    found["attachments"] = orjson.loads(row["attachments"])
    return found
