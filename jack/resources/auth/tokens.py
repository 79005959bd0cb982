"""The staff's tokens: JSON Web Tokens by Flask-JWT-Extended that name a session, and the check of every request.

A token's signature is verified once and the result cached; whether it has expired and whether its session is still valid
is looked up on every request, so that a logout, a role change or a deactivation takes effect on the next one.
"""

from __future__ import annotations

import functools
import time
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple, TypedDict

from flask import Flask, request
from flask_jwt_extended import JWTManager, create_access_token, decode_token
from flask_jwt_extended.exceptions import JWTExtendedException
from jwt import ExpiredSignatureError, PyJWTError

from jack.core import clock
from jack.core.errors import Unauthorized, Unavailable
from jack.http.access import Caller
from jack.http.context import bearer, get_db
from jack.resources.auth import cookie, sessions
from jack.resources.auth.devices import NOWHERE, Origin
from jack.resources.auth.second_factor import store as second_factor

if TYPE_CHECKING:
    from jack.core.db import Database
    from jack.resources.auth.second_factor.totp import Given

AUDIENCE = "jack-api"
LEEWAY = 30  # seconds
CACHE_SIZE = 2048  # tokens
SEEN_EVERY = 300  # seconds


class Claims(NamedTuple):
    """What a verified token says. `of_page`: it was issued to the staff page, in the cookie, and never shown to anybody."""

    session_id: str
    expires: float
    of_page: bool


class Issued(TypedDict):
    """A new token, and when its session ends."""

    token: str
    expires_at: str


_verified: dict[str, Claims] = {}


def init_app(app: Flask, *, secret: str, instance_id: str) -> None:
    """Configure how tokens are signed: HS256 and nothing else, valid for this installation only."""
    app.config.update(
        JWT_SECRET_KEY=secret,
        JWT_ALGORITHM="HS256",
        JWT_DECODE_ALGORITHMS=["HS256"],
        JWT_ENCODE_ISSUER=f"jack:{instance_id}",
        JWT_DECODE_ISSUER=f"jack:{instance_id}",
        JWT_ENCODE_AUDIENCE=AUDIENCE,
        JWT_DECODE_AUDIENCE=AUDIENCE,
        JWT_ENCODE_NBF=False,
        JWT_DECODE_LEEWAY=LEEWAY,
        JWT_TOKEN_LOCATION=["headers"],
    )
    JWTManager(app)
    _verified.clear()


def issue(
    db: Database,
    staff_id: str,
    *,
    hours: int,
    password_hash: str | None = None,
    factor: Given | None = None,
    origin: Origin = NOWHERE,
    of_page: bool = False,
) -> Issued:
    """Begin a session of so many hours. What it depends on, and errors: see `sessions.begin_session`.

    `of_page`: the token goes into the page's cookie, and there it has the page's budget.
    """
    session_id, expires_at = sessions.begin_session(
        db, staff_id, hours=hours, password_hash=password_hash, factor=factor, origin=origin
    )
    token = create_access_token(
        identity=staff_id,
        additional_claims={"sid": session_id, "page": True} if of_page else {"sid": session_id},
        expires_delta=timedelta(hours=hours),
    )
    return {"token": token, "expires_at": expires_at}


def authenticate() -> Caller:
    """The member of staff whose token came with the request. Raises Unauthorized with the reason."""
    in_cookie = cookie.token()
    claims = _claims(in_cookie or bearer())
    if claims.expires + LEEWAY < time.time():
        raise Unauthorized("Your session has ended. Sign in again.", reason="token_expired")
    db = get_db()
    row = sessions.session(db, claims.session_id)
    if row is None or row["revoked_at"] or not row["active"]:
        raise Unauthorized("Your session was ended. Sign in again.", reason="token_revoked")
    now = int(db.time())
    if row["expires_at"] <= _second(now - LEEWAY):
        raise Unauthorized("Your session has ended. Sign in again.", reason="token_expired")
    if row["last_used_at"] is None or row["last_used_at"] <= _second(now - SEEN_EVERY):
        _record_seen(db, row["id"], claims.session_id)
    lacks_totp = not row["has_totp"] and second_factor.is_required(row["require_totp"], row["role"])
    by_page = claims.of_page and bool(in_cookie)
    return Caller(row["id"], row["role"], claims.session_id, by_page, lacks_totp)


def origin() -> Origin:
    """From where the request at hand comes."""
    return Origin.of(request.remote_addr, request.headers.get("User-Agent"))


@functools.lru_cache(maxsize=8)
def _second(seconds: int) -> str:
    """The timestamp of a whole second (since the epoch): computed once for all requests of that second."""
    return clock.stamp(seconds)


def _claims(token: str) -> Claims:
    cached = _verified.get(token)
    if cached is not None:
        return cached
    try:
        found = decode_token(token)
        claims = Claims(str(found["sid"]), float(found["exp"]), found.get("page") is True)
    except ExpiredSignatureError:
        raise Unauthorized(
            "Your session has ended. Sign in again.", reason="token_expired"
        ) from None
    except (
        PyJWTError,
        JWTExtendedException,
        KeyError,
        TypeError,
        ValueError,
        RecursionError,
    ):
        raise Unauthorized("The token is not valid.", reason="token_invalid") from None
    if len(_verified) >= CACHE_SIZE:
        _verified.clear()
    _verified[token] = claims
    return claims


def _record_seen(db: Database, staff_id: str, session_id: str) -> None:
    """Keep `lastSeenAt` and `lastUsedAt` accurate to five minutes; a read must not fail because this could not be written."""
    try:
        sessions.record_seen(db, staff_id, session_id, origin().ip)
    except Unavailable:
        return
