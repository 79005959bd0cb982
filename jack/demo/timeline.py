"""The demo's past: calls in the order of the times at which they happened."""

from __future__ import annotations

import heapq
import itertools
import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from jack.core.db import transaction

if TYPE_CHECKING:
    from jack.core.db import Database

DAY = 86400.0
MINUTE = 60.0
UNITS = {"d": "days", "h": "hours", "m": "minutes"}


def seconds(text: str) -> float:
    """`1d 4h 20m` in seconds."""
    parts = re.findall(r"(\d+)([dhm])", text)
    return timedelta(**{UNITS[unit]: int(number) for number, unit in parts}).total_seconds()


class Timeline:
    """Calls and their times, in seconds since 1970. While they run, `clock` is the database's time."""

    def __init__(self, now: float) -> None:
        self.now = self.clock = now
        self.people: dict[str, str] = {}  # ids of the staff by key
        self._order = itertools.count()
        self._calls: list[tuple[float, int, Callable[[], object]]] = []

    def time(self) -> float:
        """For `Database(time=…)`."""
        return self.clock

    def ago(self, text: str) -> float:
        """The time so long before now."""
        return self.now - seconds(text)

    def at(self, time: float, call: Callable[..., object], *args: object, **kwargs: object) -> None:
        """Call this at `time`, or now if that is in the future."""
        bound: Callable[[], object] = partial(call, *args, **kwargs)
        heapq.heappush(self._calls, (min(time, self.now), next(self._order), bound))

    def run(self, db: Database) -> None:
        """All calls in order, in one transaction; also those that are added meanwhile."""
        with transaction(db):
            while self._calls:
                self.clock, _, call = heapq.heappop(self._calls)
                call()
        self.clock = self.now
