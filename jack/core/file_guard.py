"""What a connection does when its files are deleted or replaced while it is open: it stops, and saves what it can.

Nothing is read or written any more: another process may use what is in the folder now, and neither would see the other.
What was acknowledged before is moved into the database, or copied beside it. A new start then finds all of it.
"""

from __future__ import annotations

import logging
import os
import shutil
import time
from contextlib import suppress
from pathlib import Path

import apsw

from jack.core.errors import Unavailable
from jack.core.open_files import Loss, OpenFiles
from jack.core.sqlite import copy_file, is_wal, leave_files, write_log
from jack.core.write_lock import WriteLock

log = logging.getLogger("jack.db")

WATCH_EVERY = 0.1  # seconds
LOCK_TIMEOUT = 5.0  # seconds
UNCERTAIN = "It is not certain that the change was kept."


def refused(message: str) -> Unavailable:
    """The error of whoever uses a database whose files are lost."""
    return Unavailable(message, reason="files_replaced", retry_after=60)


class FileGuard:
    """Guards one connection."""

    def __init__(self, path: Path, connection: apsw.Connection, lock: WriteLock) -> None:
        self._path = path
        self._connection = connection
        self._lock = lock
        self._files = OpenFiles(path)
        self._refusal = ""
        self._next_look = 0.0

    def watch(self) -> None:
        """As `check`, every `WATCH_EVERY` seconds: cheap enough for every request."""
        now = time.monotonic()
        if now >= self._next_look or self._refusal:
            self._next_look = now + WATCH_EVERY
            self.check()

    def check(self, command: str = "") -> None:
        """Raise Unavailable when the files that are open are not those in the folder. `command` is what was just done."""
        if not self._refusal:
            loss = self._files.loss()
            if loss is None or not is_wal(self._connection):
                return
            self._stop(loss)
        done = UNCERTAIN if command == "COMMIT" else "Nothing was changed."
        raise refused(f"{self._refusal} {done}")

    def leave(self) -> None:
        """Before the connection is closed: what is not its own is left alone."""
        with suppress(Unavailable, apsw.Error):
            self.check()

    def _stop(self, loss: Loss) -> None:
        what = "deleted" if loss.deleted_only else "deleted or replaced"
        self._refusal = f"{loss.name} was {what} while Jack was running: Jack has to be restarted."
        leave_files(self._connection)
        try:
            saved = self._save(loss)
        except (apsw.Error, OSError, Unavailable) as error:
            saved = f"What was written last could not be saved ({type(error).__name__})."
        log.error(
            "%s was %s while Jack is running. Nothing is read or written any more: stop Jack and start it again. %s",
            *(loss.name, what, saved),
        )

    def _save(self, loss: Loss) -> str:
        """Keep what was acknowledged; says how."""
        self._lock.acquire(LOCK_TIMEOUT, insist=True)
        try:
            if loss.deleted_only:
                done = write_log(self._connection)
                return "All that was written is in the database." if done else "Some is not."
            if not loss.database:
                return "Another process has made new ones already."
            if loss.copyable:
                return self._copy()
            return self._put_log_aside()
        finally:
            self._lock.release()

    def _backup(self, name: str) -> Path:
        folder = self._path.parent / "backups"
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder / name

    def _copy(self) -> str:
        """Copy the database that is open, unless another process has, and empty its log: it must not be applied to the new one."""
        kept = self._backup(f"replaced-{self._files.number}.db")
        if not kept.exists():
            partial = kept.with_suffix(f".{os.getpid()}.partial")
            os.close(os.open(partial, os.O_WRONLY | os.O_CREAT, 0o600))
            copy_file(self._connection, partial, lambda done, total: None)
            partial.rename(kept)
        write_log(self._connection)
        return f"The database of before is kept as {kept}."

    def _put_log_aside(self) -> str:
        """Move the log away from a database that was written over: it would be applied to it."""
        log_file = Path(f"{self._path}-wal")
        if log_file.exists() and log_file.stat().st_size:
            kept = self._backup(f"overwritten-{time.time_ns()}.wal")
            shutil.copyfile(log_file, kept)
            kept.chmod(0o600)
            os.truncate(log_file, 0)
        return "What was in the log is in backups/, and belongs to the database of before."
