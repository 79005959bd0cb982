"""What an erasure leaves in the write-ahead log while another program keeps that from being emptied.

Litestream holds a read lock on the database all the time, so that nobody but itself moves the log into the file. When it has done so
(each minute), the log begins anew at its start, and behind what is new, what was erased stands until it is written over. So each
erasure whose log could not be emptied leaves a note: a file beside the database, named after the salts of the log as it was
then (file format of SQLite, "WAL Header": they change each time the log begins anew). The worker reads the notes, and cuts the end off.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jack.core.db import Database

log = logging.getLogger("jack.db")

NOTE = "jack.remains-"
HEADER, FRAME_HEADER = 32, 24  # bytes
# By writing something: Litestream moves the log only when there is something new. SQLite writes no page of a table whose
# rows are as they were, but does for a number of its header, though it is the same.
NUDGE = "PRAGMA application_id = {}"


def note(database: Path) -> None:
    """Remember that the log of this moment has something that is to go; nothing where it is empty."""
    try:
        salts = _salts(Path(f"{database}-wal"))
        if salts:
            name = database.with_name(NOTE + salts.hex())
            os.close(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        log.warning("what was erased stays in the write-ahead log: %s", error)


def notes(database: Path) -> list[Path]:
    """The notes there are."""
    return list(database.parent.glob(f"{NOTE}*"))


def settle(db: Database) -> bool:
    """Let nothing remain of what was erased before the notes that are there; returns whether that was possible by now.

    Raises Unavailable when the lock of writers stays taken, OSError when the log cannot be written.
    """
    found = notes(db.path)
    log_file = Path(f"{db.path}-wal")
    if not db.empty_log():
        if db.path.with_name(NOTE + _salts(log_file).hex()) in found:
            db.run(NUDGE.format(int(db.value("PRAGMA application_id"))))
            return False
        _cut(db, log_file)
    for one in found:
        one.unlink(missing_ok=True)
    return True


def _salts(log_file: Path) -> bytes:
    """The 8 bytes that every frame of the log since its last beginning has; none of an empty log."""
    with log_file.open("rb") as file:
        return file.read(HEADER)[16:24]


def _cut(db: Database, log_file: Path) -> None:
    """Cut off what is behind the last frame since the log's last beginning: all of it is in the database already.

    SQLite's lock of writers is held meanwhile: nobody appends, nobody begins the log anew, and nobody reads so far.
    """
    db.begin()
    try:
        file = os.open(log_file, os.O_RDWR | os.O_CLOEXEC)
        try:
            header = os.pread(file, HEADER, 0)
            if len(header) < HEADER:
                return
            page, salts, end = int.from_bytes(header[8:12]), header[16:24], HEADER
            while os.pread(file, 8, end + 8) == salts:
                end += FRAME_HEADER + page
            if end < os.fstat(file).st_size:
                os.ftruncate(file, end)
                os.fsync(file)
        finally:
            os.close(file)
    finally:
        db.end("ROLLBACK")
