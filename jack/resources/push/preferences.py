"""Of what each person wants to be told, and in which hours not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypedDict, get_args

import orjson

from jack.core import audit, events
from jack.core.db import as_json, transaction
from jack.core.query import Query
from jack.resources.push import mails, place

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
# What is out of order is mailed to every administrator anyway, at any hour.
BY_EMAIL: tuple[str, ...] = tuple(kind for kind in KINDS if kind != "health")
# What is late stands on the page anyway, and no event tells of it; of a run, the page does not know whom it tells.
ON_PAGE: tuple[str, ...] = tuple(
    kind for kind in KINDS if kind not in ("task_overdue", "automation")
)


Way = Literal["push", "email", "page"]
WAYS: tuple[Way, ...] = get_args(Way)


class StoredPreferences(TypedDict):
    """Preferences as they are stored: kinds are JSON arrays, the hours are `HH:MM`."""

    push: str
    email: str
    page: str
    quiet_from: str | None
    quiet_to: str | None


class Preferences(TypedDict):
    """Of what somebody is told by push, by e-mail and on the page; from when to when not, `HH:MM` of the hotel's clock."""

    push: Sequence[str]
    email: Sequence[str]
    page: Sequence[str]
    quiet_from: str | None
    quiet_to: str | None


DEFAULT: Preferences = {
    "push": KINDS,
    "email": (),  # nobody's mailbox is filled before they ask for it
    "page": ON_PAGE,
    "quiet_from": None,
    "quiet_to": None,
}

COLUMNS = "push, email, page, quiet_from, quiet_to"

GET = Query[StoredPreferences](
    f"SELECT {COLUMNS} FROM notification_preferences WHERE staff_id = :staff_id"
)

PUT = f"""
    INSERT INTO notification_preferences (staff_id, {COLUMNS})
    VALUES (:staff_id, :push, :email, :page, :quiet_from, :quiet_to)
    ON CONFLICT DO UPDATE
    SET push = :push, email = :email, page = :page, quiet_from = :quiet_from, quiet_to = :quiet_to"""


def get(db: Database, staff_id: str) -> Preferences:
    """What somebody has chosen; by default all kinds at any hour, but nothing by e-mail."""
    row = db.one(GET, {"staff_id": staff_id})
    if row is None:
        return DEFAULT
    return {
        "push": orjson.loads(row["push"]),
        "email": orjson.loads(row["email"]),
        "page": orjson.loads(row["page"]),
        "quiet_from": row["quiet_from"],
        "quiet_to": row["quiet_to"],
    }


def put(
    db: Database,
    staff_id: str,
    *,
    push: Sequence[str],
    email: Sequence[str] | None = None,
    page: Sequence[str] | None = None,
    quiet_from: str | None,
    quiet_to: str | None,
) -> Preferences:
    """Store what somebody has chosen; `None` of `email` or `page` keeps that, and what is so already changes nothing."""
    with transaction(db):
        before = get(db, staff_id)
        wanted: Preferences = {
            "push": _in_order(push),
            "email": _in_order(before["email"] if email is None else email),
            "page": _in_order(before["page"] if page is None else page),
            "quiet_from": quiet_from,
            "quiet_to": quiet_to,
        }
        known = before | {way: list(before[way]) for way in WAYS}
        changed = events.changed_fields(known, wanted, wanted)
        if changed:
            _store(db, staff_id, wanted, changed)
    return wanted


def _in_order(kinds: Sequence[str]) -> list[str]:
    return [kind for kind in KINDS if kind in kinds]


def _store(db: Database, staff_id: str, wanted: Preferences, changed: Sequence[str]) -> None:
    if wanted["email"]:
        place.begin(db)
    stored: dict[str, object] = {**wanted}
    stored |= {way: as_json(wanted[way]) for way in WAYS}
    db.run(PUT, {**stored, "staff_id": staff_id})
    mails.follow(db, staff_id, wanted["email"])
    audit.record(
        db, "notifications.changed", "staff", staff_id, by=staff_id, changed=as_json(changed)
    )


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


def minutes_until_loud(chosen: Preferences, time: str) -> int:
    """How many minutes after a time in the quiet hours they end; 0 without any."""
    if chosen["quiet_to"] is None:
        return 0
    return (_minutes(chosen["quiet_to"]) - _minutes(time)) % (24 * 60)
