"""Who calls a route of the staff's: a program with an API key, or a member with the token of their session.

The form and the hash of a key's token are found once and remembered; whether it is still valid and what it may do is looked up on
every request, so that revoking it and changing its scopes take effect on the next one.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import orjson
from flask import request
from limits import RateLimitItemPerMinute

from jack.core import clock
from jack.core.errors import Unauthorized, Unavailable
from jack.http.access import INTEGRATION, Caller, KeyRights
from jack.http.context import bearer, current_request, get_db
from jack.http.scopes import with_reading
from jack.resources.api_keys import store
from jack.resources.api_keys.token_format import PREFIX, hash_of, is_well_formed
from jack.resources.auth import tokens
from jack.resources.auth.devices import Origin

if TYPE_CHECKING:
    from jack.core.db import Database

CACHE_SIZE = 2048  # tokens
USED_EVERY = 60  # seconds
SCHEME = f"bearer {PREFIX}"

_hashes: dict[str, str] = {}


def authenticate() -> Caller:
    """The API key or the member of staff whose token came with the request. Raises Unauthorized with the reason."""
    header: str = current_request().environ.get("HTTP_AUTHORIZATION", "")
    if header[: len(SCHEME)].lower() != SCHEME:
        return tokens.authenticate()
    return _key(bearer())


def _key(token: str) -> Caller:
    db = get_db()
    row = store.of_token(db, _hashes.get(token) or _hash(token))
    if row is None:
        raise Unauthorized("There is no API key with this token.", reason="token_invalid")
    if row["revoked_at"] is not None:
        raise Unauthorized("This API key has been revoked.", reason="token_revoked")
    now = int(db.time())
    ends_at, expires_at, second = row["ends_at"], row["expires_at"], _second(now)
    if ends_at is not None and ends_at <= second:
        raise Unauthorized("A newer token has replaced this one.", reason="token_expired")
    if expires_at is not None and expires_at <= second:
        raise Unauthorized("This API key has expired.", reason="token_expired")
    used = row["last_used_at"]
    if used is None or used <= _second(now - USED_EVERY):
        _record_use(db, row["id"])
    rights = _rights(row["scopes"], row["rate_limit"], row["rate_limit_bulk"])
    return Caller(row["id"], INTEGRATION, "", rights=rights)


def _hash(token: str) -> str:
    """The hash of a token, remembered. Raises Unauthorized for a text that cannot be one, without asking the database."""
    if not is_well_formed(token):
        raise Unauthorized("This is not the token of an API key.", reason="token_invalid")
    if len(_hashes) >= CACHE_SIZE:
        _hashes.clear()
    found = _hashes[token] = hash_of(token)
    return found


@functools.lru_cache(maxsize=256)
def _rights(scopes: str, rate_limit: int, rate_limit_bulk: int) -> KeyRights:
    """What a key may do, of its row's columns."""
    return KeyRights(
        with_reading(orjson.loads(scopes)),
        RateLimitItemPerMinute(rate_limit),
        RateLimitItemPerMinute(rate_limit_bulk),
    )


@functools.lru_cache(maxsize=8)
def _second(seconds: int) -> str:
    """The timestamp of a whole second (since the epoch): computed once for all requests of that second."""
    return clock.stamp(seconds)


def _record_use(db: Database, key_id: str) -> None:
    """Keep `lastUsedAt` and `lastUsedIp` accurate to a minute; a read must not fail because this could not be written."""
    try:
        store.record_use(db, key_id, Origin.of(request.remote_addr, None).ip)
    except Unavailable:
        return
