"""Guests who are there no more because they were merged: whom their ids lead to.

It is remembered longer than a merge can be undone: for as long as the guest is there who stayed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from jack.core import events

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jack.core.db import Database


class MovedRow(TypedDict):
    """A conversation or a task that has another guest now; `conversation_id` is the task's, or the conversation itself."""

    id: str
    conversation_id: str | None


# Whoever they were merged into may have been merged again.
INTO = """
    WITH RECURSIVE later (id) AS (
        SELECT merged_into FROM merged_guests WHERE id = :id
        UNION SELECT merged_into FROM merged_guests JOIN later USING (id))
    SELECT guests.id FROM later JOIN guests USING (id)"""

REMEMBER = """
    INSERT INTO merged_guests (id, merged_into, merged_at) VALUES (:id, :into, :now)
    ON CONFLICT (id) DO UPDATE SET merged_into = excluded.merged_into, merged_at = excluded.merged_at"""

FORGET = "DELETE FROM merged_guests WHERE id = :id"

FORGET_ALL_OF = """
    WITH RECURSIVE earlier (id) AS (
        SELECT id FROM merged_guests WHERE merged_into = :id
        UNION SELECT merged_guests.id FROM merged_guests JOIN earlier ON merged_into = earlier.id)
    DELETE FROM merged_guests WHERE id IN (SELECT id FROM earlier)"""


def into(db: Database, guest_id: str) -> str | None:
    """The id of the guest whom this one has become by merges; None where there was none."""
    found: str | None = db.value(INTO, {"id": guest_id})
    return found


def remember(db: Database, guest_id: str, into: str) -> None:
    """Record that a guest has become another."""
    db.run(REMEMBER, {"id": guest_id, "into": into, "now": db.now()})


def forget(db: Database, guest_id: str) -> None:
    """A guest is there again."""
    db.run(FORGET, {"id": guest_id})


def forget_all_of(db: Database, guest_id: str) -> None:
    """Forget everybody who has become this guest, who is to be erased."""
    db.run(FORGET_ALL_OF, {"id": guest_id})


def record_moves(
    db: Database, conversations: Sequence[MovedRow], tasks: Sequence[MovedRow], by: str | None
) -> None:
    """Record that these conversations and tasks have another guest."""
    for row in conversations:
        _record(db, "conversation.updated", row, by)
    for row in tasks:
        _record(db, "task.updated", row, by)


def _record(db: Database, event: events.EventType, row: MovedRow, by: str | None) -> None:
    about = row["conversation_id"]
    events.record(db, event, row["id"], conversation_id=about, by=by, changed=["guestId"])
