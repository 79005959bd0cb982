"""What every route refuses, with which status, in the envelope, and without a trace in the database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from jack.http.request_hooks import BODY_LIMIT, BULK_BODY_LIMIT
from tests.checks import about, coded, named, refused
from tests.sweeps.hotel import Hotel
from tests.sweeps.table import LIST, ROUTES, SERIES, Route

every_route = pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
WITH_BODY = [route for route in ROUTES if route.takes is not None]
with_body = pytest.mark.parametrize("route", WITH_BODY, ids=lambda route: route.name)
without_body = pytest.mark.parametrize(
    "route",
    [route for route in ROUTES if not route.takes and not route.sends and route.method != "GET"],
    ids=lambda route: route.name,
)
FOREIGN = (
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/json-patch+json",
    "application/jsonx",
    "application/xml",
    "nonsense",
    "",
)


def unchanged(hotel: Hotel, route: Route, ask: Callable[[dict[str, str]], TestResponse]) -> Any:
    """The answer to a request that must leave the database as it was."""
    token = hotel.standing(route.asker)
    before = hotel.fingerprint()
    answer = ask({"Authorization": f"Bearer {token}"} if token else {})
    assert answer.status_code < 500
    assert hotel.fingerprint() == before
    return answer


# ------------------------------------------------------------------------------------------------ what nobody asked for


@every_route
def test_it_rejects_an_unknown_query_parameter(route: Route, hotel: Hotel) -> None:
    url, body = route.url(hotel), route.request(hotel)
    answer = unchanged(
        hotel,
        route,
        lambda headers: hotel.send(route.method, f"{url}?unheardOf=1", headers=headers, **body),
    )
    assert coded(refused(answer, 400)) == {("unheardOf", "unknown_parameter")}


@with_body
def test_it_rejects_an_unknown_field(route: Route, hotel: Hotel) -> None:
    url, body = route.url(hotel), {**route.request(hotel)["json"], "unheardOf": 1}
    answer = unchanged(
        hotel, route, lambda headers: hotel.send(route.method, url, headers=headers, json=body)
    )
    assert coded(refused(answer, 400)) == {("unheardOf", "unknown_field")}


@without_body
def test_it_rejects_a_field_where_none_are_taken(route: Route, hotel: Hotel) -> None:
    url = route.url(hotel)
    answer = unchanged(
        hotel,
        route,
        lambda headers: hotel.send(route.method, url, headers=headers, json={"unheardOf": 1}),
    )
    assert coded(refused(answer, 400)) == {("unheardOf", "unknown_field")}


@without_body
def test_it_takes_an_empty_object_where_no_body_is_needed(route: Route, hotel: Hotel) -> None:
    answer = hotel.ask(route, json={})
    assert answer.status_code == route.status


@with_body
def test_it_rejects_the_outside_name_in_another_case(route: Route, hotel: Hotel) -> None:
    url, body = route.url(hotel), route.request(hotel)["json"]
    name, value = body.popitem()
    body[name.upper()] = value
    answer = unchanged(
        hotel, route, lambda headers: hotel.send(route.method, url, headers=headers, json=body)
    )
    assert name.upper() in named(refused(answer, 400))


# ------------------------------------------------------------------------------------------------ what it is sent as


@with_body
def test_it_rejects_a_body_that_is_not_called_json(route: Route, hotel: Hotel) -> None:
    url, body = route.url(hotel), b'{"name": "x"}'
    for content_type in FOREIGN:
        named_so = {"Content-Type": content_type} if content_type else {}
        with about(content_type):
            answer = unchanged(
                hotel,
                route,
                lambda headers, more=named_so: hotel.send(
                    route.method, url, headers=headers | more, data=body
                ),
            )
            refused(answer, 415)


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON"])
@with_body
def test_it_takes_json_however_it_is_spelled(
    route: Route, content_type: str, hotel_for: Callable[[Route], Hotel]
) -> None:
    answer = hotel_for(route).ask(route, content_type=content_type)
    assert answer.status_code == route.status


def _limit(route: Route) -> int:
    return BULK_BODY_LIMIT if route.bulk else BODY_LIMIT


@with_body
def test_it_rejects_a_body_over_the_limit(route: Route, hotel: Hotel) -> None:
    url, body = route.url(hotel), b'{"name": "' + b"x" * _limit(route) + b'"}'
    answer = unchanged(
        hotel,
        route,
        lambda headers: hotel.send(
            route.method, url, headers=headers, data=body, content_type="application/json"
        ),
    )
    refused(answer, 413)


@with_body
def test_it_rejects_a_chunked_body_over_the_limit(route: Route, hotel: Hotel) -> None:
    url, body = route.url(hotel), b'{"name": "' + b"x" * _limit(route) + b'"}'

    def ask(headers: dict[str, str]) -> TestResponse:
        return hotel.send(
            route.method,
            url,
            headers=headers | {"Transfer-Encoding": "chunked"},
            data=body,
            content_type="application/json",
            environ_overrides={"CONTENT_LENGTH": "", "wsgi.input_terminated": True},
        )

    refused(unchanged(hotel, route, ask), 413)


@without_body
def test_it_rejects_a_large_body_where_none_is_taken(route: Route, hotel: Hotel) -> None:
    url, body = route.url(hotel), b" " * (BODY_LIMIT + 1)
    answer = unchanged(
        hotel,
        route,
        lambda headers: hotel.send(
            route.method, url, headers=headers, data=body, content_type="application/json"
        ),
    )
    refused(answer, 413)


def test_a_body_of_exactly_the_limit_is_taken(hotel: Hotel) -> None:
    body = b'{"name": "John Smith"}'.ljust(BODY_LIMIT)
    answer = hotel.send("POST", "/guests", who="staff", data=body, content_type="application/json")
    assert answer.status_code == 201


def test_a_bulk_body_of_exactly_its_limit_is_taken(hotel: Hotel) -> None:
    body = b'{"items": [{"name": "John Smith"}]}'.ljust(BULK_BODY_LIMIT)
    answer = hotel.send(
        "POST", "/guests/bulk", who="manager", data=body, content_type="application/json"
    )
    assert answer.status_code == 200


# ------------------------------------------------------------------------------------------------ where it is sent


@every_route
def test_a_path_below_it_is_unknown(route: Route, hotel: Hotel) -> None:
    for tail in ("/", "/a/b/c/d"):
        answer = hotel.send(route.method, route.url(hotel) + tail, who="anonymous")
        refused(answer, 404)


@every_route
def test_a_doubled_slash_is_unknown_and_no_redirect(route: Route, hotel: Hotel) -> None:
    answer = hotel.send(route.method, "/" + route.url(hotel))
    refused(answer, 404)


RULES = sorted({route.rule for route in ROUTES})
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW")


def _methods_of(path: str) -> set[str]:
    return {route.method for route in ROUTES if route.rule == path}


@pytest.mark.parametrize(
    ("rule", "method"),
    [(rule, method) for rule in RULES for method in METHODS if method not in _methods_of(rule)],
)
def test_a_method_it_does_not_have_is_405_and_names_those_it_has(
    rule: str, method: str, hotel: Hotel
) -> None:
    path = rule.replace("<", "").replace(">", "")
    answer = hotel.send(method, path, headers={"Content-Type": "application/json"}, data=b"{}")
    refused(answer, 405)
    allowed = set(answer.headers["Allow"].split(", "))
    head = {"HEAD"} if "GET" in _methods_of(rule) else set()
    assert allowed == _methods_of(rule) | {"OPTIONS"} | head


# ------------------------------------------------------------------------------------------------ lists

PAGED = [route for route in ROUTES if route.shape == LIST]
NOT_A_LIMIT = ("0", "101", "-1", "1.5", "abc", "", "1e1", "+5", " 5", "5 ", "\uff15", "9" * 5000)
NOT_A_PAGE = ("0", "-1", "1.5", "abc", "", "0x1", "\u0663", "9" * 5000, "99999999999999999999")


@pytest.mark.parametrize(("name", "wrong"), [("limit", NOT_A_LIMIT), ("page", NOT_A_PAGE)])
@pytest.mark.parametrize("route", PAGED, ids=lambda route: route.name)
def test_page_and_limit_are_whole_numbers_within_their_bounds(
    route: Route, name: str, wrong: tuple[str, ...], hotel: Hotel
) -> None:
    for value in wrong:
        with about(value[:20]):
            query = {name: value}
            answer = hotel.send("GET", route.url(hotel), who=route.asker, query_string=query)
            assert named(refused(answer, 400)) == {name}


@pytest.mark.parametrize("name", ["page", "limit"])
@pytest.mark.parametrize("route", PAGED, ids=lambda route: route.name)
def test_a_parameter_given_twice_is_refused(route: Route, name: str, hotel: Hotel) -> None:
    answer = hotel.send("GET", f"{route.url(hotel)}?{name}=1&{name}=2", who=route.asker)
    assert named(refused(answer, 400)) == {name}


@pytest.mark.parametrize("route", PAGED, ids=lambda route: route.name)
def test_a_page_past_the_end_is_empty_with_the_true_total(route: Route, hotel: Hotel) -> None:
    first = hotel.send("GET", f"{route.url(hotel)}?limit=1", who=route.asker).json
    beyond = hotel.send("GET", f"{route.url(hotel)}?limit=1&page=100000", who=route.asker)
    assert beyond.status_code == 200
    assert beyond.json["data"] == []
    assert beyond.json["meta"] == first["meta"] | {"page": 100000}
    assert first["meta"]["total"] >= 1


@pytest.mark.parametrize(
    "route",
    [
        route
        for route in ROUTES
        if route.shape == SERIES and not route.bulk and route.method == "GET"
    ],
    ids=lambda route: route.name,
)
@pytest.mark.parametrize(
    "query", ["after=-1", "after=x", "limit=0", "limit=501", "after=1&after=2"]
)
def test_a_cursor_and_its_limit_are_whole_numbers(route: Route, query: str, hotel: Hotel) -> None:
    answer = hotel.send("GET", f"{route.url(hotel)}?{query}", who=route.asker)
    assert named(refused(answer, 400)) == {query.partition("=")[0]}
