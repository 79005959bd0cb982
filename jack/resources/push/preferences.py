"""Of what each person wants to be told, and in which hours not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypedDict, get_args

import orjson

from jack.core import audit, events
from jack.core.db import as_json, transaction
from jack.core.query import Query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jack.core.db import Database

# A guest has written: in one's own conversations, in nobody's, in those of others. A task: for me, for my department, urgent, late.
# I am named in a note; an automation tells me; something is out of order (for administrators).
Kind = Literal[
    "guest_mine",
    "guest_unassigned",
    "guest_other",
    "task_mine",
    "task_department",
    "task_urgent",
    "task_overdue",
    "mention",
    "automation",
    "health",
]
KINDS: tuple[str, ...] = get_args(Kind)


class StoredPreferences(TypedDict):
    """Preferences as they are stored: `push` is a JSON array of kinds, the hours are `HH:MM`."""

    push: str
    quiet_from: str | None
    quiet_to: str | None


class Preferences(TypedDict):
    """Of what somebody is told by push; from when to when not, `HH:MM` of the hotel's clock."""

    push: Sequence[str]
    quiet_from: str | None
    quiet_to: str | None


DEFAULT: Preferences = {"push": KINDS, "quiet_from": None, "quiet_to": None}

GET = Query[StoredPreferences](
    "SELECT push, quiet_from, quiet_to FROM notification_preferences WHERE staff_id = :staff_id"
)

PUT = """
    INSERT INTO notification_preferences (staff_id, push, quiet_from, quiet_to)
    VALUES (:staff_id, :push, :quiet_from, :quiet_to)
    ON CONFLICT DO UPDATE SET push = :push, quiet_from = :quiet_from, quiet_to = :quiet_to"""


def get(db: Database, staff_id: str) -> Preferences:
    """What somebody has chosen; by default all kinds at any hour."""
    row = db.one(GET, {"staff_id": staff_id})
    return DEFAULT if row is None else {**row, "push": orjson.loads(row["push"])}


def put(
    db: Database,
    staff_id: str,
    *,
    push: Sequence[str],
    quiet_from: str | None,
    quiet_to: str | None,
) -> Preferences:
    """Store what somebody has chosen; what is so already changes nothing."""
    chosen = [kind for kind in KINDS if kind in push]
    wanted: Preferences = {"push": chosen, "quiet_from": quiet_from, "quiet_to": quiet_to}
    with transaction(db):
        before = get(db, staff_id)
        changed = events.changed_fields(before | {"push": list(before["push"])}, wanted, wanted)
        if changed:
            db.run(PUT, {**wanted, "push": as_json(chosen), "staff_id": staff_id})
            audit.record(
                db,
                "notifications.changed",
                "staff",
                staff_id,
                by=staff_id,
                changed=as_json(changed),
            )
    return wanted


def is_quiet(chosen: Preferences, time: str) -> bool:
    """Whether a time of the hotel's clock (`HH:MM`) is in the quiet hours, which may go past midnight."""
    begin, end = chosen["quiet_from"], chosen["quiet_to"]
    if begin is None or end is None:
        return False
    return begin <= time < end if begin < end else time >= begin or time < end


def minutes_until_quiet(chosen: Preferences, time: str) -> int | None:
    """How many minutes after a time of the hotel's clock the quiet hours begin; None without any."""
    if chosen["quiet_from"] is None:
        return None
    return (_minutes(chosen["quiet_from"]) - _minutes(time)) % (24 * 60)


def _minutes(time: str) -> int:
    hours, minutes = time.split(":")
    return int(hours) * 60 + int(minutes)
