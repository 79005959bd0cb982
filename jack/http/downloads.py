"""A file in a response: as a download and nothing else, whatever is in it."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, NotRequired, TypedDict, cast
from urllib.parse import quote

from flask import Response, request
from werkzeug.wsgi import wrap_file

from jack.core.errors import NotFound
from jack.http.context import app_state, request_state
from jack.http.responses import matches

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jack.core.query import AnyRow

# The browser must never guess its type, show it in a page, or run what is in it.
PROTECTION = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Content-Security-Policy", "sandbox; default-src 'none'; frame-ancestors 'none'"),
    ("Cache-Control", "private, no-cache"),
)
GONE = "The file is not here any more."


class FileRow(TypedDict):
    """What a download needs of a row: the name to save it under, its type, size in bytes, digest, and where it is.

    `content` is there instead of a `path` for what is in no file; `rows` is how many there are of a table. `below` is the path
    below the instance of a file that a proxy may send itself.
    """

    name: str
    mime: str
    size: int
    digest: str
    path: NotRequired[str]
    content: NotRequired[bytes]
    rows: NotRequired[int]
    below: NotRequired[str]


def answer(row: AnyRow) -> Response:
    """The response with the file of a row that is a `FileRow`, read bit by bit. Raises NotFound when the file is gone."""
    file = cast("FileRow", row)
    tag = f'"{file["digest"][:24]}"'
    if matches(request.headers.get("If-None-Match"), tag):
        return _protected(Response(status=304, headers={"ETag": tag}))
    found = _with_content(file)
    found.headers["Content-Type"] = file["mime"]
    found.headers["Content-Disposition"] = disposition(file["name"])
    found.headers["ETag"] = tag
    if "rows" in file:
        found.headers["X-Row-Count"] = str(file["rows"])
    return _protected(found)


def _with_content(file: FileRow) -> Response:
    """The response with the bytes of a file, or with the path from which the proxy in front is to send it (nginx's X-Accel-Redirect)."""
    location = app_state().config.accel_redirect
    if location and "below" in file:
        _let_group_read(Path(file["path"]))
        return Response(headers={"X-Accel-Redirect": quote(location + file["below"])})
    body = file["content"] if "content" in file else _opened(Path(file["path"]))
    return Response(
        body, headers={"Content-Length": str(file["size"])}, direct_passthrough="path" in file
    )


def _let_group_read(path: Path) -> None:
    """Let the service's group, which the proxy is in, read a file. Raises NotFound when it is gone."""
    try:
        path.parent.chmod(0o750)
        path.chmod(0o640)
    except FileNotFoundError:
        raise NotFound(GONE) from None


def _opened(path: Path) -> Iterable[bytes]:
    """The file, as the server reads it: gunicorn lets the kernel send it. Of HEAD nothing is read."""
    try:
        opened = path.open("rb")
    except FileNotFoundError:
        raise NotFound(GONE) from None
    if request.method == "HEAD":
        opened.close()
        return ()
    return wrap_file(request.environ, opened, 64 * 1024)


def _protected(response: Response) -> Response:
    request_state().protection = PROTECTION
    return response


def disposition(name: str) -> str:
    """`Content-Disposition` of a download (RFC 6266): the name as it is (RFC 8187), and in ASCII for what is older."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = "".join(sign if sign.isprintable() and sign not in '"\\%' else "_" for sign in plain)
    simple = f'attachment; filename="{plain.strip() or "file"}"'
    return simple if plain == name else f"{simple}; filename*=UTF-8''{quote(name, safe='')}"
