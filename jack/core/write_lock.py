"""The lock of writers, between all processes that use the file.

SQLite's own waiting is unfair: without this a writer can starve behind others that come later.
"""

from __future__ import annotations

import errno
import fcntl
import os
import select
import stat
import time
from contextlib import suppress
from pathlib import Path

from jack.core.errors import Unavailable

# Seconds after which a writer that waits for another program tells those behind it to give up.
GRACE = 0.1
# The size of the lock's file, in bytes, while those who queue are to give up.
BLOCKED = 1
# Milliseconds after which who waits looks again by itself: who held the lock may have been killed, and woke nobody.
LOOK_AGAIN = 2


class WriteLock:
    """An exclusive `flock` on a file beside the database. Not for sharing between threads.

    Who waits is woken through a named pipe, into which a byte is written at every release: a change takes 300 µs, and who looks
    as often as it takes not to come late keeps the holder from working. Where there can be no pipe, they do look.
    """

    def __init__(self, database: Path) -> None:
        """Open the files of this database's lock, and make them if they are not there."""
        _reduce_timer_slack()
        self._path, self._pipe_path = files(database)
        self._file = self._opened()
        self._pipe = self._opened_pipe()

    def _opened(self) -> int:
        return os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def _opened_pipe(self) -> int:
        """The pipe; -1 where it cannot be made, as on a full disk."""
        with suppress(OSError):  # it is there already, or will not be
            os.mkfifo(self._pipe_path, 0o600)
        try:
            pipe = os.open(self._pipe_path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return -1
        if stat.S_ISFIFO(os.fstat(pipe).st_mode):
            return pipe
        os.close(pipe)
        return -1

    def acquire(self, deadline: float, *, insist: bool = False) -> bool:
        """Wait for the lock, at most `deadline` seconds; returns whether it `is_blocked`. Raises Unavailable.

        While its holder waits for another program (`block`), only callers with `insist` wait for it.
        """
        give_up = time.monotonic() + deadline
        while True:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                info = os.fstat(self._file)
                if info.st_nlink:
                    return info.st_size == BLOCKED
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
            self._wait()

    def _wait(self) -> None:
        """Until somebody releases the lock, or `LOOK_AGAIN`."""
        if self._pipe < 0:
            time.sleep(0.0001)
            return
        waiting = select.poll()
        waiting.register(self._pipe, select.POLLIN)
        if waiting.poll(LOOK_AGAIN):
            with suppress(BlockingIOError):  # another one has read it
                os.read(self._pipe, select.PIPE_BUF)

    def _renew(self) -> None:
        """Open the files anew: the one that is open was deleted, and others lock a new one."""
        opened, pipe = self._opened(), self._opened_pipe()
        self.close()
        self._file, self._pipe = opened, pipe

    def release(self) -> None:
        """Release the lock and wake who waits; nothing happens when it is not held."""
        fcntl.flock(self._file, fcntl.LOCK_UN)
        if self._pipe >= 0:
            with suppress(BlockingIOError):  # full: whoever comes is woken
                os.write(self._pipe, b"!")

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
        """Close the files, which releases the lock; once is enough."""
        for opened in (self._file, self._pipe):
            if opened >= 0:
                os.close(opened)
        self._file = self._pipe = -1


def files(database: Path) -> tuple[Path, Path]:
    """The files of a database's lock: what is locked, and the pipe through which they wake each other."""
    return database.with_suffix(".gate"), database.with_suffix(".wake")


def remove_files(database: Path) -> None:
    """Delete the files of the lock of a database that nobody uses."""
    for path in files(database):
        path.unlink(missing_ok=True)


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
