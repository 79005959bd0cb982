"""What the watchdog looks at: mailbox, channels, webhooks, disk, backups, clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypedDict

from jack.core import clock
from jack.core.query import Query
from jack.resources.channel_accounts import store as accounts
from jack.resources.watchdog.store import Fault

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from jack.core.db import Database
    from jack.resources.channel_accounts.connection import Connected

MAILBOX_MINUTES = 10
PAUSED_MINUTES = 2  # a shorter pause is over before anybody could do something
WEBHOOK_FAILURES = 3  # in a row, …
WEBHOOK_MINUTES = 10  # … for so long
BACKUP_HOURS = 48
DISK_FREE = 0.10  # of the disk; …
DISK_WELL = 0.12  # … well again with so much, or each file more or less would be told
SKEW_SECONDS = 60.0
RELEASED = "2026"  # a clock in an earlier year is wrong

# Of the last events, so that what was written while a clock was ahead is forgotten some day.
NEWEST = "SELECT max(created_at) FROM (SELECT created_at FROM events ORDER BY seq DESC LIMIT 1000)"

LAST_BACKUP = "SELECT coalesce(backed_up_at, created_at) FROM instance"


class Webhook(TypedDict):
    """A webhook to which nothing gets."""

    id: str
    since: str


FAILING = Query[Webhook]("""
    SELECT id, coalesce(failing_since, updated_at) AS since FROM webhooks
    WHERE disabled_reason IS NOT NULL OR enabled AND failures >= :failures AND failing_since <= :before
    ORDER BY seq""")


class Machine(NamedTuple):
    """What the process knows: since when it watches, the part of the disk that is free, and the channels' accounts by channel."""

    started_at: str
    free: float
    channels: Mapping[str, Connected]


def find(db: Database, machine: Machine, known: Collection[Fault]) -> list[Fault]:
    """What is out of order now. `known`: what was at the last look."""
    before = {fault.name: fault for fault in known}
    checks = (
        _clock(db, before),
        _disk(db, machine, before),
        _backup(db),
        _mailbox(db, machine, before),
        _paused(db, machine),
        _webhooks(db),
    )
    return [fault for check in checks for fault in check]


def _mailbox(db: Database, machine: Machine, before: Mapping[str, Fault]) -> Iterator[Fault]:
    """Not read for ten minutes, in which this process could have. One that was found is well once it has been read since."""
    connection = machine.channels.get("email")
    if connection is None or connection.account is None or not connection.enabled:
        return
    polled_at = accounts.get(db, connection.account.name)["polled_at"] or ""
    since = max(polled_at, connection.settings_at or "")
    known = before.get("mailbox")
    if known is not None and since <= known.since:
        yield known
    elif max(since, machine.started_at) <= clock.later(db.now(), minutes=-MAILBOX_MINUTES):
        yield Fault("mailbox", "", since)


def _paused(db: Database, machine: Machine) -> Iterator[Fault]:
    """Channels whose account does not work with its settings of now."""
    limit = clock.later(db.now(), minutes=-PAUSED_MINUTES)
    for name, connection in machine.channels.items():
        if connection.account is None or not connection.enabled:
            continue
        row = accounts.get(db, connection.account.name)
        since = row["paused_at"]
        if since and since <= limit and row["paused_settings"] == connection.settings_at:
            yield Fault("channel", name, since)


def _webhooks(db: Database) -> Iterator[Fault]:
    """Webhooks to which nothing gets, also those that Jack has given up."""
    before = clock.later(db.now(), minutes=-WEBHOOK_MINUTES)
    for row in db.all(FAILING, {"failures": WEBHOOK_FAILURES, "before": before}):
        yield Fault("webhook", row["id"], row["since"])


def _disk(db: Database, machine: Machine, before: Mapping[str, Fault]) -> Iterator[Fault]:
    """Less than a tenth of the disk is free."""
    known = before.get("disk")
    if machine.free < (DISK_WELL if known else DISK_FREE):
        yield known or Fault("disk", "", db.now())


def _backup(db: Database) -> Iterator[Fault]:
    """No backup for two days, by `bin/jack backup`; at first, none since the installation."""
    since = str(db.value(LAST_BACKUP))
    if since <= clock.later(db.now(), hours=-BACKUP_HOURS):
        yield Fault("backup", "", since)


def _clock(db: Database, before: Mapping[str, Fault]) -> Iterator[Fault]:
    """The clock is behind what was written already, or before Jack was made."""
    now = db.now()
    newest = db.value(NEWEST) or ""
    if newest > clock.later(now, seconds=SKEW_SECONDS) or now < RELEASED:
        yield before.get("clock") or Fault("clock", "", now)
