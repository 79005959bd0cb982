"""Secrets in settings as they are stored: sealed with the signing key, each for the setting it stands in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from jack.core import sealing
from jack.core.db import as_json
from jack.resources.settings.masking import is_secret, mapped

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

    from jack.core.db import Database
    from jack.resources.settings.values import Json, JsonObject

# No text that is put into a setting has a control character.
MARK = "\x01sealed:"


def sealed(db: Database, key: str, value: JsonObject) -> JsonObject:
    """The value of the setting `key` as it is stored. What is sealed already stays as it is."""

    def seal(inner: Json, hide: bool) -> Json:
        if not is_secret(inner, hide) or _is_sealed(inner):
            return inner
        cipher = _cipher(db, key, make=True)
        return MARK + cipher.encrypt(as_json(inner).encode()).decode() if cipher else inner

    return mapped(value, seal)


def opened(db: Database, key: str, value: JsonObject) -> tuple[JsonObject, bool]:
    """The value with its secrets, and whether one of them is lost: it was sealed with another signing key. It is null then."""
    lost = False

    def unseal(inner: Json, hide: bool) -> Json:  # noqa: ARG001 (as `mapped` calls it)
        nonlocal lost
        if not _is_sealed(inner):
            return inner
        text = _decrypted(_cipher(db, key), str(inner).removeprefix(MARK))
        lost = lost or text is None
        return None if text is None else orjson.loads(text)

    return mapped(value, unseal), lost


def _is_sealed(value: Json) -> bool:
    return isinstance(value, str) and value.startswith(MARK)


def _cipher(db: Database, key: str, *, make: bool = False) -> Fernet | None:
    secret = sealing.signing_key(db.path, make=make)
    return None if secret is None else sealing.cipher(secret, b"setting\0" + key.encode())


def _decrypted(cipher: Fernet | None, token: str) -> bytes | None:
    from cryptography.fernet import InvalidToken

    try:
        return None if cipher is None else cipher.decrypt(token)
    except InvalidToken:
        return None
