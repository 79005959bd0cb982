"""Putting another file in the database's place, while nobody uses it."""

from __future__ import annotations

import os
import shutil
import time
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from jack.core import clock
from jack.core.atomic_file import sync_folder
from jack.core.db import Database
from jack.core.errors import JackError, Unavailable
from jack.core.file_locks import file_lock, sqlite_lock
from jack.operations.terminal import CommandRefused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jack.core.config import Config

# Left beside a database that could not be opened, or was deleted.
LEFT_OVER = ("-wal", "-journal")


def worker_lock(config: Config) -> AbstractContextManager[None]:
    """Hold the worker's lock, if its file exists. Raises Locked while a worker runs."""
    if not config.worker_lock.exists():
        return nullcontext()
    return file_lock(config.worker_lock, _running(config))


def _running(config: Config) -> str:
    return f"Jack is running with {config.instance}. Stop it, then try again. Nothing was changed."


@contextmanager
def exclusive_access(config: Config) -> Iterator[None]:
    """Keep other processes out of the database for the length of a block. Raises CommandRefused when one has it open."""
    running = _running(config)
    with ExitStack() as held:
        held.enter_context(worker_lock(config))
        damaged = False
        if config.database.exists():
            try:
                held.enter_context(_locked_database(config.database, running))
            except (CommandRefused, JackError):
                raise
            except (
                Exception
            ):  # a damaged database cannot be locked by SQLite; it is about to be replaced
                damaged = True
        held.enter_context(file_lock(config.database.with_suffix(".gate"), running))
        if damaged:
            held.enter_context(sqlite_lock(config.database, running))
        yield


@contextmanager
def _locked_database(path: Path, message: str) -> Iterator[None]:
    """Move the log into the file and lock it exclusively. Raises CommandRefused when another process has it open."""
    db = Database(path, deadline=1)
    try:
        try:
            alone = db.value("PRAGMA journal_mode = DELETE") == "delete"
            db.run("BEGIN EXCLUSIVE")
        except Unavailable:
            alone = False
        if not alone:
            raise CommandRefused(message)
        yield
        db.run("ROLLBACK")
    finally:
        db.close()


def replace(path: Path, copy: Path, kept: Path) -> None:
    """Replace the database by the copy, and keep the old one. After a crash either one is in place, complete."""
    for end in LEFT_OVER:
        left = Path(f"{path}{end}")
        if left.exists():
            left.replace(f"{kept}{end}")
    Path(f"{path}-shm").unlink(missing_ok=True)
    if path.exists():
        _link(path, kept)
        kept.chmod(0o600)  # whatever mode a file brought from elsewhere had
    copy.replace(path)
    for folder in (kept.parent, path.parent):
        sync_folder(folder)


def kept_path(config: Config, doing: str) -> Path:
    """Where the database of before `doing` (such as `restore`) is kept; makes the folder."""
    folder = config.instance / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    when = clock.stamp(time.time()).replace(":", "").replace("-", "")
    return folder / f"before-{doing}-{when}.db"


def sync_file(copy: Path) -> None:
    """Set mode 0600 and write the file to the disk."""
    copy.chmod(0o600)
    with copy.open("rb") as file:
        os.fsync(file.fileno())


def _link(path: Path, kept: Path) -> None:
    """Link the old file, so that there is always a database in place; copy it where the file system has no links."""
    try:
        os.link(path, kept)
    except OSError:
        shutil.copy2(path, kept)
