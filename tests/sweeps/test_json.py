"""JSON made to break a reader: refused by every route that takes a body, and nothing is stored."""

from __future__ import annotations

import json

import pytest

from tests.checks import about, refused
from tests.sweeps.hotel import Hotel
from tests.sweeps.table import ROUTES, Route
from tests.sweeps.test_refusals import unchanged

with_body = pytest.mark.parametrize(
    "route", [route for route in ROUTES if route.takes is not None], ids=lambda route: route.name
)

# In the place of a field's value.
VALUES = {
    "2^63": b"9223372036854775808",
    "-2^63-1": b"-9223372036854775809",
    "2^53+1": b"9007199254740993",
    "5,000 digits": b"9" * 5000,
    "minus 5,000 digits": b"-" + b"9" * 5000,
    "100,000 deep, closed": b"[" * 100_000 + b"]" * 100_000,
    "100,000 deep, open": b"[" * 100_000,
    "20,000 objects deep": b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
    "33 deep": b"[" * 33 + b"]" * 33,
    "a lone surrogate": rb'"\ud800"',
    "a surrogate the wrong way round": rb'"\udc00\ud800"',
    "NUL": rb'"a\u0000b"',
    "a control character": rb'"a\u001bb"',
    "a raw control character": b'"a\x01b"',
    "NaN": b"NaN",
    "Infinity": b"Infinity",
    "-Infinity": b"-Infinity",
    "a huge float": b"1e999",
    "a leading zero": b"01",
    "a single quoted text": b"'a'",
    "a key twice": b'{"a": 1, "a": 2}',
    "a key that is a lone surrogate": rb'{"\ud800": 1}',
    "a key with NUL": rb'{"a\u0000": 1}',
    "an unfinished text": b'"abc',
    "an unfinished escape": rb'"\u12"',
    "invalid UTF-8": b'"\xff\xfe"',
    "an overlong NUL": b'"\xc0\x80"',
    "a surrogate in UTF-8": b'"\xed\xa0\x80"',
}

# In the place of the whole body.
BODIES = {
    "nothing": b"",
    "a blank": b" ",
    "null": b"null",
    "true": b"true",
    "a number": b"1",
    "a text": b'"name"',
    "a list": b"[]",
    "a list of objects": b"[{}]",
    "half an object": b"{",
    "a comma too much": b'{"name": "x",}',
    "a comment": b'{"name": "x"} // x',
    "two objects": b"{}{}",
    "NUL bytes": b"\0\0\0\0",
    "a byte order mark": b'\xef\xbb\xbf{"name": "x"}',
    "UTF-16": '{"name": "x"}'.encode("utf-16"),
    "UTF-16 without a mark": '{"name": "x"}'.encode("utf-16-le"),
    "UTF-32": '{"name": "x"}'.encode("utf-32"),
    "latin-1": '{"name": "José"}'.encode("latin-1"),
    "a key twice": b'{"name": "x", "name": "y"}',
    "a key that is a lone surrogate": rb'{"\ud800": 1}',
    "an empty key": b'{"": 1}',
    "__proto__": b'{"__proto__": {"role": "admin"}}',
    "a form": b"name=x",
    "XML": b"<name>x</name>",
    "a pickle": b"\x80\x04N.",
}


def _posted(hotel: Hotel, route: Route, body: bytes) -> dict[str, object]:
    url = route.url(hotel)
    answer = unchanged(
        hotel,
        route,
        lambda headers: hotel.send(
            route.method, url, headers=headers, data=body, content_type="application/json"
        ),
    )
    return refused(answer, 400)


@with_body
def test_a_value_made_to_break_a_reader_is_refused(route: Route, hotel: Hotel) -> None:
    body = route.request(hotel)["json"]
    name = next(iter(body))
    frame = json.dumps(body | {name: "@@"}).encode()
    for trap, value in VALUES.items():
        with about(trap):
            _posted(hotel, route, frame.replace(b'"@@"', value))


@with_body
def test_a_body_that_is_not_the_object_it_takes_is_refused(route: Route, hotel: Hotel) -> None:
    for trap, body in BODIES.items():
        with about(trap):
            _posted(hotel, route, body)


@pytest.mark.parametrize(
    "route",
    # A visitor need not say anything, nor a program that only says what it calls something.
    [
        route
        for route in ROUTES
        if route.takes and route.rule != "/webchat/sessions" and "<external_id>" not in route.rule
    ],
    ids=lambda route: route.name,
)
def test_an_empty_object_is_refused(route: Route, hotel: Hotel) -> None:
    _posted(hotel, route, b"{}")


@with_body
def test_a_field_named_twice_is_refused(route: Route, hotel: Hotel) -> None:
    body = json.dumps(route.request(hotel)["json"])
    first = body[1:].partition(": ")[0]
    _posted(hotel, route, f"{body[:-1]}, {first}: 1}}".encode())


@with_body
def test_a_body_full_of_mistakes_is_not_answered_by_a_multiple_of_its_size(
    route: Route, hotel: Hotel
) -> None:
    sent = json.dumps({f"unheardOf{number}": number for number in range(10_000)}).encode()
    error = _posted(hotel, route, sent)
    assert len(error["details"]) <= 20
    assert len(json.dumps(error)) < 4000


@with_body
def test_a_very_long_name_is_not_echoed_whole(route: Route, hotel: Hotel) -> None:
    error = _posted(hotel, route, json.dumps({"x" * 100_000: 1}).encode())
    assert len(json.dumps(error)) < 4000


@pytest.mark.parametrize(
    "trap", ["2^63", "5,000 digits", "100,000 deep, open", "NaN", "a huge float"]
)
def test_a_trap_deep_inside_a_setting_is_refused(trap: str, hotel: Hotel) -> None:
    route = next(route for route in ROUTES if route.name == "PUT /settings/<key>")
    _posted(hotel, route, b'{"value": {"a": {"b": [' + VALUES[trap] + b"]}}}")


@pytest.mark.parametrize(
    "text", [rb"\ud800", rb"\u0000", rb"\u001b", rb"\u0085"], ids=lambda text: text.decode()
)
@pytest.mark.parametrize("shape", [b'{"a": "%s"}', b'{"%s": 1}', b'{"a": [{"b": ["%s"]}]}'])
def test_a_text_that_cannot_be_stored_is_refused_anywhere_in_a_setting(
    shape: bytes, text: bytes, hotel: Hotel
) -> None:
    body = b'{"value": ' + shape % text + b"}"
    url = "/settings/own"
    before = hotel.fingerprint()
    answer = hotel.send("PUT", url, who="admin", data=body, content_type="application/json")
    assert answer.json["error"]["details"][0]["field"].startswith("value")
    refused(answer, 400)
    assert hotel.db.one("SELECT 1 FROM settings WHERE key = 'own'") is None
    assert before


def test_a_setting_may_be_nested_32_deep_and_no_deeper(hotel: Hotel) -> None:
    def nested(levels: int) -> dict[str, object]:
        value: dict[str, object] = {}
        for _ in range(levels - 1):
            value = {"a": value}
        return value

    url = "/settings/deep"
    # The body itself is the first level.
    assert hotel.send("PUT", url, who="admin", json={"value": nested(31)}).status_code == 200
    refused(hotel.send("PUT", url, who="admin", json={"value": nested(32)}), 400)


@pytest.mark.parametrize("number", [2**53, -(2**53), 0, 1.5, -0.0, 1e300, 5e-324])
def test_a_number_every_reader_keeps_is_kept(number: float, hotel: Hotel) -> None:
    answer = hotel.send("PUT", "/settings/number", who="admin", json={"value": {"n": number}})
    assert answer.json["data"]["value"] == {"n": number}
