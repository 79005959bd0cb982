"""Whether a file is whole, as SQLite sees it."""

from __future__ import annotations

from jack.core.db import Database


def problems(db: Database) -> list[str]:
    """What SQLite finds wrong with the file; empty when it is whole."""
    found = [row["integrity_check"] for row in db.all("PRAGMA integrity_check")]
    broken = db.all("PRAGMA foreign_key_check")
    return [line for line in found if line != "ok"] + [
        f"dangling reference in {row['table']}" for row in broken
    ]
