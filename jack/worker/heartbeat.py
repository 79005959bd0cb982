"""Whether a worker is alive, seen by any process: it is asked by its socket. One that has none touches its lock file every second."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from jack.core import bell

if TYPE_CHECKING:
    from pathlib import Path

STALE = 15.0  # seconds without a sign of life after which a worker counts as dead
PATIENCE = 0.2  # seconds a request waits for the worker's answer
ONCE_MORE = (
    2.0  # seconds it is asked once more before it counts as dead: two slow answers are no silence
)

# Since when the worker at a socket has not answered this process.
_silent_since: dict[Path, float] = {}


def heartbeat_age(lock: Path, patience: float = PATIENCE) -> float | None:
    """Seconds since a worker showed life, or None when none ever did; `patience` is how many it has to answer."""
    path = lock.with_suffix(".sock")
    try:
        found = _asked(path, patience)
    except (TimeoutError, BlockingIOError):
        now = time.monotonic()
        silent = max(patience, now - _silent_since.setdefault(path, now))
        if silent < STALE or patience >= ONCE_MORE:
            return silent
        return heartbeat_age(lock, ONCE_MORE)
    except (OSError, ValueError):  # nobody is there
        found = None
    _silent_since.pop(path, None)
    return _touched(lock) if found is None else found


def _asked(path: Path, patience: float) -> float:
    """For how long the worker has been at the same round, as it says itself. Raises OSError, ValueError, TimeoutError."""
    with bell.connected(path, patience) as line:
        line.sendall(bell.ASK)
        return float(line.recv(64))


def _touched(lock: Path) -> float | None:
    with suppress(FileNotFoundError):
        return max(0.0, time.time() - lock.stat().st_mtime)
    return None
