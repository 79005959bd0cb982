"""Schemas of requests, strict, and of responses; camelCase outside, snake_case inside."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple, TypedDict

import marshmallow as ma
from marshmallow import ValidationError, fields

from jack.core.paging import DEFAULT_LIMIT, MAX_LIMIT, MAX_PAGE, Page, Place
from jack.http.field_errors import SCHEMA_MESSAGES, FieldError, add_codes
from jack.http.fields import Choice, Moment, QueryNumber, Text

# What a schema has loaded from a request: its fields by the store's names, checked.
Loaded = dict[str, Any]


def camel(name: str) -> str:
    """`first_response_at` → `firstResponseAt`."""
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


class Shortcut(NamedTuple):
    """How to load a valid object field by field: the fields by their outside names, the required ones, the defaults."""

    known: dict[str, tuple[str, Callable[..., object]]]
    required: frozenset[str]
    defaults: tuple[tuple[str, object], ...]


class Schema(ma.Schema):
    """Of a request: a field that is not named is an error; names are camelCase outside and snake_case inside."""

    class Meta:
        unknown = ma.RAISE

    error_messages = SCHEMA_MESSAGES

    def on_bind_field(self, field_name: str, field_obj: fields.Field[object]) -> None:
        """Give every field its outside name, and its messages their codes."""
        if field_obj.data_key is None:
            field_obj.data_key = camel(field_name)
        add_codes(field_obj)

    def load(self, data: Any, **options: Any) -> Any:
        """As marshmallow's, in half the time for valid data; anything else is left to marshmallow, for its messages."""
        if type(data) is dict and not options and self._shortcut is not None:
            try:
                return _read(data, self._shortcut)
            except (KeyError, ValidationError):
                pass
        return super().load(data, **options)

    @functools.cached_property
    def _shortcut(self) -> Shortcut | None:
        """None for a schema that does more than load its fields."""
        if any(self._hooks.values()) or self.many or self.partial:
            return None
        fields = self.load_fields.items()
        return Shortcut(
            {
                field.data_key or name: (field.attribute or name, field.deserialize)
                for name, field in fields
            },
            frozenset(field.data_key or name for name, field in fields if field.required),
            tuple(
                (field.attribute or name, field.load_default)
                for name, field in fields
                if field.load_default is not ma.missing
            ),
        )


def _read(data: dict[str, object], shortcut: Shortcut) -> Loaded:
    """The loaded fields of `data`. Raises KeyError or ValidationError unless it is valid."""
    if not shortcut.required <= data.keys():
        raise KeyError
    found = {
        name: default() if callable(default) else default for name, default in shortcut.defaults
    }
    for key, value in data.items():
        name, deserialize = shortcut.known[key]
        found[name] = deserialize(value, key, data)
    return found


class Patch(Schema):
    """Of a PATCH or PUT: an absent field stays as it is, and no field at all is an error."""

    @ma.validates_schema
    def something(self, data: Loaded, **kwargs: object) -> None:
        """Raise ValidationError for an empty change."""
        if not data:
            raise FieldError("nothing_to_change", "Name at least one field to change.")


class ResponseSchema(Schema):
    """Of a response: every field is always there. `live` fields are no part of the ETag: they change by themselves."""

    live: ClassVar[tuple[str, ...]] = ()

    def on_bind_field(self, field_name: str, field_obj: fields.Field[object]) -> None:
        """Make every field required, for the API's description."""
        super().on_bind_field(field_name, field_obj)
        field_obj.required = True


class PageFilters(Schema):
    """`page` and `limit` of every list; a list's own filters are added by a subclass."""

    page = QueryNumber(
        1, MAX_PAGE, load_default=1, metadata={"description": "Page, counted from 1"}
    )
    limit = QueryNumber(
        1, MAX_LIMIT, load_default=DEFAULT_LIMIT, metadata={"description": "Results per page"}
    )

    @ma.post_load
    def paged(self, data: Loaded, **kwargs: object) -> Loaded:
        """Put `page` and `limit` together into a `Page`."""
        page = Page(data.pop("page"), data.pop("limit"))
        return {**data, "page": page}


class CreationCursorFilters(PageFilters):
    """Of a list that can be read on from a cursor in the order of creation only."""

    cursor = Text(
        64,
        min=0,
        line=True,
        metadata={
            "description": "Reads the list on, in the order of creation: empty at first, then the `meta.cursor` of the answer "
            "before, for ever. Not with `page`",
            "pattern": "^(c[0-9]{1,18})?$",
        },
    )

    @ma.post_load(pass_original=True)
    def paged(self, data: Loaded, original: Loaded, **kwargs: object) -> Loaded:
        """Put what says which part of the list is wanted together into a `Page` or a `Place`."""
        number, limit = data.pop("page", 1), data.pop("limit")
        cursor = data.pop("cursor", None)
        if cursor is None:
            return {**data, "page": Page(number, limit)}
        if "page" in original:
            raise FieldError("invalid", "Does not go with a cursor.", "page")
        return {**data, "page": _place(cursor, limit, "created")}


class CursorFilters(PageFilters):
    """Of a list that can be read on from a cursor as well: `cursor` and `order`, and since when."""

    cursor = Text(
        64,
        min=0,
        line=True,
        metadata={
            "description": "Reads the list on: empty at first, then the `meta.cursor` of the answer before, for ever. "
            "Not with `page` or `sort`",
            "pattern": "^([cu][0-9]{1,18})?$",
        },
    )
    order = Choice(
        "created",
        "changed",
        metadata={
            "description": "The order of a `cursor`: of creation, or of the last change, where what was deleted in the last "
            "90 days is a `{id, deleted, mergedInto}`"
        },
    )
    created_since = Moment()
    updated_since = Moment()

    @ma.post_load(pass_original=True)
    def paged(self, data: Loaded, original: Loaded, **kwargs: object) -> Loaded:
        """Put what says which part of the list is wanted together into a `Page` or a `Place`."""
        number, limit = data.pop("page", 1), data.pop("limit")
        cursor, order = data.pop("cursor", None), data.get("order")
        if order in ("created", "changed"):
            del data["order"]
        if cursor is None and order != "changed":
            return {**data, "page": Page(number, limit)}
        for name in ("page", "sort", *(("order",) if "order" in data else ())):
            if name in original:
                raise FieldError("invalid", "Does not go with a cursor.", name)
        return {**data, "page": _place(cursor or "", limit, order)}


def _place(cursor: str, limit: int, order: str | None) -> Place:
    """The place of a cursor. Raises FieldError for one that is none, or of the other order."""
    try:
        return Place.of(cursor, limit, None if order is None else order == "changed")
    except ValueError:
        message = "Not a cursor of this list in this order. Begin with an empty one."
        raise FieldError("invalid", message, "cursor") from None


class DeletedRow(TypedDict):
    """What a view answers that has deleted something."""

    id: str
    deleted: bool


class Deleted(ResponseSchema):
    """That it is gone."""

    id = fields.String()
    deleted = fields.Boolean()
