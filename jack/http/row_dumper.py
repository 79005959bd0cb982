"""Rows → the fields a schema names, under their outside names. Much faster than marshmallow's own `dump`."""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import marshmallow as ma

from jack.http.fields import OwnPath
from jack.http.live_fields import Live
from jack.http.public_path import own

if TYPE_CHECKING:
    from jack.core.query import AnyRow

Dump = Callable[["AnyRow"], dict[str, object]]
Convert = Callable[[Any], object]


def dumper(schema: ma.Schema, *, live: bool = True) -> Dump:
    """A function from a row to the object that the schema describes: its fields, under their outside names.

    Without `live` what is live is left out, at any depth.
    """
    shown = [
        (field.data_key or name, field.attribute or name, field)
        for name, field in schema.fields.items()
        if live or not isinstance(field, Live)
    ]
    if len(shown) == 1:
        key, attribute, _ = shown[0]
        return lambda row: {key: row[attribute]}
    if not all(field.required for _, _, field in shown):
        return _sparse(shown, live=live)
    keys = tuple(key for key, _, _ in shown)
    values = itemgetter(*(attribute for _, attribute, _ in shown))
    special = [
        (key, convert)
        for key, _, field in shown
        if (convert := _converter(field, live=live)) is not None
    ]

    def dump(row: AnyRow) -> dict[str, object]:
        found = dict(zip(keys, values(row), strict=True))
        for key, convert in special:
            if found[key] is not None:
                found[key] = convert(found[key])
        return found

    return dump


def _sparse(shown: list[tuple[str, str, ma.fields.Field[object]]], *, live: bool) -> Dump:
    """As `dumper`, for a schema whose fields are not all required: what a row does not have is left out."""
    parts = [
        (key, attribute, _converter(field, live=live) or (lambda value: value))
        for key, attribute, field in shown
    ]
    return lambda row: {
        key: convert(row[attribute]) for key, attribute, convert in parts if attribute in row
    }


def _converter(field: ma.fields.Field[object], *, live: bool) -> Convert | None:
    """How a stored value becomes the one in a response; None when it is the same."""
    if isinstance(field, ma.fields.Boolean):
        return bool
    if isinstance(field, OwnPath):
        return own
    if isinstance(field, ma.fields.Nested):
        return dumper(field.schema, live=live)
    if isinstance(field, ma.fields.List):
        inner = _converter(field.inner, live=live)
        return None if inner is None else lambda values: [inner(value) for value in values]
    return None


def has_live(schema: ma.Schema) -> bool:
    """Whether something in what the schema describes is live."""
    return any(
        isinstance(field, Live) or (isinstance(field, ma.fields.Nested) and has_live(field.schema))
        for field in (_inner(field) for field in schema.fields.values())
    )


def _inner(field: ma.fields.Field[object]) -> ma.fields.Field[object]:
    return field.inner if isinstance(field, ma.fields.List) else field
