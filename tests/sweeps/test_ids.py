"""What stands in a path: whatever it is, the answer is a plain one, and the database stays as it was."""

from __future__ import annotations

import pytest

from jack.core.patterns import EXTERNAL_ID
from tests.checks import about, refused
from tests.sweeps.hotel import Hotel
from tests.sweeps.table import ROUTES, Route
from tests.sweeps.test_refusals import unchanged

ODD = {
    "unknown": "nobody",
    "of another kind": "task-0190a6c8-0000-7000-8000-000000000000",
    "long": "x" * 5000,
    "very long": "x" * 60_000,
    "unicode": "%E6%97%A5%E6%9C%AC%F0%9F%98%80",
    "NUL": "%00",
    "NUL inside": "guest-%00-1",
    "a line break": "a%0d%0ab",
    "a lone surrogate": "%ED%A0%80",
    "invalid UTF-8": "%ff%fe",
    "a dot": ".",
    "two dots": "..",
    "two dots and a slash": "..%2f",
    "up and away": "..%2f..%2f..%2fetc%2fpasswd",
    "a slash": "%2f",
    "a backslash": "..%5c",
    "a percent sign": "%25",
    "half an escape": "%zz",
    "a quote": "'",
    "SQL": "'%20OR%20'1'='1",
    "a wildcard": "%25_*",
    "a question mark": "%3f",
    "a blank": "%20",
    "a semicolon": ";a=b",
    "braces": "{id}",
    "2^63": "9223372036854775808",
    "markup": "%3Cscript%3E",
}
WITH_ID = [(route, name) for route in ROUTES for name in route.variables()]


@pytest.mark.parametrize(
    ("route", "name"), WITH_ID, ids=lambda value: getattr(value, "name", value)
)
def test_an_odd_id_is_not_found(route: Route, name: str, hotel: Hotel) -> None:
    # What is made under any good name: a bad one is a mistake, not something that is missing.
    makes = route.method == "PUT" and name in ("key", "external_id")
    body = route.request(hotel)
    for what, odd in ODD.items():
        if name == "external_id" and EXTERNAL_ID.fullmatch(odd):
            continue
        url = route.url(hotel, **{name: odd.upper() if makes else odd})
        with about(what):
            answer = unchanged(
                hotel,
                route,
                lambda headers, url=url: hotel.send(route.method, url, headers=headers, **body),
            )
            refused(answer, 400 if makes and answer.status_code == 400 else 404)


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_path_is_not_found(odd: str, hotel: Hotel) -> None:
    refused(hotel.send("GET", f"/{ODD[odd]}", who="admin"), 404)
    refused(hotel.send("POST", f"/{ODD[odd]}/{ODD[odd]}", json={}), 404)


@pytest.mark.parametrize("path", ["/api/v1", "/api/v1/", "/api/v1x", "/api/v1/nowhere"])
def test_an_unknown_path_is_404_in_the_envelope_for_anybody(path: str, hotel: Hotel) -> None:
    for method in ("GET", "POST", "DELETE"):
        refused(hotel.client.open(path, method=method), 404)


def test_an_unknown_path_outside_the_api_is_a_page(hotel: Hotel) -> None:
    answer = hotel.client.get("/nowhere")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
