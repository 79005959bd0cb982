"""The one SQLite file: `Database`, a connection and its verbs; `transaction()` and `savepoint()`."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar, overload

import apsw
import orjson

from jack.core import clock
from jack.core.errors import Unavailable
from jack.core.ids import new_id
from jack.core.query import Query, R
from jack.core.query_cache import QueryCache
from jack.core.sqlite import check_library, copy_file, create, open_file, translated
from jack.core.write_lock import GRACE, WriteLock

log = logging.getLogger("jack.db")

Row = dict[str, Any]
Params = Mapping[str, object]
Found = TypeVar("Found")


class Database:
    """One connection and its few verbs. Never shared between threads, never carried over a fork."""

    def __init__(
        self, path: Path, *, deadline: float = 5.0, time: Callable[[], float] = time.time
    ) -> None:
        """Open the file. `deadline` is how many seconds a writer waits for its turn before 503."""
        check_library()
        self.path = path
        self.time = time
        self.deadline = deadline
        self._names: dict[str, tuple[str, ...]] = {}
        self._to_fold = False
        self._on_commit: list[Callable[[], None]] = []
        self._patience = deadline
        self._waiting_since = 0.0
        self._has_turn = False
        self._write_lock = WriteLock(path.with_suffix(".gate"))
        # In turn, like a write: a restore swaps the file, and nobody may open the one that is on its way out.
        # A process that starts has to get in, whoever waits before it: gunicorn gives up when one does not.
        self._write_lock.acquire(4 * deadline, insist=True)
        try:
            create(path)
            self._connection = open_file(path, self._busy)
            self._cache = QueryCache(self._connection)
        except apsw.Error as error:
            raise translated(error) from error
        finally:
            self._write_lock.release()

    @overload
    def one(self, sql: Query[R], params: Params = ...) -> R | None: ...
    @overload
    def one(self, sql: str, params: Params = ...) -> Row | None: ...
    def one(self, sql: Any, params: Params = {}) -> Any:  # noqa: B006 (never changed)
        """The first row, or None."""
        try:
            cursor = self._connection.execute(sql, params)
            row = cursor.fetchone()
            if row is None:
                return None
            names = self._names.get(sql) or self._learn(sql, cursor)
            del cursor  # read half or whole, it ends here
        except apsw.Error as error:
            raise translated(error) from error
        return dict(zip(names, row, strict=False))

    @overload
    def row(self, sql: Query[R], params: Params = ...) -> R: ...
    @overload
    def row(self, sql: str, params: Params = ...) -> Row: ...
    def row(self, sql: Any, params: Params = {}) -> Any:  # noqa: B006
        """The row there must be, such as the one just written. Raises LookupError."""
        found = self.one(sql, params)
        if found is None:
            raise LookupError("a row that must be there is not")
        return found

    @overload
    def all(self, sql: Query[R], params: Params = ...) -> list[R]: ...
    @overload
    def all(self, sql: str, params: Params = ...) -> list[Row]: ...
    def all(self, sql: Any, params: Params = {}) -> Any:  # noqa: B006
        """Every row."""
        try:
            cursor = self._connection.execute(sql, params)
            first = cursor.fetchone()
            if first is None:
                return []
            names = self._names.get(sql) or self._learn(sql, cursor)
            rows = cursor.fetchall()
        except apsw.Error as error:
            raise translated(error) from error
        return [dict(zip(names, row, strict=False)) for row in (first, *rows)]

    def value(self, sql: str, params: Params = {}) -> Any:  # noqa: B006
        """The first column of the first row, or None."""
        try:
            row = self._connection.execute(sql, params).fetchone()
        except apsw.Error as error:
            raise translated(error) from error
        return None if row is None else row[0]

    def run(self, sql: str, params: Params = {}) -> int:  # noqa: B006
        """Execute; returns how many rows were changed."""
        try:
            self._connection.execute(sql, params)
            return self._connection.changes()
        except apsw.Error as error:
            raise translated(error) from error

    def column(self, sql: str, params: Params = {}) -> list[Any]:  # noqa: B006 (never changed)
        """The first column of every row."""
        try:
            return [row[0] for row in self._connection.execute(sql, params)]
        except apsw.Error as error:
            raise translated(error) from error

    def cached_count(self, sql: str, params: Params = {}) -> int:  # noqa: B006
        """A `SELECT count(*)`, kept until anybody has changed the file."""
        return int(self.cached(self.value, sql, params))

    @overload
    def cached_one(self, sql: Query[R], params: Params = ...) -> R | None: ...
    @overload
    def cached_one(self, sql: str, params: Params = ...) -> Row | None: ...
    def cached_one(self, sql: Any, params: Params = {}) -> Any:  # noqa: B006
        """As `one`, kept until anybody has changed the file. Not for changing."""
        return self.cached(self.one, sql, params)

    def cached(self, ask: Callable[[str, Params], Found], sql: str, params: Params) -> Found:
        """What `ask(sql, params)` finds, kept until anybody has changed the file. Not for changing."""
        return self._cache.get(ask, sql, params)

    def _learn(self, sql: str, cursor: apsw.Cursor) -> tuple[str, ...]:
        names = self._names[sql] = tuple(column[0] for column in cursor.get_description())
        return names

    def now(self) -> str:
        """This moment, as it is stored."""
        return clock.stamp(self.time())

    def new_id(self, prefix: str) -> str:
        """`guest-0190…`: a fresh id, a UUIDv7 (RFC 9562) behind the prefix."""
        return new_id(prefix, self.time())

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open on this connection."""
        return self._connection.in_transaction

    def begin(self, patience: float | None = None) -> None:
        """Take the writers' turn and BEGIN IMMEDIATE; 503 when the turn does not come before the deadline.

        `patience` is a shorter one, in seconds.
        """
        self._patience = self.deadline if patience is None else patience
        try:
            self._write_lock.acquire(self._patience)
            self._has_turn = True
            self._connection.execute("BEGIN IMMEDIATE")
        except apsw.Error as error:
            self._write_lock.release()
            raise translated(error) from error
        finally:
            self._patience = self.deadline
            if self._has_turn:
                self._has_turn = False
                self._write_lock.unblock()

    def _busy(self, times: int) -> bool:
        """Another program, one that does not know this lock, holds a lock: wait on, or give up at the deadline.

        Those who queue behind this one are told after a moment that it is of no use. Else all processes
        would stand there, and none could answer those who only read.
        """
        now = time.monotonic()
        if times == 0:
            self._waiting_since = now
        if self._has_turn and now - self._waiting_since > GRACE:
            self._write_lock.block()
        time.sleep(0.002)
        return now - self._waiting_since < self._patience

    def end(self, command: str) -> None:
        """COMMIT or ROLLBACK, and let the next writer go. A full disk has already rolled back by itself."""
        to_fold, self._to_fold = self._to_fold and command == "COMMIT", False
        to_do, self._on_commit = self._on_commit if command == "COMMIT" else [], []
        try:
            if self._connection.in_transaction:
                self._connection.execute(command)
            elif command == "COMMIT":
                raise Unavailable("The change was rolled back by the database.", retry_after=1)
        except apsw.Error as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise translated(error) from error
        finally:
            self._write_lock.release()
        for do in to_do:
            do()
        if to_fold:
            self.checkpoint()

    def on_commit(self, do: Callable[[], None]) -> None:
        """Do what cannot be undone, such as deleting a file, when the open transaction is committed; now if there is none."""
        if self._connection.in_transaction:
            self._on_commit.append(do)
        else:
            do()

    def script(self, sql: str) -> None:
        """Several statements, inside the transaction that is open."""
        # What a statement finds is read to its end: only then is the next one begun.
        self._connection.execute(sql).fetchall()

    def checkpoint(self) -> None:
        """Fold the write-ahead log into the file and empty it, so that erased text is in neither.

        Inside a transaction this waits until it is committed. While somebody still reads an older moment, or the disk
        is full, it cannot be done: then a later checkpoint does it.
        """
        self._to_fold = self._connection.in_transaction
        if self._to_fold:
            return
        self._patience = GRACE
        try:
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        except apsw.Error as error:
            log.warning("the log was not folded: %s", type(error).__name__)
        finally:
            self._patience = self.deadline

    def copy_to(
        self, target: Path, progress: Callable[[int, int], None] = lambda done, total: None
    ) -> None:
        """Write a copy of the database as it is now, while others write. `progress(pages done, pages in all)`."""
        copy_file(self._connection, target, progress)

    def close(self) -> None:
        """Give the connection and the lock back."""
        self._connection.close()
        self._write_lock.close()


# For what a request for reading writes down by the way: it does so now, or another time.
BY_THE_WAY = 0.05


@contextmanager
def transaction(db: Database, patience: float | None = None) -> Iterator[None]:
    """All or nothing. Joins a transaction that is open already; never holds a network call.

    `patience` is how many seconds to wait for the writers' turn, when it is to be less than usual.
    """
    if db.in_transaction:
        yield
        return
    db.begin(patience)
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


# ------------------------------------------------------------------------------------------------ schema and versions


def as_json(value: object) -> str:
    """A value as the JSON text that is stored."""
    return orjson.dumps(value).decode()
