"""Reading many rows as they were at one moment, while others write."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jack.core.db import Database


@contextmanager
def snapshot(db: Database) -> Iterator[None]:
    """Everything that is read in the block is of the moment it began. Nothing may be written in it."""
    db.script("BEGIN")
    try:
        db.value(
            "SELECT count(*) FROM sqlite_schema"
        )  # a deferred transaction begins with its first read
        yield
    finally:
        if db.in_transaction:
            db.script("ROLLBACK")
