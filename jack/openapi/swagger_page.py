"""`/docs`: the page to read and try the API, without anything from elsewhere. Swagger UI from its pinned package."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

from flask import Blueprint, Response, send_file

from jack.core.errors import NotFound
from jack.core.places import ROOT
from jack.http.context import PREFIX, request_state
from jack.http.route_options import public
from jack.http.security_headers import ALWAYS, FOR_ANSWERS

OURS = Path(__file__).with_name("swagger")
STABILITY = ROOT / "docs" / "api-policy.md"
NAMES = ("accessible.js", "start.js", "page.css")
THEIRS = ("swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png")
A_YEAR = 365 * 24 * 3600
# Scripts only from this server; Swagger UI sets inline styles by script, and has its pictures in data: URLs.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
PROTECTION = (*ALWAYS, ("Content-Security-Policy", POLICY), ("Cache-Control", "no-cache"))

blp = Blueprint("docs", __name__, url_prefix=f"{PREFIX}/docs")


@blp.get("")
@public
def index() -> Response:
    """The page."""
    request_state().protection = PROTECTION
    page = (OURS / "index.html").read_text(encoding="utf-8")
    return Response(page.replace("{version}", _version()), content_type="text/html; charset=utf-8")


@blp.get("/policy")
@public
def policy() -> Response:
    """What of the API is stable, as text."""
    return Response(STABILITY.read_text(encoding="utf-8"), content_type="text/plain; charset=utf-8")


@blp.get("/<version>/<name>")
@public
def file(version: str, name: str) -> Response:
    """A file of the page, to be kept: its address changes with the files."""
    path = _files().get(name)
    if path is None or version != _version():
        raise NotFound("No such path.")
    request_state().protection = FOR_ANSWERS
    response = send_file(path, max_age=A_YEAR)
    response.cache_control.immutable = True
    return response


@functools.cache
def _files() -> dict[str, Path]:
    import flask_swagger_ui  # imported here: most processes never serve the page

    dist = Path(flask_swagger_ui.__file__).with_name("dist")
    theirs = {name: dist / name for name in THEIRS}
    return theirs | {name: OURS / name for name in NAMES}


@functools.cache
def _version() -> str:
    """Changes with any of the files."""
    digest = hashlib.blake2b(digest_size=8)
    for path in _files().values():
        digest.update(path.read_bytes())
    return digest.hexdigest()
