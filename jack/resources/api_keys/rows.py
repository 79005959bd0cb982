"""Rows of `api_keys`: as they are stored, and as they are answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

import orjson

if TYPE_CHECKING:
    from collections.abc import Sequence


class KeyColumns(TypedDict):
    """What a key's row and its answer have in common; `hint` is the beginning of its newest token."""

    seq: int
    id: str
    name: str
    hint: str
    rate_limit: int
    rate_limit_bulk: int
    created_at: str
    created_by: str | None
    last_used_at: str | None
    last_used_ip: str | None
    expires_at: str | None
    revoked_at: str | None


class StoredKey(KeyColumns):
    """A key as it is stored; `scopes` is JSON text."""

    scopes: str


class KeyRow(KeyColumns):
    """A key as it is answered."""

    scopes: Sequence[str]


class NewKeyRow(KeyRow):
    """A key with a new token, which is shown this once."""

    token: str


class KeyChanges(TypedDict, total=False):
    """What of a key may be changed."""

    name: str
    scopes: Sequence[str]
    rate_limit: int
    rate_limit_bulk: int
    expires_at: str | None


class KeyInUse(TypedDict):
    """The key of a token, as each request asks for it; `ends_at` is when the token ends that a newer one has replaced."""

    id: str
    scopes: str
    rate_limit: int
    rate_limit_bulk: int
    last_used_at: str | None
    expires_at: str | None
    revoked_at: str | None
    ends_at: str | None


COLUMNS = """seq, id, name, scopes, rate_limit, rate_limit_bulk, created_at, created_by, last_used_at, last_used_ip,
    expires_at, revoked_at,
    (SELECT hint FROM api_key_tokens WHERE key_id = api_keys.id AND ends_at IS NULL) AS hint"""


def answered(row: StoredKey) -> KeyRow:
    """A key as it is answered."""
    return {**row, "scopes": orjson.loads(row["scopes"])}
