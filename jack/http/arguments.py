"""What comes in: strict JSON and strict query strings, checked against a schema, refused with field by field details."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import marshmallow as ma
from flask import request
from webargs.flaskparser import FlaskParser

from jack.core.errors import Detail, Invalid
from jack.http.json_body import json_body, raw_body

MAX_DETAILS = 20
QUERIES_KEPT = 256


def invalid(messages: Any) -> Invalid:
    """The error for what marshmallow found, with at most 20 details however many there are."""
    details: list[Detail] = []
    for path, message in _flattened(messages, ()):
        if len(details) == MAX_DETAILS:
            break
        details.append({"field": path, "message": message})
    return Invalid(
        "Some fields are not valid." if details else "The request is not valid.", details=details
    )


def _flattened(messages: Any, path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """`{"items": {3: {"email": ["…"]}}}` → `("items.3.email", "…")`."""
    if isinstance(messages, dict):
        for name, inner in messages.items():
            yield from _flattened(inner, path if name == "_schema" else (*path, _named(name)))
    elif isinstance(messages, list):
        for inner in messages:
            yield from _flattened(inner, path)
    else:
        yield ".".join(path) or "body", str(messages)


def _named(name: Any) -> str:
    """A name as it can be answered: not endless, and without lone surrogates."""
    return str(name)[:64].encode("utf-8", "replace").decode()


def load(schema: ma.Schema, data: Any) -> dict[str, Any]:
    """`data` as the schema understands it, or `Invalid`."""
    try:
        return schema.load(data)  # type: ignore[no-any-return]
    except ma.ValidationError as error:
        raise invalid(error.normalized_messages()) from None  # type: ignore[no-untyped-call]


def load_field(name: str, schema: ma.Schema, data: Any) -> dict[str, Any]:
    """As `load`, for a value that stands in the field `name` of the body."""
    try:
        return schema.load(data)  # type: ignore[no-any-return]
    except ma.ValidationError as error:
        raise invalid({name: error.normalized_messages()}) from None  # type: ignore[no-untyped-call]


# ------------------------------------------------------------------------------------------------ JSON


class Nothing(ma.Schema):
    """What a route takes that takes nothing: no query, no body, or an empty object."""

    class Meta:
        unknown = ma.RAISE

    error_messages = {"unknown": "Unknown field.", "type": "Must be an object."}


_NOTHING = Nothing()


def refuse_query() -> None:
    """Raise Invalid for a query where none is taken: a parameter without effect is a mistake."""
    load(_NOTHING, request.args.to_dict())


def refuse_body() -> None:
    """Raise Invalid for fields where none are taken."""
    if raw_body():
        load(_NOTHING, json_body())


# ------------------------------------------------------------------------------------------------ arguments of views


def _query_loader(schema: ma.Schema) -> Callable[[], dict[str, Any]]:
    """Reads the query string; the same string is understood once, since a poll asks the same again and again."""
    lists = {
        field.data_key for field in schema.fields.values() if isinstance(field, ma.fields.List)
    }

    @functools.lru_cache(maxsize=QUERIES_KEPT)
    def understood(query: bytes) -> dict[str, Any]:  # noqa: ARG001 (what it is remembered by)
        asked = request.args.to_dict(flat=False)
        twice = {
            name: ["Given more than once."]
            for name, all in asked.items()
            if len(all) > 1 and name not in lists
        }
        if twice:
            raise invalid(twice)
        return load(schema, {name: all if name in lists else all[0] for name, all in asked.items()})

    def read() -> dict[str, Any]:
        query: bytes = request.query_string
        return dict(understood(query) if len(query) <= 256 else understood.__wrapped__(query))

    return read


def _body_loader(schema: ma.Schema) -> Callable[[], dict[str, Any]]:
    return lambda: load(schema, json_body())


LOADERS = {"json": _body_loader, "query": _query_loader}


class StrictParser(FlaskParser):
    """Puts the arguments of `@blp.arguments` into the view without the layers in between."""

    DEFAULT_VALIDATION_STATUS = 400

    def use_args(self, argmap: Any, *args: Any, location: str | None = None, **kwargs: Any) -> Any:
        """A decorator that reads `location` by the schema and passes the result as the next positional argument."""
        schema = argmap() if isinstance(argmap, type) else argmap
        read = LOADERS[location or "json"](schema)

        def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
            inner = getattr(view, "__wrapped__", view)

            @functools.wraps(view)
            def with_arguments(*given: Any, **named: Any) -> Any:
                return inner(*given, read(), **named)

            return with_arguments

        return decorate
