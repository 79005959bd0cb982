"""What all tests share: an app and a database of its own each, a clock that stands still, people of every role."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from jack import create_app
from jack.core.db import Database
from jack.core.migrations import migrate
from jack.resources.auth import tokens
from jack.resources.staff import store as staff
from jack.worker import loop
from tests import profiles

profiles.load()

PASSWORD = "correct horse battery"
START = 1_780_000_000.0  # 2026-05-28T20:26:40Z


def pytest_xdist_auto_num_workers() -> int:
    """`-n auto`: half of the time of a test is waiting, for a browser or a server."""
    return 2 * (os.cpu_count() or 1)


class Clock:
    """A clock that moves when told to."""

    def __init__(self) -> None:
        self.seconds = START

    def __call__(self) -> float:
        return self.seconds

    def move(self, seconds: float) -> None:
        """Let time pass (or, with a negative number, step back)."""
        self.seconds += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def db(tmp_path: Path, clock: Clock) -> Iterator[Database]:
    """A database by itself, for tests of stores."""
    database = Database(tmp_path / "jack.db", time=clock)
    migrate(database)
    yield database
    database.close()


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The settings of the app under test; a test may change them before it asks for `app`."""
    return {
        "JACK_INSTANCE": str(tmp_path / "instance"),
        "JACK_RATE_LIMIT": "1000000/minute",
        "JACK_RATE_LIMIT_WEBHOOKS": "1000000/minute",
        "JACK_RATE_LIMIT_WEBHOOKS_REFUSED": "1000000/minute",
        "JACK_RATE_LIMIT_PAGE": "1000000/minute",
        "JACK_RATE_LIMIT_BULK": "1000000/minute",
        "JACK_RATE_LIMIT_CHAT": "1000000/minute",
        "JACK_RATE_LIMIT_CHAT_SESSIONS": "1000000/minute",
    }


@pytest.fixture
def app(environment: dict[str, str]) -> Iterator[Flask]:
    made = create_app(environment)
    yield made
    made.extensions["jack"].databases.close()


@pytest.fixture
def app_db(app: Flask) -> Database:
    """The database of the app under test."""
    database: Database = app.extensions["jack"].databases.get()
    return database


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Nobody in particular."""
    return app.test_client()


class Person:
    """A member of staff at a client: their id, and requests with their token."""

    def __init__(self, app: Flask, role: str, name: str) -> None:
        self.db: Database = app.extensions["jack"].databases.get()
        email = f"{name.lower()}@hotel.example"
        self.id: str = staff.create(self.db, name=f"{name} Test", email=email, role=role)["id"]
        self.email = email
        with app.app_context():
            self.token: str = tokens.issue(self.db, self.id, hours=24)["token"]
        self._client = app.test_client()

    def open(
        self,
        path: str,
        *,
        method: str = "GET",
        headers: dict[str, str] | None = None,
        **kwargs: Any,
    ) -> Any:
        """A request of theirs; `path` is below /api/v1."""
        sent = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        path = f"/api/v1{path}"
        return self._client.open(path, method=method, headers=sent, buffered=True, **kwargs)

    def get(self, path: str, **kwargs: Any) -> Any:
        return self.open(path, method="GET", **kwargs)

    def post(self, path: str, json: Any = None, **kwargs: Any) -> Any:
        return self.open(path, method="POST", json=json, **kwargs)

    def put(self, path: str, json: Any = None, **kwargs: Any) -> Any:
        return self.open(path, method="PUT", json=json, **kwargs)

    def patch(self, path: str, json: Any = None, **kwargs: Any) -> Any:
        return self.open(path, method="PATCH", json=json, **kwargs)

    def delete(self, path: str, **kwargs: Any) -> Any:
        return self.open(path, method="DELETE", **kwargs)


@pytest.fixture
def admin(app: Flask) -> Person:
    return Person(app, "admin", "Ada")


@pytest.fixture
def manager(app: Flask, admin: Person) -> Person:
    return Person(app, "manager", "Marta")


@pytest.fixture
def member(app: Flask, admin: Person) -> Person:
    """A member of staff with the role `staff`."""
    return Person(app, "staff", "Sam")


@pytest.fixture
def worker(app: Flask) -> Callable[[], bool]:
    """One round of the background work, until what was given to providers is back."""
    state = app.extensions["jack"]
    state.config.worker_lock.touch()
    made, db = loop.of(state), state.databases.get()

    def turn() -> bool:
        busy = made.turn(db)
        made.finish(db)
        return busy

    return turn
