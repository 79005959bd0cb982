"""What came in and could not be read, put aside whole for thirty days: a row here, the bytes in `quarantine/` beside the database.

It is in no backup: its original lies in the hotel's mailbox, which Jack leaves as it is.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from jack import clock
from jack.db import as_json, transaction
from jack.drafts import MIB, Draft

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from jack.db import Database, Row

FOLDER = "quarantine"
MOST = 64 * MIB
DAYS = 30

CREATE = """
    INSERT INTO quarantine (account, event_key, reason, file, created_at)
    VALUES (:account, :event_key, :reason, :file, :now)
    ON CONFLICT DO NOTHING"""

FILES = "SELECT seq, file FROM quarantine WHERE file IS NOT NULL"

LET_GO = "DELETE FROM quarantine WHERE created_at < :before RETURNING file"

DELETE = "DELETE FROM quarantine WHERE seq IN (SELECT value FROM json_each(:seqs)) RETURNING file"


def write(db: Database, raw: bytes) -> str:
    """Put bytes onto the disk; returns the name of the file, which is the same for the same bytes. Not in a transaction."""
    name = f"{hashlib.sha256(raw).hexdigest()}.eml"
    with Draft(_folder(db), MOST) as draft:
        draft.write(raw)
        draft.keep(name)
    return name


def note(db: Database, account: str, event_key: str, reason: str, file: str | None) -> None:
    """Note what has been put aside, and why."""
    row = {"account": account, "event_key": event_key, "reason": reason, "file": file}
    db.run(CREATE, row | {"now": db.now()})


def naming(db: Database, addresses: Iterable[str]) -> list[int]:
    """What has any of these e-mail addresses in it. Reads all files: not in a transaction."""
    wanted = [address.casefold().encode() for address in addresses]
    found = db.all(FILES) if wanted else []
    return [row["seq"] for row in found if _names(_folder(db) / row["file"], wanted)]


def remove(db: Database, seqs: Collection[int]) -> None:
    """Drop these, file and all once that is committed."""
    with transaction(db):
        gone = db.all(DELETE, {"seqs": as_json(list(seqs))})
        db.afterwards(lambda: _unlink(db, gone))


def forget(db: Database) -> int:
    """Drop what has been here for thirty days; returns how many."""
    with transaction(db):
        gone = db.all(LET_GO, {"before": clock.later(db.now(), days=-DAYS)})
        db.afterwards(lambda: _unlink(db, gone))
    return len(gone)


def _names(path: Path, wanted: list[bytes]) -> bool:
    try:
        raw = path.read_bytes().lower()
    except FileNotFoundError:  # restored from a backup, or just gone
        return False
    return any(address in raw for address in wanted)


def _unlink(db: Database, gone: list[Row]) -> None:
    for row in gone:
        if row["file"]:
            (_folder(db) / row["file"]).unlink(missing_ok=True)


def _folder(db: Database) -> Path:
    return db.path.parent / FOLDER
