"""Every route, asked as documented, answers as documented."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import marshmallow as ma
import pytest

from jack.http.access import PUBLIC
from jack.http.bulk import BulkMeta, bulk_of
from jack.http.context import PREFIX
from jack.http.envelope import PageMeta
from tests.checks import check_headers, succeeded
from tests.sweeps.hotel import PASSWORD, PICTURE, Hotel
from tests.sweeps.table import FILE, FILES_OF_ANY_KIND, LIST, ONE, ROUTES, SERIES, TABULAR, Route

ANSWERS = [route for route in ROUTES if route.shape not in FILES_OF_ANY_KIND]
TABLES = [route for route in ROUTES if route.shape == TABULAR]
DOWNLOADS = [route for route in ROUTES if route.shape == FILE]
every_route = pytest.mark.parametrize("route", ANSWERS, ids=lambda route: route.name)
HotelFor = Callable[[Route], Hotel]


def _conforms(schema: ma.Schema, data: Any) -> None:
    assert schema.validate(data, many=False) == {}


@every_route
def test_it_succeeds_in_the_envelope(route: Route, hotel_for: HotelFor) -> None:
    answer = hotel_for(route).ask(route)
    succeeded(answer, route.status)
    assert ("meta" in answer.json) == (route.shape != ONE)


@every_route
def test_its_data_are_what_the_schema_says_and_nothing_else(
    route: Route, hotel_for: HotelFor
) -> None:
    data = hotel_for(route).ask(route).json["data"]
    schema = bulk_of(route.answers) if route.bulk else route.answers()
    assert isinstance(data, dict) == (route.shape == ONE)
    rows = [data] if route.shape == ONE else data
    assert rows
    for row in rows:
        _conforms(schema, row)


@pytest.mark.parametrize(
    "route", [route for route in ANSWERS if route.shape != ONE], ids=lambda route: route.name
)
def test_its_meta_is_what_the_schema_says(route: Route, hotel_for: HotelFor) -> None:
    meta = hotel_for(route).ask(route).json["meta"]
    schema = {LIST: PageMeta, SERIES: BulkMeta}[route.shape] if route.meta is None else route.meta
    _conforms(schema(), meta)


@pytest.mark.parametrize("route", DOWNLOADS, ids=lambda route: route.name)
def test_a_file_is_answered_to_be_saved_and_nothing_else(route: Route, hotel: Hotel) -> None:
    answer = hotel.ask(route)
    assert (answer.status_code, answer.data) == (route.status, PICTURE)
    check_headers(answer)
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="view.png"'
    assert answer.headers["Content-Security-Policy"].startswith("sandbox;")
    assert answer.headers["Cache-Control"] == "private, no-cache"
    tag = {"If-None-Match": answer.headers["ETag"]}
    same = hotel.send("GET", route.url(hotel), who=route.asker, headers=tag)
    assert (same.status_code, same.data) == (304, b"")


@pytest.mark.parametrize("route", TABLES, ids=lambda route: route.name)
def test_a_table_says_how_many_rows_it_has(route: Route, hotel: Hotel) -> None:
    answer = hotel.ask(route)
    assert answer.status_code == route.status
    check_headers(answer)
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="')
    assert answer.headers["Cache-Control"] == "private, no-cache"
    rows = list(csv.reader(io.StringIO(answer.text)))[1:]
    assert answer.headers["X-Row-Count"] == str(len(rows))
    assert rows or route.rule in ("/exports/tasks", "/exports/knowledge")


@every_route
def test_what_is_created_has_a_location_where_it_is_found(
    route: Route, hotel_for: HotelFor
) -> None:
    hotel = hotel_for(route)
    answer = hotel.ask(route)
    resource = route.status == 201 and route.rule not in (
        "/auth/setup",
        "/webchat/sessions",
        "/staff/<staff_id>/invite",
    )
    assert ("Location" in answer.headers) == resource
    if resource:
        path = answer.headers["Location"]
        assert path.startswith(f"{PREFIX}/")
        found = hotel.send("GET", path.removeprefix(PREFIX), who=route.asker)
        own = PICTURE if route.sends else answer.json["data"]["id"].encode()
        assert own in found.data


@every_route
def test_an_answer_with_one_thing_in_it_has_an_etag_unless_it_is_secret(
    route: Route, hotel_for: HotelFor
) -> None:
    answer = hotel_for(route).ask(route)
    if route.shape == ONE:
        assert ("ETag" in answer.headers) == (not route.secret)


@every_route
def test_only_what_is_no_secret_may_be_kept_by_a_browser(route: Route, hotel_for: HotelFor) -> None:
    answer = hotel_for(route).ask(route)
    expected = "no-store" if route.secret else "private, no-cache"
    assert answer.headers["Cache-Control"] == expected


@every_route
def test_no_answer_holds_a_password_a_hash_or_the_signing_key(
    route: Route, hotel_for: HotelFor
) -> None:
    hotel = hotel_for(route)
    text = hotel.ask(route).get_data(as_text=True)
    hashes = hotel.db.all(
        "SELECT password_hash AS hash FROM staff WHERE password_hash IS NOT NULL"
        " UNION SELECT token_hash FROM invites UNION SELECT token_hash FROM webchat_sessions"
        " UNION SELECT token_hash FROM api_key_tokens"
    )
    for secret in (PASSWORD, hotel.secret, "$argon2", "_hash", *(row["hash"] for row in hashes)):
        assert secret not in text


# An export is itself a line of the audit log, so that the next one is longer.
@pytest.mark.parametrize(
    "route",
    [route for route in ROUTES if route.method == "GET" and route.rule != "/exports/audit"],
    ids=lambda route: route.name,
)
def test_head_is_get_without_the_body(route: Route, hotel: Hotel) -> None:
    url, token = route.url(hotel), hotel.standing(route.asker)
    sent = {"headers": {"Authorization": f"Bearer {token}"}, **route.request(hotel)}
    read, head = (hotel.send(method, url, **sent) for method in ("GET", "HEAD"))
    assert (head.status_code, head.data) == (200, b"")
    for name in ("Content-Type", "Content-Length", "ETag"):
        assert head.headers.get(name) == read.headers.get(name)


@every_route
def test_options_names_the_methods_without_a_token(route: Route, hotel_for: HotelFor) -> None:
    hotel = hotel_for(route)
    answer = hotel.send("OPTIONS", route.rule.replace("<", "").replace(">", ""))
    assert (answer.status_code, answer.data) == (204, b"")
    assert {route.method, "OPTIONS"} <= set(answer.headers["Allow"].split(", "))
    assert "X-RateLimit-Limit" in answer.headers


@pytest.mark.parametrize(
    "route",
    [r for r in ROUTES if r.method == "POST" and r.keeps_session and r.least != PUBLIC],
    ids=lambda route: route.name,
)
def test_a_post_can_be_repeated_with_an_idempotency_key(route: Route, hotel_for: HotelFor) -> None:
    hotel = hotel_for(route)
    url, body, token = route.url(hotel), route.request(hotel), hotel.standing(route.asker)
    headers = {
        "Idempotency-Key": f"sweep-{next(hotel.numbers)}",
        "Authorization": f"Bearer {token}",
    }
    first = hotel.send("POST", url, headers=headers, **body)
    before = hotel.fingerprint()
    second = hotel.send("POST", url, headers=headers, **body)
    assert first.status_code == route.status
    assert (second.status_code, second.data) == (first.status_code, first.data)
    assert (first.headers.get("Idempotency-Replayed"), hotel.fingerprint()) == (None, before)
    assert second.headers["Idempotency-Replayed"] == "true"
    assert second.headers.get("Location") == first.headers.get("Location")
    assert second.headers["Cache-Control"] == first.headers["Cache-Control"]


def test_strangers_with_the_same_key_never_get_each_others_answer(hotel_for: HotelFor) -> None:
    (route,) = [r for r in ROUTES if r.name == "POST /webchat/sessions"]
    hotel = hotel_for(route)
    answers = [
        hotel.send(
            "POST", route.url(hotel), headers={"Idempotency-Key": "1"}, **route.request(hotel)
        )
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].get_json()["data"]["token"] != answers[1].get_json()["data"]["token"]
