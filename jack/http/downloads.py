"""A file in a response: as a download and nothing else, whatever is in it."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, cast
from urllib.parse import quote

from flask import Response, request
from werkzeug.wsgi import wrap_file

from jack.core.errors import NotFound
from jack.http.context import request_state
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


class FileRow(TypedDict):
    """What a download needs of a row: the name to save it under, its type, size in bytes, digest, and where it is."""

    name: str
    mime: str
    size: int
    digest: str
    path: str


def answer(row: AnyRow) -> Response:
    """The response with the file of a row that is a `FileRow`, read bit by bit. Raises NotFound when the file is gone."""
    file = cast("FileRow", row)
    tag = f'"{file["digest"][:24]}"'
    if matches(request.headers.get("If-None-Match"), tag):
        return _protected(Response(status=304, headers={"ETag": tag}))
    found = Response(_opened(Path(file["path"])), direct_passthrough=True)
    found.headers["Content-Type"] = file["mime"]
    found.headers["Content-Disposition"] = disposition(file["name"])
    found.headers["Content-Length"] = str(file["size"])
    found.headers["ETag"] = tag
    return _protected(found)


def _opened(path: Path) -> Iterable[bytes]:
    """The file, as the server reads it: gunicorn lets the kernel send it. Of HEAD nothing is read."""
    try:
        opened = path.open("rb")
    except FileNotFoundError:
        raise NotFound("The file is not here any more.") from None
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
