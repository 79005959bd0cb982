"""The files the pages are made of, read once at the start. What was not read then does not exist.

Their addresses hold a version that changes with any of them, so that a browser may keep them for ever; and as scripts
and styles name each other relatively, all of a page is always of one version.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from flask import Response, request
from werkzeug.exceptions import NotFound

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = Path(__file__).with_name("static")
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".ico": "image/x-icon",
    ".txt": "text/plain; charset=utf-8",
}
FOR_EVER = "public, max-age=31536000, immutable"
ASK_FIRST = "no-cache"


class File(NamedTuple):
    """What a file holds, what it is, and the hash of it."""

    body: bytes
    type: str
    tag: str


def _read(folder: Path) -> dict[str, File]:
    found = {}
    for path in sorted(folder.iterdir()):
        body = path.read_bytes()
        found[path.name] = File(body, TYPES[path.suffix], _hash(body))
    return found


def _hash(body: bytes) -> str:
    return hashlib.blake2b(body, digest_size=8).hexdigest()


FILES: Mapping[str, File] = _read(FOLDER)
VERSION = _hash("".join(file.tag for file in FILES.values()).encode())


def url(name: str) -> str:
    """Where a page finds a file. Raises KeyError for one that is not there."""
    FILES[name]
    return f"/static/{VERSION}/{name}"


def answer(name: str, *, version: str | None = None) -> Response:
    """A file; under the address of another version it is not kept. Raises NotFound."""
    file = FILES.get(name)
    if file is None:
        raise NotFound
    response = Response(file.body, content_type=file.type)
    response.set_etag(file.tag)
    response.headers["Cache-Control"] = FOR_EVER if version == VERSION else ASK_FIRST
    response.make_conditional(request)
    return response
