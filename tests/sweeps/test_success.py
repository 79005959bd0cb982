"""Every route, asked as documented, answers as documented."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import marshmallow as ma
import pytest

from jack.http.access import PUBLIC
from jack.http.bulk import BulkMeta, bulk_of
from jack.http.context import PREFIX
from jack.http.envelope import PageMeta
from tests.checks import check_headers, succeeded
from tests.sweeps.house import PASSWORD, PICTURE, House
from tests.sweeps.table import FILE, LIST, ONE, ROUTES, SERIES, VISITOR, Route

ANSWERS = [route for route in ROUTES if route.shape != FILE]
DOWNLOADS = [route for route in ROUTES if route.shape == FILE]
every_route = pytest.mark.parametrize("route", ANSWERS, ids=lambda route: route.name)
HouseOf = Callable[[Route], House]


def _conforms(schema: ma.Schema, data: Any) -> None:
    assert schema.validate(data, many=False) == {}


@every_route
def test_it_succeeds_in_the_envelope(route: Route, house_of: HouseOf) -> None:
    answer = house_of(route).ask(route)
    succeeded(answer, route.status)
    assert ("meta" in answer.json) == (route.shape != ONE)


@every_route
def test_its_data_are_what_the_schema_says_and_nothing_else(
    route: Route, house_of: HouseOf
) -> None:
    data = house_of(route).ask(route).json["data"]
    schema = bulk_of(route.answers) if route.bulk else route.answers()
    assert isinstance(data, dict) == (route.shape == ONE)
    rows = [data] if route.shape == ONE else data
    assert rows
    for row in rows:
        _conforms(schema, row)


@pytest.mark.parametrize(
    "route", [route for route in ANSWERS if route.shape != ONE], ids=lambda route: route.name
)
def test_its_meta_is_what_the_schema_says(route: Route, house_of: HouseOf) -> None:
    meta = house_of(route).ask(route).json["meta"]
    schema = {LIST: PageMeta, SERIES: BulkMeta}[route.shape] if route.meta is None else route.meta
    _conforms(schema(), meta)


@pytest.mark.parametrize("route", DOWNLOADS, ids=lambda route: route.name)
def test_a_file_is_answered_to_be_saved_and_nothing_else(route: Route, house: House) -> None:
    answer = house.ask(route)
    assert (answer.status_code, answer.data) == (route.status, PICTURE)
    check_headers(answer)
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="view.png"'
    assert answer.headers["Content-Security-Policy"].startswith("sandbox;")
    assert answer.headers["Cache-Control"] == "private, no-cache"
    tag = {"If-None-Match": answer.headers["ETag"]}
    same = house.send("GET", route.url(house), who=route.asker, headers=tag)
    assert (same.status_code, same.data) == (304, b"")


@every_route
def test_what_is_created_has_a_location_where_it_is_found(route: Route, house_of: HouseOf) -> None:
    house = house_of(route)
    answer = house.ask(route)
    resource = route.status == 201 and route.rule not in (
        "/auth/setup",
        "/webchat/sessions",
        "/staff/<staff_id>/invite",
    )
    assert ("Location" in answer.headers) == resource
    if resource:
        path = answer.headers["Location"]
        assert path.startswith(f"{PREFIX}/")
        found = house.send(
            "GET", path.removeprefix(PREFIX), who="visitor" if route.least == VISITOR else "staff"
        )
        own = PICTURE if route.sends else answer.json["data"]["id"].encode()
        assert own in found.data


@every_route
def test_an_answer_with_one_thing_in_it_has_an_etag_unless_it_is_secret(
    route: Route, house_of: HouseOf
) -> None:
    answer = house_of(route).ask(route)
    if route.shape == ONE:
        assert ("ETag" in answer.headers) == (not route.secret)


@every_route
def test_only_what_is_no_secret_may_be_kept_by_a_browser(route: Route, house_of: HouseOf) -> None:
    answer = house_of(route).ask(route)
    expected = "no-store" if route.secret else "private, no-cache"
    assert answer.headers["Cache-Control"] == expected


@every_route
def test_no_answer_holds_a_password_a_hash_or_the_signing_key(
    route: Route, house_of: HouseOf
) -> None:
    house = house_of(route)
    text = house.ask(route).get_data(as_text=True)
    hashes = house.db.all(
        "SELECT password_hash AS hash FROM staff WHERE password_hash IS NOT NULL"
        " UNION SELECT token_hash FROM invites UNION SELECT token_hash FROM webchat_sessions"
    )
    for secret in (PASSWORD, house.secret, "$argon2", "_hash", *(row["hash"] for row in hashes)):
        assert secret not in text


@pytest.mark.parametrize(
    "route", [route for route in ROUTES if route.method == "GET"], ids=lambda route: route.name
)
def test_head_is_get_without_the_body(route: Route, house: House) -> None:
    url, token = route.url(house), house.standing(route.asker)
    headers = {"Authorization": f"Bearer {token}"}
    read = house.send("GET", url, headers=headers)
    head = house.send("HEAD", url, headers=headers)
    assert (head.status_code, head.data) == (200, b"")
    for name in ("Content-Type", "Content-Length", "ETag"):
        assert head.headers.get(name) == read.headers.get(name)


@every_route
def test_options_names_the_methods_without_a_token(route: Route, house_of: HouseOf) -> None:
    house = house_of(route)
    answer = house.send("OPTIONS", route.rule.replace("<", "").replace(">", ""))
    assert (answer.status_code, answer.data) == (204, b"")
    assert {route.method, "OPTIONS"} <= set(answer.headers["Allow"].split(", "))
    assert "X-RateLimit-Limit" in answer.headers


@pytest.mark.parametrize(
    "route",
    [r for r in ROUTES if r.method == "POST" and r.keeps_session and r.least != PUBLIC],
    ids=lambda route: route.name,
)
def test_a_post_can_be_repeated_with_an_idempotency_key(route: Route, house_of: HouseOf) -> None:
    house = house_of(route)
    url, body, token = route.url(house), route.request(house), house.standing(route.asker)
    headers = {
        "Idempotency-Key": f"sweep-{next(house.numbers)}",
        "Authorization": f"Bearer {token}",
    }
    first = house.send("POST", url, headers=headers, **body)
    before = house.fingerprint()
    second = house.send("POST", url, headers=headers, **body)
    assert first.status_code == route.status
    assert (second.status_code, second.data) == (first.status_code, first.data)
    assert (first.headers.get("Idempotency-Replayed"), house.fingerprint()) == (None, before)
    assert second.headers["Idempotency-Replayed"] == "true"
    assert second.headers.get("Location") == first.headers.get("Location")
    assert second.headers["Cache-Control"] == first.headers["Cache-Control"]


def test_strangers_with_the_same_key_never_get_each_others_answer(house_of: HouseOf) -> None:
    (route,) = [r for r in ROUTES if r.name == "POST /webchat/sessions"]
    house = house_of(route)
    answers = [
        house.send(
            "POST", route.url(house), headers={"Idempotency-Key": "1"}, **route.request(house)
        )
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].get_json()["data"]["token"] != answers[1].get_json()["data"]["token"]
