"""Blocked guests: what they write is kept, and notifies nobody, reopens nothing and waits for no answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.core import events

if TYPE_CHECKING:
    from jack.core.db import Database

IS_BLOCKED = "SELECT blocked FROM guests WHERE id = :id"

STOP_WAITING = """
    UPDATE conversations SET waiting_since = NULL, updated_at = :now
    WHERE guest_id = :id AND waiting_since IS NOT NULL
    RETURNING id"""


def is_blocked(db: Database, guest_id: str | None) -> bool:
    """Whether this guest is blocked; False where there is no such guest."""
    return bool(db.value(IS_BLOCKED, {"id": guest_id}))


def stop_waiting(db: Database, guest_id: str, *, by: str | None = None) -> None:
    """End the waiting of every conversation of a guest who is blocked, each with its event. In a transaction."""
    for id in db.column(STOP_WAITING, {"id": guest_id, "now": db.now()}):
        changed = ["waitingSince"]
        events.record(db, "conversation.updated", id, conversation_id=id, by=by, changed=changed)
