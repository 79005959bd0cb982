"""A peer as an HTTP server on loopback: one thread a connection, one place where requests are answered."""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import parse_qsl


@dataclass(frozen=True)
class Request:
    """What somebody asked."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def arguments(self) -> dict[str, str]:
        """What is behind the question mark."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    @property
    def form(self) -> list[tuple[str, str]]:
        """The body, read as a form."""
        return parse_qsl(self.body.decode(), keep_blank_values=True)


@dataclass(frozen=True)
class Answer:
    """What they are told, and what happens once they have been."""

    status: int
    body: bytes = b""
    mime: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    after: Callable[[], None] = lambda: None


def as_json(status: int, value: Any, **more: Any) -> Answer:
    """A value as an answer."""
    return Answer(status, json.dumps(value).encode(), **more)


class HttpServer:
    """Serves `answer(request)`; where that is None, the connection is cut."""

    def __init__(self, answer: Callable[[Request], Answer | None], port: int = 0) -> None:
        self._open: set[socket.socket] = set()
        self._server = _Server(("127.0.0.1", port), _handler(answer, self._open))
        self.port = int(self._server.server_address[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )

    def start(self) -> None:
        """Answer from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more, and let no connection linger."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that went away is nothing to talk about; a mistake of the peer's own is."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    answer: Callable[[Request], Answer | None]
    opened: set[socket.socket]
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body leave together
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.opened.add(self.connection)

    def finish(self) -> None:
        self.opened.discard(self.connection)
        super().finish()

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = cast("Mapping[str, str]", self.headers)  # which finds names in any case
        told = self.answer(Request(self.command, path, query, headers, body))
        if told is None:
            self.close_connection = True
            return
        try:
            self._tell(told)
        finally:
            told.after()

    do_POST = do_GET
    do_DELETE = do_GET

    def _tell(self, told: Answer) -> None:
        self.send_response(told.status)
        headers = {"Content-Type": told.mime, "Content-Length": str(len(told.body))}
        for name, value in {**headers, **told.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(told.body)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


def _handler(
    answer: Callable[[Request], Answer | None], opened: set[socket.socket]
) -> type[_Handler]:
    return type("Handler", (_Handler,), {"answer": staticmethod(answer), "opened": opened})
