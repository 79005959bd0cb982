"""Tests of a channel's account: asked for by a request, done by the worker, step by step; and letters that try out e-mail.

Within `SECONDS` of its creation a test is over, whatever the other side does and whether or not there is a worker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

import orjson

from jack.core import clock
from jack.core.db import as_json, transaction
from jack.core.errors import NotFound
from jack.core.ids import new_id
from jack.core.places import COMMAND
from jack.core.query import Query
from jack.resources.channel_accounts import store as accounts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jack.core.db import Database

SECONDS = 10.0
# A worker begins a test up to this age, and ends it at that: what is left is for writing down the result.
LATEST_BEGIN = 6.0
LATEST_END = 9.0
KEPT_HOURS = 1
MOST_AT_ONCE = 4

NOT_BEGUN = f"Nobody has begun the test: the background worker is not running. `{COMMAND} doctor` says more."
NOT_ENDED = "The background worker has stopped in the middle of the test."


class Step(TypedDict):
    """A step that has ended; `ms` is how long it took, `message` for the staff."""

    name: str
    ok: bool
    message: str
    ms: int


class TestRow(TypedDict):
    """A test as it is now."""

    id: str
    channel: str
    status: str
    steps: list[Step]


class StoredRow(TypedDict):
    """A test as it is stored; `steps` is JSON text."""

    id: str
    channel: str
    settings_at: str | None
    status: str
    steps: str
    created_at: str
    begun_at: str | None
    letter_to: str | None


COLUMNS = "id, channel, settings_at, status, steps, created_at, begun_at, letter_to"

GET = Query[StoredRow](f"SELECT {COLUMNS} FROM channel_tests WHERE id = :id AND channel = :channel")

GET_RUNNING = Query[StoredRow](f"""
    SELECT {COLUMNS} FROM channel_tests
    WHERE created_at > :since AND channel = :channel AND status = 'running' AND settings_at IS :settings_at
      AND letter_to IS :letter_to
    ORDER BY created_at DESC
    LIMIT 1""")

DUE = Query[StoredRow](f"""
    SELECT {COLUMNS} FROM channel_tests
    WHERE created_at > :since AND status = 'running' AND begun_at IS NULL
    ORDER BY created_at
    LIMIT :limit""")

CREATE = """
    INSERT INTO channel_tests (id, channel, settings_at, letter_to, created_at)
    VALUES (:id, :channel, :settings_at, :letter_to, :now)"""

BEGIN = "UPDATE channel_tests SET begun_at = :now WHERE id = :id AND begun_at IS NULL"

RECORD = "UPDATE channel_tests SET steps = :steps WHERE id = :id"

FINISH = "UPDATE channel_tests SET status = :status, steps = :steps WHERE id = :id"

DELETE_EXPIRED = "DELETE FROM channel_tests WHERE created_at <= :before"


def create(
    db: Database, channel: str, *, settings_at: str | None, letter_to: str | None = None
) -> TestRow:
    """Ask for a test of a channel by the settings put at `settings_at`; one that runs with the same settings is that test.

    With `letter_to`, the id of a member of staff, it is tested by a letter to them.
    """
    with transaction(db):
        since = clock.later(db.now(), seconds=-LATEST_BEGIN)
        found = {"channel": channel, "settings_at": settings_at, "letter_to": letter_to}
        running = db.one(GET_RUNNING, found | {"since": since})
        if running is not None:
            return _now(db, running)
        test_id = new_id("test", db.time())
        db.run(CREATE, found | {"id": test_id, "now": db.now()})
        return get(db, channel, test_id)


def get(db: Database, channel: str, test_id: str) -> TestRow:
    """A test as it is now; one whose time is over has failed. Raises NotFound."""
    row = db.one(GET, {"id": test_id, "channel": channel})
    if row is None:
        raise NotFound("There is no such test: they are kept for an hour.")
    return _now(db, row)


def due(db: Database, limit: int) -> list[StoredRow]:
    """Tests that nobody has begun, the oldest first."""
    since = clock.later(db.now(), seconds=-LATEST_BEGIN)
    return db.all(DUE, {"since": since, "limit": limit})


def begin(db: Database, test_id: str) -> bool:
    """Begin a test; False when another worker has."""
    with transaction(db):
        return db.run(BEGIN, {"id": test_id, "now": db.now()}) == 1


def seconds_left(db: Database, row: StoredRow) -> float:
    """How long a test may still take; no longer than a new one, whatever has become of the clock."""
    return min(LATEST_END - _age(db, row), LATEST_END)


def record(db: Database, test_id: str, steps: Sequence[Step]) -> None:
    """Write down the steps that have ended so far."""
    with transaction(db):
        db.run(RECORD, {"id": test_id, "steps": as_json(list(steps))})


def finish(
    db: Database, row: StoredRow, steps: Sequence[Step], account: str, error: str | None
) -> None:
    """The result of a test: an account that works is no longer paused, else `error` is its last one."""
    with transaction(db):
        status = "ok" if error is None else "failed"
        db.run(FINISH, {"id": row["id"], "status": status, "steps": as_json(list(steps))})
        accounts.record_test(db, account, error)


def delete_expired(db: Database) -> None:
    """Delete tests that were asked for more than an hour ago."""
    db.run(DELETE_EXPIRED, {"before": clock.later(db.now(), hours=-KEPT_HOURS)})


def _now(db: Database, row: StoredRow) -> TestRow:
    """A test as it is shown."""
    status, steps = row["status"], orjson.loads(row["steps"])
    because = NOT_BEGUN if row["begun_at"] is None else NOT_ENDED
    patience = LATEST_BEGIN if row["begun_at"] is None else SECONDS
    if status == "running" and _age(db, row) >= patience:
        status, ms = "failed", round(patience * 1000)
        steps.append({"name": "worker", "ok": False, "message": because, "ms": ms})
    return {"id": row["id"], "channel": row["channel"], "status": status, "steps": steps}


def _age(db: Database, row: StoredRow) -> float:
    """Seconds since a test was asked for."""
    return (clock.parse(db.now()) - clock.parse(row["created_at"])).total_seconds()
