"""A token bucket, which limits how fast something is done."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


BURST_SECONDS = 0.25


class Bucket:
    """Tokens that come at a rate (a second, given with each call), with a burst of a quarter of a second."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._at = now()
        self._tokens: float | None = None

    def left(self, rate: float) -> int:
        """How many tokens there are now, at that rate."""
        now, most = self._now(), max(1.0, rate * BURST_SECONDS)
        before = most if self._tokens is None else self._tokens
        self._tokens = min(most, before + (now - self._at) * rate)
        self._at = now
        return int(self._tokens + 1e-9)

    def take(self, count: int) -> None:
        """Use up this many tokens."""
        self._tokens = (self._tokens or 0.0) - count
