"""Servers that talk in lines: one thread a connection."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress


class Lines:
    """One connection. `greeting` and `hear(line)` are the protocol's; `hear` returns whether to go on."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.stream = connection.makefile("rwb")

    def greeting(self) -> None:
        """What is said first."""
        raise NotImplementedError

    def hear(self, line: str) -> bool:
        """One line of the client's."""
        raise NotImplementedError

    def say(self, *lines: str) -> None:
        """Lines, at once."""
        self.stream.write("".join(f"{line}\r\n" for line in lines).encode())
        self.stream.flush()

    def line(self) -> str:
        """The next line of the client's. Raises EOFError when there is none."""
        raw = self.stream.readline()
        if not raw:
            raise EOFError
        return raw.rstrip(b"\r\n").decode("utf-8", "replace")

    def talk(self) -> None:
        """Until either has had enough."""
        with suppress(OSError, EOFError, ValueError):
            self.greeting()
            while self.hear(self.line()):
                pass
        with suppress(OSError, ValueError):
            self.stream.close()
        self.connection.close()


class LinesServer:
    """Listens on loopback and talks with whoever comes."""

    def __init__(self, talk: Callable[[socket.socket], Lines]) -> None:
        self._make = talk
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=16)
        self.port = int(self._socket.getsockname()[1])
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._open: set[socket.socket] = set()

    def start(self) -> None:
        """Answer from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more, and let no connection linger."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            self._make(connection).talk()
        finally:
            self._open.discard(connection)
