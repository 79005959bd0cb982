"""The shapes of API keys."""

from __future__ import annotations

from marshmallow import fields

from jack.http.field_errors import Length
from jack.http.fields import Choice, Moment, Number, Text, when
from jack.http.schema import CreationCursorFilters, Patch, ResponseSchema, Schema
from jack.http.scopes import SCOPES

RATES = (10, 6000)
BULK_RATES = (1, 600)
MAX_GRACE = 72
REQUESTS = "Requests a minute"
BULK_REQUESTS = "Bulk requests a minute"


class Scopes(fields.List[str]):
    """What a key may do: one scope or more. `<resource>:write` includes `<resource>:read`."""

    def __init__(self, *, required: bool = False) -> None:
        length = Length(min=1, max=len(SCOPES))
        super().__init__(Choice(*SCOPES), required=required, validate=length)


class KeyCreate(Schema):
    """A new key. Without `expiresAt` it is valid until it is revoked."""

    name = Text(200, required=True, line=True)
    scopes = Scopes(required=True)
    expires_at = Moment(allow_none=True)
    rate_limit = Number(*RATES, metadata={"description": REQUESTS})
    rate_limit_bulk = Number(*BULK_RATES, metadata={"description": BULK_REQUESTS})


class KeyPatch(Patch):
    """What of a key is to change; it holds from its next request on."""

    name = Text(200, line=True)
    scopes = Scopes()
    expires_at = Moment(allow_none=True)
    rate_limit = Number(*RATES, metadata={"description": REQUESTS})
    rate_limit_bulk = Number(*BULK_RATES, metadata={"description": BULK_REQUESTS})


class KeyRotation(Schema):
    """For how many hours the tokens of before go on being valid."""

    grace_hours = Number(0, MAX_GRACE, required=True)


class KeyFilters(CreationCursorFilters):
    """Which keys to list."""


class ApiKey(ResponseSchema):
    """A key. `hint` is the beginning of its token; `lastUsedAt` and `lastUsedIp` are right to a minute."""

    live = ("last_used_at", "last_used_ip")

    id = fields.String()
    name = fields.String()
    scopes = fields.List(Choice(*SCOPES))
    hint = fields.String()
    rate_limit = fields.Integer()
    rate_limit_bulk = fields.Integer()
    created_at = when()
    created_by = fields.String(allow_none=True)
    last_used_at = when(allow_none=True)
    last_used_ip = fields.String(allow_none=True)
    expires_at = when(allow_none=True)
    revoked_at = when(allow_none=True)


class NewApiKey(ApiKey):
    """A key with a new `token`; shown this once."""

    token = fields.String()
