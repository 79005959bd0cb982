"""Reads the calendars of booking sites, in a process of its own: what strangers send is taken apart there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from jack.core.db import Database
from jack.resources.stay_feeds.reading import read_due
from jack.worker import data_process
from jack.worker.worker_lock import WorkerLock

if TYPE_CHECKING:
    import threading
    from collections.abc import Sequence

MODULE = "jack.worker.stay_feeds"
LOOK = 5.0  # seconds between two looks at whether one is due


def run(hosts: Sequence[str], stopped: threading.Event, db: Database) -> None:
    """Read the calendars that are due, in a process that is ended when the worker is to stop. `hosts`: of JACK_WEBHOOK_HOSTS."""
    process = data_process.of_module(MODULE, str(db.path), str(os.getpid()), " ".join(hosts))
    data_process.supervise(process, "calendars", stopped)


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
