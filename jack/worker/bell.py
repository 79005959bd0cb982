"""The worker's end of its bell (`jack/core/bell.py`): it hears who has written something, and tells who asks whether it lives."""

from __future__ import annotations

import logging
import os
import selectors
import socket
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from jack.core import bell

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

log = logging.getLogger("jack.worker")

BACKLOG = 64
# Seconds for which who has rung is not listened to: a busy hotel writes hundreds of times a second.
DEAF = 0.1


class Listener:
    """A thread that waits at the socket, and costs nothing while nobody rings.

    `heard` is called when somebody rings, `age` tells for how many seconds the worker has been at the same round.
    """

    def __init__(self, path: Path, heard: Callable[[], None], age: Callable[[], float]) -> None:
        """Listen. Raises OSError where no socket can be."""
        self._path, self._heard, self._age = path, heard, age
        with suppress(FileNotFoundError):
            path.unlink()  # of a worker that was killed: whoever makes one holds the lock
        self._door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            bell.at(path, self._door.bind)
            path.chmod(0o600)
            self._door.listen(BACKLOG)
            self._door.setblocking(False)
            self._file = os.stat(path)
        except BaseException:
            self._door.close()
            raise
        self._end, self._ended = socket.socketpair()
        self._lines = selectors.DefaultSelector()
        self._lines.register(self._door, selectors.EVENT_READ)
        self._lines.register(self._ended, selectors.EVENT_READ)
        self._rung: list[socket.socket] = []
        self._deaf_until = 0.0
        self._thread = threading.Thread(target=self._listen, name="jack-bell", daemon=True)
        self._thread.start()

    def is_there(self) -> bool:
        """Whether it can be found: not once its file has been deleted or replaced, or its thread has failed."""
        try:
            return self._thread.is_alive() and os.path.samestat(os.stat(self._path), self._file)
        except OSError:
            return False

    def hide(self) -> None:
        """Let nobody find it any more: before another worker may make one at the same place."""
        if self.is_there():
            self._path.unlink(missing_ok=True)

    def close(self) -> None:
        """Listen no more. Whoever has a line to it learns it at once."""
        self._end.close()
        self._thread.join()

    def _listen(self) -> None:
        try:
            while self._hear():
                self._listen_again()
        finally:
            for key in list(self._lines.get_map().values()):
                if isinstance(key.fileobj, socket.socket):
                    key.fileobj.close()
            for line in self._rung:
                line.close()
            self._lines.close()

    def _hear(self) -> bool:
        """Wait for whoever comes; False when it is to end."""
        wait = max(0.0, self._deaf_until - time.monotonic()) if self._rung else None
        for key, _ in self._lines.select(wait):
            line = key.fileobj
            if line is self._ended:
                return False
            if line is self._door:
                self._accept()
            elif isinstance(line, socket.socket):
                self._read(line)
        return True

    def _accept(self) -> None:
        try:
            line, _ = self._door.accept()
        except OSError:  # too many files are open
            time.sleep(DEAF)
            return
        line.setblocking(False)
        self._lines.register(line, selectors.EVENT_READ)

    def _read(self, line: socket.socket) -> None:
        try:
            said = line.recv(4096)
        except BlockingIOError:
            return
        except OSError:
            said = b""
        if not said:
            self._lines.unregister(line)
            line.close()
        elif bell.ASK in said:
            with suppress(OSError):
                line.send(f"{self._age():.3f}\n".encode())
        else:
            self._lines.unregister(line)
            if not self._rung:
                self._deaf_until = time.monotonic() + DEAF
            self._rung.append(line)
            self._heard()

    def _listen_again(self) -> None:
        if self._rung and time.monotonic() >= self._deaf_until:
            for line in self._rung:
                self._lines.register(line, selectors.EVENT_READ)
            self._rung.clear()


class Watch:
    """A line to the worker that has the lock: it breaks when that one ends."""

    def __init__(self) -> None:
        self._line: socket.socket | None = None

    def wait(self, path: Path, seconds: float, is_over: Callable[[], bool]) -> bool:
        """Wait until the worker has ended or `end` is called, at most `seconds`. Returns False where it cannot be waited for."""
        try:
            line = bell.connected(path, seconds)
        except OSError:
            return False
        with line:
            self._line = line
            with suppress(OSError):
                if not is_over():
                    line.recv(1)
            self._line = None
        return True

    def end(self) -> None:
        """Wait no more."""
        line = self._line
        if line is not None:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
