"""API keys: what each may do, its tokens, and when it was last used. Of a token only the SHA-256 is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from jack.core import audit, clock, events
from jack.core.db import OPTIONAL_WRITE_TIMEOUT, as_json, transaction
from jack.core.errors import Conflict, Invalid, NotFound
from jack.core.paging import Listed, Page, Place, Walked
from jack.core.query import Query
from jack.core.walking import Wanted, walk
from jack.resources.api_keys.rows import (
    COLUMNS,
    KeyChanges,
    KeyInUse,
    KeyRow,
    NewKeyRow,
    StoredKey,
    answered,
)
from jack.resources.api_keys.token_format import hash_of, hint_of, new_token

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from jack.core.db import Database

# Requests a minute, where nothing else is asked for.
RATE_LIMIT = 100
RATE_LIMIT_BULK = 10

GET = Query[StoredKey](f"SELECT {COLUMNS} FROM api_keys WHERE id = :id")

PAGE = Query[StoredKey](f"""
    SELECT {COLUMNS} FROM api_keys
    ORDER BY seq
    LIMIT :limit OFFSET :offset""")

BY_SEQ = Query[StoredKey](
    f"SELECT {COLUMNS} FROM api_keys WHERE seq IN (SELECT value FROM json_each(:seqs))"
)

COUNT = "SELECT count(*) FROM api_keys"

# Every request with a key asks this: one indexed join, as for a session.
OF_TOKEN = Query[KeyInUse]("""
    SELECT api_keys.id, scopes, rate_limit, rate_limit_bulk, last_used_at, expires_at, revoked_at, ends_at
    FROM api_key_tokens JOIN api_keys ON api_keys.id = key_id
    WHERE token_hash = :token_hash""")

CREATE = """
    INSERT INTO api_keys (id, name, scopes, rate_limit, rate_limit_bulk, expires_at, created_by, created_at)
    VALUES (:id, :name, :scopes, :rate_limit, :rate_limit_bulk, :expires_at, :by, :now)"""

CHANGE = """
    UPDATE api_keys
    SET name = :name, scopes = :scopes, rate_limit = :rate_limit, rate_limit_bulk = :rate_limit_bulk,
        expires_at = :expires_at
    WHERE id = :id"""

CREATE_TOKEN = """
    INSERT INTO api_key_tokens (token_hash, key_id, hint, created_at)
    VALUES (:token_hash, :key_id, :hint, :now)"""

# No older token outlives the time that the newest rotation gives.
END_TOKENS = """
    UPDATE api_key_tokens SET ends_at = :ends_at
    WHERE key_id = :key_id AND (ends_at IS NULL OR ends_at > :ends_at)"""

REVOKE = "UPDATE api_keys SET revoked_at = :now WHERE id = :id"

USED = "UPDATE api_keys SET last_used_at = :now, last_used_ip = :ip WHERE id = :id"

DELETE_ENDED = "DELETE FROM api_key_tokens WHERE ends_at < :before"


def get(db: Database, key_id: str) -> KeyRow:
    """The key, or NotFound."""
    row = db.one(GET, {"id": key_id})
    if row is None:
        raise NotFound("API key not found")
    return answered(row)


def search(db: Database, *, page: Page | Place) -> Listed[KeyRow] | Walked[KeyRow]:
    """A page of keys in the order they were made, or those after a place; revoked ones as well."""
    if isinstance(page, Place):
        return walk(
            db,
            Wanted("api_keys"),
            page,
            lambda seqs: map(answered, db.all(BY_SEQ, {"seqs": as_json(seqs)})),
        )
    rows = db.all(PAGE, {"limit": page.limit, "offset": page.offset})
    return Listed([answered(row) for row in rows], db.cached_count(COUNT), page)


def of_token(db: Database, token_hash: str) -> KeyInUse | None:
    """The key whose token has this hash; None when there is none. Cached: not for changing."""
    return db.cached_one(OF_TOKEN, {"token_hash": token_hash})


def create(
    db: Database,
    *,
    name: str,
    scopes: Iterable[str],
    rate_limit: int = RATE_LIMIT,
    rate_limit_bulk: int = RATE_LIMIT_BULK,
    expires_at: str | None = None,
    by: str | None = None,
) -> NewKeyRow:
    """A new key and its token. Raises Invalid for an `expires_at` that is over."""
    _check_end(db, expires_at)
    key_id = db.new_id("key")
    row = {
        "id": key_id,
        "name": name,
        "scopes": _stored(scopes),
        "rate_limit": rate_limit,
        "rate_limit_bulk": rate_limit_bulk,
        "expires_at": expires_at,
        "by": by,
        "now": db.now(),
    }
    with transaction(db):
        db.run(CREATE, row)
        token = _give_token(db, key_id)
        audit.record(db, "api_key.created", "api_key", key_id, by=by)
        return {**get(db, key_id), "token": token}


def change(
    db: Database, key_id: str, *, by: str | None = None, **changes: Unpack[KeyChanges]
) -> KeyRow:
    """Change a key; it holds from its next request on. What is already so changes nothing.

    Raises NotFound, Conflict for a revoked key, and Invalid for an `expires_at` that is over.
    """
    with transaction(db):
        before = _not_revoked(get(db, key_id))
        if "scopes" in changes:
            changes["scopes"] = sorted(set(changes["scopes"]))
        wanted: KeyRow = {**before, **changes}
        if wanted == before:
            return before
        if "expires_at" in changes:
            _check_end(db, changes["expires_at"])
        db.run(CHANGE, {**wanted, "scopes": _stored(wanted["scopes"])})
        names = as_json(events.changed_fields(before, wanted, changes))
        audit.record(db, "api_key.updated", "api_key", key_id, by=by, changed=names)
        return get(db, key_id)


def rotate(db: Database, key_id: str, *, grace_hours: int, by: str | None = None) -> NewKeyRow:
    """A new token; every older one ends in `grace_hours` at the latest, with 0 at once.

    Raises NotFound, or Conflict for a revoked key.
    """
    with transaction(db):
        _not_revoked(get(db, key_id))
        ends_at = clock.later(db.now(), hours=grace_hours)
        db.run(END_TOKENS, {"key_id": key_id, "ends_at": ends_at})
        token = _give_token(db, key_id)
        audit.record(db, "api_key.rotated", "api_key", key_id, by=by)
        return {**get(db, key_id), "token": token}


def revoke(db: Database, key_id: str, *, by: str | None = None) -> KeyRow:
    """End a key for ever: its next request is refused. One that is revoked already stays as it is. Raises NotFound."""
    with transaction(db):
        row = get(db, key_id)
        if row["revoked_at"] is not None:
            return row
        db.run(REVOKE, {"id": key_id, "now": db.now()})
        audit.record(db, "api_key.revoked", "api_key", key_id, by=by)
        return get(db, key_id)


def record_use(db: Database, key_id: str, ip: str | None) -> None:
    """Note that a key is used now, and from which address. Raises Unavailable rather than wait for other writers."""
    with transaction(db, OPTIONAL_WRITE_TIMEOUT):
        db.run(USED, {"id": key_id, "ip": ip, "now": db.now()})


def delete_expired(db: Database) -> int:
    """Forget tokens that were replaced and ended a week ago; returns how many."""
    return db.run(DELETE_ENDED, {"before": clock.later(db.now(), days=-7)})


def _give_token(db: Database, key_id: str) -> str:
    token = new_token()
    row = {"token_hash": hash_of(token), "key_id": key_id, "hint": hint_of(token), "now": db.now()}
    db.run(CREATE_TOKEN, row)
    return token


def _not_revoked(row: KeyRow) -> KeyRow:
    if row["revoked_at"] is not None:
        raise Conflict("This API key has been revoked. Make a new one.", reason="revoked")
    return row


def _check_end(db: Database, expires_at: str | None) -> None:
    """Raise Invalid for a time that is over: a key is ended by revoking it."""
    if expires_at is not None and expires_at <= db.now():
        raise Invalid.field("expiresAt", "out_of_range", "Must be in the future.")


def _stored(scopes: Iterable[str]) -> str:
    found: Sequence[str] = sorted(set(scopes))
    return as_json(found)
