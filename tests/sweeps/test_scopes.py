"""What API keys may do: every route × a key with its scope, with every other scope, with none that fits."""

from __future__ import annotations

from typing import Any

import pytest

from jack.core.errors import Forbidden
from jack.http.access import Caller, KeyRights
from jack.http.context import PREFIX, demand_scope, request_state
from jack.http.route_options import declare
from jack.http.scopes import SCOPES as VOCABULARY
from jack.http.scopes import of_path
from jack.openapi.document import path_of
from tests.checks import refused, succeeded
from tests.sweeps.hotel import Hotel
from tests.sweeps.scopes import ANY, OPEN, SCOPES
from tests.sweeps.table import BY_NAME, FILES_OF_ANY_KIND, ROUTES, VISITOR, Route

WRITABLE = (
    "conversations",
    "guests",
    "stays",
    "tasks",
    "knowledge",
    "templates",
    "automations",
    "webhooks",
)
READABLE = {"staff:read", "settings:read", "reports:read", "events:read"}
CONTRACT = READABLE | {f"{resource}:{what}" for resource in WRITABLE for what in ("read", "write")}
STAFFED = [route for route in ROUTES if SCOPES.get(route.name) != OPEN and route.least != VISITOR]
FOR_KEYS = [route for route in STAFFED if SCOPES.get(route.name)]
by_name = {"ids": lambda route: route.name}


def _send(hotel: Hotel, route: Route, *scopes: str) -> Any:
    """A valid request of a route by a key with these scopes."""
    url, body = route.url(hotel), route.request(hotel)
    token = hotel.key_token(*scopes)
    return hotel.send(route.method, url, headers={"Authorization": f"Bearer {token}"}, **body)


def _scope(route: Route, hotel: Hotel) -> str | None:
    """The scope that the valid request of a route takes."""
    found = SCOPES[route.name]
    if found is None or "{" not in found:
        return found
    path = route.path(hotel)
    parts = {name: path.get(name) or getattr(hotel, name) for name in route.variables()}
    return of_path(found, parts)


def _enough(scope: str | None) -> list[str]:
    """The scopes by which a key may use a route that takes this one."""
    if scope == ANY:
        return ["stays:read"]
    writes = (scope or "").replace(":read", ":write")
    return [scope or "", *({writes} & CONTRACT - {scope})]


def test_the_scopes_are_those_of_the_contract() -> None:
    assert set(VOCABULARY) == CONTRACT


def test_every_route_says_its_scope() -> None:
    assert SCOPES.keys() == BY_NAME.keys()


@pytest.mark.parametrize("route", ROUTES, **by_name)
def test_the_description_names_it(route: Route, hotel: Hotel) -> None:
    paths = hotel.client.get(f"{PREFIX}/openapi.json").json["paths"]
    operation = paths[path_of(PREFIX + route.rule)][route.method.lower()]
    assert operation["x-required-scope"] == (SCOPES[route.name] or "not_for_keys")


@pytest.mark.parametrize("route", FOR_KEYS, **by_name)
def test_a_key_with_the_scope_may(route: Route, hotel: Hotel) -> None:
    scopes = _enough(_scope(route, hotel))
    if route.rule.startswith(("/exports", "/imports")) and SCOPES[route.name] == ANY:
        scopes = ["guests:write"]  # by what is in the file: here it is guests
    if route.name == "POST /templates/<template_id>/preview":
        scopes = ["templates:read guests:read"]  # by for whom: here it is a guest
    if route.name == "POST /automations/<automation_id>/preview":
        scopes = ["automations:read templates:read guests:read stays:read"]
    for scope in scopes:
        answer = _send(hotel, route, *scope.split())
        assert answer.status_code == route.status, answer.get_data(as_text=True)
        if route.shape not in FILES_OF_ANY_KIND:
            succeeded(answer, route.status)


@pytest.mark.parametrize("route", FOR_KEYS, **by_name)
def test_a_key_without_it_may_not_and_is_told_which_it_lacks(route: Route, hotel: Hotel) -> None:
    scope = _scope(route, hotel)
    if scope == ANY:
        return
    others = sorted(CONTRACT - set(_enough(scope)))
    _send(hotel, route, *others)  # its first use is noted
    url, body, before = route.url(hotel), route.request(hotel), hotel.fingerprint()
    sent = {"Authorization": f"Bearer {hotel.key_token(*others)}"}
    error = refused(
        hotel.send(route.method, url, headers=sent, **body), 403, reason="scope_missing"
    )
    assert str(scope) in error["message"]
    assert hotel.fingerprint() == before


@pytest.mark.parametrize(
    "route", [route for route in STAFFED if SCOPES.get(route.name) is None], **by_name
)
def test_what_no_key_may_do_is_refused_to_one_with_every_scope(route: Route, hotel: Hotel) -> None:
    url, body = route.url(hotel), route.request(hotel)
    token = hotel.key_token(*sorted(CONTRACT))
    hotel.send("GET", "/auth/me", headers={"Authorization": f"Bearer {token}"})
    before = hotel.fingerprint()
    answer = hotel.send(route.method, url, headers={"Authorization": f"Bearer {token}"}, **body)
    refused(answer, 403, reason="not_for_keys")
    assert hotel.fingerprint() == before


@pytest.mark.parametrize("route", [route for route in ROUTES if route.least == VISITOR], **by_name)
def test_a_key_is_no_visitor(route: Route, hotel: Hotel) -> None:
    refused(_send(hotel, route, *sorted(CONTRACT)), 401, reason="token_invalid")


@pytest.mark.parametrize(
    ("what", "scope"),
    [
        ("guests", "guests:read"),
        ("messages", "conversations:read"),
        ("audit", "not_for_keys"),
        ("{what}", "not_for_keys"),
        ("guests:write,guests", "not_for_keys"),
    ],
)
def test_a_route_may_take_the_scope_of_what_its_path_names(what: str, scope: str) -> None:
    assert of_path("{what}:read", {"what": what}) == scope


def test_a_route_whose_author_has_said_nothing_is_closed_to_keys(hotel: Hotel) -> None:
    view = hotel.app.view_functions["guests.list_guests"]
    options = declare(view)
    token = hotel.key_token("guests:read")
    usual, options.scope = options.scope, None
    try:
        answer = hotel.send("GET", "/guests", headers={"Authorization": f"Bearer {token}"})
    finally:
        options.scope = usual
    refused(answer, 403, reason="not_for_keys")


def test_a_view_may_ask_for_a_scope_itself(hotel: Hotel) -> None:
    rights = KeyRights(frozenset({"guests:read"}), None, None)  # type: ignore[arg-type]
    with hotel.app.app_context():
        request_state().caller = Caller("key-1", "integration", "", rights=rights)
        demand_scope("guests:read")
        with pytest.raises(Forbidden, match="tasks:read"):
            demand_scope("tasks:read")
        request_state().caller = Caller("staff-1", "staff", "session-1")
        demand_scope("tasks:read")
