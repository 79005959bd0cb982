"""`/api-keys`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.http.access import ADMIN
from jack.http.blueprint import Blueprint
from jack.http.context import caller, get_db
from jack.http.envelope import ListMeta
from jack.http.scopes import NOT_FOR_KEYS
from jack.resources.api_keys import store
from jack.resources.api_keys.schemas import (
    ApiKey,
    KeyCreate,
    KeyFilters,
    KeyPatch,
    KeyRotation,
    NewApiKey,
)

if TYPE_CHECKING:
    from jack.core.paging import Listed, Walked
    from jack.http.schema import Loaded
    from jack.resources.api_keys.rows import KeyRow, NewKeyRow

blp = Blueprint(
    "API keys",
    __name__,
    under="/api-keys",
    description="With which other programs use this API",
    scope=NOT_FOR_KEYS,
)


@blp.get("")
@blp.access(ADMIN)
@blp.arguments(KeyFilters, location="query")
@blp.response(200, ApiKey(many=True), meta=ListMeta)
def list_api_keys(filters: Loaded) -> Listed[KeyRow] | Walked[KeyRow]:
    """List API keys

    Revoked ones as well, in the order they were made.
    """
    return store.search(get_db(), **filters)


@blp.post("")
@blp.access(ADMIN)
@blp.arguments(KeyCreate)
@blp.response(201, NewApiKey, location="/api-keys/{id}", secret=True)
def create_api_key(new: Loaded) -> NewKeyRow:
    """Create an API key

    The answer has the `token`, shown this once. A program sends it as `Authorization: Bearer jack_…`; it has no role, may do what its
    scopes say and has budgets of its own: `rateLimit` (100 unless given) and `rateLimitBulk` (10) a minute.
    """
    return store.create(get_db(), by=caller().id, **new)


@blp.get("/<key_id>")
@blp.access(ADMIN)
@blp.response(200, ApiKey)
def get_api_key(key_id: str) -> KeyRow:
    """Get an API key"""
    return store.get(get_db(), key_id)


@blp.patch("/<key_id>")
@blp.access(ADMIN)
@blp.arguments(KeyPatch)
@blp.response(200, ApiKey, current=store.get)
def change_api_key(changes: Loaded, key_id: str) -> KeyRow:
    """Change an API key

    From its next request on. One that is revoked stays as it is (409 `revoked`).
    """
    return store.change(get_db(), key_id, by=caller().id, **changes)


@blp.post("/<key_id>/rotate")
@blp.access(ADMIN)
@blp.arguments(KeyRotation)
@blp.response(200, NewApiKey, secret=True)
def rotate_api_key(rotation: Loaded, key_id: str) -> NewKeyRow:
    """Give an API key a new token

    It is shown this once. Every older token is valid for `graceHours` more at the most (0 to 72), with 0 not at all.
    """
    return store.rotate(get_db(), key_id, by=caller().id, **rotation)


@blp.post("/<key_id>/revoke")
@blp.access(ADMIN)
@blp.response(200, ApiKey)
def revoke_api_key(key_id: str) -> KeyRow:
    """End an API key for ever

    Its next request is answered 401 `token_revoked`.
    """
    return store.revoke(get_db(), key_id, by=caller().id)
