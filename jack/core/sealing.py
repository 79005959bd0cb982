"""Sealed values: encrypted for the database, so that a copy of it alone does not reveal them.

Fernet (AES-128-CBC and HMAC-SHA256), keyed by the signing key and by what the value is for: a value that was moved to
another row or table cannot be opened there.
"""

from __future__ import annotations

import base64
import hashlib
import hmac


def sealed(text: str, purpose: str, secret: str) -> bytes:
    """The encrypted text. `purpose` says what and whose it is, `secret` is the signing key."""
    return bytes(_cipher(purpose, secret).encrypt(text.encode()))


def opened(value: bytes, purpose: str, secret: str) -> str | None:
    """The text of `sealed`; None when it was sealed with another signing key, for another purpose, or is damaged."""
    from cryptography.fernet import InvalidToken

    try:
        return bytes(_cipher(purpose, secret).decrypt(value)).decode()
    except InvalidToken:
        return None


def _cipher(purpose: str, secret: str):  # type: ignore[no-untyped-def]
    # Imported when it is needed: most processes never seal anything.
    from cryptography.fernet import Fernet

    material = hmac.new(secret.encode(), b"sealed\0" + purpose.encode(), hashlib.sha256)
    return Fernet(base64.urlsafe_b64encode(material.digest()))
