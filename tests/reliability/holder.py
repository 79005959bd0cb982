"""Another program that holds the write lock of the database: `python -m tests.reliability.holder FILE SECONDS`."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import apsw


def hold(path: Path, seconds: float) -> None:
    """Say `held` once it is, and let go after so many seconds, or when told to end."""
    connection = apsw.Connection(str(path))
    connection.set_busy_timeout(10_000)
    connection.execute("BEGIN IMMEDIATE")
    sys.stdout.write("held\n")
    sys.stdout.flush()
    time.sleep(seconds)
    connection.execute("COMMIT")
    connection.close()


if __name__ == "__main__":
    hold(Path(sys.argv[1]), float(sys.argv[2]))
