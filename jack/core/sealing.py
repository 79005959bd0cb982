"""Sealing: what is stored so that the signing key alone opens it (Fernet: AES-128-CBC with HMAC-SHA-256).

The key is not in the database, so neither a copy of the file nor a backup of it tells a secret.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
from typing import TYPE_CHECKING

from jack.core.signing_key import key_file, stored_key

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography.fernet import Fernet

# The signing keys that the settings give (JACK_SECRET_KEY), by database.
_configured: dict[Path, str] = {}


def configure(database: Path, secret: str | None) -> None:
    """Say which signing key belongs to a database, for this process; None: the file beside it."""
    if secret is None:
        _configured.pop(database, None)
    else:
        _configured[database] = secret


def signing_key(database: Path, *, make: bool = False) -> str | None:
    """The signing key of a database; None when there is none yet and it is not to be made."""
    known = _configured.get(database)
    if known is not None:
        return known
    return key_file(database.parent) if make else stored_key(database.parent)


@functools.lru_cache(maxsize=64)
def cipher(secret: str, purpose: bytes) -> Fernet:
    """A cipher for one purpose: what is sealed for another one it does not open."""
    from cryptography.fernet import Fernet

    material = hmac.new(secret.encode(), purpose, hashlib.sha256).digest()
    return Fernet(base64.urlsafe_b64encode(material))


def sealed(text: str, purpose: str, secret: str) -> bytes:
    """The encrypted text. `purpose` says what and whose it is: moved to another row or table it cannot be opened there."""
    return bytes(_cipher(purpose, secret).encrypt(text.encode()))


def opened(value: bytes, purpose: str, secret: str) -> str | None:
    """The text of `sealed`; None when it was sealed with another signing key, for another purpose, or is damaged."""
    from cryptography.fernet import InvalidToken

    try:
        return bytes(_cipher(purpose, secret).decrypt(value)).decode()
    except InvalidToken:
        return None


def _cipher(purpose: str, secret: str) -> Fernet:
    return cipher(secret, b"sealed\0" + purpose.encode())
