"""The body of a request, and strict JSON in it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NoReturn

from jack.core.canonical_json import canonical
from jack.core.errors import Invalid, PayloadTooLarge, UnsupportedMediaType
from jack.http.body_stream import read_from
from jack.http.context import current_request

if TYPE_CHECKING:
    from flask import Request

MAX_DEPTH = 32
# Whole numbers that every JSON reader keeps exactly (RFC 8259, section 6).
MAX_INTEGER = 2**53
PLAIN_LENGTH = re.compile("[0-9]{1,15}")
JSON = "application/json"
BODY = "jack.body"  # where a request keeps its body once it has been read, …
VALUE = "jack.value"  # … and its value once it has been parsed


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
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


def _deeper_than(value: object, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    if levels == 0:
        return True
    return any(
        _deeper_than(inner, levels - 1)
        for inner in (value.values() if isinstance(value, dict) else value)
    )


def parse_json(body: bytes) -> object:
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
    sent = current_request()
    body: bytes | None = sent.environ.get(BODY)
    if body is None:
        body = sent.environ[BODY] = _read(sent)
    return body


def _read(sent: Request) -> bytes:
    """The body from the connection. One with a plain Content-Length is read as it is, without Werkzeug's layers round it."""
    header, allowed = sent.environ.get("CONTENT_LENGTH", ""), sent.max_content_length
    chunked = "HTTP_TRANSFER_ENCODING" in sent.environ
    plain = not chunked and PLAIN_LENGTH.fullmatch(header)
    length = int(header) if plain else sent.content_length
    source = sent.environ["wsgi.input"]
    if length is not None and allowed is not None and length <= allowed:
        body = read_from(source.read, length)
        if len(body) < length:
            raise Invalid("The body is shorter than its Content-Length.")
        return body
    body = read_from(sent.get_data)
    if (
        length is None and body and read_from(source.read, 1)
    ):  # chunked: Werkzeug cuts it at the limit
        raise PayloadTooLarge("The body is too large.")
    return body


def comparable_body() -> bytes:
    """The body of the request at hand, so that the same JSON with other spacing or order of keys is the same bytes.

    As it was sent where it is not JSON: it is refused later on.
    """
    body = raw_body()
    if not body:
        return body
    try:
        return canonical(_value(current_request(), body))
    except (Invalid, TypeError):  # TypeError: of a lone surrogate
        return body


def _value(sent: Request, body: bytes) -> object:
    if VALUE not in sent.environ:
        sent.environ[VALUE] = parse_json(body)
    return sent.environ[VALUE]


def json_body() -> object:
    """The value in the body of the request at hand."""
    body = raw_body()
    sent = current_request()
    kind = JSON if sent.environ.get("CONTENT_TYPE") == JSON else sent.mimetype
    if kind != JSON and (body or kind):
        raise UnsupportedMediaType("Send the body as application/json.")
    if not body:
        raise Invalid("A JSON body is needed.")
    return _value(sent, body)
