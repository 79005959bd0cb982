"""Two things at once about one account: what was checked must still be so when it takes effect."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from jack.core.db import Database
from jack.resources.auth import passwords, sessions
from jack.resources.staff import store as staff
from tests.checks import refused, succeeded
from tests.conftest import PASSWORD, Person

NEW = "a new and better password"
VALID = "SELECT count(*) FROM sessions WHERE staff_id = :id AND revoked_at IS NULL"


def post(client: FlaskClient, path: str, body: Any, **kwargs: Any) -> Any:
    return client.post(f"/api/v1/auth{path}", json=body, **kwargs)


@pytest.fixture
def known(app_db: Database, admin: Person) -> Person:
    """An administrator with a password, signed in nowhere."""
    sessions.set_password(app_db, admin.id, PASSWORD)
    return admin


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Has something done right after the next password was found to be right, and before anything follows from it."""

    def arrange(do: Callable[[], object]) -> None:
        real = passwords.matches

        def matches(stored: str | None, password: str) -> bool:
            found = real(stored, password)
            monkeypatch.setattr(passwords, "matches", real)
            do()
            return found

        monkeypatch.setattr(passwords, "matches", matches)

    return arrange


def test_a_password_changed_while_a_thief_signs_in_lets_nobody_in(
    known: Person,
    client: FlaskClient,
    app_db: Database,
    meanwhile: Callable[[Callable[[], object]], None],
) -> None:
    meanwhile(lambda: sessions.set_password(app_db, known.id, NEW))
    answer = post(client, "/login", {"email": known.email, "password": PASSWORD})
    assert refused(answer, 401)["reason"] == "invalid_credentials"
    assert app_db.value(VALID, {"id": known.id}) == 0
    succeeded(post(client, "/login", {"email": known.email, "password": NEW}))


def test_somebody_deactivated_while_they_sign_in_has_no_session(
    known: Person,
    manager: Person,
    client: FlaskClient,
    app_db: Database,
    meanwhile: Callable[[Callable[[], object]], None],
) -> None:
    sessions.set_password(app_db, manager.id, PASSWORD)
    meanwhile(lambda: staff.change(app_db, manager.id, active=False, by=known.id))
    refused(post(client, "/login", {"email": manager.email, "password": PASSWORD}), 401)
    assert app_db.value(VALID, {"id": manager.id}) == 0


def test_of_two_changes_of_a_password_at_once_the_first_counts(
    known: Person,
    client: FlaskClient,
    app_db: Database,
    meanwhile: Callable[[Callable[[], object]], None],
) -> None:
    token = succeeded(post(client, "/login", {"email": known.email, "password": PASSWORD}))["token"]
    meanwhile(lambda: sessions.set_password(app_db, known.id, NEW))
    answer = client.put(
        "/api/v1/auth/password",
        json={"currentPassword": PASSWORD, "newPassword": "what the thief would like"},
        headers={"Authorization": f"Bearer {token}"},
    )
    refused(answer, 401)
    assert sessions.check_credentials(app_db, known.email, NEW).staff_id == known.id


def test_refreshing_twelve_times_at_once_makes_one_session(
    known: Person,
    app: Flask,
    client: FlaskClient,
    app_db: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    token = succeeded(post(client, "/login", {"email": known.email, "password": PASSWORD}))["token"]
    header = {"Authorization": f"Bearer {token}"}
    real, all_in = sessions.session, Barrier(12)

    def session(db: Database, session_id: str) -> sessions.SessionRow | None:
        found = real(db, session_id)
        all_in.wait(20)  # each has found the session valid before any has ended it
        return found

    def refresh(_: int) -> int:
        try:
            return app.test_client().post("/api/v1/auth/refresh", headers=header).status_code
        finally:
            app.extensions["jack"].databases.close()

    monkeypatch.setattr(sessions, "session", session)
    with ThreadPoolExecutor(12) as pool:
        answers = sorted(pool.map(refresh, range(12)))
    assert answers == [200] + [401] * 11
    assert app_db.value(VALID, {"id": known.id}) == 1


@pytest.mark.parametrize("path", ["/accept-invite", "/setup"])
def test_nothing_is_hashed_for_a_link_that_is_not_valid(
    path: str, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    monkeypatch.setattr(passwords, "hashed", lambda password: hashed.append(password) or "x")
    body = {"token": "no-such-link", "password": PASSWORD}
    if path == "/setup":
        body |= {"name": "Eve", "email": "eve@hotel.example"}
    assert refused(post(client, path, body), 401)["reason"] == "token_invalid"
    assert hashed == []
