"""Clearing away: uploads nobody sent, and files nobody names, which a crash between disk and database leaves."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from jack.core.db import as_json, transaction
from jack.resources.attachments import storage, store

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from jack.core.db import Database

DAY = 24 * 3600.0
# Of the 256 folders, how many each turn looks at: all of them in 16 turns.
SLICE = 16
TURN = 600.0

FORGET = """
    DELETE FROM attachments
    WHERE message_id IS NULL AND created_at < :before
    RETURNING file"""

NAMED = "SELECT file FROM attachments WHERE file IN (SELECT value FROM json_each(:files))"


def cleanup(db: Database) -> int:
    """Drop uploads that were not sent within a day, and some files older than a day that no row names; how many.

    Not inside a transaction: files go when it is certain that their rows have gone.
    """
    with transaction(db):
        unsent = db.all(FORGET, {"before": store.unsent_since(db.now())})
        storage.remove(db, [row["file"] for row in unsent])
    return len(unsent) + _sweep(db, _folders(db))


def orphans(db: Database, folders: Iterable[Path]) -> list[Path]:
    """The files in these folders that are older than a day and that no row names."""
    place, before = storage.folder(db), db.time() - DAY
    old = {}
    for folder in folders:
        for path in folder.iterdir() if folder.is_dir() else ():
            with suppress(OSError):
                if path.is_file() and path.stat().st_mtime < before:
                    old[str(path.relative_to(place))] = path
    named = {row["file"] for row in db.all(NAMED, {"files": as_json(list(old))})} if old else set()
    return [path for file, path in old.items() if file not in named]


def _folders(db: Database) -> list[Path]:
    """Those whose turn it is; the one above them, where files are begun, always."""
    place, turn = storage.folder(db), int(db.time() / TURN) % (256 // SLICE)
    return [
        place,
        *(place / f"{number:02x}" for number in range(turn * SLICE, (turn + 1) * SLICE)),
    ]


def _sweep(db: Database, folders: Iterable[Path]) -> int:
    found = orphans(db, folders)
    for path in found:
        with suppress(OSError):
            path.unlink()
    return len(found)
