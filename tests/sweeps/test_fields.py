"""Every field of every body and every query, with values it does not take: 400 that names it, and nothing is stored."""

from __future__ import annotations

import json
from typing import Any

import marshmallow as ma
import pytest
from marshmallow import fields, validate

from jack.http.fields import Choice, Email, Language, Moment, Text
from jack.http.schema import Patch
from tests.checks import named, refused
from tests.sweeps.hotel import Hotel
from tests.sweeps.table import ROUTES, Route
from tests.sweeps.test_refusals import unchanged

Case = tuple[Route, str, fields.Field[Any]]


def _fields(schema: type[ma.Schema] | None) -> list[tuple[str, fields.Field[Any]]]:
    made = schema() if schema else None
    return [(field.data_key or name, field) for name, field in made.fields.items()] if made else []


TAKEN: list[Case] = [
    (route, name, field) for route in ROUTES for name, field in _fields(route.takes)
]
ASKED: list[Case] = [
    (route, name, field) for route in ROUTES for name, field in _fields(route.asks)
]


def _cases(cases: list[Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        ("route", "name", "field"), cases, ids=lambda value: getattr(value, "name", value)
    )


def _type(field: fields.Field[Any]) -> type:
    for kind, found in (
        (fields.List, list),
        (fields.Nested, dict),
        (fields.Dict, dict),
        (fields.Boolean, bool),
        (fields.Integer, int),
    ):
        if isinstance(field, kind):
            return found
    return str


SAMPLES: dict[type, list[Any]] = {
    str: ["", "x" * 70_000],
    bool: [True, False],
    int: [0, 7, -1],
    float: [1.5],
    list: [[], [None], [[]]],
    dict: [{}, {"a": 1}],
}


def _refused(hotel: Hotel, route: Route, body: Any, name: str) -> dict[str, Any]:
    url = route.url(hotel)
    answer = unchanged(
        hotel,
        route,
        lambda headers: hotel.send(
            route.method,
            url,
            headers=headers,
            data=json.dumps(body),
            content_type="application/json",
        ),
    )
    error = refused(answer, 400)
    assert any(field == name or field.startswith(f"{name}.") for field in named(error)), body
    return error


@_cases(TAKEN)
def test_it_refuses_every_other_type(
    route: Route, name: str, field: fields.Field[Any], hotel: Hotel
) -> None:
    body = route.request(hotel)["json"]
    right = _type(field)
    for kind, values in SAMPLES.items():
        for value in values if kind is not right else ():
            _refused(hotel, route, body | {name: value}, name)


@_cases([case for case in TAKEN if not case[2].allow_none])
def test_it_refuses_null(route: Route, name: str, field: fields.Field[Any], hotel: Hotel) -> None:
    _refused(hotel, route, route.request(hotel)["json"] | {name: None}, name)


@_cases([case for case in TAKEN if case[2].required])
def test_it_misses_what_is_required(
    route: Route, name: str, field: fields.Field[Any], hotel: Hotel
) -> None:
    body = route.request(hotel)["json"]
    del body[name]
    _refused(hotel, route, body, name)


@_cases([case for case in TAKEN if isinstance(case[2], Text)])
def test_it_refuses_a_text_that_is_too_long_or_too_short(
    route: Route, name: str, field: Text, hotel: Hotel
) -> None:
    body = route.request(hotel)["json"]
    length = next(rule for rule in field.validators if isinstance(rule, validate.Length))
    _refused(hotel, route, body | {name: "é" * (length.max + 1)}, name)
    if length.min:
        _refused(hotel, route, body | {name: "x" * (length.min - 1)}, name)


@_cases([case for case in TAKEN if isinstance(case[2], Text) and case[2].min])
def test_it_refuses_a_blank_text(route: Route, name: str, field: Text, hotel: Hotel) -> None:
    body = route.request(hotel)["json"]
    for blank in (" " * 20, "\t \n" * 10, "\u2003" * 20):
        _refused(hotel, route, body | {name: blank}, name)


@_cases([case for case in TAKEN if isinstance(case[2], Text)])
def test_it_refuses_what_cannot_be_stored(
    route: Route, name: str, field: Text, hotel: Hotel
) -> None:
    body = route.request(hotel)["json"]
    for sign in ("\0", "\x1b", "\x7f", "\x85", "\ud800", "\udfff"):
        _refused(hotel, route, body | {name: f"twelve{sign}letters"}, name)


@_cases([case for case in TAKEN if isinstance(case[2], Text) and case[2].line])
def test_it_refuses_a_line_break_in_a_line(
    route: Route, name: str, field: Text, hotel: Hotel
) -> None:
    _refused(hotel, route, route.request(hotel)["json"] | {name: "one line\nanother one"}, name)


@_cases([case for case in TAKEN if isinstance(case[2], Choice)])
def test_it_refuses_a_word_that_is_not_in_its_list(
    route: Route, name: str, field: Choice, hotel: Hotel
) -> None:
    body = route.request(hotel)["json"]
    for word in ("unheardOf", "OPEN", " open", "open "):
        _refused(hotel, route, body | {name: word}, name)


@_cases([case for case in TAKEN if isinstance(case[2], Email)])
def test_it_refuses_what_is_no_address(route: Route, name: str, field: Email, hotel: Hotel) -> None:
    body = route.request(hotel)["json"]
    for text in ("nobody", "@example.com", "a@", "a b@example.com", "a@b@c", "<a@b.c>", "a@b?c=d"):
        _refused(hotel, route, body | {name: text}, name)


@_cases([case for case in TAKEN if isinstance(case[2], Language)])
def test_it_refuses_what_is_no_language(
    route: Route, name: str, field: Language, hotel: Hotel
) -> None:
    body = route.request(hotel)["json"]
    for text in ("e", "english", "en_US", "en-", "12", "en-US-x-y-z-a-b", "日本"):
        _refused(hotel, route, body | {name: text}, name)


@_cases([case for case in TAKEN if isinstance(case[2], Moment)])
def test_it_refuses_what_is_no_moment(route: Route, name: str, field: Moment, hotel: Hotel) -> None:
    body = route.request(hotel)["json"]
    for text in (
        "tomorrow",
        "2026-05-01",
        "2026-05-01T15:00:00",
        "2026-02-30T15:00:00Z",
        "2026-05-01T25:00:00Z",
        "2026-05-01T15:00:00+25:00",
        "20260501T150000Z",
        "2026-05-01 15:00:00Z",
        "2026-W18-5T15:00:00Z",
        "0000-01-01T00:00:00Z",
        "1969-12-31T23:59:59Z",
        "9999-12-31T23:59:59Z",
        "٢٠٢٦-05-01T15:00:00Z",
        "1780000000",
    ):
        _refused(hotel, route, body | {name: text}, name)


@pytest.mark.parametrize(
    "route",
    [route for route in ROUTES if route.takes and issubclass(route.takes, Patch)],
    ids=lambda route: route.name,
)
def test_a_change_of_nothing_is_refused(route: Route, hotel: Hotel) -> None:
    url = route.url(hotel)
    answer = unchanged(
        hotel, route, lambda headers: hotel.send(route.method, url, headers=headers, json={})
    )
    refused(answer, 400)


# ------------------------------------------------------------------------------------------------ lists in bodies


@pytest.mark.parametrize(
    ("route", "name"),
    [(route, name) for route, name, _ in TAKEN if name in ("ids", "items")],
    ids=lambda value: getattr(value, "name", value),
)
def test_a_bulk_call_takes_1_to_500(route: Route, name: str, hotel: Hotel) -> None:
    body = route.request(hotel)["json"]
    for many in ([], [body[name][0]] * 501):
        sent = body | {name: [f"{one}{n}" for n, one in enumerate(many)] if name == "ids" else many}
        _refused(hotel, route, sent, name)


@pytest.mark.parametrize(
    "route",
    [route for route in ROUTES if route.bulk and route.method == "PATCH"],
    ids=lambda route: route.name,
)
def test_the_changes_of_a_bulk_call_are_checked_before_anything_is_changed(
    route: Route, hotel: Hotel
) -> None:
    body = route.request(hotel)["json"]
    for changes in ({}, {"unheardOf": 1}, {"status": "unheardOf"}, {"status": None}):
        _refused(hotel, route, body | {"changes": changes}, "changes")


@pytest.mark.parametrize("tags", [[1], [None], [""], [" "], ["x" * 51], ["x"] * 51, "vip", {}])
def test_tags_are_up_to_50_labels_of_up_to_50_characters(tags: Any, hotel: Hotel) -> None:
    route = next(route for route in ROUTES if route.name == "POST /guests")
    sent = [f"{tag}{n}" for n, tag in enumerate(tags)] if len(tags) > 50 else tags
    _refused(hotel, route, route.request(hotel)["json"] | {"tags": sent}, "tags")


# ------------------------------------------------------------------------------------------------ queries

ODD = (
    "%00",
    "a%00b",
    "%1b",
    "%C2%85",
    "%0a%0a",
    "%ff%fe",
    "%ED%A0%80",
    "%F0%9F%98%80",
    "%",
    "%zz",
    "%u0041",
    "'",
    "%22",
    "*",
    "-x",
    "100%25",
    "O'Brien",
    "a%20OR%201=1",
    "NEAR(",
    "((((",
    "AND",
    "col:x",
    "^a",
    "1e400",
    "{}",
    "[]",
    "null",
    "x" * 201,
    "x" * 60_000,
    "%E6%97%A5%E6%9C%AC",
    "9223372036854775808",
)


def _asked(hotel: Hotel, route: Route, query: str) -> Any:
    """The answer to a valid request with this query."""
    body = route.request(hotel)
    return hotel.send(route.method, f"{route.url(hotel)}{query}", who=route.asker, **body)


@_cases(ASKED)
def test_an_odd_filter_is_answered_or_refused_but_never_breaks(
    route: Route, name: str, field: fields.Field[Any], hotel: Hotel
) -> None:
    url, body = route.url(hotel), route.request(hotel)
    for value in ODD:
        answer = unchanged(
            hotel,
            route,
            lambda headers, value=value: hotel.send(
                route.method, f"{url}?{name}={value}", headers=headers, **body
            ),
        )
        assert answer.status_code in (200, 400), value
        if answer.status_code == 400:
            assert {found.partition(".")[0] for found in named(refused(answer, 400))} == {name}


@_cases([case for case in ASKED if not isinstance(case[2], fields.List)])
def test_a_filter_given_twice_is_refused(
    route: Route, name: str, field: fields.Field[Any], hotel: Hotel
) -> None:
    answer = _asked(hotel, route, f"?{name}=a&{name}=a")
    assert named(refused(answer, 400)) == {name}


@_cases([case for case in ASKED if case[1] != "cursor"])  # an empty one begins
def test_an_empty_filter_is_refused(
    route: Route, name: str, field: fields.Field[Any], hotel: Hotel
) -> None:
    answer = _asked(hotel, route, f"?{name}=")
    assert {found.partition(".")[0] for found in named(refused(answer, 400))} == {name}


@_cases(ASKED)
def test_a_filter_in_another_case_is_unknown(
    route: Route, name: str, field: fields.Field[Any], hotel: Hotel
) -> None:
    answer = _asked(hotel, route, f"?{name.upper()}=1")
    assert named(refused(answer, 400)) == {name.upper()}


@pytest.mark.parametrize(
    "route", [route for route in ROUTES if route.asks], ids=lambda route: route.name
)
def test_a_query_of_ten_thousand_parameters_is_refused_in_few_words(
    route: Route, hotel: Hotel
) -> None:
    query = "&".join(f"unheardOf{number}=1" for number in range(10_000))
    answer = _asked(hotel, route, f"?{query}")
    assert len(refused(answer, 400)["details"]) <= 20
