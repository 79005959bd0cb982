"""The one SQLite file: `Database`, a connection; `transaction()` and `savepoint()`."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw
import orjson

from jack.core import bell, clock, log_remains
from jack.core.errors import Unavailable
from jack.core.file_guard import FileGuard
from jack.core.ids import new_id
from jack.core.reader import Params, Reader
from jack.core.request_origin import RequestOrigin, no_request
from jack.core.sqlite import (
    check_library,
    copy_file,
    create,
    open_file,
    translated,
    write_log,
)
from jack.core.write_lock import GRACE, BusyHandler, WriteLock

log = logging.getLogger("jack.db")


class Database(Reader):
    """One connection to the file. Never shared between threads, never carried over a fork."""

    def __init__(
        self, path: Path, *, deadline: float = 5.0, time: Callable[[], float] = time.time
    ) -> None:
        """Open the file. `deadline` is how many seconds a writer waits for its turn, then Unavailable is raised."""
        check_library()
        self.path, self.time = path, time
        self.origin: Callable[[], RequestOrigin] = no_request  # for the audit log
        self.deadline = deadline
        self._checkpoint_due = False
        self._bell = bell.Bell(path)
        self._on_commit: list[Callable[[], None]] = [self._bell.ring]
        self._write_lock = WriteLock(path.with_suffix(".gate"))
        self._busy = BusyHandler(self._write_lock, deadline)
        # The file is opened under the lock of writers, because a restore that holds it is about to replace the file.
        # `insist`: a server gives up when one of its processes does not start.
        try:
            self._write_lock.acquire(4 * deadline, insist=True)
            create(path)
            self._connection = open_file(path, self._busy)
        except BaseException as error:
            self._write_lock.close()
            if isinstance(error, apsw.Error):
                raise translated(error) from error
            raise
        self._guard = FileGuard(path, self._connection, self._write_lock)
        self._write_lock.release()
        super().__init__(self._connection)
        self.watch = self._guard.watch

    def run(self, sql: str, params: Params = {}) -> int:  # noqa: B006
        """Execute; returns how many rows were changed."""
        try:
            self._connection.execute(sql, params)
            return self._connection.changes()
        except apsw.Error as error:
            raise translated(error) from error

    def now(self) -> str:
        """The current time, as it is stored."""
        return clock.stamp(self.time())

    def new_id(self, prefix: str) -> str:
        """A new id: the prefix and a UUIDv7 (RFC 9562), `guest-0190…`."""
        return new_id(prefix, self.time())

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open on this connection."""
        return self._connection.in_transaction

    def begin(self, timeout: float | None = None) -> None:
        """Acquire the lock of writers and BEGIN IMMEDIATE. Raises Unavailable when the lock stays taken.

        `timeout` is in seconds; without it, `deadline`. Once somebody has waited in vain for another program, who comes
        after them tries for `GRACE` seconds only, until one succeeds: a process that waits answers nobody who reads.
        """
        self._busy.timeout = self.deadline if timeout is None else timeout
        still_taken = False
        try:
            self._write_lock.acquire(self._busy.timeout)
            if self._write_lock.is_blocked():
                self._busy.timeout = min(self._busy.timeout, GRACE)
            self._guard.check()
            self._busy.is_beginning = True
            self._connection.execute("BEGIN IMMEDIATE")
        except apsw.Error as error:
            still_taken = isinstance(error, apsw.BusyError)
            self._write_lock.release()
            raise translated(error) from error
        except Unavailable:
            self._write_lock.release()
            raise
        finally:
            self._busy.timeout = self.deadline
            if self._busy.is_beginning:
                self._busy.is_beginning = False
                if not still_taken:
                    self._write_lock.unblock()

    def end(self, command: str) -> None:
        """COMMIT or ROLLBACK, and release the lock of writers. On a full disk SQLite has already rolled back."""
        checkpoint_due, self._checkpoint_due = self._checkpoint_due and command == "COMMIT", False
        callbacks = self._on_commit if command == "COMMIT" else []
        self._on_commit = [self._bell.ring]
        try:
            if self._connection.in_transaction:
                self._connection.execute(command)
                self._guard.check(command)
            elif command == "COMMIT":
                raise Unavailable("The change was rolled back by the database.", retry_after=1)
        except apsw.Error as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise translated(error) from error
        finally:
            self._write_lock.release()
        for callback in callbacks:
            callback()
        if checkpoint_due:
            self.checkpoint()

    def on_commit(self, callback: Callable[[], None]) -> None:
        """Call this once the open transaction is committed; now if there is none. For what cannot be rolled back."""
        if self._connection.in_transaction:
            self._on_commit.append(callback)
        else:
            callback()

    def script(self, sql: str) -> None:
        """Several statements, each read to its end before the next is begun, inside the transaction that is open."""
        self._connection.execute(sql).fetchall()

    def checkpoint(self) -> bool:
        """Move the write-ahead log into the file and empty it, so that erased text is in neither; returns whether that was done.

        Inside a transaction it is put off until the commit. While somebody reads an older snapshot, or the disk is full, a note is left
        for the worker, which sees to it later (`log_remains`).
        """
        self._checkpoint_due = self._connection.in_transaction
        if self._checkpoint_due:
            return False
        emptied = self.empty_log()
        if not emptied:
            log_remains.note(self.path)
        return emptied

    def empty_log(self) -> bool:
        """Try the same, outside a transaction, and note nothing."""
        self._busy.timeout = GRACE
        try:
            return write_log(self._connection)
        except apsw.Error as error:
            log.warning("the write-ahead log was not emptied: %s", type(error).__name__)
            return False
        finally:
            self._busy.timeout = self.deadline

    def copy_to(
        self, target: Path, progress: Callable[[int, int], None] = lambda done, total: None
    ) -> None:
        """Write a copy of the database as it is now, while others write. `progress(pages done, pages in all)`."""
        copy_file(self._connection, target, progress)

    def close(self) -> None:
        """Close the connection, the line to the bell and the lock's file."""
        self._guard.leave()
        for one in (self._bell, self._connection, self._write_lock):
            one.close()


# Seconds a GET waits for the lock to write what may as well be written by a later one, such as a last-used time.
OPTIONAL_WRITE_TIMEOUT = 0.05


@contextmanager
def transaction(db: Database, timeout: float | None = None) -> Iterator[None]:
    """All or nothing. Joins a transaction that is open already; never holds a network call.

    `timeout` is how many seconds to wait for the lock of writers; without it, the database's `deadline`.
    """
    if db.in_transaction:
        yield
        return
    db.begin(timeout)
    try:
        yield
    except BaseException:
        db.end("ROLLBACK")
        raise
    db.end("COMMIT")


@contextmanager
def savepoint(db: Database) -> Iterator[None]:
    """A part of a transaction that may fail alone, such as one item of a bulk call."""
    db.script("SAVEPOINT part")
    planned = len(db._on_commit)
    try:
        yield
    except BaseException:
        del db._on_commit[planned:]
        if db.in_transaction:
            db.script("ROLLBACK TO part; RELEASE part")
        raise
    db.script("RELEASE part")


def as_json(value: object) -> str:
    """A value as the JSON text that is stored."""
    return orjson.dumps(value).decode()
