"""A few threads that wait for providers, so that the one loop of the house need not; and how often an account is asked."""

from __future__ import annotations

import logging
import threading
import traceback
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger("jack.worker")

FAILED = object()

Job = tuple[Any, "Callable[[], Any]"]


class Pool:
    """At most `most` threads, made when they are needed. What they do touches no database."""

    def __init__(self, most: int) -> None:
        self.news = threading.Event()
        self._most = most
        self._jobs: SimpleQueue[Job] = SimpleQueue()
        self._done: SimpleQueue[tuple[Any, Any]] = SimpleQueue()
        self._threads = 0
        self.running = 0

    @property
    def free(self) -> int:
        """How many more jobs could begin at once."""
        return self._most - self.running

    def do(self, ticket: Any, work: Callable[[], Any]) -> None:
        """Begin a job; its result will be among `results`, with the ticket."""
        self.running += 1
        self._jobs.put((ticket, work))
        if self._threads < self.running:
            self._threads += 1
            name = f"jack-send-{self._threads}"
            threading.Thread(target=self._work, name=name, daemon=True).start()

    def results(self) -> list[tuple[Any, Any]]:
        """What has ended since last asked: ticket and result, FAILED for one that raised."""
        self.news.clear()
        found = []
        while True:
            try:
                found.append(self._done.get_nowait())
            except Empty:
                self.running -= len(found)
                return found

    def _work(self) -> None:
        while True:
            ticket, work = self._jobs.get()
            try:
                result = work()
            except (
                Exception
            ) as error:  # a channel does not raise; one that does must not stop the others
                where = "".join(traceback.format_tb(error.__traceback__))
                log.error("a channel stumbled: %s\n%s", type(error).__name__, where)
                result = FAILED
            self._done.put((ticket, result))
            self.news.set()
