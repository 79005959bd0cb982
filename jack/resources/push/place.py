"""How far the event log has been read for what is pushed or mailed, and up to when tasks were looked at that have become late."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from jack.core.query import Query

if TYPE_CHECKING:
    from jack.core.db import Database


class Place(TypedDict):
    """The last event (`events.seq`) and the time, up to which all has been told."""

    event_seq: int
    due_at: str


GET = Query[Place]("SELECT event_seq, due_at FROM push_place")

# Whether anybody wants to be told, on a device or by e-mail.
ANYBODY = """(EXISTS (SELECT 1 FROM push_subscriptions)
        OR EXISTS (SELECT 1 FROM notification_preferences WHERE email <> '[]'))"""

# What happened before anybody wanted to be told is not told.
BEGIN = f"""
    INSERT INTO push_place (only, event_seq, due_at)
    SELECT 1, coalesce((SELECT max(seq) FROM events), 0), :now WHERE NOT {ANYBODY}
    ON CONFLICT DO UPDATE SET event_seq = excluded.event_seq, due_at = excluded.due_at"""

MOVE = "UPDATE push_place SET event_seq = :event_seq, due_at = :due_at"


def get(db: Database) -> Place | None:
    """The place; None while nobody has ever wanted to be told."""
    return db.one(GET)


def begin(db: Database) -> None:
    """Before the first subscription, or wish for mail: what is told begins now."""
    db.run(BEGIN, {"now": db.now()})


def move(db: Database, event_seq: int, due_at: str) -> None:
    """All up to there has been told."""
    db.run(MOVE, {"event_seq": event_seq, "due_at": due_at})
