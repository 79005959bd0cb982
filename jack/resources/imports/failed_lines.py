"""Files of lines that failed, and the guests in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.core.db import as_json, transaction
from jack.core.query import Query
from jack.resources.imports import store

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from jack.core.db import Database

WITH_FAILED_FILE = Query[store.NamedFiles](
    "SELECT id, file, failed_file FROM imports WHERE failed_file IS NOT NULL"
)

FORGET_FILE = (
    "UPDATE imports SET failed_file = NULL WHERE id IN (SELECT value FROM json_each(:ids))"
)


def texts(db: Database) -> dict[str, str]:
    """The files of failed lines, each under the id of its import."""
    return {
        row["id"]: _content(store.folder(db), row["failed_file"])
        for row in db.all(WITH_FAILED_FILE)
    }


def erase(db: Database, ids: Collection[str]) -> None:
    """Delete the files of failed lines of these imports."""
    with transaction(db):
        found = [row for row in db.all(WITH_FAILED_FILE) if row["id"] in ids]
        db.run(FORGET_FILE, {"ids": as_json([row["id"] for row in found])})
        store.unlink_later(db, [row["failed_file"] for row in found])


def _content(folder: Path, file: str | None) -> str:
    """The text of a file; nothing of one that is gone."""
    try:
        return (folder / str(file)).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
