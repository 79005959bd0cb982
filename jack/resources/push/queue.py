"""Pushes that are to be sent: one for each subscription and thing, so that a service that is down gathers no heap of them.

What comes of the same thing meanwhile takes its place. Rows hold ids only; the text is made when it is sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypedDict

from jack.core import clock
from jack.core.db import as_json, transaction
from jack.core.errors import NotFound
from jack.core.query import Query

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jack.core.db import Database

KEPT_HOURS = 4  # then it is no news any more
PAUSES = (
    10.0,
    60.0,
    300.0,
    900.0,
)  # seconds from one attempt to the next; the last one again and again
# Seconds, however long a service asks for: what comes of the same thing meanwhile waits as long.
LONGEST_PAUSE = 900.0
GONE = (404, 410)
AGAIN = (408, 425, 429)
TEST = "test"


class DueRow(TypedDict):
    """A push that is due, with what its subscription has."""

    id: str
    subscription_id: str
    staff_id: str
    kind: str
    subject_id: str
    message_id: str | None
    attempt: int
    created_at: str
    endpoint: str
    p256dh: str
    auth: str
    language: str | None


class Attempt(NamedTuple):
    """What has come of a push: the status, or why there is none; `retry_after` in seconds, as the service asks for."""

    status: int | None = None
    error: str | None = None
    retry_after: float | None = None
    again: bool = True  # whether another attempt could end otherwise, where there is no status


ADD = """
    INSERT INTO pushes (id, subscription_id, kind, subject_id, message_id, next_attempt_at, created_at)
    SELECT 'push-' || lower(hex(randomblob(16))), id, :kind, :subject_id, :message_id, :now, :now
    FROM push_subscriptions WHERE staff_id = :staff_id AND (:subscription_id IS NULL OR id = :subscription_id)
    ON CONFLICT (subscription_id, subject_id) DO UPDATE
    SET id = excluded.id, kind = excluded.kind, message_id = excluded.message_id, created_at = excluded.created_at"""

# One of each subscription, the one that waits longest: a slow service has one of each in flight, and nobody else waits for it.
DUE = Query[DueRow]("""
    SELECT pushes.id, subscription_id, staff_id, kind, subject_id, message_id, attempt, pushes.created_at,
           endpoint, p256dh, auth, language
    FROM push_subscriptions
    JOIN pushes ON pushes.id = (
        SELECT id FROM pushes WHERE subscription_id = push_subscriptions.id AND next_attempt_at <= :now
        ORDER BY next_attempt_at, created_at LIMIT 1)
    WHERE push_subscriptions.id NOT IN (SELECT value FROM json_each(:busy))
    ORDER BY next_attempt_at, pushes.created_at""")

IS_DUE = """
    SELECT EXISTS (SELECT 1 FROM push_subscriptions
        WHERE EXISTS (SELECT 1 FROM pushes WHERE subscription_id = push_subscriptions.id AND next_attempt_at <= :now))"""

DELETE = "DELETE FROM pushes WHERE id = :id"

LATER = "UPDATE pushes SET attempt = attempt + 1, next_attempt_at = :next WHERE id = :id"

DROP_SUBSCRIPTION = "DELETE FROM push_subscriptions WHERE id = :id"

SUCCEEDED = "UPDATE push_subscriptions SET last_success_at = :now, failure = NULL WHERE id = :id"

FAILED = "UPDATE push_subscriptions SET last_failure_at = :now, failure = :failure WHERE id = :id"


def add(
    db: Database,
    staff_id: str,
    kind: str,
    subject_id: str,
    message_id: str | None = None,
    *,
    only: str | None = None,
) -> int:
    """Queue a push to every device of a person, or to one (`only`: its subscription); returns to how many."""
    return db.run(
        ADD,
        {
            "staff_id": staff_id,
            "kind": kind,
            "subject_id": subject_id,
            "message_id": message_id,
            "subscription_id": only,
            "now": db.now(),
        },
    )


def test(db: Database, staff_id: str, subscription_id: str) -> None:
    """Queue a push that says that pushes arrive. Raises NotFound."""
    with transaction(db):
        if not add(db, staff_id, TEST, TEST, only=subscription_id):
            raise NotFound("Subscription not found")


def is_due(db: Database) -> bool:
    """Whether there is anything to send now."""
    return bool(db.value(IS_DUE, {"now": db.now()}))


def due(db: Database, busy: Iterable[str]) -> list[DueRow]:
    """What may be sent now: one push for each subscription that is not `busy`, the one that waits longest first."""
    return db.all(DUE, {"now": db.now(), "busy": as_json(sorted(busy))})


def drop(db: Database, push_id: str) -> None:
    """Give a push up."""
    db.run(DELETE, {"id": push_id})


def is_old(db: Database, row: DueRow) -> bool:
    """Whether nobody has to be told of this any more."""
    return row["created_at"] < clock.later(db.now(), hours=-KEPT_HOURS)


def record(db: Database, row: DueRow, attempt: Attempt) -> None:
    """Write down what has come of a push. A subscription that the service does not know any more is dropped."""
    now, status = db.now(), attempt.status
    if status in GONE:
        db.run(DROP_SUBSCRIPTION, {"id": row["subscription_id"]})
        return
    if status is not None and 200 <= status < 300:
        db.run(SUCCEEDED, {"id": row["subscription_id"], "now": now})
        db.run(DELETE, {"id": row["id"]})
        return
    failure = attempt.error or f"HTTP {status}"
    db.run(FAILED, {"id": row["subscription_id"], "now": now, "failure": failure})
    if status in AGAIN or (status is None and attempt.again) or (status or 0) >= 500:
        pause = PAUSES[min(row["attempt"], len(PAUSES) - 1)]
        seconds = max(pause, min(attempt.retry_after or 0.0, LONGEST_PAUSE))
        db.run(LATER, {"id": row["id"], "next": clock.later(now, seconds=seconds)})
    else:
        db.run(DELETE, {"id": row["id"]})
