"""The schemas of the envelope: what stands round the data of every response, and what an error looks like."""

from __future__ import annotations

import marshmallow as ma

from jack.core.errors import CODES
from jack.http.schema import ResponseSchema


class PageMeta(ResponseSchema):
    """Where in the list this page is."""

    page = ma.fields.Integer()
    limit = ma.fields.Integer()
    total = ma.fields.Integer()
    pages = ma.fields.Integer()


class Problem(ResponseSchema):
    """A field that is wrong."""

    field = ma.fields.String(
        metadata={
            "description": "Its path as the client wrote it: `items.3.email`; `body` is the body as a whole"
        }
    )
    message = ma.fields.String()
    code = ma.fields.String(
        metadata={
            "enum": list(CODES),
            "description": "For programs; it never changes its meaning. There may be new ones.\n\n"
            + "\n".join(f"- `{code}`: {meaning}" for code, meaning in CODES.items()),
        }
    )


class ApiError(ma.Schema):
    """What went wrong."""

    code = ma.fields.String(required=True)
    message = ma.fields.String(required=True)
    requestId = ma.fields.String(required=True)
    details = ma.fields.List(ma.fields.Nested(Problem))
    reason = ma.fields.String()
    existingId = ma.fields.String(
        metadata={"description": "Of a duplicate (409): the id of what is there already"}
    )
    mergedInto = ma.fields.String(
        metadata={"description": "Of a guest who was merged (410): the id of the one who stayed"}
    )


def enveloped(shape: ma.Schema, meta: type[ma.Schema] | None) -> ma.Schema:
    """The schema of the whole answer, for the API's description."""
    name = type(shape).__name__
    success = ma.fields.Boolean(required=True)
    if not shape.many:
        fields = {"success": success, "data": ma.fields.Nested(type(shape), required=True)}
        return ma.Schema.from_dict(fields, name=f"{name}Answer")()
    fields = {
        "success": success,
        "data": ma.fields.List(ma.fields.Nested(type(shape)), required=True),
        "meta": ma.fields.Nested(meta or PageMeta, required=True),
    }
    return ma.Schema.from_dict(fields, name=f"{name}List")()
