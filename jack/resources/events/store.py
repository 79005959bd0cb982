"""Reading the event log."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, cast

import orjson

from jack.core.query import Query
from jack.resources.actors import store as actors

if TYPE_CHECKING:
    from jack.core.db import Database
    from jack.resources.actors.store import Actor


class StoredEvent(TypedDict):
    """An event as it is stored; `changed` is a JSON array. `seq` is its place in the log, and the cursor of whoever reads it."""

    seq: int
    type: str
    subject_id: str
    conversation_id: str | None
    actor_id: str | None
    actor_name: str | None
    changed: str
    created_at: str


class EventRow(TypedDict):
    """An event as it is answered."""

    seq: int
    type: str
    subject_id: str
    conversation_id: str | None
    actor_id: str | None
    actor: Actor
    changed: list[str]
    created_at: str


AFTER = Query[StoredEvent](f"""
    SELECT seq, type, subject_id, conversation_id, actor_id, {actors.NAME} AS actor_name, changed, created_at
    FROM events
    WHERE seq > :after
    ORDER BY seq
    LIMIT :limit""")


def after(db: Database, seq: int, limit: int) -> list[EventRow]:
    """Up to `limit` events later than `seq`, oldest first."""
    return [_answered(row) for row in db.all(AFTER, {"after": seq, "limit": limit})]


def _answered(row: StoredEvent) -> EventRow:
    actor = actors.answered(row["actor_id"], row["actor_name"])
    return cast("EventRow", {**row, "actor": actor, "changed": orjson.loads(row["changed"])})
