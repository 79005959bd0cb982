"""What is shown where a page was asked for and there is none, or it fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.pages.templates import rendered

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as AnyResponse


def error_page(
    status: int, retry_after: int | None = None, *, was: AnyResponse | None = None
) -> Response:
    """The page for a status of 400 and more; `was` is the framework's own answer to it, whose `Allow` counts."""
    response = rendered("error.html", kind=_kind(status))
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    if was is not None and "Allow" in was.headers:
        response.headers["Allow"] = was.headers["Allow"]
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def _kind(status: int) -> str:
    if status in (404, 410):
        return "missing"
    return "failed" if status >= 500 else "refused"
