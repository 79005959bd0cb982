"""How much a provider lets through."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from jack.demo.simulators.clock import Clock

EVERY = 6.0


@dataclass
class Pairs:
    """WhatsApp's limit for one pair of business and guest: a burst, then one message in six seconds. None: no limit."""

    clock: Clock
    burst: int | None
    lock: threading.Lock = field(default_factory=threading.Lock)
    left: dict[int, tuple[float, float]] = field(default_factory=dict)

    def take(self, guest: int) -> bool:
        """Whether one more may go to this guest now."""
        if self.burst is None:
            return True
        now = self.clock.now()
        with self.lock:
            left, at = self.left.get(guest, (float(self.burst), now))
            left = min(float(self.burst), left + (now - at) / EVERY)
            self.left[guest] = (max(left - 1, 0.0) if left >= 1 else left, now)
            return left >= 1
