"""Where one is signed in: the sessions of one's own, and ending one."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from jack.core.db import Database
from jack.resources.auth import sessions
from tests.checks import refused, succeeded
from tests.conftest import PASSWORD, Clock, Person

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def known(app_db: Database, member: Person) -> Person:
    sessions.set_password(app_db, member.id, PASSWORD)
    return member


def sign_in(
    client: FlaskClient, person: Person, agent: str = FIREFOX, ip: str = "203.0.113.7"
) -> str:
    answer = client.post(
        "/api/v1/auth/login",
        json={"email": person.email, "password": PASSWORD},
        headers={"User-Agent": agent},
        environ_overrides={"REMOTE_ADDR": ip},
    )
    return str(succeeded(answer)["token"])


def own(person: Person) -> list[Any]:
    rows: list[Any] = succeeded(person.get("/auth/sessions"))
    return rows


def test_a_session_says_when_where_and_with_which_browser(
    known: Person, client: FlaskClient, clock: Clock
) -> None:
    known.token = sign_in(client, known)
    (row,) = own(known)
    assert row.pop("id").startswith("session-")
    assert row == {
        "createdAt": "2026-05-28T20:26:40.000Z",
        "lastUsedAt": "2026-05-28T20:26:40.000Z",
        "ip": "203.0.113.7",
        "userAgent": FIREFOX,
        "current": True,
    }


def test_the_current_one_comes_first_then_the_last_used(
    known: Person, client: FlaskClient, clock: Clock
) -> None:
    first = sign_in(client, known, "first")
    clock.move(60)
    sign_in(client, known, "second")
    clock.move(60)
    sign_in(client, known, "third")
    known.token = first
    rows = own(known)
    assert [row["userAgent"] for row in rows] == ["first", "third", "second"]
    assert [row["current"] for row in rows] == [True, False, False]


def test_use_is_noted_every_five_minutes_with_the_address(
    known: Person, client: FlaskClient, clock: Clock, app_db: Database
) -> None:
    known.token = sign_in(client, known)
    elsewhere = {"REMOTE_ADDR": "2001:db8::1"}
    clock.move(299)
    succeeded(known.get("/auth/me", environ_overrides=elsewhere))
    assert own(known)[0]["lastUsedAt"] == "2026-05-28T20:26:40.000Z"
    clock.move(1)
    before = app_db._connection.total_changes()
    for _ in range(3):
        succeeded(known.get("/auth/me", environ_overrides=elsewhere))
    assert app_db._connection.total_changes() - before == 2  # the member and the session, once
    row = own(known)[0]
    assert (row["lastUsedAt"], row["ip"]) == ("2026-05-28T20:31:40.000Z", "2001:db8::1")


@pytest.mark.parametrize(
    ("sent", "kept"), [("", None), ("x" * 5000, "x" * 300), ("a\tb\x7fc", "a\tbc")]
)
def test_what_a_browser_says_is_bounded(
    sent: str, kept: str | None, known: Person, client: FlaskClient
) -> None:
    known.token = sign_in(client, known, sent)
    assert own(known)[0]["userAgent"] == kept


def test_another_device_is_ended_at_once(known: Person, client: FlaskClient) -> None:
    other = sign_in(client, known, "other")
    known.token = sign_in(client, known)
    (row,) = [row for row in own(known) if row["userAgent"] == "other"]
    succeeded(client.get("/api/v1/auth/me", headers={"Authorization": f"Bearer {other}"}))
    succeeded(known.delete(f"/auth/sessions/{row['id']}"))
    answer = client.get("/api/v1/auth/me", headers={"Authorization": f"Bearer {other}"})
    refused(answer, 401, reason="token_revoked")
    assert [row["current"] for row in own(known)] == [True]
    refused(known.delete(f"/auth/sessions/{row['id']}"), 404)


def test_the_current_one_can_be_ended_too(known: Person, client: FlaskClient) -> None:
    known.token = sign_in(client, known)
    succeeded(known.delete(f"/auth/sessions/{own(known)[0]['id']}"))
    refused(known.get("/auth/me"), 401, reason="token_revoked")


def test_the_page_that_ends_its_own_session_loses_its_cookie(
    known: Person, client: FlaskClient
) -> None:
    page = {"X-Jack-Page": "1"}
    body = {"email": known.email, "password": PASSWORD}
    succeeded(client.post("/api/v1/auth/login", json=body, headers=page))
    (row,) = [
        row
        for row in succeeded(client.get("/api/v1/auth/sessions", headers=page))
        if row["current"]
    ]
    answer = client.delete(f"/api/v1/auth/sessions/{row['id']}", headers=page)
    succeeded(answer)
    assert "Max-Age=0" in answer.headers["Set-Cookie"]


def test_nobody_sees_or_ends_the_sessions_of_another(
    known: Person, admin: Person, client: FlaskClient
) -> None:
    known.token = sign_in(client, known)
    row = own(known)[0]
    assert row["id"] not in [other["id"] for other in own(admin)]
    assert (
        refused(admin.delete(f"/auth/sessions/{row['id']}"), 404)["message"] == "Session not found"
    )
    succeeded(known.get("/auth/me"))


def test_ended_and_expired_ones_are_not_listed(
    known: Person, client: FlaskClient, clock: Clock, app_db: Database
) -> None:
    sign_in(client, known, "old")
    clock.move(23 * 3600)
    known.token = sign_in(client, known)
    clock.move(2 * 3600)
    assert [row["userAgent"] for row in own(known)] == [FIREFOX]
    assert refused(known.delete("/auth/sessions/session-0"), 404)


def test_a_week_after_its_end_nothing_of_a_session_is_kept(
    known: Person, client: FlaskClient, clock: Clock, app_db: Database
) -> None:
    sign_in(client, known)
    clock.move(8 * 24 * 3600 + 60)
    sessions.delete_expired(app_db)
    assert app_db.value("SELECT count(*) FROM sessions WHERE ip IS NOT NULL") == 0


def test_a_refreshed_session_is_from_where_it_was_refreshed(
    known: Person, client: FlaskClient
) -> None:
    known.token = sign_in(client, known)
    agent = {"User-Agent": "cron"}
    answer = known.post("/auth/refresh", headers=agent, environ_overrides={"REMOTE_ADDR": "::1"})
    known.token = succeeded(answer)["token"]
    assert [(row["ip"], row["userAgent"]) for row in own(known) if row["current"]] == [
        ("::1", "cron")
    ]
