"""Jack below a path of its host, as `JACK_PUBLIC_URL=https://hotel.example/jack` says: in what comes in, and in what goes out.

A proxy may pass the path on or take it away; and who asks on loopback (a health check) needs none. So the path is taken from
what has it, and is always the environ's SCRIPT_NAME, which `own` puts before each address that is Jack's own.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

from flask import has_request_context

from jack.http.context import current_request

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# The path as it is read, and as it was sent, in servers' own names.
PATHS = ("PATH_INFO", "RAW_URI", "REQUEST_URI")


class BelowPath:
    """A WSGI application below a path (`/jack`)."""

    def __init__(self, application: WSGIApplication, below: str) -> None:
        self._application, self._below = application, below

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        for name in PATHS:
            if name in environ:
                environ[name] = without(environ[name], self._below)
        environ["SCRIPT_NAME"] = self._below
        return self._application(environ, start_response)


def without(path: str, below: str) -> str:
    """A path, with or without a query, without the path that Jack is below, if it begins with that."""
    rest = path.removeprefix(below)
    if rest == path or rest[:1] not in ("", "/", "?"):
        return path
    return rest if rest.startswith("/") else f"/{rest}"


# Where nobody asks, such as in a file that the worker writes: the path that Jack is below.
OUTSIDE_REQUESTS: ContextVar[str] = ContextVar("below", default="")


def own(path: str) -> str:
    """The path of something of Jack's as browsers and programs ask for it."""
    below = current_request().root_path if has_request_context() else OUTSIDE_REQUESTS.get()
    return below + path
