"""The lock of writers, between all processes that use the file.

SQLite's own waiting is unfair: without this a writer can starve behind others that come later.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path

from jack.core.errors import Unavailable

# Seconds after which a writer that waits for another program tells those behind it to give up.
GRACE = 0.1
# The size of the lock's file, in bytes, while those who queue are to give up.
BLOCKED = 1


class WriteLock:
    """An exclusive `flock` on a file beside the database. Not for sharing between threads."""

    def __init__(self, path: Path) -> None:
        """Open the file, and make it if it is not there."""
        _reduce_timer_slack()
        self._path = path
        self._file = self._opened()

    def _opened(self) -> int:
        return os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def acquire(self, deadline: float, *, insist: bool = False) -> None:
        """Wait for the lock, at most `deadline` seconds. Raises Unavailable.

        While its holder waits for another program (`block`), only callers with `insist` wait for it.
        """
        give_up = time.monotonic() + deadline
        # A change takes 300 µs. With longer sleeps later writers overtake, and the lock is free while all sleep.
        pause = 0.00002
        while True:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.fstat(self._file).st_nlink:
                    return
                self._renew()
                continue
            except OSError as error:
                if error.errno not in (errno.EWOULDBLOCK, errno.EINTR):
                    raise
            blocked = not insist and self.is_blocked()
            if blocked or time.monotonic() > give_up:
                raise Unavailable(
                    "The database is busy. Nothing was changed; try again.", retry_after=1
                )
            time.sleep(pause)
            pause = min(pause * 1.1, 0.002)

    def _renew(self) -> None:
        """Open the file anew: the one that is open was deleted, and others lock a new one."""
        opened = self._opened()
        os.close(self._file)
        self._file = opened

    def release(self) -> None:
        """Release the lock; nothing happens when it is not held."""
        fcntl.flock(self._file, fcntl.LOCK_UN)

    def block(self) -> None:
        """Let all who wait for the lock, and all who come later, get Unavailable at once."""
        os.ftruncate(self._file, BLOCKED)

    def is_blocked(self) -> bool:
        """Whether whoever last waited for another program has not got the lock."""
        return os.fstat(self._file).st_size == BLOCKED

    def unblock(self) -> None:
        """Let others wait for the lock again. The state is the file's size, which needs no space on a full disk."""
        if self.is_blocked():
            os.ftruncate(self._file, 0)

    def close(self) -> None:
        """Close the file, which releases the lock; once is enough."""
        if self._file >= 0:
            os.close(self._file)
        self._file = -1


class BusyHandler:
    """SQLite's busy handler: whether to wait on for a program that does not use `WriteLock`.

    After `GRACE` seconds those who queue behind a transaction that is beginning are told to give up. Else all processes
    would wait, and none could answer those who only read.
    """

    def __init__(self, lock: WriteLock, timeout: float) -> None:
        self._lock = lock
        self._since = 0.0
        self.timeout = timeout
        self.is_beginning = False

    def __call__(self, times: int) -> bool:
        """Whether to try again, `times` tries later; waits 2 ms."""
        now = time.monotonic()
        if times == 0:
            self._since = now
        if self.is_beginning and now - self._since > GRACE:
            self._lock.block()
        time.sleep(0.002)
        return now - self._since < self.timeout


def _reduce_timer_slack() -> None:
    """Have sleeps end on time: Linux adds up to 50 µs to each (PR_SET_TIMERSLACK)."""
    with suppress(OSError):
        Path("/proc/self/timerslack_ns").write_text("1000")
