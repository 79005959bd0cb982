"""The time a peer believes it to be."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime


class Clock:
    """The machine's time, or that of a test's own clock, and whatever was added to it."""

    def __init__(self, time: Callable[[], float] = time.time) -> None:
        self._time = time
        self._added = 0.0

    def now(self) -> float:
        """Seconds since 1970."""
        return self._time() + self._added

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._added += seconds

    def rfc2822(self) -> str:
        """As Twilio writes a moment: `Thu, 30 Jul 2015 20:12:31 +0000`."""
        return format_datetime(datetime.fromtimestamp(self.now(), UTC))
