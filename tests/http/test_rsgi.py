"""The adapter between granian and Flask: bodies that come too slowly, too large or broken, and what Flask is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest
from flask import Flask, Response, request
from werkzeug.wsgi import wrap_file

from jack.http import before_body, rsgi
from jack.http.rsgi import RsgiApplication


class Headers:
    """granian's headers: names in lower case, doubled ones twice."""

    def __init__(self, *items: tuple[str, str]) -> None:
        self._items = list(items)

    def items(self) -> list[tuple[str, str]]:
        return self._items


@dataclass
class Scope:
    """A request's line and headers."""

    method: str = "POST"
    path: str = "/echo"
    query_string: str = ""
    headers: Headers = field(default_factory=Headers)
    scheme: str = "http"
    http_version: str = "1.1"
    server: str = "127.0.0.1:8000"
    client: str = "192.0.2.7:40000"


class Protocol:
    """The other side of a connection: the chunks of a body, each after its delay in seconds, and the answer."""

    def __init__(self, *chunks: tuple[float, bytes | Exception]) -> None:
        self._chunks = chunks
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""
        self.parts: list[int] = []
        self.file = ""

    async def __call__(self) -> bytes:
        return b"".join([chunk async for chunk in self])

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for delay, chunk in self._chunks:
            await asyncio.sleep(delay)
            if isinstance(chunk, Exception):
                raise chunk
            yield chunk

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.status, self.headers, self.body = status, dict(headers), body

    def response_stream(self, status: int, headers: list[tuple[str, str]]) -> Protocol:
        self.status, self.headers = status, dict(headers)
        return self

    def response_file(self, status: int, headers: list[tuple[str, str]], file: str) -> None:
        self.status, self.headers, self.file = status, dict(headers), file

    async def send_bytes(self, part: bytes) -> None:
        self.parts.append(len(part))
        self.body += part


@pytest.fixture
def app() -> Flask:
    made = Flask("rsgi")

    @made.route("/echo", methods=["GET", "POST"])
    def echo() -> dict[str, Any]:
        environ = {key: value for key, value in request.environ.items() if key.isupper()}
        kept = {key: value for key, value in environ.items() if isinstance(value, str)}
        return {"body": len(request.get_data()), "environ": kept}

    @made.route("/large")
    def large() -> bytes:
        return b"x" * 600_000

    return made


def served(app: Flask, scope: Scope, protocol: Protocol) -> Protocol:
    in_a_thread(
        lambda: asyncio.run(RsgiApplication(app).__rsgi__(scope, protocol))  # type: ignore[arg-type]
    )
    return protocol


def in_a_thread(do: Callable[[], None]) -> None:
    """Run it where no event loop runs: the browser's, of other tests, runs in the main thread."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(do).result()


def sized(length: int) -> Scope:
    return Scope(headers=Headers(("content-length", str(length))))


CHUNKED = Scope(headers=Headers(("transfer-encoding", "chunked")))


@pytest.mark.parametrize("scope", [sized(20), sized(100_000), CHUNKED])
def test_a_body_that_takes_too_long_is_408(
    app: Flask, scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rsgi, "BODY_SECONDS", 0.05)
    monkeypatch.setattr(rsgi, "SLOWEST", float("inf"))
    answer = served(app, scope, Protocol((0, b"half of "), (5, b"it")))
    assert answer.status == 408
    assert orjson.loads(answer.body)["error"]["message"] == "The request took too long to arrive."
    assert answer.headers["Connection"] == "close"


@pytest.mark.parametrize("scope", [sized(20), CHUNKED])
def test_a_broken_body_is_400(app: Flask, scope: Scope) -> None:
    answer = served(app, scope, Protocol((0, b"half"), (0, RuntimeError("chunk"))))
    assert answer.status == 400
    error = orjson.loads(answer.body)["error"]
    assert (error["code"], len(error["requestId"])) == ("VALIDATION_ERROR", 24)


@pytest.mark.parametrize("chunks", [[b"", b""], [b"half", b"", b""]])
def test_a_chunk_that_breaks_off_is_400(app: Flask, chunks: list[bytes]) -> None:
    assert served(app, CHUNKED, Protocol(*((0, chunk) for chunk in chunks))).status == 400


def test_granian_ends_a_body_by_an_empty_chunk(app: Flask) -> None:
    answer = served(app, CHUNKED, Protocol((0, b"whole"), (0, b"")))
    assert (answer.status, orjson.loads(answer.body)["body"]) == (200, 5)


def test_a_body_too_large_by_its_length_is_answered_unread(app: Flask) -> None:
    read: list[int] = []

    class Unread(Protocol):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            read.append(self.status)
            async for chunk in super().__aiter__():
                yield chunk

    app.config["MAX_CONTENT_LENGTH"] = rsgi.BODY_LIMIT
    answer = served(app, sized(rsgi.BODY_LIMIT + 1), Unread())
    assert (answer.status, read) == (413, [413])


def test_no_more_of_a_chunked_body_is_read_than_its_route_takes(app: Flask) -> None:
    app.config["MAX_CONTENT_LENGTH"] = rsgi.BODY_LIMIT
    endless = Protocol(*[(0, b"x" * 100_000)] * 1000)
    assert served(app, CHUNKED, endless).status == 413


class Counted(Protocol):
    """A protocol that counts the bytes that are taken from it."""

    taken = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in super().__aiter__():
            self.taken += len(chunk)
            yield chunk


@pytest.mark.parametrize("scope", [sized(300_000), CHUNKED])
def test_a_sender_of_too_much_gets_to_read_the_answer(app: Flask, scope: Scope) -> None:
    app.config["MAX_CONTENT_LENGTH"] = rsgi.BODY_LIMIT
    protocol = Counted(*[(0, b"x" * 100_000)] * 3)
    assert served(app, scope, protocol).status == 413
    assert protocol.taken == 300_000


@pytest.mark.parametrize("scope", [sized(10_000_000), CHUNKED])
def test_but_not_of_very_much(app: Flask, scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rsgi, "DROPPED", 1_000_000)
    app.config["MAX_CONTENT_LENGTH"] = rsgi.BODY_LIMIT
    protocol = Counted(*[(0, b"x" * 100_000)] * 100)
    assert served(app, scope, protocol).status == 413
    assert protocol.taken <= 1_100_000


def test_a_sender_that_waits_to_be_told_is_told_by_the_answer(app: Flask) -> None:
    app.config["MAX_CONTENT_LENGTH"] = rsgi.BODY_LIMIT
    headers = Headers(("content-length", "300000"), ("expect", "100-continue"))
    protocol = Counted((0, b"x" * 300_000))
    assert served(app, Scope(headers=headers), protocol).status == 413
    assert protocol.taken == 0


@pytest.mark.parametrize("chunks", [[(5, b"x")], [(0, RuntimeError("gone"))]])
def test_what_is_discarded_may_break_or_never_come(
    app: Flask, chunks: list[tuple[float, bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rsgi, "BODY_SECONDS", 0.05)
    app.config["MAX_CONTENT_LENGTH"] = rsgi.BODY_LIMIT
    assert served(app, sized(300_000), Protocol(*chunks)).status == 413


# ------------------------------------------------------------------------------------------------ asked before the body


@pytest.fixture
def choosy(app: Flask) -> Flask:
    """An app that wants to be asked first, and admits who says please."""

    @app.before_request
    def hook() -> Any:
        if before_body.is_admitted(request._get_current_object()):  # type: ignore[attr-defined]
            return None
        if request.headers.get("X-Please") == "yes":
            return before_body.admit(request._get_current_object())  # type: ignore[attr-defined]
        return "no", 403

    return app


def asking(*headers: tuple[str, str]) -> Scope:
    return Scope(headers=Headers(("content-length", "7"), *headers))


def first_asked(app: Flask, scope: Scope, protocol: Protocol) -> Protocol:
    application = RsgiApplication(app, ask_first=("/echo",))
    in_a_thread(lambda: asyncio.run(application.__rsgi__(scope, protocol)))  # type: ignore[arg-type]
    return protocol


def test_who_is_not_admitted_is_answered_before_the_body_comes(
    choosy: Flask,
) -> None:
    answered_after: list[int] = []

    class Late(Counted):
        def response_bytes(self, *answer: Any) -> None:
            answered_after.append(self.taken)
            super().response_bytes(*answer)

    answer = first_asked(choosy, asking(), Late((0, b"written")))
    assert (answer.status, answer.body, answered_after) == (403, b"no", [0])


def test_who_is_admitted_comes_again_with_the_body(choosy: Flask) -> None:
    answer = first_asked(choosy, asking(("x-please", "yes")), Protocol((0, b"written")))
    assert (answer.status, orjson.loads(answer.body)["body"]) == (200, 7)


def test_elsewhere_nobody_is_asked_first(choosy: Flask) -> None:
    application = RsgiApplication(choosy, ask_first=("/other",))
    protocol = Protocol((0, b"written"))
    scope = asking(("x-please", "yes"))
    in_a_thread(lambda: asyncio.run(application.__rsgi__(scope, protocol)))  # type: ignore[arg-type]
    assert orjson.loads(protocol.body)["body"] == 7


def test_below_a_path_they_are_asked_as_well(choosy: Flask) -> None:
    protocol = Counted((0, b"written"))
    scope = Scope(path="/jack/echo", headers=Headers(("content-length", "7")))
    application = RsgiApplication(choosy, below="/jack", ask_first=("/echo",))
    taken: list[int] = []
    protocol.response_bytes = lambda *answer: taken.append(protocol.taken)  # type: ignore[method-assign]
    in_a_thread(lambda: asyncio.run(application.__rsgi__(scope, protocol)))  # type: ignore[arg-type]
    assert taken == [0]


@pytest.mark.parametrize("size", [1, 70_000, 200_000])
def test_a_chunked_body_is_read_whole(app: Flask, size: int) -> None:
    answer = served(app, CHUNKED, Protocol((0, b"x" * (size // 2)), (0, b"x" * (size - size // 2))))
    assert orjson.loads(answer.body)["body"] == size


def environ_of(app: Flask, scope: Scope) -> dict[str, str]:
    found: dict[str, str] = orjson.loads(served(app, scope, Protocol()).body)["environ"]
    return found


def test_what_flask_is_told_of_a_request(app: Flask) -> None:
    headers = Headers(
        ("host", "jack.example.com"),
        ("cookie", "a=1"),
        ("cookie", "b=2"),
        ("x-forwarded-for", "198.51.100.1"),
        ("x-forwarded-for", "198.51.100.2"),
        ("x_forwarded_for", "203.0.113.9"),
        ("content-type", "text/plain"),
    )
    scope = Scope(method="GET", query_string="a=%20b", headers=headers, client="[2001:db8::1]:4000")
    found = environ_of(app, scope)
    assert found["HTTP_HOST"] == "jack.example.com"
    assert found["HTTP_COOKIE"] == "a=1; b=2"
    assert found["HTTP_X_FORWARDED_FOR"] == "198.51.100.1,198.51.100.2"
    assert found["CONTENT_TYPE"] == "text/plain"
    assert found["REMOTE_ADDR"] == "2001:db8::1"
    assert (found["QUERY_STRING"], found["RAW_URI"]) == ("a=%20b", "/echo?a=%20b")
    assert (found["SERVER_NAME"], found["SERVER_PORT"]) == ("127.0.0.1", "8000")


def test_a_unix_socket_has_no_address(app: Flask) -> None:
    found = environ_of(app, Scope(method="GET", server="/run/jack/jack.sock", client=""))
    assert (found["REMOTE_ADDR"], found["SERVER_NAME"]) == ("", "localhost")


def test_a_large_answer_is_sent_in_parts(app: Flask) -> None:
    answer = served(app, Scope(method="GET", path="/large"), Protocol())
    assert (answer.status, answer.body) == (200, b"x" * 600_000)
    assert max(answer.parts) == rsgi.PART


def test_the_end_of_the_process_is_passed_on(app: Flask) -> None:
    ended: list[Callable[[], None]] = []
    application = RsgiApplication(app, on_shutdown=lambda: ended.append(print))
    loop = asyncio.new_event_loop()
    application.__rsgi_del__(loop)
    RsgiApplication(app).__rsgi_del__(loop)
    loop.close()
    assert len(ended) == 1


@pytest.mark.parametrize("large", [True, False])
def test_a_large_file_is_sent_by_the_server_itself(
    large: bool, app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(b"x" * 1000)
    monkeypatch.setattr(rsgi, "LARGE_FILE", 999 if large else 1000)

    @app.route("/file")
    def file() -> Response:
        opened = wrap_file(request.environ, path.open("rb"))
        headers = {"Content-Length": "1000"}
        return Response(opened, headers=headers, direct_passthrough=True)

    answer = served(app, Scope("GET", "/file"), Protocol())
    assert (answer.status, answer.headers["Content-Length"]) == (200, "1000")
    assert (answer.file, len(answer.body)) == ((str(path), 0) if large else ("", 1000))
