"""The one SQLite file: connections, `transaction()`, `migrate()`. The only module that knows the driver.

The driver is apsw and not the standard module: SQLite before 3.51.3 can lose a committed write in WAL mode when two
connections write, and distributions ship older ones; apsw brings its own. It also has no implicit transactions.
"""

from __future__ import annotations

import errno
import fcntl
import functools
import logging
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import apsw
import orjson

from jack.core import clock
from jack.core.errors import Unavailable

log = logging.getLogger("jack.db")

Row = dict[str, Any]
Params = Mapping[str, Any]
Found = TypeVar("Found")

SCHEMA = Path(__file__).resolve().parents[2] / "schema.sql"
MIGRATIONS = Path(__file__).resolve().parents[1] / "migrations"
SAFE_SQLITE = (3, 51, 3)
ANSWERS_KEPT = 512
GRACE = (
    0.1  # seconds a writer waits for another program before those behind it need not queue any more
)
BLOCKED = 1

PRAGMAS = """
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA trusted_schema = OFF;
    PRAGMA secure_delete = ON;
    PRAGMA journal_size_limit = 67108864;
    PRAGMA temp_store = MEMORY;
    PRAGMA mmap_size = 0;
    PRAGMA cache_size = -16384"""


class UniqueViolation(Exception):
    """A UNIQUE constraint said no. The message names the columns, as SQLite does (`guests.email_key`)."""


class ForeignKeyViolation(Exception):
    """A reference to a row that is not there."""


class DatabaseError(Exception):
    """The file cannot be used as it is: wrong version, damaged, or the library is not safe."""


def _translated(error: apsw.Error) -> Exception:
    """What the house calls a failure of the driver."""
    if isinstance(error, apsw.ConstraintError):
        extended = getattr(error, "extendedresult", 0)
        if extended in (apsw.SQLITE_CONSTRAINT_UNIQUE, apsw.SQLITE_CONSTRAINT_PRIMARYKEY):
            return UniqueViolation(str(error).partition("failed: ")[2])
        if extended == apsw.SQLITE_CONSTRAINT_FOREIGNKEY:
            return ForeignKeyViolation(str(error))
        return error
    if isinstance(error, apsw.BusyError | apsw.LockedError):
        return Unavailable("The database is busy. Nothing was changed; try again.", retry_after=1)
    if isinstance(error, apsw.FullError):
        return Unavailable(
            "The disk is full. Nothing was changed.", reason="disk_full", retry_after=60
        )
    if isinstance(error, apsw.IOError | apsw.CantOpenError | apsw.ReadOnlyError):
        return Unavailable("The database cannot be written. Nothing was changed.", retry_after=60)
    return error


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
        self._memory: dict[tuple[str, tuple[Any, ...]], Any] = {}
        self._changes = 0
        self._version: int | None = None
        self._to_fold = False
        self._on_commit: list[Callable[[], None]] = []
        self._patience = deadline
        self._waiting_since = 0.0
        self._has_turn = False
        _wake_promptly()
        gate = path.with_suffix(".gate")
        self._gate = os.open(gate, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        # In turn, like a write: a restore swaps the file, and nobody may open the one that is on its way out.
        # A process that starts has to get in, whoever waits before it: gunicorn gives up when one does not.
        _await_turn(self._gate, 4 * deadline, insist=True)
        try:
            _create(path)
            self._connection = _open(path, self._busy)
        except apsw.Error as error:
            raise _translated(error) from error
        finally:
            fcntl.flock(self._gate, fcntl.LOCK_UN)

    def one(self, sql: str, params: Params = {}) -> Row | None:  # noqa: B006 (never changed)
        """The first row, or None."""
        try:
            cursor = self._connection.execute(sql, params)
            row = cursor.fetchone()
            if row is None:
                return None
            names = self._names.get(sql) or self._learn(sql, cursor)
            del cursor  # read half or whole, it ends here
        except apsw.Error as error:
            raise _translated(error) from error
        return dict(zip(names, row, strict=False))

    def row(self, sql: str, params: Params = {}) -> Row:  # noqa: B006
        """The row there must be, such as the one just written. Raises LookupError."""
        found = self.one(sql, params)
        if found is None:
            raise LookupError("a row that must be there is not")
        return found

    def all(self, sql: str, params: Params = {}) -> list[Row]:  # noqa: B006
        """Every row."""
        try:
            cursor = self._connection.execute(sql, params)
            first = cursor.fetchone()
            if first is None:
                return []
            names = self._names.get(sql) or self._learn(sql, cursor)
            rows = cursor.fetchall()
        except apsw.Error as error:
            raise _translated(error) from error
        return [dict(zip(names, row, strict=False)) for row in (first, *rows)]

    def value(self, sql: str, params: Params = {}) -> Any:  # noqa: B006
        """The first column of the first row, or None."""
        try:
            row = self._connection.execute(sql, params).fetchone()
        except apsw.Error as error:
            raise _translated(error) from error
        return None if row is None else row[0]

    def run(self, sql: str, params: Params = {}) -> int:  # noqa: B006
        """Execute; returns how many rows were changed."""
        try:
            self._connection.execute(sql, params)
            return self._connection.changes()
        except apsw.Error as error:
            raise _translated(error) from error

    def column(self, sql: str, params: Params = {}) -> list[Any]:  # noqa: B006 (never changed)
        """The first column of every row."""
        try:
            return [row[0] for row in self._connection.execute(sql, params)]
        except apsw.Error as error:
            raise _translated(error) from error

    def cached_count(self, sql: str, params: Params = {}) -> int:  # noqa: B006
        """A `SELECT count(*)`, kept until anybody has changed the file."""
        return int(self.cached(self.value, sql, params))

    def cached_one(self, sql: str, params: Params = {}) -> Row | None:  # noqa: B006
        """As `one`, kept until anybody has changed the file. Not for changing."""
        row: Row | None = self.cached(self.one, sql, params)
        return row

    def cached(self, ask: Callable[[str, Params], Found], sql: str, params: Params) -> Found:
        """What `ask(sql, params)` finds, kept until anybody has changed the file. Not for changing; kept small.

        `data_version` moves when another connection commits, `total_changes` when this one writes. After its own write
        it asks without more ado: who writes seldom asks the same twice before the next.
        """
        if self._connection.in_transaction:
            return ask(sql, params)
        changes = self._connection.total_changes()
        if changes != self._changes:
            self._memory.clear()
            self._changes, self._version = changes, None
            return ask(sql, params)
        version = self.value("PRAGMA data_version")
        if version != self._version or len(self._memory) >= ANSWERS_KEPT:
            self._memory.clear()
            self._version = version
        key = (sql, tuple(params.values()))
        try:
            known: Found = self._memory[key]
            return known
        except KeyError:
            found = self._memory[key] = ask(sql, params)
            return found

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
            _await_turn(self._gate, self._patience)
            self._has_turn = True
            self._connection.execute("BEGIN IMMEDIATE")
        except apsw.Error as error:
            fcntl.flock(self._gate, fcntl.LOCK_UN)
            raise _translated(error) from error
        finally:
            self._patience = self.deadline
            if self._has_turn:
                self._has_turn = False
                _let_queue(self._gate)

    def _busy(self, times: int) -> bool:
        """Another program, one that does not know the gate, holds a lock: wait on, or give up at the deadline.

        Those who queue at the gate behind this one are told after a moment that it is of no use. Else all processes
        would stand there, and none could answer those who only read.
        """
        now = time.monotonic()
        if times == 0:
            self._waiting_since = now
        if self._has_turn and now - self._waiting_since > GRACE:
            os.ftruncate(self._gate, BLOCKED)
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
            raise _translated(error) from error
        finally:
            fcntl.flock(self._gate, fcntl.LOCK_UN)
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
        with_copy = apsw.Connection(str(target))
        try:
            with self._one_moment(), with_copy.backup("main", self._connection, "main") as backup:
                while not backup.done:
                    backup.step(2000)
                    progress(backup.page_count - backup.remaining, backup.page_count)
            with_copy.execute("PRAGMA journal_mode = DELETE").fetchall()
        finally:
            with_copy.close()

    @contextmanager
    def _one_moment(self) -> Iterator[None]:
        """Keep reading the same moment. Without it a copy would begin anew whenever another process writes."""
        if self._connection.in_transaction:
            yield
            return
        self._connection.execute("BEGIN")
        try:
            self._connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
            yield
        finally:
            self._connection.execute("ROLLBACK")

    def close(self) -> None:
        """Give the connection and the gate back."""
        self._connection.close()
        os.close(self._gate)


def _create(path: Path) -> None:
    """Make the file, for its mode: SQLite gives it to its -wal and -shm as well.

    One that is there is not touched: closing any descriptor of a file ends the locks which this process, through
    another thread's connection, holds on it.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def _open(path: Path, busy: Callable[[int], bool]) -> apsw.Connection:
    connection = apsw.Connection(str(path), statementcachesize=256)
    connection.set_busy_handler(busy)
    # Plans that depend on no bound value: else many a kept statement is prepared anew at every execution.
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
    mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != ("wal",):
        raise DatabaseError(
            f"{path}: SQLite would not switch to WAL mode (it says {mode}); is it a network disk?"
        )
    connection.execute(PRAGMAS).fetchall()
    return connection


def _let_queue(gate: int) -> None:
    """Waiting at the gate makes sense again. That it does not is said by its size, which needs no room on a full disk."""
    if os.fstat(gate).st_size == BLOCKED:
        os.ftruncate(gate, 0)


def _wake_promptly() -> None:
    """Have the sleeps of this process end when they are over. Linux adds 50 µs to each, to wake several at once."""
    with suppress(OSError):
        Path("/proc/self/timerslack_ns").write_text("1000")


def _await_turn(gate: int, deadline: float, *, insist: bool = False) -> None:
    """Queue for the right to write. SQLite's own waiting is unfair: this keeps the longest wait short.

    While the one whose turn it is waits for another program, only those who `insist` queue behind it.
    """
    give_up = time.monotonic() + deadline
    # A change takes 300 µs: who sleeps longer is overtaken by whoever comes just then, and nobody writes meanwhile.
    pause = 0.00002
    while True:
        try:
            fcntl.flock(gate, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except OSError as error:
            if error.errno not in (errno.EWOULDBLOCK, errno.EINTR):
                raise
        blocked = not insist and os.fstat(gate).st_size == BLOCKED
        if blocked or time.monotonic() > give_up:
            raise Unavailable(
                "The database is busy. Nothing was changed; try again.", retry_after=1
            )
        time.sleep(pause)
        pause = min(pause * 1.1, 0.002)


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


def check_library() -> None:
    """Refuse a SQLite that can lose committed writes in WAL mode (fixed in 3.51.3)."""
    version = tuple(int(part) for part in apsw.sqlite_lib_version().split("."))
    if version < SAFE_SQLITE:
        raise DatabaseError(
            f"SQLite {apsw.sqlite_lib_version()} can lose writes; Jack needs 3.51.3 or later"
        )


def library_version() -> str:
    """The version of SQLite in use."""
    return apsw.sqlite_lib_version()


def new_id(prefix: str, seconds: float) -> str:
    """Prefix and UUIDv7 of a moment in seconds since 1970."""
    number = int(seconds * 1000) << 80 | 0x7000 << 64 | 0x8000 << 48 | _random_bits()
    digits = f"{number:032x}"
    return f"{prefix}-{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _random_bits() -> int:
    """74 random bits, where RFC 9562 has them: 12 before the variant, 62 after it."""
    bits = secrets.randbits(74)
    return (bits >> 62) << 64 | bits & (1 << 62) - 1


class Databases:
    """The connections of this process: one a thread, opened when first asked for, after any fork."""

    def __init__(
        self, path: Path, *, deadline: float = 5.0, time: Callable[[], float] = time.time
    ) -> None:
        self.path = path
        self._open = functools.partial(Database, path, deadline=deadline, time=time)
        self._mine = threading.local()

    def get(self) -> Database:
        """This thread's connection."""
        held: tuple[int, Database] | None = getattr(self._mine, "held", None)
        if held is not None:
            if held[0] == os.getpid():
                return held[1]
            _disinherit(held[1])
        db = self._open()
        self._mine.held = (os.getpid(), db)
        return db

    def close(self) -> None:
        """Close this thread's connection."""
        held = getattr(self._mine, "held", None)
        if held is not None and held[0] == os.getpid():
            held[1].close()
        self._mine.held = None


def _disinherit(db: Database) -> None:
    """Close what came over a fork: while it is open, SQLite takes the parent's locks for this process's own.

    A connection opened beside it would lock nothing, and what it commits could be taken away from under it.
    """
    if db.in_transaction:
        raise DatabaseError("This process was forked in the middle of a transaction.")
    db.close()


# ------------------------------------------------------------------------------------------------ schema and versions


def migrations(folder: Path = MIGRATIONS) -> dict[int, Path]:
    """The migration files by the version they lead to (`0002_….sql` leads to 2)."""
    return {int(path.name[:4]): path for path in sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql"))}


def latest_version(folder: Path = MIGRATIONS) -> int:
    """The schema version this program works with. The first release is 1."""
    return max(migrations(folder), default=1)


def version(db: Database) -> int:
    """The schema version of the file; 0 for an empty one."""
    return int(db.value("PRAGMA user_version"))


def migrate(
    db: Database, *, folder: Path = MIGRATIONS, say: Callable[[str], None] = lambda line: None
) -> int:
    """Bring the file to the program's version: schema.sql on an empty one, else every missing migration.

    A copy is put into `backups/` first; each step is one transaction, so a kill at any point leaves a version
    that starts again. Returns the version. Raises DatabaseError when the file is newer than the program.
    """
    target = latest_version(folder)
    found = version(db)
    if found > target:
        raise DatabaseError(
            f"{db.path} is of version {found}, this program knows {target}: it was used by a newer Jack. "
            "Start that one, or restore the backup made before the upgrade."
        )
    if found == 0:
        _step(db, target, folder, say)
    elif found < target:
        _upgrade(db, target, folder, say)
    return version(db)


def _upgrade(db: Database, target: int, folder: Path, say: Callable[[str], None]) -> None:
    """A backup and every missing step, by one process; the others wait, and find it done."""
    backups = db.path.parent / "backups"
    backups.mkdir(mode=0o700, exist_ok=True)
    handle = os.open(backups, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        found = version(db)
        if found < target:
            say(f"Backing up to {_backup_before(db, found, backups)}")
        for number in range(found + 1, target + 1):
            _step(db, number, folder, say)
    finally:
        os.close(handle)


def _step(db: Database, number: int, folder: Path, say: Callable[[str], None]) -> None:
    """One version further, unless another process has been quicker."""
    with transaction(db):
        found = version(db)
        if found >= number:
            return
        if found == 0:
            say("Creating the database")
            db.script(SCHEMA.read_text(encoding="utf-8"))
            created = {"id": secrets.token_hex(16), "now": db.now()}
            db.run("INSERT INTO instance (only, id, created_at) VALUES (1, :id, :now)", created)
        else:
            say(f"Upgrading the database to version {number}")
            db.script(migrations(folder)[number].read_text(encoding="utf-8"))
        db.run(f"PRAGMA user_version = {number}")


def _backup_before(db: Database, found: int, folder: Path) -> Path:
    when = db.now().replace(":", "").replace("-", "")
    target = folder / f"before-upgrade-from-{found}-{when}.db"
    partial = target.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    db.copy_to(partial)
    partial.chmod(0o600)
    partial.rename(target)
    return target


def instance_id(db: Database) -> str:
    """What tells this hotel's copy of Jack from every other."""
    return str(db.value("SELECT id FROM instance"))


def problems(db: Database) -> list[str]:
    """What SQLite finds wrong with the file; empty when it is whole."""
    found = [row["integrity_check"] for row in db.all("PRAGMA integrity_check")]
    broken = db.all("PRAGMA foreign_key_check")
    return [line for line in found if line != "ok"] + [
        f"dangling reference in {row['table']}" for row in broken
    ]


def as_json(value: object) -> str:
    """A value as the JSON text that is stored."""
    return orjson.dumps(value).decode()
