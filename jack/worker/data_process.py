"""Exports and imports in a process of their own: Python does one thing at a time in a process, and these take minutes.

The process does what is due and ends. One at a time does each of the two, whoever has started it: it holds a lock that the kernel
frees. It ends with the process that started it.
"""

from __future__ import annotations

import functools
import logging
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from jack.core.db import Database
from jack.core.errors import Unavailable
from jack.resources.exports.writing import write_due
from jack.resources.imports.running import run_due
from jack.worker.worker_lock import WorkerLock

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

log = logging.getLogger("jack.worker")

WORK = {"exports": write_due, "imports": run_due}
NICENESS = 10
# Seconds between two steps, in which others may write and read.
PAUSE = 0.005
LOOK = 0.2  # seconds between two looks at whether the worker is to end
# The package without its `__init__`, which would import the whole application.
START = """
import sys, types
package = types.ModuleType("jack")
package.__path__ = [sys.argv[1]]
sys.modules["jack"] = package
from jack.worker import data_process
data_process.main(*sys.argv[2:])
"""


def run(kind: str, stopped: threading.Event, db: Database) -> None:
    """Do the exports or the imports that are due, in a process that is ended when the worker is to stop."""
    process = start(kind, db.path, os.getpid())
    try:
        while process.poll() is None and not stopped.is_set():
            stopped.wait(LOOK)
    finally:
        process.kill()
        process.wait()
    if process.returncode and not stopped.is_set():
        log.error("%s ended with %s", kind, process.returncode)


def start(kind: str, database: Path, parent: int) -> subprocess.Popen[bytes]:
    """The process; it ends when its parent is not `parent` any more."""
    package = str(Path(__file__).resolve().parents[1])
    command = [sys.executable, "-P", "-c", START, package, kind, str(database), str(parent)]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603 (this Python with this module)


def main(kind: str, path: str, parent: str) -> None:
    """What the process does."""
    os.nice(NICENESS)
    lock = WorkerLock(Path(path).with_name(f"{kind}.lock"))
    if not lock.acquire():  # somebody else is at it
        return
    db = Database(Path(path))
    try:
        WORK[kind](db, functools.partial(_pause, int(parent)))
    except Unavailable as error:
        log.warning("%s wait: %s", kind, error.message)
    finally:
        db.close()
        lock.release()


def _pause(parent: int, sleep: Callable[[float], None] = time.sleep) -> None:
    """Let others have their turn. Ends the process when the one that started it is gone."""
    if os.getppid() != parent:
        raise SystemExit(0)
    sleep(PAUSE)
