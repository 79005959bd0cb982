"""Tasks as they are stored: their columns, and the words these may hold."""

from __future__ import annotations

from typing import TypedDict, cast

from jack.core import pairs
from jack.core.pairs import PairChanges, Pairs

ACTIVE = ("open", "in_progress", "blocked")
STATUSES = (*ACTIVE, "completed", "cancelled")
URGENCY = {"urgent": 0, "high": 1, "normal": 2, "low": 3}

OVERDUE = "(due_at < :second AND status NOT IN ('completed', 'cancelled'))"

COLUMNS = f"""seq, id, title, description, department, priority, urgency, status, guest_id, conversation_id, room,
    assignee_id, due_at, {OVERDUE} AS overdue, notes, completed_at, external_id, metadata,
    created_at, updated_at"""


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


class StoredTask(TypedDict):
    """What of a task is stored in another form: `metadata` is JSON text."""

    metadata: str


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


def parsed(row: StoredTask) -> TaskRow:
    """The row with its metadata read, in place."""
    found = cast("TaskRow", row)
    found["metadata"] = pairs.parsed(row["metadata"])
    return found
