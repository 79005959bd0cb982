"""The bell of the worker: a socket beside the database, at which whatever has written something rings.

The worker sleeps until a moment that it knows of, or until it rings. Nothing depends on it: a worker that hears nothing
looks by itself every few seconds (`jack/worker/loop.py`).
"""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NAME = "worker.sock"
RING, ASK = b"!", b"?"


def at(path: Path, use: Callable[[str], None]) -> None:
    """Call `use` with a short name of a socket: an address has room for 107 bytes, and paths may be longer. Raises OSError."""
    try:
        folder = os.open(path.parent, os.O_PATH | os.O_CLOEXEC)
    except AttributeError:  # not on Linux
        use(str(path))
        return
    try:
        use(f"/proc/self/fd/{folder}/{path.name}")
    finally:
        os.close(folder)


def connected(path: Path, seconds: float) -> socket.socket:
    """A connection to the worker, on which nothing takes longer than so many seconds. Raises OSError where none listens.

    BlockingIOError where one does, and has not answered the door for long.
    """
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    line.settimeout(seconds)
    try:
        at(path, line.connect)
    except BaseException:
        line.close()
        raise
    return line


class Bell:
    """Rings, for one connection to the database. Not for sharing between threads."""

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(NAME)
        self._name = str(self._path)
        self._line: socket.socket | None = None

    def ring(self) -> None:
        """Tell the worker that something has been written. Waits for nobody, and raises nothing."""
        if self._line is None and not os.path.exists(self._name):
            return  # where no worker has ever listened; to try costs ten times as much
        # A worker that has ended leaves a line that is broken; another one may listen by now.
        for _ in range(2):
            try:
                self._line = self._line or connected(self._path, 0)
                self._line.send(RING)
            except BlockingIOError:  # it has not heard the last ones yet
                return
            except (BrokenPipeError, ConnectionResetError):
                self.close()
            except OSError:
                self.close()
                return
            else:
                return

    def close(self) -> None:
        """Close the line; once is enough."""
        if self._line is not None:
            self._line.close()
        self._line = None
