"""Bodies and query strings, checked against a schema; mistakes become `Invalid` with a detail for each field."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator

import marshmallow as ma
from marshmallow.exceptions import SCHEMA
from webargs.flaskparser import FlaskParser

from jack.core.errors import Detail, Invalid
from jack.http.context import current_request
from jack.http.field_errors import SCHEMA_MESSAGES, CodedMessage
from jack.http.json_body import json_body, raw_body
from jack.http.route_options import SchemaOrClass
from jack.http.schema import Loaded

MAX_DETAILS = 20
QUERIES_KEPT = 256


def invalid(messages: object) -> Invalid:
    """The error for marshmallow's `messages` (nested dicts and lists), with at most 20 details however many there are; its message is the first."""
    details = list(itertools.islice(_details(messages, ()), MAX_DETAILS))
    if not details:
        return Invalid("The request is not valid.")
    first, more = details[0], len(details) - 1
    others = f" (and {more} more)" if more else ""
    return Invalid(f"{first['field']}: {first['message']}{others}", details=details)


def _details(messages: object, path: tuple[str, ...]) -> Iterator[Detail]:
    """`{"items": {3: {"email": ["…"]}}}` → a detail of the field `items.3.email`."""
    if isinstance(messages, dict):
        for name, inner in messages.items():
            yield from _details(inner, path if name == SCHEMA else (*path, _field_name(name)))
    elif isinstance(messages, list):
        for inner in messages:
            yield from _details(inner, path)
    else:
        code = messages.code if isinstance(messages, CodedMessage) else "invalid"
        yield {"field": ".".join(path) or "body", "message": str(messages), "code": code}


def _field_name(name: object) -> str:
    """A field's name as an error can repeat it: at most 64 characters, without lone surrogates."""
    return str(name)[:64].encode("utf-8", "replace").decode()


def load(schema: ma.Schema, data: object) -> Loaded:
    """`data` as the schema understands it, or `Invalid`."""
    try:
        return schema.load(data)  # type: ignore[arg-type, no-any-return]
    except ma.ValidationError as error:
        raise invalid(error.normalized_messages()) from None  # type: ignore[no-untyped-call]


def load_field(name: str, schema: ma.Schema, data: object) -> Loaded:
    """As `load`, for a value that stands in the field `name` of the body."""
    try:
        return schema.load(data)  # type: ignore[arg-type, no-any-return]
    except ma.ValidationError as error:
        raise invalid({name: error.normalized_messages()}) from None  # type: ignore[no-untyped-call]


def _load_query(schema: ma.Schema, data: object) -> Loaded:
    """As `load`, of a query string: what is unknown there is a parameter, not a field."""
    try:
        return load(schema, data)
    except Invalid as error:
        for detail in error.details or ():
            if detail["code"] == "unknown_field":
                detail["code"] = "unknown_parameter"
        raise


# ------------------------------------------------------------------------------------------------ where nothing is taken


class Nothing(ma.Schema):
    """The schema of a route that takes nothing: no query, no body, or an empty object."""

    class Meta:
        unknown = ma.RAISE

    error_messages = SCHEMA_MESSAGES


_NOTHING = Nothing()


def refuse_query() -> None:
    """Raise Invalid for any query parameter. For routes that read none."""
    _load_query(_NOTHING, current_request().args.to_dict())


def refuse_body() -> None:
    """Raise Invalid for any field in the body. For routes that read none."""
    if raw_body():
        load(_NOTHING, json_body())


# ------------------------------------------------------------------------------------------------ arguments of views


def _query_loader(schema: ma.Schema) -> Callable[[], Loaded]:
    """Reads the query string. The last 256 different ones are remembered: polls send the same one again and again."""
    lists = {
        field.data_key for field in schema.fields.values() if isinstance(field, ma.fields.List)
    }

    @functools.lru_cache(maxsize=QUERIES_KEPT)
    def loaded(query: bytes) -> Loaded:  # noqa: ARG001 (the key of the cache)
        sent = current_request().args.to_dict(flat=False)
        twice = {
            name: CodedMessage("too_many", "Given more than once.")
            for name, values in sent.items()
            if len(values) > 1 and name not in lists
        }
        if twice:
            raise invalid(twice)
        return _load_query(
            schema, {name: values if name in lists else values[0] for name, values in sent.items()}
        )

    def read() -> Loaded:
        query: bytes = current_request().query_string
        return dict(loaded(query) if len(query) <= 256 else loaded.__wrapped__(query))

    return read


def _body_loader(schema: ma.Schema) -> Callable[[], Loaded]:
    return lambda: load(schema, json_body())


LOADERS = {"json": _body_loader, "query": _query_loader}


class StrictParser(FlaskParser):
    """Hands the arguments of `@blp.arguments` to the view directly, without webargs' own loading."""

    DEFAULT_VALIDATION_STATUS = 400

    def use_args(  # type: ignore[override]
        self, argmap: SchemaOrClass, *, location: str, **kwargs: object
    ) -> Callable[[Callable[..., object]], Callable[..., object]]:
        """A decorator that reads `location` by the schema and passes the result as the next positional argument."""
        schema = argmap() if isinstance(argmap, type) else argmap
        read = LOADERS[location](schema)

        def decorate(view: Callable[..., object]) -> Callable[..., object]:
            inner = getattr(view, "__wrapped__", view)

            @functools.wraps(view)
            def with_arguments(*given: object, **named: object) -> object:
                return inner(*given, read(), **named)

            return with_arguments

        return decorate
