"""Who may do what: every route × everybody, from the table of the contract."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.checks import refused, succeeded
from tests.sweeps.hotel import DEAD, ROLES, Hotel
from tests.sweeps.table import FILES_OF_ANY_KIND, PUBLIC, ROUTES, VISITOR, Route

HotelFor = Callable[[Route], Hotel]
EVERYBODY = (*DEAD, "visitor", *ROLES)
REASONS = {
    "anonymous": "token_missing",
    "bad": "token_invalid",
    "expired": "token_expired",
    "revoked": "token_revoked",
    "deactivated": "token_revoked",
    "expired_visitor": "token_invalid",
    "visitor": "token_invalid",
}
CLOSED = [route for route in ROUTES if route.least != PUBLIC]


def _may(who: str, least: str) -> bool:
    if least in (PUBLIC, VISITOR):
        return least == PUBLIC or who == VISITOR
    return who in ROLES and ROLES.index(who) >= ROLES.index(least)


@pytest.mark.parametrize("who", EVERYBODY)
@pytest.mark.parametrize("route", CLOSED, ids=lambda route: route.name)
def test_it_lets_in_whom_the_contract_lets_in(route: Route, who: str, hotel: Hotel) -> None:
    token = hotel.standing(who)
    url, body = route.url(hotel), route.request(hotel)
    if _may(who, route.least):
        token = token if route.keeps_session else hotel.token(who)
        headers = {"Authorization": f"Bearer {token}"}
        answer = hotel.send(route.method, url, headers=headers, **body)
        assert answer.status_code == route.status
        if route.shape not in FILES_OF_ANY_KIND:
            succeeded(answer, route.status)
        return
    before = hotel.fingerprint()
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = hotel.send(route.method, url, headers=headers, **body)
    if who in ROLES and route.least in ROLES:
        refused(answer, 403)
    elif route.least == VISITOR and who != "anonymous":
        known = "token_expired" if who == "expired_visitor" else "token_invalid"
        refused(answer, 401, reason=known)
    else:
        refused(answer, 401, reason=REASONS[who])
    assert hotel.fingerprint() == before


@pytest.mark.parametrize("who", ["anonymous", "bad", "revoked", "visitor", "staff"])
@pytest.mark.parametrize(
    "route",
    [route for route in ROUTES if route.least == PUBLIC and route.staffed],
    ids=lambda route: route.name,
)
def test_an_open_route_does_not_look_at_the_token(route: Route, who: str, hotel: Hotel) -> None:
    answer = hotel.send(route.method, route.url(hotel), who=who, **route.request(hotel))
    succeeded(answer, route.status)


def test_the_first_set_up_is_open(hotel_for: HotelFor) -> None:
    route = next(route for route in ROUTES if not route.staffed)
    hotel = hotel_for(route)
    succeeded(hotel.send("POST", route.rule, **route.request(hotel)), 201)


@pytest.mark.parametrize("route", CLOSED, ids=lambda route: route.name)
def test_a_refusal_does_not_tell_whether_the_thing_is_there(route: Route, hotel: Hotel) -> None:
    known = hotel.send(route.method, route.url(hotel))
    unknown = hotel.send(
        route.method, route.url(hotel, **dict.fromkeys(route.variables(), "nobody"))
    )
    assert known.json["error"]["message"] == unknown.json["error"]["message"]
    assert known.status_code == unknown.status_code == 401
