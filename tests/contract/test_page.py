"""Signing in as the page does it: the token in a cookie, which opens nothing by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from jack import create_app
from jack.core.db import Database
from jack.resources.auth import sessions, tokens
from jack.resources.staff import store as staff
from tests.checks import refused, succeeded
from tests.conftest import PASSWORD, Clock, Person

PAGE = {"X-Jack-Page": "1"}
HTTPS = "https://hotel.example"


@pytest.fixture
def known(app_db: Database, admin: Person) -> Person:
    """An administrator with a password."""
    sessions.set_password(app_db, admin.id, PASSWORD)
    return admin


def sign_in(client: FlaskClient, person: Person, **sent: Any) -> Any:
    body = {"email": person.email, "password": PASSWORD}
    return client.post("/api/v1/auth/login", json=body, headers=PAGE, **sent)


def me(client: FlaskClient, headers: dict[str, str] = PAGE, **sent: Any) -> Any:
    return client.get("/api/v1/auth/me", headers=headers, **sent)


def test_the_token_is_in_the_cookie_and_not_in_the_answer(
    known: Person, client: FlaskClient
) -> None:
    answer = sign_in(client, known, base_url=HTTPS)
    data = succeeded(answer)
    assert (data["token"], data["user"]["id"]) == (None, known.id)
    name, _, rest = answer.headers["Set-Cookie"].partition("=")
    token, *attributes = rest.split("; ")
    assert name == "__Host-jack"
    assert token.count(".") == 2
    assert sorted(attributes) == [
        "HttpOnly",
        "Max-Age=86400",
        "Path=/",
        "SameSite=Strict",
        "Secure",
    ]
    assert answer.headers["Cache-Control"] == "no-store"
    assert succeeded(me(client, base_url=HTTPS))["id"] == known.id


def test_without_tls_the_cookie_has_another_name_and_opens_the_same(
    known: Person, client: FlaskClient
) -> None:
    answer = sign_in(client, known, base_url="http://192.168.1.5:8000")
    assert answer.headers["Set-Cookie"].startswith("jack-8000=")
    assert "Secure" not in answer.headers["Set-Cookie"]
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    assert succeeded(me(client, base_url="http://192.168.1.5:8000"))["id"] == known.id


def test_a_cookie_that_anybody_could_have_set_opens_nothing_under_tls(
    known: Person, client: FlaskClient
) -> None:
    client.set_cookie("jack-hotel.example", known.token, domain="hotel.example", secure=False)
    client.set_cookie("jack", known.token, domain="hotel.example", secure=False)
    refused(me(client, base_url=HTTPS), 401, reason="token_missing")


@pytest.mark.parametrize("headers", [{}, {"X-Jack-Page": "0"}, {"X-Jack-Page": ""}])
def test_the_cookie_alone_opens_nothing(
    known: Person, client: FlaskClient, headers: dict[str, str]
) -> None:
    sign_in(client, known)
    refused(me(client, headers), 401, reason="token_missing")
    answer = client.post("/api/v1/guests", json={"name": "Eve"}, headers=headers)
    refused(answer, 401, reason="token_missing")


def test_the_cookie_never_stands_in_for_a_header_that_is_there(
    known: Person, client: FlaskClient
) -> None:
    sign_in(client, known)
    for header in ("Bearer nonsense", "", "Basic abc"):
        refused(me(client, {**PAGE, "Authorization": header}), 401)


def test_who_sends_a_token_is_who_has_it(
    known: Person, member: Person, client: FlaskClient
) -> None:
    sign_in(client, known)
    theirs = {**PAGE, "Authorization": f"Bearer {member.token}"}
    assert succeeded(me(client, theirs))["id"] == member.id


def test_no_browser_lets_another_site_send_the_header(
    environment: dict[str, str], app: Flask
) -> None:
    from jack import create_app

    made = create_app({**environment, "JACK_CORS_ORIGINS": "https://other.example"})
    asked = {
        "Origin": "https://other.example",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "x-jack-page",
    }
    answer = made.test_client().options("/api/v1/auth/me", headers=asked)
    made.extensions["jack"].databases.close()
    assert "x-jack-page" not in answer.headers.get("Access-Control-Allow-Headers", "").lower()
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_signing_out_ends_the_session_and_takes_the_cookie_back(
    known: Person, client: FlaskClient
) -> None:
    sign_in(client, known)
    kept = client.get_cookie("jack-localhost")
    assert kept is not None
    answer = client.post("/api/v1/auth/logout", headers=PAGE)
    succeeded(answer)
    assert "Max-Age=0" in answer.headers["Set-Cookie"]
    assert client.get_cookie("jack-localhost") is None
    client.set_cookie("jack-localhost", kept.value)
    refused(me(client), 401, reason="token_revoked")


def test_signing_out_everywhere_ends_every_session_of_theirs_and_nobody_elses(
    known: Person, member: Person, client: FlaskClient, app: Flask
) -> None:
    sign_in(client, known)
    elsewhere = app.test_client()
    sign_in(elsewhere, known)
    answer = client.post("/api/v1/auth/logout-everywhere", headers=PAGE)
    assert succeeded(answer) == {"signedOut": True}
    for device in (client, elsewhere):
        refused(me(device), 401)
    refused(known.get("/auth/me"), 401, reason="token_revoked")
    succeeded(member.get("/auth/me"))


def test_a_new_token_replaces_the_cookie(known: Person, client: FlaskClient) -> None:
    sign_in(client, known)
    before = client.get_cookie("jack-localhost")
    assert succeeded(client.post("/api/v1/auth/refresh", headers=PAGE))["token"] is None
    after = client.get_cookie("jack-localhost")
    assert before
    assert after
    assert before.value != after.value
    succeeded(me(client))


def test_an_invitation_signs_the_browser_in(client: FlaskClient, app_db: Database) -> None:
    made = staff.create(app_db, name="Iris", email="iris@hotel.example")
    token, _ = sessions.invite(app_db, made["id"])
    body = {"token": token, "password": PASSWORD}
    answer = client.post("/api/v1/auth/accept-invite", json=body, headers=PAGE)
    assert succeeded(answer)["token"] is None
    assert succeeded(me(client))["id"] == made["id"]


def test_the_cookie_ends_with_its_token(known: Person, client: FlaskClient, clock: Clock) -> None:
    sign_in(client, known)
    clock.move(25 * 3600)
    refused(me(client), 401, reason="token_expired")


def test_guessing_is_as_slow_for_the_page_as_for_everybody(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from jack import create_app

    made = create_app({**environment, "JACK_LOGIN_FAILURES": "3/15 minutes"})
    client = made.test_client()
    body = {"email": "nobody@hotel.example", "password": "wrong wrong wrong"}
    sent = [
        client.post("/api/v1/auth/login", json=body, headers=headers).status_code
        for headers in (PAGE, {}, PAGE, PAGE, {})
    ]
    made.extensions["jack"].databases.close()
    assert sent == [401, 401, 401, 429, 429]


# ------------------------------------------------------------------------------------------------ the page's budget


LIMITS = {"JACK_RATE_LIMIT": "100/minute", "JACK_RATE_LIMIT_PAGE": "600/minute"}


@pytest.fixture
def limited(environment: dict[str, str]) -> Iterator[Flask]:
    """An app with the documented limits."""
    made = create_app(environment | LIMITS)
    yield made
    made.extensions["jack"].databases.close()


@pytest.fixture
def ada(limited: Flask) -> Person:
    """An administrator of it, with a password and a token of the API."""
    ada = Person(limited, "admin", "Ada")
    sessions.set_password(ada.db, ada.id, PASSWORD)
    with limited.app_context():
        ada.token = tokens.issue(ada.db, ada.id, hours=24)["token"]
    return ada


def budget(answer: Any) -> tuple[int, int]:
    """The limit, and what is left of it."""
    return tuple(int(answer.headers[f"X-RateLimit-{name}"]) for name in ("Limit", "Remaining"))  # type: ignore[return-value]


def cookie_of(answer: Any) -> str:
    """The token in the cookie of an answer."""
    return str(answer.headers["Set-Cookie"].partition("=")[2].partition(";")[0])


def test_the_page_has_600_a_minute_and_tokens_keep_their_100(limited: Flask, ada: Person) -> None:
    client = limited.test_client()
    sign_in(client, ada)
    answers = [me(client) for _ in range(600)]
    assert {answer.status_code for answer in answers} == {200}
    assert [budget(answer) for answer in (answers[0], answers[-1])] == [(600, 599), (600, 0)]
    refused(me(client), 429)
    assert budget(ada.get("/auth/me")) == (100, 99)


def test_a_spent_token_leaves_the_page_alone(limited: Flask, ada: Person) -> None:
    client = limited.test_client()
    sign_in(client, ada)
    answers = [ada.get("/auth/me").status_code for _ in range(101)]
    assert answers == [200] * 100 + [429]
    assert budget(me(client)) == (600, 599)


def test_the_pages_budget_is_the_persons_on_every_device(limited: Flask, ada: Person) -> None:
    bea = Person(limited, "staff", "Bea")
    sessions.set_password(bea.db, bea.id, PASSWORD)
    clients = [limited.test_client() for _ in range(3)]
    for client, person in zip(clients, (ada, ada, bea), strict=True):
        sign_in(client, person)
    assert [budget(me(client))[1] for client in clients] == [599, 598, 599]


def test_bulk_requests_of_the_page_count_with_those_of_the_token(
    limited: Flask, ada: Person
) -> None:
    bulk = {"items": [{"name": "x"}]}
    client = limited.test_client()
    sign_in(client, ada)
    one = client.post("/api/v1/guests/bulk", json=bulk, headers=PAGE)
    two = ada.post("/guests/bulk", bulk)
    assert budget(one)[1] - budget(two)[1] == 1


def test_a_token_of_the_api_gets_no_more_by_pretending_to_be_the_page(
    limited: Flask, ada: Person
) -> None:
    # With the page's header: the token counts. In the page's cookie: it opens, and counts as before.
    assert budget(ada.get("/auth/me", headers=PAGE)) == (100, 99)
    client = limited.test_client()
    client.set_cookie("jack-localhost", ada.token)
    assert budget(me(client)) == (100, 98)
    again = client.post("/api/v1/auth/refresh", headers=PAGE)
    assert budget(again) == (100, 97)
    assert budget(me(client)) == (100, 96)


def test_the_pages_token_sent_as_a_bearers_has_a_tokens_budget(limited: Flask, ada: Person) -> None:
    token = cookie_of(sign_in(limited.test_client(), ada))
    bearer = {"Authorization": f"Bearer {token}"}
    client = limited.test_client()
    assert budget(me(client, bearer)) == (100, 99)
    assert budget(me(client, bearer | PAGE)) == (100, 98)
    swapped = client.post("/api/v1/auth/refresh", headers=bearer)
    client.set_cookie("jack-localhost", swapped.json["data"]["token"])  # type: ignore[index]
    assert budget(me(client)) == (100, 96)


def test_the_page_keeps_its_budget_after_a_refresh(limited: Flask, ada: Person) -> None:
    client = limited.test_client()
    sign_in(client, ada)
    succeeded(client.post("/api/v1/auth/refresh", headers=PAGE))
    assert budget(me(client)) == (600, 598)


def test_a_session_begun_with_an_invitation_on_the_page_is_the_pages(
    limited: Flask, ada: Person
) -> None:
    token, _ = sessions.invite(ada.db, ada.id)
    client = limited.test_client()
    body = {"token": token, "password": PASSWORD}
    succeeded(client.post("/api/v1/auth/accept-invite", json=body, headers=PAGE))
    assert budget(me(client)) == (600, 599)
