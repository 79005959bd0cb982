"""The connections of a process: one a thread."""

from __future__ import annotations

import functools
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

from jack.core.db import Database
from jack.core.sqlite import DatabaseError


class Databases:
    """The connections of this process: one a thread, opened when first asked for, after any fork."""

    def __init__(
        self, path: Path, *, deadline: float = 5.0, time: Callable[[], float] = time.time
    ) -> None:
        self.path = path
        self._open = functools.partial(Database, path, deadline=deadline, time=time)
        self._mine = threading.local()

    def get(self) -> Database:
        """This thread's connection."""
        held: tuple[int, Database] | None = getattr(self._mine, "held", None)
        if held is not None:
            if held[0] == os.getpid():
                return held[1]
            _disinherit(held[1])
        db = self._open()
        self._mine.held = (os.getpid(), db)
        return db

    def close(self) -> None:
        """Close this thread's connection."""
        held = getattr(self._mine, "held", None)
        if held is not None and held[0] == os.getpid():
            held[1].close()
        self._mine.held = None


def _disinherit(db: Database) -> None:
    """Close what came over a fork: while it is open, SQLite takes the parent's locks for this process's own.

    A connection opened beside it would lock nothing, and what it commits could be taken away from under it.
    """
    if db.in_transaction:
        raise DatabaseError("This process was forked in the middle of a transaction.")
    db.close()
