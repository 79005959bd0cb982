"""Credentials that are broken, forged or stale open nothing, anywhere, and break nothing."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest

from tests.checks import about, refused, succeeded
from tests.sweeps.hotel import Hotel
from tests.sweeps.table import PUBLIC, ROUTES, VISITOR, Route

CLOSED = [route for route in ROUTES if route.least != PUBLIC]
closed = pytest.mark.parametrize("route", CLOSED, ids=lambda route: route.name)


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


DEEP = _b64(b"[" * 1400)

BAD_HEADERS = {
    "nothing after Bearer": "Bearer",
    "a blank after Bearer": "Bearer ",
    "only blanks": "   ",
    "another scheme": "Basic YWRtaW46cGFzc3dvcmQ=",
    "a token without a scheme": "eyJhbGciOiJIUzI1NiJ9.e30.x",
    "a scheme of its own": "Token abc",
    "two words": "Bearer one two",
    "a comma": "Bearer one, Bearer two",
    "one dot": "Bearer a.b",
    "two dots": "Bearer ..",
    "four dots": "Bearer a.b.c.d.e",
    "not base64": "Bearer !!!.???.***",
    "a header that is not JSON": f"Bearer {_b64(b'x')}.{_b64(b'{}')}.x",
    "a header that is a list": f"Bearer {_b64(b'[]')}.{_b64(b'{}')}.x",
    "a header nested without end": f"Bearer {DEEP}.{_b64(b'{}')}.x",
    "a payload nested without end": f"Bearer {_b64(b'{}')}.{DEEP}.x",
    "a header of digits": f"Bearer {_b64(b'9' * 1400)}.{_b64(b'{}')}.x",
    "no bytes of UTF-8": "Bearer \xff\xfe\xfd",
    "letters beyond ASCII": "Bearer tökén",
    "a control character": "Bearer a\x01b",
    "very long": "Bearer " + "x" * 20_000,
    "long, of dots": "Bearer " + "." * 2000,
}


@closed
def test_a_broken_authorization_header_is_401(route: Route, hotel: Hotel) -> None:
    body, url, before = route.request(hotel), route.url(hotel), hotel.fingerprint()
    for what, header in BAD_HEADERS.items():
        sent = {"HTTP_AUTHORIZATION": header}
        with about(what):
            answer = hotel.send(route.method, url, environ_overrides=sent, **body)
            refused(answer, 401, reason="token_invalid")
            assert hotel.fingerprint() == before


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_may_be_written_in_any_case(scheme: str, hotel: Hotel) -> None:
    token = hotel.standing("staff")
    succeeded(hotel.send("GET", "/auth/me", headers={"Authorization": f"{scheme} {token}"}))


# ------------------------------------------------------------------------------------------------ forgeries


def _claims(hotel: Hotel, who: str = "admin") -> dict[str, Any]:
    """What an honest token of theirs says."""
    token = hotel.standing(who) or ""
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def _signed(hotel: Hotel, claims: dict[str, Any], **kwargs: Any) -> str:
    """Claims under the hotel's own key."""
    return jwt.encode(claims, kwargs.pop("key", hotel.secret), kwargs.pop("algorithm", "HS256"))


def _unsigned(claims: dict[str, Any], algorithm: str) -> str:
    header = _b64(json.dumps({"alg": algorithm, "typ": "JWT"}).encode())
    return f"{header}.{_b64(json.dumps(claims).encode())}."


def _altered(token: str) -> str:
    """With the role in it raised, under the old signature."""
    header, payload, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    return f"{header}.{_b64(json.dumps(claims | {'role': 'admin'}).encode())}.{signature}"


def _without(hotel: Hotel, name: str) -> str:
    claims = _claims(hotel)
    del claims[name]
    return _signed(hotel, claims)


FORGERIES: dict[str, Callable[[Hotel], str]] = {
    "alg none": lambda hotel: _unsigned(_claims(hotel), "none"),
    "alg None": lambda hotel: _unsigned(_claims(hotel), "None"),
    "alg empty": lambda hotel: _unsigned(_claims(hotel), ""),
    "no signature": lambda hotel: (hotel.standing("admin") or "").rpartition(".")[0] + ".",
    "another key": lambda hotel: _signed(hotel, _claims(hotel), key="k" * 64),
    "HS384": lambda hotel: _signed(hotel, _claims(hotel), algorithm="HS384"),
    "HS512": lambda hotel: _signed(hotel, _claims(hotel), algorithm="HS512"),
    "altered": lambda hotel: _altered(hotel.standing("staff") or ""),
    "another issuer": lambda hotel: _signed(hotel, _claims(hotel) | {"iss": "jack:another"}),
    "another audience": lambda hotel: _signed(hotel, _claims(hotel) | {"aud": "another"}),
    "an end in words": lambda hotel: _signed(hotel, _claims(hotel) | {"exp": "tomorrow"}),
    "a start to come": lambda hotel: _signed(
        hotel, _claims(hotel) | {"nbf": int(time.time()) + 3600}
    ),
    **{
        f"no {name}": lambda hotel, name=name: _without(hotel, name)
        for name in ("sid", "exp", "iss", "aud", "sub")
    },
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_token_opens_nothing(forgery: str, hotel: Hotel) -> None:
    headers = {"Authorization": f"Bearer {FORGERIES[forgery](hotel)}"}
    for route in CLOSED:
        if route.least != VISITOR:
            answer = hotel.send(route.method, route.rule, headers=headers)
            assert refused(answer, 401)["reason"] == "token_invalid", route.name


def test_an_honest_copy_of_the_same_claims_opens(hotel: Hotel) -> None:
    """Or else the forgeries above might fail for another reason."""
    token = _signed(hotel, _claims(hotel))
    succeeded(hotel.send("GET", "/auth/me", headers={"Authorization": f"Bearer {token}"}))


@pytest.mark.parametrize("sid", [None, 1, "", "session-none", [], {}, "' OR 1=1 --"])
def test_a_token_for_a_session_that_is_not_there_is_revoked(sid: object, hotel: Hotel) -> None:
    token = _signed(hotel, _claims(hotel) | {"sid": sid})
    answer = hotel.send("GET", "/auth/me", headers={"Authorization": f"Bearer {token}"})
    refused(answer, 401, reason="token_revoked")


def test_the_role_is_the_rows_and_not_the_tokens(hotel: Hotel) -> None:
    token = _signed(hotel, _claims(hotel, "staff") | {"role": "admin", "sub": "somebody-else"})
    answer = hotel.send(
        "PUT", "/settings/own", headers={"Authorization": f"Bearer {token}"}, json={"value": {}}
    )
    refused(answer, 403)


# ------------------------------------------------------------------------------------------------ clocks


@pytest.mark.parametrize(("ahead", "status"), [(20, 200), (-20, 200), (40, 401)])
def test_a_token_made_by_a_clock_20_seconds_off_is_taken(
    ahead: int, status: int, hotel: Hotel
) -> None:
    token = _signed(hotel, _claims(hotel) | {"iat": int(time.time()) + ahead})
    answer = hotel.send("GET", "/auth/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == status


@pytest.mark.parametrize(("ago", "status"), [(20, 200), (40, 401)])
def test_a_token_that_ended_less_than_30_seconds_ago_is_taken(
    ago: int, status: int, hotel: Hotel
) -> None:
    token = _signed(hotel, _claims(hotel) | {"exp": int(time.time()) - ago})
    answer = hotel.send("GET", "/auth/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == status
    if status == 401:
        refused(answer, 401, reason="token_expired")


def test_a_token_that_was_good_is_looked_at_again_when_its_time_is_over(
    hotel: Hotel, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = _signed(hotel, _claims(hotel) | {"exp": int(time.time()) + 5})
    headers = {"Authorization": f"Bearer {token}"}
    succeeded(hotel.send("GET", "/auth/me", headers=headers))
    later = time.time() + 60
    monkeypatch.setattr("jack.resources.auth.tokens.time.time", lambda: later)
    answer = hotel.send("GET", "/auth/me", headers=headers)
    assert answer.json["error"]["reason"] == "token_expired"
