"""The files the pages are made of, read once at the start. What was not read then does not exist.

They are served as they stand, but for lines of comment and for the staff page's scripts, which are joined to one. Their
addresses hold a version that changes with any of them, so that a browser may keep them for ever; and as scripts and styles
name each other relatively, all of a page is always of one version.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from flask import Response, request
from werkzeug.exceptions import NotFound

from jack.http.context import request_state
from jack.http.security_headers import ALWAYS
from jack.pages import joined_scripts

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = Path(__file__).with_name("static")
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".ico": "image/x-icon",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
    ".txt": "text/plain; charset=utf-8",
}
STAFF_PAGE = "staff/app.js"
# Not joined with it: others' work, and what does not wait for it.
APART = ("vendor/", "staff/first.js")
SOON = ("staff/today/today.js",)  # where managers begin
TEXTUAL = ("text/", "image/svg")  # what becomes smaller when it is compressed
# Whole lines of comment, a fifth of what our scripts weigh; those of others hold their licences.
COMMENT = re.compile(rb"^[ \t]*(?://[^\n]*|/\*(?:(?!\*/).)*\*/[ \t]*)\n", re.MULTILINE | re.DOTALL)
FOR_EVER = "public, max-age=31536000, immutable"
ASK_FIRST = "no-cache"
# A file leads nowhere else: of the usual headers it needs these.
PROTECTION = tuple(pair for pair in ALWAYS if pair[0] != "Referrer-Policy")


class File(NamedTuple):
    """What a file holds, what it is, and the hash of it."""

    body: bytes
    type: str
    tag: str


def _read(folder: Path) -> dict[str, File]:
    found = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name, body = path.relative_to(folder).as_posix(), path.read_bytes()
        if path.suffix == ".js" and not name.startswith("vendor/"):
            body = COMMENT.sub(b"", body)
        found[name] = File(body, TYPES[path.suffix], _hash(body))
    return found


def _with_staff_page_joined(files: Mapping[str, File]) -> Mapping[str, File]:
    scripts = {name: file.body.decode() for name, file in files.items() if name.endswith(".js")}
    served = joined_scripts.joined(scripts, STAFF_PAGE, APART, SOON)
    others = {name: file for name, file in files.items() if name not in scripts}
    made = {
        name: File(text.encode(), TYPES[".js"], _hash(text.encode()))
        for name, text in served.items()
    }
    return {**others, **made}


def _hash(body: bytes) -> str:
    return hashlib.blake2b(body, digest_size=8).hexdigest()


FILES: Mapping[str, File] = _with_staff_page_joined(_read(FOLDER))
VERSION = _hash("".join(file.tag for file in FILES.values()).encode())


def packed(response: Response) -> Response:
    """An answer without secrets, compressed for a browser that can unpack it. Before its ETag is made."""
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] > 0:
        response.set_data(_gzipped(response.get_data()))
        response.headers["Content-Encoding"] = "gzip"
    return response


@functools.lru_cache(maxsize=128)
def _gzipped(body: bytes) -> bytes:
    """Kept, for the same few files and pages are asked for all day."""
    return gzip.compress(body, 9, mtime=0)


def url(name: str) -> str:
    """The path of a file, without the one that Jack is below. Raises KeyError for one that is not there."""
    FILES[name]
    return f"/static/{VERSION}/{name}"


def imported(name: str) -> list[str]:
    """The names of a script and of all it imports, of those that are served. Raises KeyError for one that is not there."""
    scripts = {name: file.body.decode() for name, file in FILES.items() if name.endswith(".js")}
    return [*joined_scripts.needed(scripts, name)]


def answer(name: str, *, version: str | None = None) -> Response:
    """A file; under the address of another version it is not kept. Raises NotFound."""
    file = FILES.get(name)
    if file is None:
        raise NotFound
    response = Response(file.body, content_type=file.type)
    if file.type.startswith(TEXTUAL):
        response = packed(response)
    response.set_etag("".join((file.tag, response.headers.get("Content-Encoding", ""))))
    response.headers["Cache-Control"] = FOR_EVER if version == VERSION else ASK_FIRST
    response.make_conditional(request)
    request_state().protection = PROTECTION
    return response
