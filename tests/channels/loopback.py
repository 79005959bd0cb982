"""A provider of a few lines: real HTTP on loopback, which answers what it was told to and remembers the requests."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from jack.channels import http_client


@dataclass(frozen=True)
class Request:
    """A request as it came."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def form(self) -> dict[str, list[str]]:
        return parse_qs(self.body.decode(), keep_blank_values=True)


@dataclass
class Reply:
    """What to answer. `lost`: the request is read, then the connection ends without a word."""

    status: int = 200
    body: bytes | dict[str, Any] = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    lost: bool = False


class Provider:
    """The server: `replies` are used up one by one, then (or from the start) `always` is called."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.replies: list[Reply] = []
        self.always: Callable[[Request], Reply] = lambda request: Reply(404)
        self.held = threading.Event()
        self.held.set()
        self.url = ""

    def answer(self, request: Request) -> Reply:
        self.requests.append(request)
        self.held.wait(10)
        return self.replies.pop(0) if self.replies else self.always(request)


@contextmanager
def provider() -> Iterator[Provider]:
    """A provider for the time of a test."""
    made = Provider()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            request = Request(
                self.command, parts.path, parse_qs(parts.query), dict(self.headers), body
            )
            _tell(self, made.answer(request))

        do_GET = do_POST = _any

        def log_message(self, format: str, *args: Any) -> None:
            """Silence."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        made.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield made
        finally:
            made.held.set()
            server.shutdown()
            thread.join(5)


@contextmanager
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Wait for answers for the fifth of a second only."""
    monkeypatch.setattr(http_client, "READ_SECONDS", 0.2)
    http_client.client.cache_clear()
    try:
        yield
    finally:
        http_client.client().close()
        http_client.client.cache_clear()


def _tell(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    handler.close_connection = True
    if reply.lost:
        return
    body = json.dumps(reply.body).encode() if isinstance(reply.body, dict) else reply.body
    try:
        handler.send_response(reply.status)
        for name, value in {"Content-Length": str(len(body)), **reply.headers}.items():
            handler.send_header(name, value)
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(body)
    except OSError:  # a client that waits no longer
        return
