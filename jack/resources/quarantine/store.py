"""What came in and could not be read, put aside whole for thirty days: a row here, the bytes in `quarantine/` beside the database.

It is in no backup: its original lies in the hotel's mailbox, which Jack leaves as it is.
"""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from typing import TYPE_CHECKING

from jack.core import clock
from jack.core.atomic_file import MIB, AtomicFile
from jack.core.db import as_json, transaction

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from jack.core.db import Database

FOLDER = "quarantine"
MOST = 64 * MIB
# All together: strangers fill it, and an erasure reads it all.
MOST_TOGETHER = 256 * MIB
DAYS = 30
DAY = 24 * 3600.0
# What an address does not begin after, nor go on with, on pain of being another's; `=3C` is a "<" in quoted-printable.
BEFORE = rb"(?:(?<![\w.+-])|(?<==[0-9a-f]{2}))"
AFTER = rb"(?!-?\w|\.\w)"

CREATE = """
    INSERT INTO quarantine (account, event_key, reason, file, created_at)
    VALUES (:account, :event_key, :reason, :file, :now)
    ON CONFLICT DO NOTHING"""

NAMED = "SELECT file FROM quarantine WHERE file IS NOT NULL"

LET_GO = "DELETE FROM quarantine WHERE created_at < :before RETURNING file"

DELETE = "DELETE FROM quarantine WHERE file IN (SELECT value FROM json_each(:files))"


def write(db: Database, raw: bytes) -> str | None:
    """Put bytes onto the disk; the name of the file, the same for the same bytes, or None when there is no more room for them.

    Not in a transaction.
    """
    if len(raw) + sum(path.stat().st_size for path in _files(db)) > MOST_TOGETHER:
        return None
    name = f"{hashlib.sha256(raw).hexdigest()}.eml"
    with AtomicFile(_folder(db), MOST) as draft:
        draft.write(raw)
        draft.keep(name)
    return name


def note(db: Database, account: str, event_key: str, reason: str, file: str | None) -> None:
    """Note what has been put aside, and why."""
    row = {"account": account, "event_key": event_key, "reason": reason, "file": file}
    db.run(CREATE, row | {"now": db.now()})


def naming(db: Database, addresses: Iterable[str]) -> list[str]:
    """The files that have any of these e-mail addresses in them. Reads all: not in a transaction."""
    wanted = [address.casefold().encode() for address in addresses]
    return [path.name for path in _files(db) if _names(path, wanted)] if wanted else []


def remove(db: Database, files: Collection[str]) -> None:
    """Drop these files once that is committed, and what is noted of them."""
    with transaction(db):
        db.run(DELETE, {"files": as_json(list(files))})
        db.on_commit(lambda: _unlink(db, files))


def delete_expired(db: Database) -> int:
    """Drop what has been here for thirty days; returns how many. Files that no row names, as after a restore, go as well."""
    with transaction(db):
        gone = db.all(LET_GO, {"before": clock.later(db.now(), days=-DAYS)})
    before = db.time() - DAY  # a younger one may be waiting for its row
    old = {path.name for path in _files(db) if path.stat().st_mtime < before}
    named = {row["file"] for row in db.all(NAMED)}
    _unlink(db, (old | {row["file"] for row in gone if row["file"]}) - named)
    return len(gone)


def _names(path: Path, wanted: list[bytes]) -> bool:
    try:
        raw = path.read_bytes().lower()
    except FileNotFoundError:  # just gone
        return False
    return any(
        address in raw and re.search(BEFORE + re.escape(address) + AFTER, raw) for address in wanted
    )


def _unlink(db: Database, files: Iterable[str]) -> None:
    for name in files:
        with suppress(OSError):  # what cannot be deleted now is forgotten later
            (_folder(db) / name).unlink()


def _files(db: Database) -> list[Path]:
    folder = _folder(db)
    return list(folder.iterdir()) if folder.is_dir() else []


def _folder(db: Database) -> Path:
    return db.path.parent / FOLDER
