"""The shapes of what is erased by itself."""

from __future__ import annotations

from marshmallow import fields

from jack.http.fields import when
from jack.http.schema import PageFilters, ResponseSchema


class DueFilters(PageFilters):
    """Who is due to be erased."""


class DueGuest(ResponseSchema):
    """Who it is."""

    id = fields.String()
    name = fields.String()


class DueErasure(ResponseSchema):
    """A guest who is due: since when nothing has been heard of them, and when they are erased at the earliest."""

    guest = fields.Nested(DueGuest)
    last_activity_at = when()
    erase_at = when()
