"""The shapes of exports."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from jack.http.field_errors import FieldError
from jack.http.fields import Choice, when
from jack.http.schema import Loaded, ResponseSchema, Schema
from jack.resources.exports.formats import TYPES
from jack.resources.exports.rows import KINDS
from jack.resources.exports.store import GUEST, ZIP

STATUSES = ("queued", "running", "done", "failed")


class Filters(fields.Dict):
    """The filters of a list, which that list's schema checks."""

    def __init__(self) -> None:
        metadata = {
            "additionalProperties": True,
            "description": 'The filters of the list, as in its query: `{"tag": ["vip"]}`',
        }
        super().__init__(keys=fields.String(), load_default=dict, metadata=metadata)


class ExportCreate(Schema):
    """A file to be written: what is in it, in which format, by which filters.

    `guest` is all that is known of one, whom `filters` names: `{"guestId": …}`. It is a `zip`, as nothing else is.
    """

    what = Choice(*KINDS, GUEST, required=True)
    format = Choice(
        *TYPES, ZIP, metadata={"description": "`csv` unless it is said; `zip` of a guest"}
    )
    filters = Filters()

    @ma.post_load
    def formatted(self, data: Loaded, **kwargs: object) -> Loaded:
        """Fill in the format. Raises ValidationError for one that this is not written in."""
        of_guest = data["what"] == GUEST
        format = data.setdefault("format", ZIP if of_guest else "csv")
        if (format == ZIP) != of_guest:
            raise FieldError("invalid", "A guest, and nothing else, is written as zip.", "format")
        return data


class ExportJob(ResponseSchema):
    """A file that the worker writes. `rows`, `bytes` and `expiresAt` are null until it is `done`; `error` says why it has `failed`."""

    id = fields.String()
    what = Choice(*KINDS, GUEST)
    format = Choice(*TYPES, ZIP)
    status = Choice(*STATUSES)
    rows = fields.Integer(allow_none=True)
    bytes = fields.Integer(allow_none=True)
    error = fields.String(allow_none=True)
    created_at = when()
    expires_at = when(allow_none=True)
