"""The page's way to sign in: the same token, in a cookie that no script can read.

It is read only in requests with `X-Jack-Page: 1`, a header that pages of other sites cannot send: browsers allow it only
where CORS does. A request with an `Authorization` header is judged by that token, never by the cookie.

The page's budget (`JACK_RATE_LIMIT_PAGE`) is for a token that both came in the cookie and says that it was issued into it. The header
alone gives nobody that budget, nor does a token of the API put into a cookie, nor the page's token sent as a bearer's.
"""

from __future__ import annotations

from flask import request
from werkzeug.http import dump_cookie

from jack.http.context import current_request, request_state

HEADER = "HTTP_X_JACK_PAGE"
SECURE_NAME = "__Host-jack"
SECURE_NAME_BELOW = "__Secure-jack"


def used() -> bool:
    """Whether this request is of Jack's own page, which keeps its token in the cookie."""
    sent = current_request().environ
    return sent.get(HEADER) == "1" and "HTTP_AUTHORIZATION" not in sent


def token() -> str | None:
    """The token in the cookie of the page's request; None for other requests and without a cookie."""
    return current_request().cookies.get(_name()) if used() else None


def store(token: str, hours: int) -> None:
    """Set the cookie, for so many hours, in the response to this request."""
    _set(token, hours * 3600)


def delete() -> None:
    """Delete the cookie in the response to this request."""
    _set("", 0)


def _set(value: str, seconds: int) -> None:
    request_state().cookie = dump_cookie(
        _name(),
        value,
        max_age=seconds,
        sync_expires=False,
        path=request.root_path or "/",
        httponly=True,
        samesite="Strict",
        secure=request.is_secure,
    )


def _name() -> str:
    """The cookie's name: with `__Host-` over TLS, so that no other host and no plain connection can set it.

    Browsers refuse such a cookie elsewhere, and below a path, where `__Secure-` keeps off plain connections only. Cookies are shared by all ports of a host, so without TLS the name holds the
    port: two installations on one machine do not overwrite each other's.
    """
    if request.is_secure:
        return SECURE_NAME_BELOW if request.root_path else SECURE_NAME
    return f"jack-{request.host.rpartition(':')[2]}"
