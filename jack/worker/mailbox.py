"""The mailbox: when it is asked, and what is new in it stored."""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING, cast

from jack.core.errors import Unavailable
from jack.messaging import inbound
from jack.resources.channel_accounts import store as accounts
from jack.resources.channel_accounts.connection import connected
from jack.resources.settings import store as settings

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Mapping, Sequence

    from jack.channels.protocol import Channel, PolledChannel
    from jack.channels.types import Account, Event
    from jack.core.db import Database
    from jack.messaging.outgoing import SigningContext

POLL_SECONDS = 45
LONGEST_PAUSE = 900.0  # seconds
MAX_BATCHES = 100
NEVER = float("-inf")  # no mailbox is connected


class Mailbox:
    """The hotel's mailbox; nobody's where e-mail is not connected."""

    def __init__(
        self,
        signing: SigningContext,
        channels: Mapping[str, Channel],
        stopped: threading.Event,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._signing, self._channels, self._stopped, self._now = signing, channels, stopped, now
        self._next_poll = NEVER
        self._polled_with: str | None = None
        self._failures = 0

    def seconds(self) -> float | None:
        """Seconds until it is asked, 0 where it is due; None where none is."""
        return None if self._next_poll == NEVER else max(0.0, self._next_poll - self._now())

    def is_due(self, db: Database) -> bool:
        """Whether it is to be asked now."""
        if not hasattr(self._channels.get("email"), "poll"):
            return False
        connection = connected(db, "email", self._signing.public_url, self._channels)
        if connection.account is None or not connection.enabled:
            self._polled_with, self._next_poll = None, NEVER
            return False
        if connection.settings_at != self._polled_with:  # new settings may work
            self._polled_with = connection.settings_at
            self._failures, self._next_poll = 0, self._now()
        return self._now() >= self._next_poll

    def poll(self, db: Database) -> None:
        """Store what is new in the mailbox, batch by batch. Raises Unavailable when the database cannot be written now."""
        connection = connected(db, "email", self._signing.public_url, self._channels)
        if connection.account is None:
            return
        self._next_poll = self._now() + LONGEST_PAUSE  # should the poll never return
        zone = settings.value(db, "hotel")["timeZone"]
        try:
            self._read(db, dataclasses.replace(connection.account, zone=zone))
        except Unavailable:  # the database, not the mailbox
            self._next_poll = self._now() + _usual_pause(connection.account)
            raise

    def _read(self, db: Database, account: Account) -> None:
        mailbox = cast("PolledChannel", self._channels["email"])
        for _ in range(MAX_BATCHES):
            batch = _Batch(db, account, self._signing.secret)
            error = mailbox.poll(account, accounts.place(db, account.name), batch.store)
            if error is not None:
                self._postpone(db, account, error.error)
                return
            accounts.record_poll(db, account.name)
            if not batch.events or self._stopped.is_set():
                break
        self._failures = 0
        self._next_poll = self._now() + _usual_pause(account)

    def _postpone(self, db: Database, account: Account, error: str) -> None:
        """The mailbox could not be polled: wait longer each time. Sending goes on, it uses another server."""
        accounts.record_poll_failure(db, account.name, error)
        self._failures += 1
        self._next_poll = self._now() + min(
            LONGEST_PAUSE, POLL_SECONDS * 2.0 ** min(self._failures - 1, 6)
        )


def _usual_pause(account: Account) -> float:
    imap = account.settings.get("imap") or {}
    return float(imap.get("pollSeconds") or POLL_SECONDS)


class _Batch:
    """Stores the events of one poll and counts them."""

    def __init__(self, db: Database, account: Account, secret: str) -> None:
        self._db, self._account, self._secret = db, account, secret
        self.events = 0

    def store(self, events: Sequence[Event], place: Mapping[str, object]) -> None:
        """Store events, with the place in the mailbox after them."""
        inbound.store_events(self._db, self._account, events, secret=self._secret, place=place)
        self.events += len(events)
