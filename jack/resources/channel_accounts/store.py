"""Accounts at providers: the state of each, and whether its queue has to wait.

An account that does not work is paused: its queue is kept, and one message tries it again after a pause, which is longer
each time. It is tried at once when its settings have been changed or a test of them has succeeded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

import orjson

from jack.core import clock, events
from jack.core.db import as_json, transaction
from jack.core.query import Query

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jack.core.db import Database


class AccountRow(TypedDict):
    """The state of an account; `place` is JSON text, `paused_settings` when the settings it was paused with were put."""

    last_inbound_at: str | None
    last_outbound_at: str | None
    last_error: str | None
    last_error_at: str | None
    paused_at: str | None
    paused_until: str | None
    paused_because: str | None
    paused_settings: str | None
    pauses: int
    resumed_at: str | None
    polled_at: str | None
    place: str | None
    worked_at: str | None
    failed_at: str | None


FIRST_PAUSE = 30.0  # seconds
LONGEST_PAUSE = 900.0  # seconds

COLUMNS = """
    last_inbound_at, last_outbound_at, last_error, last_error_at, paused_at, paused_until, paused_because,
    paused_settings, pauses, resumed_at, polled_at, place, worked_at, failed_at"""

GET = Query[AccountRow](f"SELECT {COLUMNS} FROM channel_accounts WHERE name = :name")

# The state of an account that has never been used.
UNUSED: AccountRow = {
    "last_inbound_at": None,
    "last_outbound_at": None,
    "last_error": None,
    "last_error_at": None,
    "paused_at": None,
    "paused_until": None,
    "paused_because": None,
    "paused_settings": None,
    "pauses": 0,
    "resumed_at": None,
    "polled_at": None,
    "place": None,
    "worked_at": None,
    "failed_at": None,
}

CREATE = "INSERT INTO channel_accounts (name) VALUES (:name) ON CONFLICT DO NOTHING"

# What comes in does not show that an account can send again.
SET_INBOUND = """
    UPDATE channel_accounts
    SET last_inbound_at = :now, worked_at = CASE WHEN failed_at > coalesce(worked_at, '') THEN worked_at ELSE :now END
    WHERE name = :name"""

SET_OUTBOUND = (
    "UPDATE channel_accounts SET last_outbound_at = :now, worked_at = :now WHERE name = :name"
)

SET_WORKED = "UPDATE channel_accounts SET worked_at = :now WHERE name = :name"

SET_FAILED = """
    UPDATE channel_accounts SET last_error = :error, last_error_at = :now, failed_at = :now WHERE name = :name"""

# A mailbox that is read again ends the failure that reading it was.
SET_POLLED = """
    UPDATE channel_accounts
    SET polled_at = :now, poll_failed_at = NULL, failed_at = CASE WHEN failed_at IS poll_failed_at THEN NULL ELSE failed_at END
    WHERE name = :name"""

SET_POLL_FAILED = """
    UPDATE channel_accounts
    SET last_error = :error, last_error_at = :now, failed_at = :now, poll_failed_at = :now
    WHERE name = :name"""

SET_PLACE = "UPDATE channel_accounts SET place = :place WHERE name = :name"

SET_ERROR = (
    "UPDATE channel_accounts SET last_error = :error, last_error_at = :now WHERE name = :name"
)

PAUSE = """
    UPDATE channel_accounts
    SET paused_at = coalesce(paused_at, :now), paused_until = :until, paused_because = :error,
        paused_settings = :settings_at, pauses = pauses + 1
    WHERE name = :name"""

RESUME = """
    UPDATE channel_accounts
    SET paused_at = NULL, paused_until = NULL, paused_because = NULL, paused_settings = NULL, pauses = 0,
        resumed_at = :now
    WHERE name = :name AND paused_at IS NOT NULL"""

QUEUE_LENGTH = "SELECT count(*) FROM outbox WHERE channel = :channel"


def get(db: Database, name: str) -> AccountRow:
    """The state of an account; `UNUSED` for one that has never been used. Not for changing."""
    row = db.one(GET, {"name": name})
    return UNUSED if row is None else row


def record_inbound(db: Database, name: str) -> None:
    """Record that a message has come in."""
    _update(db, SET_INBOUND, name)


def record_outbound(db: Database, name: str) -> None:
    """Record that the provider has accepted a message: the account works, and is resumed."""
    _update(db, SET_OUTBOUND, name)
    resume(db, name)


def record_error(db: Database, name: str, error: str) -> None:
    """Record an error of the account; `error` is shown to staff."""
    _update(db, SET_ERROR, name, error=error)


def record_test(db: Database, name: str, error: str | None) -> None:
    """Record what a test has found: the account works, and is resumed; or why it does not."""
    if error is not None:
        record_failure(db, name, error)
        return
    _update(db, SET_WORKED, name)
    resume(db, name)


def record_failure(db: Database, name: str, error: str) -> None:
    """Record that the account itself has failed; `error` is shown to staff."""
    _update(db, SET_FAILED, name, error=error)


def state_of(row: AccountRow, settings_at: str | None) -> str:
    """How an account in use is: `paused`, `failing`, `working` once something has shown so with the settings put then, else `untested`."""
    if row["paused_at"] is not None and row["paused_settings"] == settings_at:
        return "paused"
    since = settings_at or ""
    worked, failed = row["worked_at"] or "", row["failed_at"] or ""
    if failed > worked and failed >= since:
        return "failing"
    return "working" if worked and worked >= since else "untested"


def pause(db: Database, name: str, because: str, *, settings_at: str | None) -> None:
    """Pause an account that does not work with the settings put at `settings_at`: longer than last time, 15 minutes at most.

    `because` is shown to staff.
    """
    with transaction(db):
        record_failure(db, name, because)
        row = get(db, name)
        if not _pause_over(db, row) and row["paused_settings"] == settings_at:
            return  # a message that was being sent at the same time has paused it already
        until = clock.later(
            db.now(), seconds=min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(row["pauses"], 9))
        )
        _update(db, PAUSE, name, error=because, until=until, settings_at=settings_at)
        if row["paused_at"] is None:
            events.record(db, "channel.paused", channel_of(name))


def resume(db: Database, name: str) -> None:
    """The account works: end its pause, if there is one."""
    with transaction(db):
        if db.run(RESUME, {"name": name, "now": db.now()}):
            events.record(db, "channel.resumed", channel_of(name))


def allowance(db: Database, name: str, settings_at: str | None) -> int | None:
    """How many messages may be sent now: 0 while paused, 1 after the pause to try the account, else None (any number)."""
    row = get(db, name)
    if row["paused_at"] is None or row["paused_settings"] != settings_at:
        return None
    return 1 if _pause_over(db, row) else 0


def counts_from(db: Database, name: str, created_at: str) -> str:
    """The time a message's age is counted from: its creation, the end of the last pause, or now during a pause."""
    row = get(db, name)
    return db.now() if row["paused_at"] else str(max(created_at, row["resumed_at"] or ""))


def place(db: Database, name: str) -> dict[str, object]:
    """The place up to which a mailbox has been read, as its channel writes it; empty for a new one."""
    found = get(db, name)["place"]
    return orjson.loads(found) if found else {}


def set_place(db: Database, name: str, place: Mapping[str, object]) -> None:
    """Store the place up to which a mailbox has been read."""
    _update(db, SET_PLACE, name, place=as_json(dict(place)))


def record_poll(db: Database, name: str) -> None:
    """Record that a mailbox has been polled successfully."""
    _update(db, SET_POLLED, name)


def record_poll_failure(db: Database, name: str, error: str) -> None:
    """Record that a mailbox could not be polled; `error` is shown to staff."""
    _update(db, SET_POLL_FAILED, name, error=error)


def queue_length(db: Database, channel: str) -> int:
    """How many messages are queued for a channel."""
    return int(db.value(QUEUE_LENGTH, {"channel": channel}))


def channel_of(name: str) -> str:
    """The channel of an account: the part of its name before the colon."""
    return name.partition(":")[0]


def _pause_over(db: Database, row: AccountRow) -> bool:
    return row["paused_until"] is None or bool(row["paused_until"] <= db.now())


def _update(db: Database, statement: str, name: str, **params: str | None) -> None:
    """Run this statement for an account, which is created when it has no row yet."""
    wanted = {"name": name, "now": db.now(), **params}
    with transaction(db):
        if not db.run(statement, wanted):
            db.run(CREATE, {"name": name})
            db.run(statement, wanted)
