"""The schemas of the envelope: what stands round the data of every response, and what an error looks like."""

from __future__ import annotations

import functools

import marshmallow as ma

from jack.core.errors import CODES
from jack.http.schema import ResponseSchema


class PageMeta(ResponseSchema):
    """Where in the list this page is."""

    page = ma.fields.Integer()
    limit = ma.fields.Integer()
    total = ma.fields.Integer()
    pages = ma.fields.Integer()


class ListMeta(PageMeta):
    """Where in the list this part is: of a page `page`, `total` and `pages`; from a cursor `cursor` and `hasMore`."""

    cursor = ma.fields.String(
        metadata={"description": "The `cursor` of the next request; always there"}
    )
    has_more = ma.fields.Boolean(
        data_key="hasMore",
        metadata={
            "description": "Whether to ask for more at once, also when this part is short or empty"
        },
    )

    def on_bind_field(self, field_name: str, field_obj: ma.fields.Field[object]) -> None:
        """Only the limit is always there."""
        super().on_bind_field(field_name, field_obj)
        field_obj.required = field_name == "limit"


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


class Item(ResponseSchema):
    """Beside what a row has: what stands in the order of change for one that was deleted, whose `id` alone is left."""

    deleted = ma.fields.Boolean(
        metadata={
            "description": "Only with `order=changed`: it was deleted. Nothing else of it is there"
        }
    )
    merged_into = ma.fields.String(
        metadata={"description": "The guest a deleted one became part of"}
    )

    def on_bind_field(self, field_name: str, field_obj: ma.fields.Field[object]) -> None:
        """The id is always there."""
        super().on_bind_field(field_name, field_obj)
        field_obj.required = field_name == "id"


@functools.cache
def item_of(shape: type[ma.Schema]) -> type[ma.Schema]:
    """The schema of a row in a list that can be read on from a cursor."""
    return type(f"{shape.__name__}Item", (Item, shape), {"__doc__": shape.__doc__})


def enveloped(shape: ma.Schema, meta: type[ma.Schema] | None, *, walked: bool = False) -> ma.Schema:
    """The schema of the whole answer, for the API's description. A `walked` list can be read on from a cursor."""
    if walked:
        shape, meta = item_of(type(shape))(many=True), ListMeta
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
