"""The shapes of exports."""

from __future__ import annotations

from marshmallow import fields

from jack.http.fields import Choice, when
from jack.http.schema import ResponseSchema, Schema
from jack.resources.exports.formats import TYPES
from jack.resources.exports.rows import KINDS

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
    """A file to be written: what is in it, in which format, by which filters."""

    what = Choice(*KINDS, required=True)
    format = Choice(*TYPES, load_default="csv")
    filters = Filters()


class ExportJob(ResponseSchema):
    """A file that the worker writes. `rows`, `bytes` and `expiresAt` are null until it is `done`; `error` says why it has `failed`."""

    id = fields.String()
    what = Choice(*KINDS)
    format = Choice(*TYPES)
    status = Choice(*STATUSES)
    rows = fields.Integer(allow_none=True)
    bytes = fields.Integer(allow_none=True)
    error = fields.String(allow_none=True)
    created_at = when()
    expires_at = when(allow_none=True)
