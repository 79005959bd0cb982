"""What has happened since the last look, by the event log: each becomes an occasion of the automations that begin with it.

What an automation has done begins none, so that no loop is made of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from jack.core import clock
from jack.core.db import transaction
from jack.core.query import Query
from jack.resources.automations import (
    conditions,
    facts,
    moments,
    occasions,
    runs,
    skips,
    store,
    waiting,
)
from jack.resources.automations.rows import AFTER_STAY, BY_EVENT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jack.core.db import Database
    from jack.resources.automations.facts import Facts
    from jack.resources.automations.rows import AutomationRow

MOST = 1000  # events of one transaction

TYPES = {
    "message.received": "conversation.message.created",
    **{name: name for name in (*BY_EVENT, *AFTER_STAY) if name != "message.received"},
}


class EventRow(TypedDict):
    """An event."""

    seq: int
    type: str
    subject_id: str
    conversation_id: str | None
    actor_id: str | None
    created_at: str


PLACE = "SELECT event_seq FROM automation_place"
NEWEST = "SELECT coalesce(max(seq), 0) FROM events"
ANY_NEW = f"SELECT ({NEWEST}) > coalesce(({PLACE}), 0)"
MOVE = """
    INSERT INTO automation_place (only, event_seq) VALUES (1, :seq)
    ON CONFLICT DO UPDATE SET event_seq = max(event_seq, excluded.event_seq)"""

EVENTS = Query[EventRow]("""
    SELECT seq, type, subject_id, conversation_id, actor_id, created_at
    FROM events WHERE seq > :after ORDER BY seq LIMIT :limit""")

# Whether the guest waits since this message: nobody who waits already begins to.
BEGINS_WAITING = """
    SELECT EXISTS (
        SELECT 1 FROM messages JOIN conversations ON conversations.id = conversation_id
        WHERE messages.id = :id AND messages.created_at = waiting_since)"""


def any_new(db: Database) -> bool:
    """Whether something has happened since the last look."""
    return bool(db.value(ANY_NEW))


def collect(db: Database) -> None:
    """Write down the occasions that have happened, up to the newest event."""
    while any_new(db):
        with transaction(db):
            wanted = [one for one in store.enabled(db) if one["trigger"]["type"] in TYPES]
            after = int(db.value(PLACE) or 0)
            if not wanted:
                db.run(MOVE, {"seq": db.value(NEWEST)})
                return
            after = max(after, min(one["enabled_seq"] or 0 for one in wanted))
            rows = db.all(EVENTS, {"after": after, "limit": MOST})
            for row in rows:
                _note(db, row, wanted)
            newest = rows[-1]["seq"] if rows else int(db.value(NEWEST))
            db.run(MOVE, {"seq": newest})


def _note(db: Database, event: EventRow, automations: Iterable[AutomationRow]) -> None:
    type = "stay.checked_in" if event["type"] == "stay.created" else event["type"]
    begun = [
        one
        for one in automations
        if TYPES[one["trigger"]["type"]] == type and event["seq"] > (one["enabled_seq"] or 0)
    ]
    if not begun or (event["actor_id"] or "").startswith("auto-"):
        return
    about = _about(db, event)
    if about is not None:
        for automation in begun:
            _claim(db, automation, about, event)


def _about(db: Database, event: EventRow) -> Facts | None:
    """What an event is of; None of a message that is no guest's or begins no waiting, of a new stay that is no walk-in, and of a task that was opened again."""
    kind, subject_id = event["type"].partition(".")[0], event["subject_id"]
    if event["type"] == "conversation.message.created":
        if not (event["actor_id"] or "").startswith("guest-"):
            return None
        if not db.value(BEGINS_WAITING, {"id": event["subject_id"]}):
            return None
        subject_id = event["conversation_id"] or ""
    found = next(iter(facts.read(db, kind, [subject_id])), None)
    if event["type"] == "stay.created" and not _walks_in(db, event, found):
        return None
    if kind == "task" and (found is None or found.task is None or not found.task["completed_at"]):
        return None
    return found


def _walks_in(db: Database, event: EventRow, new: Facts | None) -> bool:
    """Whether the guest of a stay was there when it was made, on the day of its arrival: that is its check-in."""
    if new is None or new.stay is None or new.stay["status"] != "in_house":
        return False
    today = moments.local(event["created_at"], moments.zone(db)).date().isoformat()
    return new.stay["arrival"] == today


def _claim(db: Database, automation: AutomationRow, about: Facts, event: EventRow) -> None:
    trigger, since = automation["trigger"], event["created_at"]
    due_at = clock.later(since, minutes=trigger.get("minutes", 0))
    occasion = occasions.key(trigger, about)
    zone = moments.zone(db)
    late = occasions.is_caught_up(trigger, about, since, zone)
    new = waiting.claim(
        db, automation["id"], occasion, about.id, due_at, since=since, waits=not late
    )
    if new and late and conditions.hold(db, automation, about, since, zone):
        runs.skip_all(db, automation, about, occasion, skips.TOO_LATE)
