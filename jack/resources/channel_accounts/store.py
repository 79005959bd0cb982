"""Accounts at providers: how each is, and whether its queue has to wait.

An account that does not work is paused: its queue is kept, one message tries it again after a pause that grows each
time, and at once when its settings have been changed or a test of them has succeeded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from jack.core import clock, events
from jack.core.db import as_json, transaction

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jack.core.db import Database, Row

FIRST_PAUSE = 30.0
LONGEST_PAUSE = 900.0

COLUMNS = """
    last_inbound_at, last_outbound_at, last_error, last_error_at, paused_at, paused_until, paused_because,
    paused_settings, pauses, resumed_at, polled_at, place"""

GET = f"SELECT {COLUMNS} FROM channel_accounts WHERE name = :name"

NOBODY: Row = {name.strip(): None for name in COLUMNS.split(",")} | {"pauses": 0}

MEET = "INSERT INTO channel_accounts (name) VALUES (:name) ON CONFLICT DO NOTHING"

HEARD = "UPDATE channel_accounts SET last_inbound_at = :now WHERE name = :name"

SENT = "UPDATE channel_accounts SET last_outbound_at = :now WHERE name = :name"

POLLED = "UPDATE channel_accounts SET polled_at = :now WHERE name = :name"

PLACED = "UPDATE channel_accounts SET place = :place WHERE name = :name"

FAILED = "UPDATE channel_accounts SET last_error = :error, last_error_at = :now WHERE name = :name"

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

WAITING = "SELECT count(*) FROM outbox WHERE channel = :channel"


def get(db: Database, name: str) -> Row:
    """How an account is; all empty for one that has never been used."""
    row = db.one(GET, {"name": name})
    return NOBODY if row is None else row


def heard(db: Database, name: str) -> None:
    """Something has come in."""
    _note(db, HEARD, name)


def sent(db: Database, name: str) -> None:
    """The provider has accepted a message: the account works."""
    _note(db, SENT, name)
    resume(db, name)


def failed(db: Database, name: str, error: str) -> None:
    """Something went wrong with it; `error` is in plain words."""
    _note(db, FAILED, name, error=error)


def pause(db: Database, name: str, because: str, *, settings_at: str | None) -> None:
    """The account does not work as its settings of that time say: let its queue wait, longer than last time."""
    with transaction(db):
        failed(db, name, because)
        row = get(db, name)
        if not _over(db, row) and row["paused_settings"] == settings_at:
            return  # another message that was on its way has found out the same
        until = clock.later(
            db.now(), seconds=min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(row["pauses"], 9))
        )
        _note(db, PAUSE, name, error=because, until=until, settings_at=settings_at)
        if row["paused_at"] is None:
            events.record(db, "channel.paused", channel_of(name))


def resume(db: Database, name: str) -> None:
    """The account works: let its queue go, if it was made to wait."""
    with transaction(db):
        if db.run(RESUME, {"name": name, "now": db.now()}):
            events.record(db, "channel.resumed", channel_of(name))


def room(db: Database, name: str, settings_at: str | None) -> int | None:
    """How many messages may be tried now: none while paused, one to see whether the pause may end, else None (any)."""
    row = get(db, name)
    if row["paused_at"] is None or row["paused_settings"] != settings_at:
        return None
    return 1 if _over(db, row) else 0


def counts_from(db: Database, name: str, created_at: str) -> str:
    """From when on the age of a message counts: while its account is paused it does not grow older."""
    row = get(db, name)
    return db.now() if row["paused_at"] else str(max(created_at, row["resumed_at"] or ""))


def place(db: Database, name: str) -> dict[str, Any]:
    """Up to where a mailbox has been read; empty for a new one."""
    found = get(db, name)["place"]
    return orjson.loads(found) if found else {}


def keep_place(db: Database, name: str, place: Mapping[str, Any]) -> None:
    """A mailbox has been read up to there."""
    _note(db, PLACED, name, place=as_json(dict(place)))


def polled(db: Database, name: str) -> None:
    """A mailbox has been asked, and has answered."""
    _note(db, POLLED, name)


def waiting(db: Database, channel: str) -> int:
    """How many messages wait to leave over a channel."""
    return int(db.value(WAITING, {"channel": channel}))


def channel_of(name: str) -> str:
    """The channel an account serves."""
    return name.partition(":")[0]


def _over(db: Database, row: Row) -> bool:
    return row["paused_until"] is None or bool(row["paused_until"] <= db.now())


def _note(db: Database, statement: str, name: str, **params: Any) -> None:
    wanted = {"name": name, "now": db.now(), **params}
    with transaction(db):
        if not db.run(statement, wanted):
            db.run(MEET, {"name": name})
            db.run(statement, wanted)
