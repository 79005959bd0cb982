"""SQLite's own checks of a file."""

from __future__ import annotations

from jack.core.db import Database


def problems(db: Database) -> list[str]:
    """What integrity_check and foreign_key_check find, a line each; empty when the file is intact."""
    found = [row["integrity_check"] for row in db.all("PRAGMA integrity_check")]
    broken = db.all("PRAGMA foreign_key_check")
    return [line for line in found if line != "ok"] + [
        f"dangling reference in {row['table']}" for row in broken
    ]
