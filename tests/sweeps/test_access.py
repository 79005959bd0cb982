"""Who may do what: every route × everybody, from the table of the contract."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.checks import refused, succeeded
from tests.sweeps.house import DEAD, ROLES, House
from tests.sweeps.table import FILE, PUBLIC, ROUTES, VISITOR, Route

HouseOf = Callable[[Route], House]
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
def test_it_lets_in_whom_the_contract_lets_in(route: Route, who: str, house: House) -> None:
    url, body = route.url(house), route.request(house)
    if _may(who, route.least):
        token = house.standing(who) if route.keeps_session else house.token(who)
        headers = {"Authorization": f"Bearer {token}"}
        answer = house.send(route.method, url, headers=headers, **body)
        assert answer.status_code == route.status
        if route.shape != FILE:
            succeeded(answer, route.status)
        return
    token = house.standing(who)
    before = house.fingerprint()
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = house.send(route.method, url, headers=headers, **body)
    if who in ROLES and route.least in ROLES:
        refused(answer, 403)
    elif route.least == VISITOR and who != "anonymous":
        known = "token_expired" if who == "expired_visitor" else "token_invalid"
        refused(answer, 401, reason=known)
    else:
        refused(answer, 401, reason=REASONS[who])
    assert house.fingerprint() == before


@pytest.mark.parametrize("who", ["anonymous", "bad", "revoked", "visitor", "staff"])
@pytest.mark.parametrize(
    "route",
    [route for route in ROUTES if route.least == PUBLIC and route.staffed],
    ids=lambda route: route.name,
)
def test_an_open_route_does_not_look_at_the_token(route: Route, who: str, house: House) -> None:
    answer = house.send(route.method, route.url(house), who=who, **route.request(house))
    succeeded(answer, route.status)


def test_the_first_set_up_is_open(house_of: HouseOf) -> None:
    route = next(route for route in ROUTES if not route.staffed)
    house = house_of(route)
    succeeded(house.send("POST", route.rule, **route.request(house)), 201)


@pytest.mark.parametrize("route", CLOSED, ids=lambda route: route.name)
def test_a_refusal_does_not_tell_whether_the_thing_is_there(route: Route, house: House) -> None:
    known = house.send(route.method, route.url(house))
    unknown = house.send(
        route.method, route.url(house, **dict.fromkeys(route.variables(), "nobody"))
    )
    assert known.json["error"]["message"] == unknown.json["error"]["message"]
    assert known.status_code == unknown.status_code == 401
