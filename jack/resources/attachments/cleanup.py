"""Cleanup: uploads that were never sent nor put to a task, and files without a row, which a crash between disk and database leaves."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from jack.core.db import as_json, transaction
from jack.core.query import Query
from jack.resources.attachments import storage, store

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from jack.core.db import Database

DAY = 24 * 3600.0  # seconds
# How many of the 256 folders are checked in each turn of ten minutes: all of them in 16 turns.
SLICE = 16
TURN = 600.0  # seconds

DELETE_UNSENT = Query[store.DeletedFile]("""
    DELETE FROM attachments
    WHERE message_id IS NULL AND task_id IS NULL AND created_at < :before
    RETURNING file""")

NAMED = "SELECT file FROM attachments WHERE file IN (SELECT value FROM json_each(:files))"


def cleanup(db: Database) -> int:
    """Delete uploads that were not sent within a day, and some files older than a day without a row; returns how many.

    Not inside a transaction: files are deleted only when their rows are, on commit.
    """
    with transaction(db):
        unsent = db.all(DELETE_UNSENT, {"before": store.unsent_since(db.now())})
        storage.remove(db, [row["file"] for row in unsent])
    return len(unsent) + _sweep(db, _folders(db))


def orphans(db: Database, folders: Iterable[Path]) -> list[Path]:
    """The files in these folders that are older than a day and have no row."""
    root, before = storage.folder(db), db.time() - DAY
    old = {}
    for folder in folders:
        for path in folder.iterdir() if folder.is_dir() else ():
            with suppress(OSError):
                if path.is_file() and path.stat().st_mtime < before:
                    old[str(path.relative_to(root))] = path
    named = set(db.column(NAMED, {"files": as_json(list(old))})) if old else set()
    return [path for file, path in old.items() if file not in named]


def _folders(db: Database) -> list[Path]:
    """The folders of this turn; and always the root, where unfinished files are."""
    root, turn = storage.folder(db), int(db.time() / TURN) % (256 // SLICE)
    return [
        root,
        *(root / f"{number:02x}" for number in range(turn * SLICE, (turn + 1) * SLICE)),
    ]


def _sweep(db: Database, folders: Iterable[Path]) -> int:
    found = orphans(db, folders)
    for path in found:
        with suppress(OSError):
            path.unlink()
    return len(found)
