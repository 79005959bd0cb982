"""A few threads that wait for providers, so that the worker's one loop need not."""

from __future__ import annotations

import logging
import threading
import traceback
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger("jack.worker")

T = TypeVar("T")
R = TypeVar("R")


class Failed:
    """In place of the result of a call that raised."""


FAILED = Failed()


class Pool(Generic[T, R]):
    """At most `max_threads` threads, made when they are needed. What they do touches no database.

    A ticket `T` tells whose result `R` came back. `finished` is set when there is one to fetch, and so is `news`.
    """

    def __init__(self, max_threads: int) -> None:
        self.finished = threading.Event()
        self.news = threading.Event()  # another one may be put in its place
        self._max_threads = max_threads
        self._calls: SimpleQueue[tuple[T, Callable[[], R]]] = SimpleQueue()
        self._results: SimpleQueue[tuple[T, R | Failed]] = SimpleQueue()
        self._threads = 0
        self.running = 0

    @property
    def free(self) -> int:
        """How many more calls could begin at once."""
        return self._max_threads - self.running

    def submit(self, ticket: T, call: Callable[[], R]) -> None:
        """Begin a call in a thread; its result will be among `results`, with the ticket."""
        self.running += 1
        self._calls.put((ticket, call))
        if self._threads < self.running:
            self._threads += 1
            name = f"jack-send-{self._threads}"
            threading.Thread(target=self._work, name=name, daemon=True).start()

    def results(self) -> list[tuple[T, R | Failed]]:
        """What has ended since this was last called: ticket and result, FAILED for a call that raised."""
        self.finished.clear()
        found: list[tuple[T, R | Failed]] = []
        while True:
            try:
                found.append(self._results.get_nowait())
            except Empty:
                self.running -= len(found)
                return found

    def _work(self) -> None:
        while True:
            ticket, call = self._calls.get()
            result: R | Failed
            try:
                result = call()
            except (
                Exception
            ) as error:  # a channel does not raise; one that does must not stop the others
                where = "".join(traceback.format_tb(error.__traceback__))
                log.error("a channel failed with %s\n%s", type(error).__name__, where)
                result = FAILED
            self._results.put((ticket, result))
            self.finished.set()
            self.news.set()
