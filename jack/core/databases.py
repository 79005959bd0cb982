"""The connections of a process: one a thread."""

from __future__ import annotations

import functools
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

from jack.core.db import Database
from jack.core.errors import Unavailable
from jack.core.file_guard import refused
from jack.core.request_origin import RequestOrigin, no_request
from jack.core.sqlite import DatabaseError


class Databases:
    """The connections of this process: one a thread, opened when first asked for, after any fork."""

    def __init__(
        self,
        path: Path,
        *,
        deadline: float = 5.0,
        time: Callable[[], float] = time.time,
        origin: Callable[[], RequestOrigin] = no_request,
    ) -> None:
        self.path = path
        self._open = functools.partial(Database, path, deadline=deadline, time=time)
        self._origin = origin
        self._local = threading.local()
        self._refusal = ""

    def get(self) -> Database:
        """This thread's connection. Raises Unavailable once its files have been deleted or replaced, until Jack is restarted.

        A new connection of this process would share a part of them with the old ones.
        """
        if self._refusal:
            raise refused(self._refusal)
        entry: tuple[int, Database] | None = getattr(self._local, "entry", None)
        if entry is not None:
            if entry[0] == os.getpid():
                self._watch(entry[1])
                return entry[1]
            _close_inherited(entry[1])
        db = self._open()
        db.origin = self._origin
        self._local.entry = (os.getpid(), db)
        return db

    def _watch(self, db: Database) -> None:
        try:
            db.watch()
        except Unavailable as error:
            self._refusal = error.message
            raise

    def close(self) -> None:
        """Close this thread's connection."""
        entry = getattr(self._local, "entry", None)
        if entry is not None and entry[0] == os.getpid():
            entry[1].close()
        self._local.entry = None


def _close_inherited(db: Database) -> None:
    """Close a connection that came over a fork. Raises DatabaseError when it is in a transaction.

    While it is open, SQLite takes the parent's locks for this process's own: a connection opened beside it
    would lock nothing, and what it commits could be overwritten.
    """
    if db.in_transaction:
        raise DatabaseError("This process was forked in the middle of a transaction.")
    db.close()
