"""Inbound mail that could not be read, kept whole for thirty days: a row here, the bytes in `quarantine/` beside the database.

It is in no backup: the original is in the hotel's mailbox, which Jack does not change.
"""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from typing import TYPE_CHECKING, TypedDict

from jack.core import clock
from jack.core.atomic_file import MIB, AtomicFile
from jack.core.db import as_json, transaction
from jack.core.patterns import email_forms
from jack.core.query import Query

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from jack.core.db import Database


class FileRow(TypedDict):
    """The name of a file, if there is one."""

    file: str | None


FOLDER = "quarantine"
MAX_BYTES = 64 * MIB
# Of all files together: anybody can fill it by mail, and an erasure reads all of it.
MAX_TOTAL_BYTES = 256 * MIB
DAYS = 30
DAY = 24 * 3600.0  # seconds
# What may stand before and after an address: else it is part of a longer one. `=3C` is a "<" in quoted-printable.
BEFORE = rb"(?:(?<![\w.+-])|(?<==[0-9a-f]{2}))"
AFTER = rb"(?!-?\w|\.\w)"

CREATE = """
    INSERT INTO quarantine (account, event_key, reason, file, created_at)
    VALUES (:account, :event_key, :reason, :file, :now)
    ON CONFLICT DO NOTHING"""

NAMED = "SELECT file FROM quarantine WHERE file IS NOT NULL"

DELETE_EXPIRED = Query[FileRow]("DELETE FROM quarantine WHERE created_at < :before RETURNING file")

DELETE = "DELETE FROM quarantine WHERE file IN (SELECT value FROM json_each(:files))"


def write(db: Database, raw: bytes) -> str | None:
    """Write bytes to the disk; returns the name of the file, or None when the quarantine is full. The same bytes have one file.

    Not in a transaction.
    """
    if len(raw) + sum(path.stat().st_size for path in _files(db)) > MAX_TOTAL_BYTES:
        return None
    name = f"{hashlib.sha256(raw).hexdigest()}.eml"
    with AtomicFile(_folder(db), MAX_BYTES) as file:
        file.write(raw)
        file.keep(name)
    return name


def create(db: Database, account: str, event_key: str, reason: str, file: str | None) -> None:
    """Store the row of an unreadable event: its reason, and its file if it could be written. A known event is left as it is."""
    row = {"account": account, "event_key": event_key, "reason": reason, "file": file}
    db.run(CREATE, row | {"now": db.now()})


def files_with(db: Database, addresses: Iterable[str]) -> list[str]:
    """The names of files that contain any of these e-mail addresses. Reads every file: not in a transaction."""
    wanted = [form.encode() for address in addresses for form in email_forms(address)]
    return [path.name for path in _files(db) if _contains(path, wanted)] if wanted else []


def files_from(db: Database, addresses: Iterable[str]) -> list[str]:
    """The names of files whose `From` has any of these e-mail addresses, as far as that can be read."""
    return [name for name in files_with(db, addresses) if _sent_by(path(db, name), addresses)]


def path(db: Database, file: str) -> Path:
    """Where a file is."""
    return _folder(db) / file


def size(db: Database, files: Iterable[str]) -> int:
    """How many bytes these files have together; one that is gone has none."""
    total = 0
    for name in files:
        with suppress(FileNotFoundError):
            total += path(db, name).stat().st_size
    return total


def remove(db: Database, files: Collection[str]) -> None:
    """Delete the rows of these files, and the files on commit."""
    with transaction(db):
        db.run(DELETE, {"files": as_json(list(files))})
        db.on_commit(lambda: _unlink(db, files))


def delete_expired(db: Database) -> int:
    """Delete rows older than thirty days with their files; returns how many. Files without a row, as after a restore, too."""
    with transaction(db):
        gone = db.all(DELETE_EXPIRED, {"before": clock.later(db.now(), days=-DAYS)})
    before = db.time() - DAY  # the row of a younger one may not be committed yet
    old = {path.name for path in _files(db) if path.stat().st_mtime < before}
    named = set(db.column(NAMED))
    _unlink(db, (old | {row["file"] for row in gone if row["file"]}) - named)
    return len(gone)


def _contains(path: Path, wanted: list[bytes]) -> bool:
    try:
        raw = path.read_bytes().lower()
    except FileNotFoundError:  # deleted in the meantime
        return False
    return any(
        address in raw and re.search(BEFORE + re.escape(address) + AFTER, raw) for address in wanted
    )


def _sent_by(path: Path, addresses: Iterable[str]) -> bool:
    """Whether the lines of a mail's head that say who it is from have one of these addresses, and so has no other head."""
    try:
        head = path.read_bytes().lower().replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    except FileNotFoundError:
        return False
    senders = re.findall(rb"^from:((?:[^\n]|\n[ \t])*)", head, re.MULTILINE)
    forms = [form.encode() for address in addresses for form in email_forms(address)]
    return any(
        re.search(BEFORE + re.escape(form) + AFTER, sender) for sender in senders for form in forms
    )


def _unlink(db: Database, files: Iterable[str]) -> None:
    for name in files:
        with suppress(OSError):  # what cannot be deleted now is deleted by `delete_expired`
            (_folder(db) / name).unlink()


def _files(db: Database) -> list[Path]:
    folder = _folder(db)
    return list(folder.iterdir()) if folder.is_dir() else []


def _folder(db: Database) -> Path:
    return db.path.parent / FOLDER
