"""A job of the worker: work in a thread of its own."""

from __future__ import annotations

import logging
import threading
import traceback
from typing import TYPE_CHECKING

from jack.core.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from jack.core.databases import Databases
    from jack.core.db import Database

log = logging.getLogger("jack.worker")


class Job:
    """Work that is done in a thread of its own, once at a time."""

    def __init__(self, name: str, databases: Databases, work: Callable[[Database], None]) -> None:
        self._name, self._databases, self._work = name, databases, work
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Begin the work, unless it is being done."""
        if not self.running:
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()

    @property
    def running(self) -> bool:
        """Whether the work is being done."""
        return self._thread is not None and self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._work(self._databases.get())
        except Unavailable as error:
            log.warning("%s waits: %s", self._name, error.message)
        except Exception as error:  # the next time it may work
            where = "".join(traceback.format_tb(error.__traceback__))
            log.error("%s failed with %s\n%s", self._name, type(error).__name__, where)
        finally:
            self._databases.close()
