"""Secrets of webhooks, and the headers they sign a request with.

`webhook-…` are those of Standard Webhooks 1.0 (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md);
`X-Jack-Signature` signs the body alone.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

from jack.core import sealing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jack.core.db import Database

PREFIX = "whsec_"
SECRET_BYTES = 32


def new_secret() -> str:
    """`whsec_` and 32 random bytes in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def hint(secret: str) -> str:
    """What is shown of a secret for good: `…` and four of its characters."""
    return f"…{secret.rstrip('=')[-4:]}"


def sealed(db: Database, webhook_id: str, secret: str) -> bytes:
    """A webhook's secret as it is stored."""
    key = sealing.signing_key(db.path, make=True)
    if key is None:
        raise RuntimeError("there is no signing key")
    return sealing.sealed(secret, _purpose(webhook_id), key)


def opened(db: Database, webhook_id: str, stored: bytes) -> str | None:
    """The secret; None when it was sealed with another signing key."""
    key = sealing.signing_key(db.path)
    return None if key is None else sealing.opened(stored, _purpose(webhook_id), key)


def _purpose(webhook_id: str) -> str:
    return f"webhook:{webhook_id}"


def headers(delivery_id: str, seconds: int, body: bytes, given: Sequence[str]) -> dict[str, str]:
    """The headers of an attempt made `seconds` after 1970, signed with each of these secrets, the current one first."""
    message = f"{delivery_id}.{seconds}.".encode() + body
    return {
        "Content-Type": "application/json",
        "webhook-id": delivery_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(f"v1,{_standard(secret, message)}" for secret in given),
        "X-Jack-Signature": f"sha256={hmac.new(given[0].encode(), body, hashlib.sha256).hexdigest()}",
    }


def _standard(secret: str, message: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.digest(key, message, hashlib.sha256)).decode()
