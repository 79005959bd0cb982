"""The one background loop of the house: empties the outbox, asks the mailbox, tidies up, and shows that it is alive.

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
from typing import TYPE_CHECKING

from jack.channels.registry import CHANNELS
from jack.core import clock, events, idempotency
from jack.core.db import transaction
from jack.core.errors import Unavailable
from jack.messaging import receipts, reconciliation
from jack.messaging.dispatcher import Sending
from jack.messaging.outgoing import Sender
from jack.resources.attachments import cleanup
from jack.resources.auth import sessions
from jack.resources.guests import merge
from jack.resources.quarantine import store as quarantine
from jack.resources.webchat import store as webchat
from jack.worker.jobs import Chores

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from flask import Flask

    from jack.channels.types import Channel
    from jack.core.db import Database, Databases
    from jack.http.blueprint import House

log = logging.getLogger("jack.worker")

TICK = 0.1
LAST_WORDS = 20.0  # seconds to finish a message in, less than gunicorn's graceful_timeout
BEAT = 1.0
TIDY = 600.0
LOCK_RETRY = 1.0
STALE = 15.0
EVENT_DAYS = 30


class Worker:
    """The loop, and the lock that makes it the only one."""

    def __init__(
        self,
        databases: Databases,
        lock: Path,
        channels: Mapping[str, Channel] = CHANNELS,
        *,
        sender: Sender = Sender(),  # noqa: B008 (never changed)
    ) -> None:
        self._databases = databases
        self._lock_path = lock
        self._stopped = threading.Event()
        owner = f"worker-{os.getpid()}-{secrets.token_hex(4)}"
        self._sending = Sending(owner, sender, channels)
        self._chores = Chores(databases, sender, channels, self._stopped)
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
                self.finish(self._databases.get())
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
            if not busy and not self._stopped.is_set():
                self._sending.pool.news.wait(TICK)

    def turn(self, db: Database) -> bool:
        """One round: show life, settle what is back, send what is due, tidy up now and then. Returns whether it was busy."""
        if self._show_life():
            self._sending.keep(db)
            self._sending.look_into_doubts(db)
            self._chores.begin_due(db)
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
        """Settle what is back from the providers, begin to send what is due; returns whether there was anything."""
        settled = self._settle(db)
        begun = self._sending.send_due(db)
        return self._settle(db) or settled or begun

    def finish(self, db: Database) -> None:
        """Wait for what is with the providers, and write down what became of it."""
        until = time.monotonic() + LAST_WORDS
        while self._sending.under_way and time.monotonic() < until:
            if not self._settle(db):
                self._sending.pool.news.wait(TICK)
            self._show_life()

    def _settle(self, db: Database) -> bool:
        """Tried until it can be written: what is known must not end as `unknown` because the disk was full for a while."""
        while True:
            try:
                return self._sending.settle(db)
            except Unavailable as error:
                log.warning("the worker waits: %s", error.message)
                self._show_life()
                if self._stopped.wait(1.0):
                    return False


def tidy(db: Database) -> None:
    """Drop what has had its day: old events, kept answers, ended sessions, merges, files nobody has a use for."""
    with transaction(db):
        events.forget(db, before=clock.later(db.now(), days=-EVENT_DAYS))
        idempotency.forget(db)
        sessions.forget(db)
        webchat.forget(db)
        merge.forget(db)
        receipts.forget(db)
        reconciliation.forget(db)
    cleanup.tidy(db)
    quarantine.forget(db)


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
        of(home).start()


def of(home: House) -> Worker:
    """The worker of a house."""
    sender = Sender(home.secret, home.config.base_url)
    return Worker(home.databases, home.config.worker_lock, sender=sender)
