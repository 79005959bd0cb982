"""`Idempotency-Key`: the first response to a POST is stored for 24 hours and replayed, so that a retry does nothing twice.

It is written in the transaction of the work, so a crash leaves both or neither. Of two requests at once the second
waits for the lock of writers and then finds the first one's response. Only successes are stored: what was refused
changed nothing and may be repeated.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, NamedTuple

import orjson

from jack.core import clock, sealing
from jack.core.db import as_json
from jack.core.errors import Conflict, DetailCode, Invalid, Unauthorized

if TYPE_CHECKING:
    from collections.abc import Collection

    from cryptography.fernet import Fernet

    from jack.core.db import Database

HOURS_KEPT = 24
MAX_KEY = 255

GET = """
    SELECT request_hash, status, headers, answer, sealed
    FROM idempotency
    WHERE caller = :caller AND key_hash = :key_hash AND created_at > :since"""

STORE = """
    INSERT OR REPLACE INTO idempotency (caller, key_hash, request_hash, status, headers, answer, sealed, created_at)
    VALUES (:caller, :key_hash, :request_hash, :status, :headers, :answer, :sealed, :now)"""

DELETE_EXPIRED = "DELETE FROM idempotency WHERE created_at < :before"

# An erased guest's data must not stay in a stored response. Every response that holds some has one of these ids in it,
# or one of them was the caller.
ERASE = """
    DELETE FROM idempotency
    WHERE caller IN (SELECT value FROM json_each(:ids))
       OR sealed = 0 AND EXISTS (SELECT 1 FROM json_each(:ids)
                                 WHERE instr(answer, CAST(value AS BLOB)) OR instr(headers, value))"""


class KeyedRequest(NamedTuple):
    """A request with a key; the hashes are hex SHA-256."""

    caller: str
    key: str
    key_hash: str
    request_hash: str

    @classmethod
    def of(cls, caller: str, key: str, path: str, body: bytes, secret: str) -> KeyedRequest:
        """A request for `path` (query included); `body` is in its comparable form. Raises Invalid for a key that is empty, too long or not printable ASCII.

        It is hashed with the signing key, so that the database alone does not allow bodies to be guessed.
        """
        if not 1 <= len(key) <= MAX_KEY or not (key.isascii() and key.isprintable()):
            code: DetailCode = "too_long" if len(key) > MAX_KEY else "forbidden_characters"
            raise Invalid.field(
                "Idempotency-Key",
                code if key else "blank",
                f"Must be 1 to {MAX_KEY} printable ASCII characters.",
            )
        key_hash = hmac.new(secret.encode(), b"key\0" + key.encode(), hashlib.sha256)
        request_hash = hmac.new(secret.encode(), path.encode() + b"\0" + body, hashlib.sha256)
        return cls(caller, key, key_hash.hexdigest(), request_hash.hexdigest())


class StoredResponse(NamedTuple):
    """A first response: status, the headers that belong to it, body. `sealed`: it has a secret in it, and is stored encrypted."""

    status: int
    headers: dict[str, str]
    body: bytes
    sealed: bool


def replay(db: Database, request: KeyedRequest, secret: str) -> StoredResponse | None:
    """The first response to this key, or None for a new one. Raises Conflict when the key was used for another request."""
    since = clock.later(db.now(), hours=-HOURS_KEPT)
    stored = db.one(GET, {"caller": request.caller, "key_hash": request.key_hash, "since": since})
    if stored is None:
        return None
    if stored["request_hash"] != request.request_hash:
        raise Conflict(
            "This Idempotency-Key was used for another request.", reason="idempotency_key_reused"
        )
    body = _decrypted(stored["answer"], request, secret) if stored["sealed"] else stored["answer"]
    return StoredResponse(
        stored["status"], orjson.loads(stored["headers"]), body, bool(stored["sealed"])
    )


def store(db: Database, request: KeyedRequest, response: StoredResponse, secret: str) -> None:
    """Store the first response, within the transaction of the work."""
    row = {
        "caller": request.caller,
        "key_hash": request.key_hash,
        "request_hash": request.request_hash,
        "status": response.status,
        "headers": orjson.dumps(response.headers).decode(),
        "answer": _encrypted(response.body, request, secret) if response.sealed else response.body,
        "sealed": int(response.sealed),
        "now": db.now(),
    }
    db.run(STORE, row)


def delete_expired(db: Database) -> int:
    """Delete responses older than 24 hours; returns how many."""
    return db.run(DELETE_EXPIRED, {"before": clock.later(db.now(), hours=-HOURS_KEPT)})


def erase(db: Database, ids: Collection[str]) -> None:
    """Delete every stored response that has one of these ids in it, or was given to one of them."""
    db.run(ERASE, {"ids": as_json(list(ids))})


def _cipher(request: KeyedRequest, secret: str) -> Fernet:
    """Keyed by the signing key and the client's key: the database alone does not reveal a secret."""
    return sealing.cipher(secret, b"idempotency\0" + request.key.encode())


def _encrypted(body: bytes, request: KeyedRequest, secret: str) -> bytes:
    return _cipher(request, secret).encrypt(body)


def _decrypted(answer: bytes, request: KeyedRequest, secret: str) -> bytes:
    from cryptography.fernet import InvalidToken

    try:
        return _cipher(request, secret).decrypt(answer)
    except InvalidToken:
        raise Unauthorized(
            "The stored response can no longer be decrypted.", reason="token_invalid"
        ) from None
