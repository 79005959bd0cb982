"""The driver: how a file is opened and copied, which SQLite is safe, and what its failures become.

The driver is apsw and not the standard module: SQLite before 3.51.3 can lose a committed write in WAL mode when two
connections write, and distributions ship older ones; apsw brings its own. It also has no implicit transactions.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import apsw

from jack.core import disk_reserve
from jack.core.errors import Unavailable

SAFE_SQLITE = (3, 51, 3)
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
    """A UNIQUE constraint failed. The message names the columns, as SQLite does (`guests.email_key`)."""


class ForeignKeyViolation(Exception):
    """A reference to a row that does not exist."""


class DatabaseError(Exception):
    """The file cannot be used as it is: wrong version, damaged, or the library is not safe."""


def translated(error: apsw.Error) -> Exception:
    """Jack's exception for one of the driver's; the same exception where there is none."""
    if isinstance(error, apsw.ConstraintError):
        extended = getattr(error, "extendedresult", 0)
        if extended in (apsw.SQLITE_CONSTRAINT_UNIQUE, apsw.SQLITE_CONSTRAINT_PRIMARYKEY):
            return UniqueViolation(str(error).partition("failed: ")[2])
        if extended == apsw.SQLITE_CONSTRAINT_FOREIGNKEY:
            return ForeignKeyViolation(str(error))
        return error
    if isinstance(error, apsw.BusyError | apsw.LockedError):
        return Unavailable("The database is busy. Nothing was changed; try again.", retry_after=1)
    if _is_full(error):
        return Unavailable(
            "The disk is full. Nothing was changed.", reason="disk_full", retry_after=60
        )
    if isinstance(error, apsw.IOError | apsw.CantOpenError | apsw.ReadOnlyError):
        return Unavailable("The database cannot be written. Nothing was changed.", retry_after=60)
    return error


def texts_found(texts: Iterable[tuple[int, str]], query: str) -> list[int]:
    """The numbers of the texts that an FTS5 query finds, as it would with them in the search index of tasks. Takes 1 ms."""
    connection = apsw.Connection(":memory:")
    try:
        connection.execute(
            "CREATE VIRTUAL TABLE texts USING fts5 (text, tokenize = 'unicode61 remove_diacritics 2')"
        )
        with connection:
            connection.executemany("INSERT INTO texts (rowid, text) VALUES (?, ?)", texts)
        found = connection.execute("SELECT rowid FROM texts WHERE texts MATCH ?", (query,))
        return [row[0] for row in found]
    finally:
        connection.close()


def _is_full(error: apsw.Error) -> bool:
    """Whether the disk is full; of the -shm, SQLite calls it another error."""
    if isinstance(error, apsw.FullError):
        return True
    return bool(getattr(error, "extendedresult", 0) == apsw.SQLITE_IOERR_SHMSIZE)


def create(path: Path) -> None:
    """Make the file with mode 0600, which SQLite gives to its -wal and -shm as well.

    One that exists is not opened: closing any descriptor of a file ends the fcntl locks which this process, through
    another thread's connection, holds on it.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def open_file(path: Path, busy: Callable[[int], bool]) -> apsw.Connection:
    """A connection with Jack's settings; `busy` as `sqlite3_busy_handler`.

    On a full disk the reserve is used. Raises DatabaseError where WAL is refused. When it fails, the connection is closed
    and the files are left unchanged.
    """
    while True:
        try:
            return _opened(path, busy)
        except apsw.Error as error:
            if not _is_full(error) or not disk_reserve.give_up_a_slice(path.parent):
                raise


def _opened(path: Path, busy: Callable[[int], bool]) -> apsw.Connection:
    connection = apsw.Connection(str(path), statementcachesize=256)
    try:
        _configure(connection, path, busy)
    except BaseException:
        # Else the last connection to close deletes the -wal file, which of a damaged database may still be needed.
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        connection.close()
        raise
    return connection


def _configure(connection: apsw.Connection, path: Path, busy: Callable[[int], bool]) -> None:
    connection.set_busy_handler(busy)
    # Query plans that depend on no bound value: else many cached statements are prepared again at every execution.
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
    mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != ("wal",):
        raise DatabaseError(
            f"{path}: SQLite would not switch to WAL mode (it says {mode}); is it a network disk?"
        )
    connection.execute(PRAGMAS).fetchall()
    # From here on the -wal and the -shm are open as well, which `OpenFiles` counts on.
    connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()


def is_wal(connection: apsw.Connection) -> bool:
    """Whether the connection is in WAL mode: a command that has the database alone leaves it."""
    return connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def leave_files(connection: apsw.Connection) -> None:
    """Let closing this connection write and delete nothing: the -wal by that name may be another one's."""
    connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)


def write_log(connection: apsw.Connection) -> bool:
    """Move the whole write-ahead log that is open into the database that is open. Returns whether all of it was moved."""
    return connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone() == (0, 0, 0)


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


def copy_file(
    connection: apsw.Connection, target: Path, progress: Callable[[int, int], None]
) -> None:
    """Write a copy of the database as it is now, while others write. `progress(pages done, pages in total)`."""
    copy = apsw.Connection(str(target))
    try:
        with _snapshot(connection), copy.backup("main", connection, "main") as backup:
            while not backup.done:
                backup.step(2000)
                progress(backup.page_count - backup.remaining, backup.page_count)
        copy.execute("PRAGMA journal_mode = DELETE").fetchall()
    finally:
        copy.close()


def in_memory(script: str, query: str) -> list[tuple[Any, ...]]:
    """What a query finds in a database that a script has made in memory."""
    connection = apsw.Connection(":memory:")
    try:
        connection.execute(script).fetchall()
        return connection.execute(query).fetchall()
    finally:
        connection.close()


@contextmanager
def _snapshot(connection: apsw.Connection) -> Iterator[None]:
    """Read one snapshot. Without it a copy would start again whenever another process writes."""
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN")
    try:
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
        yield
    finally:
        connection.execute("ROLLBACK")


def tokens(connection: apsw.Connection, text: str) -> list[tuple[int, int, str]]:
    """What FTS5 takes a text apart into for `message_search` and `subject_search`: of each word the first byte, the one after the last, and its folded form."""
    split = connection.fts5_tokenizer("unicode61", ["remove_diacritics", "2"])
    found: Any = split(text.encode(), apsw.FTS5_TOKENIZE_DOCUMENT, None, include_colocated=False)
    return list(found)
