"""`Idempotency-Key`: the first answer to a POST is kept for 24 hours and repeated, so that a retry does nothing twice.

The answer is written in the same transaction as the work, so a crash leaves both or neither; of two requests at once
the second waits for the writers' turn and then finds the first one's answer. Only successes are kept: what was refused
changed nothing and may be asked again.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING, NamedTuple

import orjson

from jack.core import clock
from jack.core.db import as_json
from jack.core.errors import Conflict, DetailCode, Invalid, Unauthorized

if TYPE_CHECKING:
    from collections.abc import Collection

    from jack.core.db import Database

HOURS_KEPT = 24
MAX_KEY = 255

FIND = """
    SELECT request_hash, status, headers, answer, sealed
    FROM idempotency
    WHERE caller = :caller AND key_hash = :key_hash AND created_at > :since"""

KEEP = """
    INSERT OR REPLACE INTO idempotency (caller, key_hash, request_hash, status, headers, answer, sealed, created_at)
    VALUES (:caller, :key_hash, :request_hash, :status, :headers, :answer, :sealed, :now)"""

FORGET = "DELETE FROM idempotency WHERE created_at < :before"

# An erased guest's data must not live on in a kept answer. Every answer that holds some names one of these ids, or was
# given to one of them.
ERASE = """
    DELETE FROM idempotency
    WHERE caller IN (SELECT value FROM json_each(:ids))
       OR sealed = 0 AND EXISTS (SELECT 1 FROM json_each(:ids)
                                 WHERE instr(answer, CAST(value AS BLOB)) OR instr(headers, value))"""


class Asked(NamedTuple):
    """A request as far as its key is concerned."""

    caller: str
    key: str
    key_hash: str
    request_hash: str

    @classmethod
    def of(cls, caller: str, key: str, path: str, body: bytes, secret: str) -> Asked:
        """A request for `path` (query included), hashed with the house's secret: nobody can try out bodies against it.
        Raises Invalid for a key that is empty, too long or not printable ASCII."""
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


class Kept(NamedTuple):
    """A first answer: its status, the headers that are part of it, its body; sealed when there is a secret in it."""

    status: int
    headers: dict[str, str]
    body: bytes
    sealed: bool


def replay(db: Database, asked: Asked, secret: str) -> Kept | None:
    """The first answer to this key, or None for a new one. Raises Conflict when it was used for something else."""
    since = clock.later(db.now(), hours=-HOURS_KEPT)
    kept = db.one(FIND, {"caller": asked.caller, "key_hash": asked.key_hash, "since": since})
    if kept is None:
        return None
    if kept["request_hash"] != asked.request_hash:
        raise Conflict(
            "This Idempotency-Key was used for another request.", reason="idempotency_key_reused"
        )
    body = _opened(kept["answer"], asked, secret) if kept["sealed"] else kept["answer"]
    return Kept(kept["status"], orjson.loads(kept["headers"]), body, bool(kept["sealed"]))


def keep(db: Database, asked: Asked, answer: Kept, secret: str) -> None:
    """Store the answer beside the work, within its transaction."""
    row = {
        "caller": asked.caller,
        "key_hash": asked.key_hash,
        "request_hash": asked.request_hash,
        "status": answer.status,
        "headers": orjson.dumps(answer.headers).decode(),
        "answer": _sealed(answer.body, asked, secret) if answer.sealed else answer.body,
        "sealed": int(answer.sealed),
        "now": db.now(),
    }
    db.run(KEEP, row)


def delete_expired(db: Database) -> int:
    """Drop what is older than 24 hours; returns how many."""
    return db.run(FORGET, {"before": clock.later(db.now(), hours=-HOURS_KEPT)})


def erase(db: Database, ids: Collection[str]) -> None:
    """Drop every kept answer that names one of these ids, or was given to one of them."""
    db.run(ERASE, {"ids": as_json(list(ids))})


def _cipher(asked: Asked, secret: str):  # type: ignore[no-untyped-def]
    """Opens only with the house's secret and the client's own key: the database alone does not give a secret away."""
    from cryptography.fernet import Fernet

    material = hmac.new(
        secret.encode(), b"idempotency\0" + asked.key.encode(), hashlib.sha256
    ).digest()
    return Fernet(base64.urlsafe_b64encode(material))


def _sealed(body: bytes, asked: Asked, secret: str) -> bytes:
    return bytes(_cipher(asked, secret).encrypt(body))


def _opened(answer: bytes, asked: Asked, secret: str) -> bytes:
    from cryptography.fernet import InvalidToken

    try:
        return bytes(_cipher(asked, secret).decrypt(answer))
    except InvalidToken:
        raise Unauthorized(
            "The kept answer can no longer be read.", reason="token_invalid"
        ) from None
