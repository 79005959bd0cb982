"""Exports, imports and the conversion of pictures, each in a process of its own: Python does one thing at a time in a process, and these take long.

The process does what is due and ends. One at a time does each of the two, whoever has started it: it holds a lock that the kernel
frees. It ends with the process that started it.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from jack.core.db import Database
from jack.core.errors import Unavailable
from jack.resources.exports.store import GUEST
from jack.resources.exports.writing import write_due
from jack.resources.imports.running import run_due
from jack.resources.privacy import guest_export
from jack.worker.pictures import convert_due
from jack.worker.worker_lock import WorkerLock

if TYPE_CHECKING:
    import threading
    from collections.abc import Mapping

log = logging.getLogger("jack.worker")

NICENESS = 10
# Seconds between two steps, at least: as long as a step has taken, others have the machine.
PAUSE = 0.005
LONGEST_PAUSE = 0.25
# KiB of the database that the process keeps in memory: it reads each page once.
CACHE = 2048
LOOK = 0.2  # seconds between two looks at whether the worker is to end
# The package without its `__init__`, which would import the whole application.
START = """
import sys, types
package = types.ModuleType("jack")
package.__path__ = [sys.argv[1]]
sys.modules["jack"] = package
from importlib import import_module
import_module(sys.argv[2]).main(*sys.argv[3:])
"""


def run(kind: str, stopped: threading.Event, below: str, db: Database) -> None:
    """Do the exports, the imports or the pictures that are due, in a process that is ended when the worker is to stop.

    `below` is the path of the public URL, that Jack is below.
    """
    supervise(start(kind, db.path, os.getpid(), below), kind, stopped)


def supervise(process: subprocess.Popen[bytes], kind: str, stopped: threading.Event) -> None:
    """Wait for a process, which is ended when the worker is to stop."""
    try:
        while process.poll() is None and not stopped.is_set():
            stopped.wait(LOOK)
    finally:
        process.kill()
        process.wait()
    if process.returncode and not stopped.is_set():
        log.error("%s ended with %s", kind, process.returncode)


def start(kind: str, database: Path, parent: int, below: str = "") -> subprocess.Popen[bytes]:
    """The process; it ends when its parent is not `parent` any more."""
    return of_module("jack.worker.data_process", kind, str(database), str(parent), below)


def of_module(
    module: str, *words: str, env: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """A process that calls the `main` of a module of Jack's with these words."""
    package = str(Path(__file__).resolve().parents[1])
    command = [sys.executable, "-P", "-c", START, package, module, *words]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, env=env)  # noqa: S603 (this Python with this module)


def main(kind: str, path: str, parent: str, below: str) -> None:
    """What the process does."""
    with suppress(OSError):  # where the service may not (deploy/jack.service)
        os.nice(NICENESS)
    lock = WorkerLock(Path(path).with_name(f"{kind}.lock"))
    if not lock.acquire():  # somebody else is at it
        return
    db = Database(Path(path))
    db.script(f"PRAGMA cache_size = -{CACHE}")
    try:
        pauses = Pauses(int(parent))
        if kind == "exports":
            write_due(db, pauses, below, {GUEST: guest_export.write})
        elif kind == "imports":
            run_due(db, pauses)
        else:
            convert_due(db, pauses)
    except Unavailable as error:
        log.warning("%s wait: %s", kind, error.message)
    finally:
        db.close()
        lock.release()


class Pauses:
    """A pause after each step, as long as the step: others have half of a core at least, whatever the scheduler does."""

    def __init__(self, parent: int) -> None:
        self._parent = parent
        self._begun = time.monotonic()

    def __call__(self) -> None:
        """Wait. Ends the process when the one that started it is gone."""
        if os.getppid() != self._parent:
            raise SystemExit(0)
        took = time.monotonic() - self._begun
        time.sleep(min(max(took, PAUSE), LONGEST_PAUSE))
        self._begun = time.monotonic()
