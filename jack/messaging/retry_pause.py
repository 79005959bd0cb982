"""How long a message that could not be sent waits for its next try."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from jack.channels.results import Broken

if TYPE_CHECKING:
    from jack.channels.results import Retry

FIRST = 2.0  # seconds
LONGEST = 900.0  # seconds


def seconds(result: Retry | Broken, attempts: int) -> float:
    """Seconds until the next try: what the provider says, and no less than our own growing pause.

    Some providers say "now" each time, or a moment that is past by our clock.
    """
    if isinstance(result, Broken):
        return growing(attempts)
    if result.factor is None:
        own = growing(attempts)
    else:
        own = float(min(LONGEST, result.factor ** min(attempts, 12)))
    return max(own, result.after or 0.0)


def growing(attempts: int) -> float:
    """Seconds until the next try: twice as long each time, with jitter, 15 minutes at the most."""
    longest = min(LONGEST, FIRST * 2.0 ** min(attempts - 1, 12))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 (no secret)
