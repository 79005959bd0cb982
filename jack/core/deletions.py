"""What was deleted, as lists in the order of change tell it for 90 days. Triggers write it; no personal data is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.core import clock

if TYPE_CHECKING:
    from jack.core.db import Database

DAYS = 90

# A trigger knows no time: a deletion gets it from the next clean-up.
SET_TIME = "UPDATE deletions SET deleted_at = :now WHERE deleted_at IS NULL"

DELETE_EXPIRED = "DELETE FROM deletions WHERE deleted_at < :before"

SET_MERGED = "UPDATE deletions SET merged_into = :kept WHERE id = :id"


def set_merged(db: Database, id: str, kept: str) -> None:
    """Say of a deleted guest into whom they were merged."""
    db.run(SET_MERGED, {"id": id, "kept": kept})


def delete_expired(db: Database) -> None:
    """Delete what was deleted more than 90 days ago; of the others, note that it was before now."""
    now = db.now()
    db.run(SET_TIME, {"now": now})
    db.run(DELETE_EXPIRED, {"before": clock.later(now, days=-DAYS)})
