"""Automations as they are stored and as they are answered, and the words they are made of."""

from __future__ import annotations

from typing import NotRequired, TypedDict

import orjson

BY_EVENT = ("message.received", "conversation.created", "task.completed")
BY_DAY = ("stay.arrival", "stay.departure")
AFTER_STAY = ("stay.checked_in", "stay.checked_out")
OVERDUE, WAITING = "task.overdue", "conversation.waiting"
BY_CLOCK = (*BY_DAY, WAITING, OVERDUE)  # found by looking, not by an event
BY_MINUTES = (WAITING, *AFTER_STAY, OVERDUE)
TRIGGERS = (
    "message.received",
    "conversation.created",
    WAITING,
    *BY_DAY,
    *AFTER_STAY,
    OVERDUE,
    "task.completed",
)
LISTS = ("channel", "tag", "language", "source", "department", "priority")
CONDITIONS = (*LISTS, "hours", "returning", "nights")
ACTIONS = ("send_template", "create_task", "assign", "tag", "notify")
RESULTS = ("done", "skipped", "failed")
SUBJECTS = ("stay", "conversation", "task")


class Trigger(TypedDict):
    """What begins it; `days` are counted from the day, `at` is HH:MM of the hotel's clock."""

    type: str
    minutes: NotRequired[int]
    days: NotRequired[int]
    at: NotRequired[str]


# A condition, of which all must hold; `in` and `is` are no names that a class could have.
Condition = TypedDict(
    "Condition",
    {
        "type": str,
        "in": NotRequired[list[str]],
        "is": NotRequired[str | bool],
        "at_least": NotRequired[int],
    },
)


class Action(TypedDict):
    """What is done."""

    type: str
    template_id: NotRequired[str]
    channels: NotRequired[list[str]]
    title: NotRequired[str]
    department: NotRequired[str]
    priority: NotRequired[str]
    assignee: NotRequired[str]
    tag: NotRequired[str]
    staff: NotRequired[list[str]]


class AutomationChanges(TypedDict, total=False):
    """What of an automation may be changed."""

    name: str
    enabled: bool
    trigger: Trigger
    conditions: list[Condition]
    actions: list[Action]
    per_guest_per_day: int
    quiet_from: str | None
    quiet_to: str | None


class Columns(TypedDict):
    """What is answered of an automation as it is stored. It is on since `enabled_at`, for what happened after the event `enabled_seq`."""

    seq: int
    id: str
    name: str
    per_guest_per_day: int
    quiet_from: str | None
    quiet_to: str | None
    enabled_at: str | None
    enabled_seq: int | None
    created_at: str
    updated_at: str


class StoredAutomation(Columns):
    """An automation as it is stored: `trigger`, `conditions` and `actions` are JSON text, `enabled` 0 or 1."""

    enabled: int
    trigger: str
    conditions: str
    actions: str


class AutomationRow(Columns):
    """An automation as it is answered."""

    enabled: bool
    trigger: Trigger
    conditions: list[Condition]
    actions: list[Action]


COLUMNS = """seq, id, name, enabled, trigger, conditions, actions, per_guest_per_day, quiet_from, quiet_to, enabled_at,
    enabled_seq, created_at, updated_at"""


def parsed(row: StoredAutomation) -> AutomationRow:
    """The row as it is answered."""
    return {
        "seq": row["seq"],
        "id": row["id"],
        "name": row["name"],
        "enabled": bool(row["enabled"]),
        "trigger": orjson.loads(row["trigger"]),
        "conditions": orjson.loads(row["conditions"]),
        "actions": orjson.loads(row["actions"]),
        "per_guest_per_day": row["per_guest_per_day"],
        "quiet_from": row["quiet_from"],
        "quiet_to": row["quiet_to"],
        "enabled_at": row["enabled_at"],
        "enabled_seq": row["enabled_seq"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }
