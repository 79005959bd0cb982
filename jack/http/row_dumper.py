"""Rows → the fields a schema names, under their outside names. Much faster than marshmallow's own `dump`."""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import marshmallow as ma
from orjson import Fragment

from jack.http.fields import OwnPath
from jack.http.public_path import own

if TYPE_CHECKING:
    from jack.core.query import AnyRow

Dump = Callable[["AnyRow"], dict[str, object]]
Convert = Callable[[Any], object]


def dumper(schema: ma.Schema) -> Dump:
    """A function from a row to the object that the schema describes: its fields, under their outside names."""
    shown = [
        (field.data_key or name, field.attribute or name, field)
        for name, field in schema.fields.items()
    ]
    if len(shown) == 1:
        key, attribute, field = shown[0]
        only = _converter(field)
        return lambda row: {key: only(row[attribute]) if only else row[attribute]}
    if not all(field.required for _, _, field in shown):
        return _sparse(shown)
    keys = tuple(key for key, _, _ in shown)
    values = itemgetter(*(attribute for _, attribute, _ in shown))
    special = [
        (key, convert) for key, _, field in shown if (convert := _converter(field)) is not None
    ]

    def dump(row: AnyRow) -> dict[str, object]:
        found = dict(zip(keys, values(row), strict=True))
        for key, convert in special:
            value = found[key]
            if value is not None and type(value) is not Fragment:
                found[key] = convert(value)
        return found

    return dump


def live_names(schema: ma.Schema) -> frozenset[str]:
    """The outside names of the schema's live fields."""
    live = getattr(schema, "live", ())
    return frozenset(schema.fields[name].data_key or name for name in live)


def stable_dumper(schema: ma.Schema) -> Dump:
    """As `dumper`, without the schema's live fields."""
    live = getattr(schema, "live", ())
    return dumper(type(schema)(exclude=live) if live else schema)


def _sparse(
    shown: list[tuple[str, str, ma.fields.Field[object]]],
) -> Dump:
    """As `dumper`, for a schema whose fields are not all required: what a row does not have is left out."""
    parts = [
        (key, attribute, _converter(field) or (lambda value: value))
        for key, attribute, field in shown
    ]
    return lambda row: {
        key: convert(row[attribute]) for key, attribute, convert in parts if attribute in row
    }


def _converter(field: ma.fields.Field[object]) -> Convert | None:
    """How a stored value becomes the one in a response; None when it is the same."""
    if isinstance(field, ma.fields.Boolean):
        return bool
    if isinstance(field, OwnPath):
        return own
    if isinstance(field, ma.fields.Nested):
        inside = dumper(field.schema)
        return lambda value: value if type(value) is Fragment else inside(value)
    if isinstance(field, ma.fields.List) and (inner := _converter(field.inner)) is not None:
        return lambda values: [inner(value) for value in values]
    return None
