"""The page's way to sign in: the same token, in a cookie that no script can read.

It counts only in requests with `X-Jack-Page: 1`, a header that no page of another site can send: without CORS for it a
browser refuses to. And never beside an `Authorization` header: who sends a token means that one.
"""

from __future__ import annotations

from flask import request
from werkzeug.http import dump_cookie

from jack.http.context import request_state

HEADER = "HTTP_X_JACK_PAGE"
SAFE = "__Host-jack"


def wanted() -> bool:
    """Whether this request is the page's, which keeps its token in the cookie."""
    return request.environ.get(HEADER) == "1" and "HTTP_AUTHORIZATION" not in request.environ


def token() -> str | None:
    """The token the page's request brings."""
    return request.cookies.get(_name()) if wanted() else None


def hand_over(token: str, hours: int) -> None:
    """Give the browser the cookie with the answer to this request."""
    _set(token, hours * 3600)


def take_back() -> None:
    """Let the browser forget the cookie."""
    _set("", 0)


def _set(value: str, seconds: int) -> None:
    request_state().cookie = dump_cookie(
        _name(),
        value,
        max_age=seconds,
        sync_expires=False,
        path="/",
        httponly=True,
        samesite="Strict",
        secure=request.is_secure,
    )


def _name() -> str:
    """`__Host-` where there is TLS: no other host and no plain connection can then set it.

    Elsewhere browsers would refuse such a cookie; cookies do not know ports, so the name tells two houses on a machine apart.
    """
    return SAFE if request.is_secure else f"jack-{request.host.rpartition(':')[2]}"
