"""The seed that a test draws from: printed with a failure, given by `JACK_SEED` to draw the same again."""

from __future__ import annotations

import os
import random
import sys


def seed() -> int:
    """The one that was asked for, or another."""
    drawn = int(os.environ.get("JACK_SEED") or random.SystemRandom().randrange(2**32))
    sys.stdout.write(f"JACK_SEED={drawn}\n")
    return drawn
