"""The one background loop of the house: empties the outbox, tidies up, and shows that it is alive.

It is a daemon thread in whichever process holds `worker.lock`; when that process dies the kernel frees the lock and
another takes it. `bin/jack work` runs it as a process of its own. Should two ever run, the leases keep it right.
"""

from __future__ import annotations

import atexit
import fcntl
import logging
import os
import secrets
import threading
import time
import traceback
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from jack import clock, events, idempotency, outbox
from jack.auth import store as auth
from jack.channels import web
from jack.db import transaction
from jack.errors import Unavailable
from jack.results import Permanent, Result
from jack.webchat import store as webchat

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from flask import Flask

    from jack.api import House
    from jack.db import Database, Databases, Row

log = logging.getLogger("jack.worker")

BATCH = 20
TICK = 0.1
LAST_WORDS = 20.0  # seconds to finish a message in, less than gunicorn's graceful_timeout
BEAT = 1.0
TIDY = 600.0
LOCK_RETRY = 1.0
STALE = 15.0
EVENT_DAYS = 30


class Channel(Protocol):
    """What the worker asks of a channel."""

    REPEATABLE: bool

    def send(self, db: Database, message: Row) -> Result:
        """Send a message; never raises for what a provider may do."""


CHANNELS: Mapping[str, Channel] = {"web": web}


class Worker:
    """The loop, and the lock that makes it the only one."""

    def __init__(
        self, databases: Databases, lock: Path, channels: Mapping[str, Channel] = CHANNELS
    ) -> None:
        self._databases = databases
        self._lock_path = lock
        self._channels = channels
        self._stopped = threading.Event()
        self._owner = f"worker-{os.getpid()}-{secrets.token_hex(4)}"
        self._tidied = self._beaten = float("-inf")

    def start(self) -> None:
        """Run in the background of this process, and end with it: a message being sent is finished first."""
        thread = threading.Thread(target=self.run, name="jack-worker", daemon=True)
        thread.start()
        atexit.register(self._end, thread)

    def _end(self, thread: threading.Thread) -> None:
        self.stop()
        thread.join(LAST_WORDS)

    def stop(self) -> None:
        """Ask the loop to end after what it is doing."""
        self._stopped.set()

    def run(self) -> None:
        """Wait for the lock, then work until stopped."""
        lock = os.open(self._lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            while not self._stopped.is_set():
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    self._stopped.wait(LOCK_RETRY)
                    continue
                self._work()
        finally:
            os.close(lock)
            self._databases.close()

    def _work(self) -> None:
        while not self._stopped.is_set():
            try:
                busy = self.turn(self._databases.get())
            except Unavailable as error:
                log.warning("the worker waits: %s", error.message)
                busy = False
                self._stopped.wait(1.0)
            except (
                Exception
            ) as error:  # the loop of the house must outlive whatever goes wrong in one turn
                where = "".join(traceback.format_tb(error.__traceback__))
                log.error("the worker stumbled: %s\n%s", type(error).__name__, where)
                busy = False
                self._stopped.wait(1.0)
            if not busy:
                self._stopped.wait(TICK)

    def turn(self, db: Database) -> bool:
        """One round: show life, send what is due, tidy up now and then. Returns whether there was anything to send."""
        if self._show_life():
            outbox.expire(
                db, [name for name, channel in self._channels.items() if channel.REPEATABLE]
            )
        now = time.monotonic()
        if now - self._tidied >= TIDY:
            tidy(db)
            self._tidied = now
        return self.send_due(db)

    def _show_life(self) -> bool:
        """Once a second, touch the lock. Returns whether it was time to."""
        now = time.monotonic()
        if now - self._beaten < BEAT:
            return False
        self._beaten = now
        with suppress(OSError):  # a disk that cannot be written at all is noticed elsewhere
            os.utime(self._lock_path)
        return True

    def send_due(self, db: Database) -> bool:
        """Send what is due, up to a batch. One message is claimed at a time: a crash leaves one in doubt, not many."""
        if not outbox.due(db):
            return False
        claimed = outbox.claim(db, self._owner)
        for left in reversed(range(BATCH)):
            if not claimed:
                break
            result = self._sent(db, claimed[0])
            claimed = self._settled(db, claimed[0], result, next=left > 0)
            self._show_life()
        return True

    def _settled(self, db: Database, claimed: Row, result: Result, *, next: bool) -> list[Row]:
        """Write down what became of a message, and claim the next one in the same transaction.

        Tried until it can be written: what is known must not end as `unknown` because the disk was full for a while.
        """
        while True:
            try:
                with transaction(db):
                    outbox.settle(db, claimed, self._owner, result)
                    return (
                        outbox.claim(db, self._owner) if next and not self._stopped.is_set() else []
                    )
            except Unavailable as error:
                log.warning("the worker waits: %s", error.message)
                self._show_life()
                if self._stopped.wait(1.0):
                    return []

    def _sent(self, db: Database, claimed: Row) -> Result:
        channel, message = (
            self._channels.get(claimed["channel"]),
            outbox.content(db, claimed["message_id"]),
        )
        if channel is None or message is None:
            return Permanent("This channel is not configured.")
        return channel.send(db, message)


def tidy(db: Database) -> None:
    """Drop what has had its day: old events, kept answers, ended sessions."""
    with transaction(db):
        events.forget(db, before=clock.later(db.now(), days=-EVENT_DAYS))
        idempotency.forget(db)
        auth.forget(db)
        webchat.forget(db)


def heartbeat_age(lock: Path) -> float | None:
    """Seconds since a worker showed life, or None when none ever did."""
    try:
        return max(0.0, time.time() - lock.stat().st_mtime)
    except FileNotFoundError:
        return None


def start_in(app: Flask) -> None:
    """Run the loop in this process, unless the settings say that it runs elsewhere."""
    home: House = app.extensions["jack"]
    if home.config.worker:
        Worker(home.databases, home.config.worker_lock).start()
