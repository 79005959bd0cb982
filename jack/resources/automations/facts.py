"""What an automation judges by: a stay, a conversation or a task, its guest, and all that is known of them now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

import orjson

from jack.core.db import as_json
from jack.core.query import Query
from jack.resources.guests import current_stay

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jack.core.db import Database


class Person(TypedDict):
    """A guest."""

    id: str
    name: str
    language: str | None
    tags: list[str]
    blocked: bool


class StayFacts(TypedDict):
    """A stay."""

    id: str
    room: str | None
    arrival: str
    departure: str
    nights: int
    status: str
    source: str | None
    confirmation: str | None
    eta: str | None


class ConversationFacts(TypedDict):
    """A conversation; `only_automatic`: nobody but programs has written in it."""

    id: str
    channel: str
    status: str
    waiting_since: str | None
    only_automatic: int


class TaskFacts(TypedDict):
    """A task."""

    id: str
    department: str
    priority: str
    status: str
    due_at: str
    completed_at: str | None


class GuestColumns(TypedDict):
    """A guest beside something else; `tags` is JSON text."""

    guest_id: str | None
    guest_name: str
    guest_language: str | None
    guest_tags: str
    guest_blocked: int


class StayColumns(GuestColumns, StayFacts):
    """A stay and its guest."""


class ConversationColumns(GuestColumns, ConversationFacts):
    """A conversation and its guest."""


class TaskColumns(GuestColumns, TaskFacts):
    """A task, its guest and its conversation."""

    conversation_id: str | None


@dataclass(frozen=True, slots=True)
class Facts:
    """What an occasion is about. The stay of a conversation's or task's guest is the one that matters now."""

    kind: str  # stay, conversation, task
    id: str
    guest: Person | None
    stay: StayFacts | None = None
    conversation: ConversationFacts | None = None
    task: TaskFacts | None = None

    @property
    def guest_id(self) -> str | None:
        """The id of the guest, where there is one."""
        return self.guest["id"] if self.guest else None


GUEST = """guests.id AS guest_id, guests.name AS guest_name, guests.language AS guest_language, guests.tags AS guest_tags,
        guests.blocked AS guest_blocked"""

STAYS = Query[StayColumns](f"""
    SELECT stays.id, room, arrival, departure,
           CAST(julianday(departure) - julianday(arrival) AS INTEGER) AS nights,
           status, source, confirmation, eta, {GUEST}
    FROM json_each(:ids) AS wanted CROSS JOIN stays ON stays.id = wanted.value
    LEFT JOIN guests ON guests.id = stays.guest_id
    ORDER BY wanted.key""")

CONVERSATIONS = Query[ConversationColumns](f"""
    SELECT conversations.id, channel, status, waiting_since, {GUEST},
           inbound_count = 0 AND EXISTS (
               SELECT 1 FROM messages WHERE conversation_id = conversations.id AND direction = 'inbound') AS only_automatic
    FROM json_each(:ids) AS wanted CROSS JOIN conversations ON conversations.id = wanted.value
    LEFT JOIN guests ON guests.id = conversations.guest_id
    ORDER BY wanted.key""")

TASKS = Query[TaskColumns](f"""
    SELECT tasks.id, department, priority, status, due_at, completed_at, conversation_id, {GUEST}
    FROM json_each(:ids) AS wanted CROSS JOIN tasks ON tasks.id = wanted.value
    LEFT JOIN guests ON guests.id = tasks.guest_id
    ORDER BY wanted.key""")


def read(db: Database, kind: str, ids: Iterable[str]) -> list[Facts]:
    """The facts of these stays, conversations or tasks, those that exist, in their order."""
    return {"stay": stays, "conversation": conversations, "task": tasks}[kind](db, list(ids))


def stays(db: Database, ids: list[str]) -> list[Facts]:
    """The facts of stays."""
    return [
        Facts("stay", row["id"], _person(row), _stay(row))
        for row in db.all(STAYS, {"ids": as_json(ids)})
    ]


def conversations(db: Database, ids: list[str]) -> list[Facts]:
    """The facts of conversations."""
    rows = db.all(CONVERSATIONS, {"ids": as_json(ids)})
    staying = _stays_of(db, rows)
    return [
        Facts(
            "conversation",
            row["id"],
            _person(row),
            staying.get(row["guest_id"] or ""),
            _conversation(row),
        )
        for row in rows
    ]


def tasks(db: Database, ids: list[str]) -> list[Facts]:
    """The facts of tasks."""
    rows = db.all(TASKS, {"ids": as_json(ids)})
    staying = _stays_of(db, rows)
    about = [row["conversation_id"] for row in rows if row["conversation_id"]]
    talks = {
        row["id"]: _conversation(row) for row in db.all(CONVERSATIONS, {"ids": as_json(about)})
    }
    return [
        Facts(
            "task",
            row["id"],
            _person(row),
            staying.get(row["guest_id"] or ""),
            talks.get(row["conversation_id"] or ""),
            _task(row),
        )
        for row in rows
    ]


def _stays_of(db: Database, rows: Iterable[GuestColumns]) -> dict[str, StayFacts]:
    """By the ids of the guests, the stay of each that matters now."""
    found = current_stay.of(db, (row["guest_id"] for row in rows))
    by_id = {one["id"]: guest for guest, one in found.items()}
    read = db.all(STAYS, {"ids": as_json(list(by_id))})
    return {by_id[row["id"]]: _stay(row) for row in read}


def _person(row: GuestColumns) -> Person | None:
    if row["guest_id"] is None:
        return None
    return {
        "id": row["guest_id"],
        "name": row["guest_name"],
        "language": row["guest_language"],
        "tags": [] if row["guest_tags"] == "[]" else orjson.loads(row["guest_tags"]),
        "blocked": bool(row["guest_blocked"]),
    }


def _stay(row: StayColumns) -> StayFacts:
    return {
        "id": row["id"],
        "room": row["room"],
        "arrival": row["arrival"],
        "departure": row["departure"],
        "nights": row["nights"],
        "status": row["status"],
        "source": row["source"],
        "confirmation": row["confirmation"],
        "eta": row["eta"],
    }


def _conversation(row: ConversationColumns) -> ConversationFacts:
    return {
        "id": row["id"],
        "channel": row["channel"],
        "status": row["status"],
        "waiting_since": row["waiting_since"],
        "only_automatic": row["only_automatic"],
    }


def _task(row: TaskColumns) -> TaskFacts:
    return {
        "id": row["id"],
        "department": row["department"],
        "priority": row["priority"],
        "status": row["status"],
        "due_at": row["due_at"],
        "completed_at": row["completed_at"],
    }
