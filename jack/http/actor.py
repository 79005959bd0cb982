"""The shape of who did something, which several resources answer."""

from __future__ import annotations

from marshmallow import fields

from jack.core.actors import SYSTEM, TYPES
from jack.http.field_errors import one_of
from jack.http.schema import ResponseSchema


class Actor(ResponseSchema):
    """Who did it: staff, a guest, an integration (API key), an automation, or `system`: Jack itself, or a command of its owner.

    `name` is theirs now; null for `system`, and for whoever has been erased.
    """

    type = fields.String(validate=one_of((*TYPES.values(), SYSTEM)), metadata={"example": "staff"})
    id = fields.String(allow_none=True)
    name = fields.String(allow_none=True)
