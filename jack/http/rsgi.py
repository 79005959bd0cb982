"""Jack on an event loop: the RSGI application that granian serves.

Connections wait in granian, which is an event loop in Rust: an idle or half-sent one costs nothing. Here a request's body
is read whole before Flask is called, and its answer is whole before it is sent. Flask runs in the event loop itself, so
that a process does one request at a time (several threads over SQLite hinder each other).

Source: RSGI 1.6, https://github.com/emmett-framework/granian/blob/master/docs/spec/RSGI.md; PEP 3333 for the environ.
"""

from __future__ import annotations

import asyncio
import io
import secrets
import sys
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING
from urllib.parse import quote

import orjson
from werkzeug.exceptions import HTTPException

from jack.http import before_body
from jack.http.public_path import without
from jack.http.request_hooks import BODY_LIMIT, body_limit
from jack.http.route_options import options_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask
    from granian._granian import RSGIHTTPProtocol as HTTPProtocol
    from granian.rsgi import Scope

# Bytes of a body that every route may have; only for a larger one is its route looked up.
ANYWHERE = 64 * 1024
# Larger ones are kept on the disk until they are whole.
IN_MEMORY = 1024 * 1024
# A body has this many seconds, and one more for each so many bytes.
BODY_SECONDS = 20.0
SLOWEST = 16 * 1024
# Headers that a WSGI environ names without HTTP_.
PLAIN = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}
# A larger answer is sent in parts, each when the client has read the one before.
PART = 256 * 1024
# A body that is refused unread is read and dropped after the answer, up to so many bytes: a proxy takes a connection that
# closes while it sends for a failure of the server. More than nginx lets through (deploy/nginx.conf).
DROPPED = 56 * 1024 * 1024
# A file up to this size is read at once: it may be deleted before granian has opened it.
LARGE_FILE = 16 * 1024 * 1024

Header = tuple[str, str]
Content = bytes | Path


class SentFile:
    """A file in a response (`wsgi.file_wrapper` of PEP 3333), which granian reads and sends by itself: a large one costs no memory."""

    def __init__(self, file: IO[bytes], _block_size: int = 0) -> None:
        self.path = Path(file.name)
        file.close()

    def __iter__(self) -> Iterator[bytes]:
        """The content at once, for whoever does not know that it is a file."""
        yield self.path.read_bytes()


class RsgiApplication:
    """The RSGI application of a Flask application.

    `on_shutdown` is called when the process is asked to end; `below` is the path that the application is below. Under the
    paths `ask_first`, Flask is asked whether a request may go on before its body is read: see `before_body`.
    """

    def __init__(
        self,
        app: Flask,
        on_shutdown: Callable[[], None] | None = None,
        *,
        below: str = "",
        ask_first: tuple[str, ...] = (),
    ) -> None:
        self._app, self._below = app, below
        self._on_shutdown = on_shutdown
        self._ask_first = ask_first

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        """granian's call at the end of the process."""
        if self._on_shutdown is not None:
            self._on_shutdown()

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Serve one request."""
        environ = _environ(scope)
        if without(scope.path, self._below).startswith(self._ask_first):
            asked = self._call(environ | {"wsgi.input": io.BytesIO(), before_body.ASKED: True})
            if asked[0] != before_body.GO_ON:
                await _send(protocol, *asked)
                await _drop_rest(environ, protocol)
                return
            environ[before_body.ADMITTED] = True
        try:
            body, is_read = await self._body(environ, protocol)
        except TimeoutError:
            _refuse(protocol, 408, "The request took too long to arrive.")
            return
        # A broken chunk, or the client is gone.
        except Exception:
            _refuse(protocol, 400, "The request is not valid HTTP, or was cut short.")
            return
        with body:
            answer = self._call(environ | {"wsgi.input": body})
        await _send(protocol, *answer)
        if not is_read:
            await _drop_rest(environ, protocol)

    async def _body(
        self, environ: dict[str, object], protocol: HTTPProtocol
    ) -> tuple[IO[bytes], bool]:
        """The body, and whether it has been read: one that is too large by its length is not, and Flask then refuses it."""
        header = environ.get("CONTENT_LENGTH")
        if header is None and "HTTP_TRANSFER_ENCODING" not in environ:
            return io.BytesIO(), True
        # granian has refused a length that is no number.
        length = int(str(header)) if header is not None else None
        if length is not None and length <= ANYWHERE:
            async with asyncio.timeout(BODY_SECONDS):
                return io.BytesIO(await protocol()), True
        limit = self._limit(environ)
        if length is not None and length > limit:
            return io.BytesIO(), False
        async with asyncio.timeout(BODY_SECONDS + (length or limit) / SLOWEST):
            return await _spooled(environ, protocol, limit), True

    def _limit(self, environ: dict[str, object]) -> int:
        """How many bytes the body of a request may have, by its route."""
        routes = self._app.url_map.bind("")
        path = without(str(environ["PATH_INFO"]), self._below)
        try:
            endpoint, _ = routes.match(path, str(environ["REQUEST_METHOD"]))
        except HTTPException:
            return BODY_LIMIT
        return body_limit(options_of(self._app.view_functions[endpoint]))

    def _call(self, environ: dict[str, object]) -> tuple[int, list[Header], Content]:
        """Status, headers and body of Flask's answer; of a large file its path."""
        found: list[tuple[int, list[Header]]] = []

        def start_response(status: str, headers: list[Header], _exc_info: object = None) -> None:
            found.append((int(status[:3]), headers))

        chunks = self._app(environ, start_response)  # type: ignore[arg-type]
        if isinstance(chunks, SentFile) and chunks.path.stat().st_size > LARGE_FILE:
            return *found[-1], chunks.path
        try:
            content = b"".join(chunks)
        finally:
            close = getattr(chunks, "close", None)
            if close is not None:
                close()
        status, headers = found[-1]
        return status, headers, content


async def _send(
    protocol: HTTPProtocol, status: int, headers: list[Header], content: Content
) -> None:
    """Send an answer, a large one in parts."""
    if isinstance(content, Path):
        protocol.response_file(status, headers, str(content))
        return
    if len(content) <= PART:
        protocol.response_bytes(status, headers, content)
        return
    stream = protocol.response_stream(status, headers)
    for start in range(0, len(content), PART):
        await stream.send_bytes(content[start : start + PART])


async def _drop_rest(environ: dict[str, object], protocol: HTTPProtocol) -> None:
    """Read what the client still sends, and keep none of it. One that waits for `100 Continue` sends nothing more."""
    if "HTTP_EXPECT" in environ:
        return
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in protocol:
                size += len(chunk)
                if size > DROPPED:
                    return
    # The client is gone, or had nothing more to send: it has its answer.
    except Exception:
        return


async def _spooled(environ: dict[str, object], protocol: HTTPProtocol, limit: int) -> IO[bytes]:
    """A large body, or one of unknown length: on the disk, and not much more of it than its route takes.

    What is more than that is dropped here already: granian gives the chunks of a body to one loop only. Raises EOFError for a broken
    chunk and a body that is cut short, which granian ends as it ends a good one, but for an empty chunk before the last, empty one.
    (It does so for trailers, too, which nobody sends.)
    """
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 (Flask reads it)
    size = empty = 0
    try:
        async for chunk in protocol:
            empty += not chunk
            if empty > 1:
                raise EOFError
            if size <= limit:
                file.write(chunk)
            size += len(chunk)
            if size > DROPPED:
                break
    except BaseException:
        file.close()
        raise
    file.seek(0)
    if environ.pop("HTTP_TRANSFER_ENCODING", None) is not None:
        environ["CONTENT_LENGTH"] = str(size)
    return file


def _environ(scope: Scope) -> dict[str, object]:
    """The WSGI environ of a request, without its body."""
    host, _, port = scope.server.rpartition(":")
    environ: dict[str, object] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "RAW_URI": _raw_uri(scope),
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "SERVER_NAME": host or "localhost",
        "SERVER_PORT": port or "80",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.errors": sys.stderr,
        "wsgi.file_wrapper": SentFile,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        if "_" in name:  # `X_Forwarded_For` would be taken for `X-Forwarded-For`
            continue
        key = PLAIN.get(name) or "HTTP_" + name.upper().replace("-", "_")
        if key in environ:
            environ[key] = f"{environ[key]}{'; ' if name == 'cookie' else ','}{value}"
        else:
            environ[key] = value
    return environ


def _raw_uri(scope: Scope) -> str:
    """Path and query as they were sent; granian hands over the path decoded."""
    query = f"?{scope.query_string}" if scope.query_string else ""
    return quote(scope.path, safe="/:@!$&'()*+,;=~") + query


def _refuse(protocol: HTTPProtocol, status: int, message: str) -> None:
    """Answer in the API's envelope what never reaches Flask."""
    request_id = secrets.token_hex(12)
    error = {"code": "VALIDATION_ERROR", "message": message, "requestId": request_id}
    headers = [
        ("Content-Type", "application/json"),
        ("X-Request-Id", request_id),
        ("X-Content-Type-Options", "nosniff"),
        ("Connection", "close"),
    ]
    protocol.response_bytes(status, headers, orjson.dumps({"success": False, "error": error}))
