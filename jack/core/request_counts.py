"""How many requests were answered, and how long they took: numbers in files that all processes of Jack add up.

Each process adds to a file of its own in `metrics/`, which it holds locked; one that comes after it goes on with the file, so the
numbers never go down. Without JACK_METRICS there is none of it.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
from itertools import count
from pathlib import Path

from jack.core.atomic_file import make_folder

FOLDER = "metrics"
KINDS = ("api", "page", "webhook", "other")
STATUSES = ("2xx", "3xx", "4xx", "429", "5xx")
# Seconds: the upper bounds of the histogram. Above the last is `+Inf`.
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
# Of each kind: a number for each status, one for each bound and one above, the sum of seconds.
WIDTH = len(STATUSES) + len(BOUNDS) + 2
SIZE = 8 * WIDTH * len(KINDS)
NUMBERS = struct.Struct(f"<{WIDTH * len(KINDS)}d")
MOST = 64


def status_of(code: int) -> int:
    """The place of a status in `STATUSES`."""
    if code == 429:
        return STATUSES.index("429")
    return {2: 0, 3: 1, 4: 2}.get(code // 100, 4)


class RequestCounts:
    """What this process adds to."""

    def __init__(self, instance: Path) -> None:
        folder = instance / FOLDER
        make_folder(folder)
        self._file = _free(folder)
        os.ftruncate(self._file, SIZE)
        self._numbers = memoryview(mmap.mmap(self._file, SIZE)).cast("d")

    def add(self, kind: str, code: int, seconds: float) -> None:
        """Count a request of one of `KINDS`."""
        at = KINDS.index(kind) * WIDTH
        bound = next((n for n, most in enumerate(BOUNDS) if seconds <= most), len(BOUNDS))
        self._numbers[at + status_of(code)] += 1
        self._numbers[at + len(STATUSES) + bound] += 1
        self._numbers[at + WIDTH - 1] += seconds


def _free(folder: Path) -> int:
    """The first file that no other process holds, open and locked until this one ends."""
    for number in count():
        path = folder / f"{number}.bin"
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            if number < MOST:
                continue
            raise
        return file
    raise AssertionError("count() ends never")


def totals(instance: Path) -> dict[str, tuple[float, ...]]:
    """The numbers of all processes together, `WIDTH` for each kind."""
    added = [0.0] * (WIDTH * len(KINDS))
    for path in (instance / FOLDER).glob("*.bin"):
        content = path.read_bytes()
        if len(content) == SIZE:
            added = [one + two for one, two in zip(added, NUMBERS.unpack(content), strict=True)]
    return {
        kind: tuple(added[number * WIDTH : (number + 1) * WIDTH])
        for number, kind in enumerate(KINDS)
    }
