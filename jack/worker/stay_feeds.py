"""Reads the calendars of booking sites, in a process of its own: what strangers send is taken apart there."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from jack.core.db import Database
from jack.resources.stay_feeds import store
from jack.resources.stay_feeds.reading import read_due
from jack.worker import data_process
from jack.worker.worker_lock import WorkerLock

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence

MODULE = "jack.worker.stay_feeds"
LOOK = 2.0  # seconds between two looks at whether one is due


class Reading:
    """When calendars are due, and reading them. `hosts`: those of JACK_WEBHOOK_HOSTS."""

    def __init__(
        self,
        hosts: Sequence[str],
        stopped: threading.Event,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._hosts, self._stopped, self._now = hosts, stopped, now
        self._next = float("-inf")

    def due(self, db: Database) -> bool:
        """Whether there is one that was not read for a quarter of an hour, or not yet; looked at every two seconds."""
        if self._now() < self._next:
            return False
        self._next = self._now() + LOOK
        return bool(store.due(db))

    def run(self, db: Database) -> None:
        """Read those that are due, in a process that is ended when the worker is to stop."""
        hosts = " ".join(self._hosts)
        process = data_process.of_module(MODULE, str(db.path), str(os.getpid()), hosts)
        data_process.supervise(process, "calendars", self._stopped)


def main(path: str, parent: str, hosts: str) -> None:
    """What the process does."""
    lock = WorkerLock(Path(path).with_name("calendars.lock"))
    if not lock.acquire():  # somebody else is at it
        return
    db = Database(Path(path))
    try:
        read_due(db, hosts.split(), data_process.Pauses(int(parent)))
    finally:
        db.close()
        lock.release()
