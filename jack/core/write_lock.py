"""The queue of writers: whose turn it is to write, between all processes that use the file.

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

# Seconds a writer waits for another program before those behind it need not queue any more.
GRACE = 0.1
# The size of the lock's file, in bytes, while queueing makes no sense.
BLOCKED = 1


class WriteLock:
    """An exclusive `flock` on a file beside the database. Not for sharing between threads."""

    def __init__(self, path: Path) -> None:
        """Open the file, and make it if it is not there."""
        _wake_promptly()
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def acquire(self, deadline: float, *, insist: bool = False) -> None:
        """Queue for the right to write, at most `deadline` seconds. Raises Unavailable.

        While the one whose turn it is waits for another program, only those who `insist` queue behind it.
        """
        give_up = time.monotonic() + deadline
        # A change takes 300 µs: who sleeps longer is overtaken by whoever comes just then, and nobody writes meanwhile.
        pause = 0.00002
        while True:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except OSError as error:
                if error.errno not in (errno.EWOULDBLOCK, errno.EINTR):
                    raise
            blocked = not insist and os.fstat(self._file).st_size == BLOCKED
            if blocked or time.monotonic() > give_up:
                raise Unavailable(
                    "The database is busy. Nothing was changed; try again.", retry_after=1
                )
            time.sleep(pause)
            pause = min(pause * 1.1, 0.002)

    def release(self) -> None:
        """Let the next writer go; nothing happens when the lock is not held."""
        fcntl.flock(self._file, fcntl.LOCK_UN)

    def block(self) -> None:
        """Tell those who queue, and those who come, that waiting makes no sense now: they get Unavailable at once."""
        os.ftruncate(self._file, BLOCKED)

    def unblock(self) -> None:
        """Waiting makes sense again. The mark is the file's size, which needs no space on a full disk."""
        if os.fstat(self._file).st_size == BLOCKED:
            os.ftruncate(self._file, 0)

    def close(self) -> None:
        """Give the file back, and the lock with it."""
        os.close(self._file)


def _wake_promptly() -> None:
    """Have the sleeps of this process end when they are over. Linux adds 50 µs to each, to wake several at once."""
    with suppress(OSError):
        Path("/proc/self/timerslack_ns").write_text("1000")
