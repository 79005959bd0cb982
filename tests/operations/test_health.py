"""Whether Jack can serve: what keeps it from it goes to the log, and not to strangers."""

from __future__ import annotations

import os
import shutil
from collections import namedtuple

import pytest
from flask import Flask

from jack.core.config import Config
from jack.core.db import Database
from jack.operations import health

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def config(app: Flask) -> Config:
    """The settings of an installation without a problem."""
    found: Config = app.extensions["jack"].config
    found.worker_lock.touch()
    return found


def test_an_installation_without_a_problem_has_none(config: Config, app_db: Database) -> None:
    assert health.problems(config, app_db) == []


def test_a_database_of_another_version(config: Config, app_db: Database) -> None:
    app_db.run("PRAGMA user_version = 99")
    (wrong,) = health.problems(config, app_db)
    assert "bin/jack migrate" in wrong


def test_a_disk_that_is_almost_full(
    config: Config, app_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(100, 90, 10 * 1024 * 1024))
    (wrong,) = health.problems(config, app_db)
    assert wrong == "the disk is almost full (10 MiB left)"


def test_a_folder_that_cannot_be_written(
    config: Config, app_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    (wrong,) = health.problems(config, app_db)
    assert wrong == f"{config.instance} cannot be written"


@pytest.mark.parametrize("gone", [True, False])
def test_a_worker_that_shows_no_life(gone: bool, config: Config, app_db: Database) -> None:
    config.worker_lock.unlink() if gone else os.utime(config.worker_lock, (0, 0))
    (wrong,) = health.problems(config, app_db)
    assert "the background worker is not running" in wrong


def test_a_database_that_cannot_be_opened_is_not_ready(
    app: Flask, config: Config, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise OSError("/home/of/the/hotel")

    monkeypatch.setattr(health, "get_db", fail)
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"status": "unavailable"})
    assert "the database cannot be opened (OSError)" in caplog.text
    assert "/home/of" not in answer.get_data(as_text=True)
