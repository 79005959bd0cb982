"""The lock that makes one worker the only one of all processes; its file's time is the heartbeat of a worker that cannot be asked."""

from __future__ import annotations

import fcntl
import logging
import os
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger("jack.worker")


class WorkerLock:
    """An exclusive lock on a file, which the kernel frees when the process dies."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None
        self._error = 0

    def acquire(self) -> bool:
        """Lock the file, made if it is not there. Returns whether it is ours now; why it cannot be opened is logged once."""
        try:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            if error.errno != self._error:
                log.error("the worker waits: %s cannot be opened: %s", self._path, error.strerror)
            self._error = error.errno or 0
            return False
        self._error = 0
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        self._file = file
        return True

    def touch(self) -> bool:
        """Set the file's time to now. Returns whether the lock is still ours, as `is_ours`."""
        with suppress(OSError):  # a disk that cannot be written at all is noticed elsewhere
            os.utime(self._path)
        return self.is_ours()

    def is_ours(self) -> bool:
        """Whether the file is still the one that others lock: not after it was deleted."""
        if self._file is None:
            return True
        try:
            return os.path.samestat(os.stat(self._path), os.fstat(self._file))
        except FileNotFoundError:
            return False
        except OSError:
            return True

    def release(self) -> None:
        """Release the lock; nothing happens when it is not held."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
