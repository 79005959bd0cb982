"""How the schemas become JSON Schema: each under one name, input strict, patches not empty."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, cast

import marshmallow as ma
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.common import resolve_schema_cls
from apispec.ext.marshmallow.openapi import OpenAPIConverter

from jack.http.schema import Patch, ResponseSchema, Schema

if TYPE_CHECKING:
    from jack.http.route_options import SchemaOrClass

Property = dict[str, object]

# Apispec takes from a field's metadata what 3.0 knew.
LEFT_OUT = ("propertyNames",)
VISITORS = "jack.resources.webchat.schemas"


class Converter(OpenAPIConverter):
    """As apispec's, and it knows what our schemas mean beyond their fields."""

    def schema2jsonschema(self, schema: ma.Schema) -> dict[str, object]:
        """The JSON Schema of a schema."""
        found: dict[str, object] = super().schema2jsonschema(schema)  # type: ignore[no-untyped-call]
        kind = type(schema)
        if kind.__doc__:
            found["description"] = inspect.cleandoc(kind.__doc__)
        if issubclass(kind, Patch):
            found["minProperties"] = 1
        if issubclass(kind, ResponseSchema) or not issubclass(kind, Schema):
            found.pop("additionalProperties", None)  # an answer may grow
            for described in cast("dict[str, Property]", found.get("properties", {})).values():
                open_vocabulary(described)
        return found

    def field2property(self, field: ma.fields.Field[object]) -> dict[str, object]:
        """The JSON Schema of a field, with the examples of 3.1, and the words of JSON Schema that apispec leaves out."""
        found: dict[str, object] = super().field2property(field)
        found |= {word: field.metadata[word] for word in LEFT_OUT if word in field.metadata}
        if "example" in found:
            found["examples"] = [found.pop("example")]
        return found


class Shapes(MarshmallowPlugin):
    """apispec's plugin for marshmallow, with our converter and names."""

    Converter = Converter

    def __init__(self) -> None:
        super().__init__(schema_name_resolver=name_of)


def name_of(schema: SchemaOrClass) -> str:
    """What a schema is called. A visitor's begin with Visitor, an envelope is called after what is in it."""
    kind = cast("type[ma.Schema]", resolve_schema_cls(schema))
    if "data" in kind._declared_fields and "error" not in kind._declared_fields:
        held, many = contents(kind)
        return name_of(held).removesuffix("Item") + "List" if many else name_of(held) + "Answer"
    name = kind.__name__
    visits = kind.__module__ == VISITORS and not name.startswith("Visitor")
    return f"Visitor{name}" if visits else name


def contents(envelope: SchemaOrClass) -> tuple[ma.Schema, bool]:
    """The schema of an envelope's data, and whether that is a list."""
    data = envelope._declared_fields["data"]
    many = isinstance(data, ma.fields.List)
    nested = cast("ma.fields.Nested", data.inner if isinstance(data, ma.fields.List) else data)
    return nested.schema, many


def open_vocabulary(described: Property) -> None:
    """Make a closed list of an answer's words an open one: a new word must break no client that was generated before it.

    Generators make a type of `enum`; `x-extensible-enum` is for readers (https://opensource.zalando.com/restful-api-guidelines/#112).
    """
    items = described.get("items")
    if isinstance(items, dict):
        open_vocabulary(items)
    words = described.pop("enum", None)
    if words is None:
        return
    known = [word for word in cast("list[str | None]", words) if word is not None]
    described["x-extensible-enum"] = known
    said = str(described.get("description", "")).rstrip(".")
    listed = ", ".join(f"`{word}`" for word in known)
    if "- `" not in said:  # a list that explains its words stands there already
        described["description"] = (
            f"{said}{'. ' if said else ''}One of {listed}; there may be new ones"
        )
