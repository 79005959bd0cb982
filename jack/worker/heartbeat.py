"""Whether a worker is alive, seen by any process: the modification time of its lock file."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

STALE = 15.0  # seconds without a heartbeat after which a worker counts as dead


def heartbeat_age(lock: Path) -> float | None:
    """Seconds since a worker touched its lock file, or None when none ever did."""
    try:
        return max(0.0, time.time() - lock.stat().st_mtime)
    except FileNotFoundError:
        return None
