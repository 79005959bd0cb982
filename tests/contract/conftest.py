"""One app for all tests, emptied before each of them, with a clock of the tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from jack import create_app
from jack.core.db import Database, transaction
from jack.resources.auth import passwords
from tests.conftest import START, Clock
from tests.sweeps.hotel import UNLIMITED, quick_hasher

ORDINARY = """
    SELECT name FROM sqlite_schema
    WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' AND name NOT GLOB '*_search_*' AND name NOT GLOB '*_grams_*'
      AND name NOT IN ('instance', 'channels', 'sqlite_stat1')"""


@pytest.fixture(autouse=True)
def _quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_hasher", quick_hasher())


@pytest.fixture(scope="session")
def _time() -> Clock:
    return Clock()


@pytest.fixture
def clock(_time: Clock) -> Clock:
    _time.seconds = START
    return _time


@pytest.fixture(scope="session")
def _shared_app(tmp_path_factory: pytest.TempPathFactory, _time: Clock) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("instance")
    made = create_app({"JACK_INSTANCE": str(folder), **UNLIMITED}, clock=_time)
    yield made
    made.extensions["jack"].databases.close()


@pytest.fixture
def app(_shared_app: Flask, clock: Clock) -> Flask:
    state = _shared_app.extensions["jack"]
    _empty(state.databases.get())
    state.limits.limiter.storage.reset()
    return _shared_app


def _empty(db: Database) -> None:
    names = [row["name"] for row in db.all(ORDINARY)]
    db.run("PRAGMA foreign_keys = OFF")
    with transaction(db):
        kept = db.value("SELECT sql FROM sqlite_schema WHERE name = 'audit_kept'")
        db.run("DROP TRIGGER audit_kept")
        for name in names:
            db.run(f"DELETE FROM {name}")
        db.script(kept)
    db.run("PRAGMA foreign_keys = ON")
