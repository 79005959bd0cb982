"""The one background loop: empties the outbox, starts the jobs, the sending to webhooks and the pushes, deletes what has expired.

It rests until something is due or somebody has written something (`jack/worker/rest.py`).

It is a daemon thread in whichever process holds `worker.lock`; when that process dies the kernel frees the lock and
another takes it. `bin/jack work` runs it as a process of its own. Should two ever run, the leases keep each message to one.
"""

from __future__ import annotations

import atexit
import logging
import os
import secrets
import threading
import time
import traceback
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from jack.channels.registry import CHANNELS
from jack.core.errors import Unavailable
from jack.messaging.dispatcher import Dispatcher
from jack.messaging.outgoing import SigningContext
from jack.resources.conversations import scheduling, snoozing
from jack.resources.webhooks import deliveries
from jack.worker import cleanup, metrics_server, next_due, push
from jack.worker.backup_process import BackupOptions
from jack.worker.job import Job
from jack.worker.jobs import Jobs
from jack.worker.push import Pusher
from jack.worker.rest import Rest
from jack.worker.webhooks import Deliverer
from jack.worker.worker_lock import WorkerLock

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from flask import Flask

    from jack.channels.protocol import Channel
    from jack.core.databases import Databases
    from jack.core.db import Database
    from jack.http.context import AppState

log = logging.getLogger("jack.worker")

TICK = 0.1  # seconds between two rounds, at least, while there is no result of a provider
# How long the end waits for what is being sent: less than gunicorn's graceful_timeout.
FINISH_SECONDS = 20.0
HEARTBEAT = 1.0  # seconds
CLEANUP_EVERY = 600.0  # seconds
LOCK_RETRY = 1.0


class Worker:
    """The loop, and the lock that makes it the only one."""

    def __init__(
        self,
        databases: Databases,
        lock: Path,
        channels: Mapping[str, Channel] = CHANNELS,
        *,
        signing: SigningContext = SigningContext(),  # noqa: B008 (never changed)
        webhook_hosts: Sequence[str] = (),
        push_hosts: Sequence[str] = (),
        backup_options: BackupOptions = BackupOptions(),  # noqa: B008 (never changed)
        metrics: tuple[str, int] | None = None,
    ) -> None:
        self._metrics = metrics
        self._databases = databases
        self._lock = WorkerLock(lock)
        self._has_lock = True
        self._complaint = ""
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        owner = f"worker-{os.getpid()}-{secrets.token_hex(4)}"
        self._rest = Rest(lock)
        self._dispatcher = Dispatcher(owner, signing, channels)
        self._dispatcher.pool.news = self._rest.news
        self._jobs = Jobs(
            databases,
            signing,
            channels,
            self._stopped,
            backup_options=backup_options,
            hosts=webhook_hosts,
        )
        path = urlsplit(signing.public_url).path
        self._deliverer = Job(
            "jack-webhooks", databases, Deliverer(self._stopped, webhook_hosts, path).run
        )
        pusher = Pusher(self._stopped, push_hosts, signing.public_url)
        self._pusher = Job("jack-push", databases, pusher.run)
        self._cleaned_at = self._touched_at = float("-inf")

    def start(self) -> None:
        """Run in the background of this process, and end with it: a message being sent is finished first."""
        self._thread = threading.Thread(target=self.run, name="jack-worker", daemon=True)
        self._thread.start()
        atexit.register(self.shutdown)

    def shutdown(self) -> None:
        """Stop, and wait until what is being sent is finished, at most `FINISH_SECONDS`."""
        self.stop()
        if self._thread is not None:
            self._thread.join(FINISH_SECONDS)

    def stop(self) -> None:
        """Let the loop end after the round it is in."""
        self._stopped.set()
        self._rest.end()

    def run(self) -> None:
        """Wait for the lock, then work until stopped."""
        try:
            while not self._stopped.is_set():
                if not self._lock.acquire():
                    self._rest.wait_for_lock(self._stopped, LOCK_RETRY)
                    continue
                self._work_with_lock()
        finally:
            self._release()
            self._databases.close()

    def _work_with_lock(self) -> None:
        self._has_lock = True
        self._lock.touch()
        self._rest.listen()
        serving = metrics_server.start(self._metrics, self._databases)
        self._work()
        if serving is not None:
            serving.stop()
        with suppress(Unavailable):
            self.finish(self._databases.get())
        self._release()

    def _release(self) -> None:
        """Let another process work."""
        self._rest.hide()
        self._lock.release()
        self._rest.close()

    def _work(self) -> None:
        """Rounds until stopped, or until the file of the lock is another one: then another process may work as well."""
        while self._has_lock and not self._stopped.is_set():
            self._rest.begin()
            began = time.monotonic()
            try:
                db = self._databases.get()
                busy = self.turn(db)
                self._complaint = ""
                if busy:
                    self._rest.keep_warm()
                elif not self._stopped.is_set():
                    self._wait(db, began)
            except Unavailable as error:
                self._complain(error.message)
                self._stopped.wait(1.0)
            except Exception as error:  # the loop must outlive whatever goes wrong in one turn
                where = "".join(traceback.format_tb(error.__traceback__))
                log.error("the worker failed with %s\n%s", type(error).__name__, where)
                self._stopped.wait(1.0)

    def _wait(self, db: Database, began: float) -> None:
        """Rest. After a round that somebody rang for, another one is `TICK` later at the soonest, but for results of providers."""
        if not self._rest.is_rung:
            self._dispatcher.pool.finished.wait(TICK)
            return
        jobs = self._deliverer, self._pusher, self._jobs
        if self._dispatcher.in_flight or any(job.running for job in jobs):
            self._rest.keep_warm()
        times = [next_due.seconds(db), self._jobs.mailbox.seconds()]
        due = min((seconds for seconds in times if seconds is not None), default=None)
        self._rest.wait(due, TICK, max(0.0, self._touched_at + HEARTBEAT - time.monotonic()))
        pause = began + TICK - time.monotonic()
        if pause > 0 and not self._stopped.is_set():
            self._dispatcher.pool.finished.wait(pause)

    def _complain(self, message: str) -> None:
        """Log why the worker waits, once for each reason: it may last for days."""
        if message != self._complaint:
            log.warning("the worker waits: %s", message)
        self._complaint = message

    def turn(self, db: Database) -> bool:
        """One round: show life, record results, send what is due, delete what has expired now and then. Returns whether there was anything."""
        if self._show_life():
            self._dispatcher.renew_leases(db)
            self._dispatcher.reconcile(db)
            self._jobs.begin_due(db)
            scheduling.leave_due(db)
            snoozing.wake_due(db)
        now = time.monotonic()
        if now - self._cleaned_at >= CLEANUP_EVERY:
            cleanup.delete_expired(db)
            self._cleaned_at = now
        if deliveries.due_webhooks(db):
            self._deliverer.begin()
        if push.is_due(db):
            self._pusher.begin()
        return self.send_due(db)

    def _show_life(self) -> bool:
        """Once a second, show that it lives, and look after lock and bell. Returns whether it was time to."""
        self._rest.show_life()
        now = time.monotonic()
        if now - self._touched_at < HEARTBEAT:
            return False
        self._touched_at = now
        if self._rest.is_rung:
            self._has_lock = self._lock.is_ours()
            if self._has_lock:  # else another worker may be heard there by now
                self._rest.listen()
        else:
            self._has_lock = self._lock.touch()
        return True

    def send_due(self, db: Database) -> bool:
        """Record the providers' results, begin to send what is due; returns whether there was anything."""
        collected = self._collect(db)
        begun = self._dispatcher.send_due(db)
        return self._collect(db) or collected or begun

    def finish(self, db: Database) -> None:
        """Wait for what is with the providers, the receivers of webhooks and the push services, and record its results."""
        until = time.monotonic() + FINISH_SECONDS
        while (
            self._dispatcher.in_flight or self._deliverer.running or self._pusher.running
        ) and time.monotonic() < until:
            if not self._collect(db):
                self._dispatcher.pool.finished.wait(TICK)
            self._show_life()

    def _collect(self, db: Database) -> bool:
        """Record results, as often as it takes: none that is known may become `unknown` because the disk was full for a while."""
        while True:
            try:
                return self._dispatcher.collect(db)
            except Unavailable as error:
                self._complain(error.message)
                self._show_life()
                if self._stopped.wait(1.0):
                    return False


def start_in(app: Flask) -> Worker | None:
    """Run the loop in this process; None where the settings say that it runs elsewhere."""
    state: AppState = app.extensions["jack"]
    if not state.config.worker:
        return None
    worker = of(state)
    worker.start()
    return worker


def of(state: AppState) -> Worker:
    """The worker of an application."""
    signing = SigningContext(state.secret, state.config.base_url)
    return Worker(
        state.databases,
        state.config.worker_lock,
        signing=signing,
        webhook_hosts=state.config.webhook_hosts,
        push_hosts=state.config.push_hosts,
        backup_options=BackupOptions(state.config.backup_command, state.config.backup_recipients),
        metrics=state.config.metrics,
    )
