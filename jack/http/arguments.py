"""What comes in: strict JSON and strict query strings, checked against a schema, refused with field by field details."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import marshmallow as ma
from flask import Request, request
from webargs.flaskparser import FlaskParser

from jack.core.errors import Detail, Invalid, PayloadTooLarge, UnsupportedMediaType

MAX_DEPTH = 32
MAX_DETAILS = 20
# Whole numbers that every JSON reader keeps exactly (RFC 8259, section 6).
MAX_INTEGER = 2**53
PLAIN_LENGTH = re.compile("[0-9]{1,15}")
QUERIES_KEPT = 256
JSON = "application/json"
BODY = "jack.body"  # where a request keeps its body once it has been read


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


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Invalid("The JSON names a key twice in one object.")
    return found


def _integer(digits: str) -> int:
    if len(digits) > 17 or abs(int(digits)) > MAX_INTEGER:
        raise Invalid("The JSON holds a whole number beyond ±2^53.")
    return int(digits)


def _float(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise Invalid("The JSON holds a number that is too large.")
    return number


def _constant(name: str) -> NoReturn:
    raise Invalid(f"{name} is not JSON.")


_DECODE = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_constant
).decode


def _deeper_than(value: Any, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    if levels == 0:
        return True
    return any(
        _deeper_than(inner, levels - 1)
        for inner in (value.values() if isinstance(value, dict) else value)
    )


def parse_json(body: bytes) -> Any:
    """The value of a body. Refuses doubled keys, NaN, numbers beyond ±2^53, nesting beyond 32, and what is not UTF-8."""
    try:
        value = _DECODE(body.decode("utf-8"))
    except RecursionError:
        raise Invalid(f"The JSON is nested deeper than {MAX_DEPTH} levels.") from None
    except ValueError:
        raise Invalid("The body is not valid JSON in UTF-8.") from None
    if body.count(b"{") + body.count(b"[") > MAX_DEPTH and _deeper_than(value, MAX_DEPTH):
        raise Invalid(f"The JSON is nested deeper than {MAX_DEPTH} levels.")
    return value


def raw_body() -> bytes:
    """The body of the request at hand. Raises PayloadTooLarge, and Invalid for one that is cut short."""
    asked: Request = request._get_current_object()  # type: ignore[attr-defined]
    body: bytes | None = asked.environ.get(BODY)
    if body is None:
        body = asked.environ[BODY] = _read(asked)
    return body


def _read(asked: Request) -> bytes:
    """The body from the connection. One whose length is said is read as it is, without Werkzeug's layers round it."""
    said, allowed = asked.environ.get("CONTENT_LENGTH", ""), asked.max_content_length
    chunked = "HTTP_TRANSFER_ENCODING" in asked.environ
    usual = not chunked and PLAIN_LENGTH.fullmatch(said)
    length = int(said) if usual else asked.content_length
    source = asked.environ["wsgi.input"]
    if length is not None and allowed is not None and length <= allowed:
        body: bytes = source.read(length)
        if len(body) < length:
            raise Invalid("The body is shorter than its Content-Length.")
        return body
    body = asked.get_data()
    if length is None and body and source.read(1):  # chunked: Werkzeug cuts it at the limit
        raise PayloadTooLarge("The body is too large.")
    return body


def json_body() -> Any:
    """The value in the body of the request at hand."""
    body = raw_body()
    asked: Request = request._get_current_object()  # type: ignore[attr-defined]
    kind = JSON if asked.environ.get("CONTENT_TYPE") == JSON else asked.mimetype
    if kind != JSON and (body or kind):
        raise UnsupportedMediaType("Send the body as application/json.")
    if not body:
        raise Invalid("A JSON body is needed.")
    return parse_json(body)


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
