"""The first start: the database, and the administrator who was configured."""

from __future__ import annotations

from pathlib import Path

import pytest

from jack import create_app
from jack.core.config import BadSetting, read
from jack.core.db import Database
from jack.operations.bootstrap import prepare
from jack.resources.auth import sessions
from jack.resources.staff import store as staff
from tests.conftest import PASSWORD

ADA = {"JACK_ADMIN_EMAIL": "ada@hotel.example", "JACK_ADMIN_PASSWORD": PASSWORD}


@pytest.fixture
def empty(tmp_path: Path) -> Database:
    made = Database(tmp_path / "jack.db")
    yield made
    made.close()


def members(db: Database) -> list[tuple[str, str]]:
    return [(row["email"], row["role"]) for row in db.all("SELECT email, role FROM staff")]


def test_the_configured_administrator_is_made(empty: Database) -> None:
    output: list[str] = []
    prepare(read(ADA), empty, say=output.append)
    assert members(empty) == [("ada@hotel.example", "admin")]
    assert sessions.check_credentials(empty, "ada@hotel.example", PASSWORD)
    assert output == ["Creating the database", "Made the administrator of JACK_ADMIN_EMAIL"]


def test_who_is_there_is_not_made_again(empty: Database) -> None:
    for _ in range(2):
        prepare(read(ADA), empty)
    assert len(members(empty)) == 1


def test_an_installation_with_an_administrator_takes_no_other(empty: Database) -> None:
    prepare(read({}), empty)
    staff.create(empty, name="Bea", email="bea@hotel.example", role="admin")
    prepare(read(ADA), empty)
    assert members(empty) == [("bea@hotel.example", "admin")]


def test_without_the_settings_nobody_is_made(empty: Database) -> None:
    prepare(read({}), empty)
    assert members(empty) == []


@pytest.mark.parametrize("email", ["nobody", "a@", "a b@c.d"])
def test_a_bad_email_is_refused_by_name(email: str, empty: Database) -> None:
    with pytest.raises(BadSetting, match=r"^JACK_ADMIN_EMAIL="):
        prepare(read(ADA | {"JACK_ADMIN_EMAIL": email}), empty)


@pytest.mark.parametrize("password", ["short", "password1234"])
def test_a_poor_password_is_refused_by_name_and_not_shown(password: str, empty: Database) -> None:
    with pytest.raises(BadSetting, match=r"^JACK_ADMIN_PASSWORD: ") as told:
        prepare(read(ADA | {"JACK_ADMIN_PASSWORD": password}), empty)
    assert password not in str(told.value)


def test_somebody_elses_address_is_no_reason_not_to_start(empty: Database) -> None:
    """A member, not an administrator, has the configured address: that is told, in plain words."""
    prepare(read({}), empty)
    staff.create(empty, name="Ada", email="ada@hotel.example", role="staff")
    with pytest.raises(Exception, match="exists already"):
        prepare(read(ADA), empty)


def test_an_app_is_ready_with_its_administrator(tmp_path: Path) -> None:
    app = create_app({"JACK_INSTANCE": str(tmp_path), **ADA})
    body = {"email": ADA["JACK_ADMIN_EMAIL"], "password": PASSWORD}
    assert app.test_client().post("/api/v1/auth/login", json=body).status_code == 200
    app.extensions["jack"].databases.close()
