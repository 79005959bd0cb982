"""Administrators are told of what is out of order: once, and once when it is well."""

from __future__ import annotations

import threading
import time as clock
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from jack.channels.registry import CHANNELS
from jack.core.db import Database
from jack.messaging.outgoing import SigningContext
from jack.resources.channel_accounts import store as accounts
from jack.resources.settings import store as settings
from jack.resources.watchdog import store
from jack.worker.jobs import Jobs
from jack.worker.watchdog import Watchdog, free_part
from tests.builders import make_member
from tests.peers.smtp import Smtp, smtp

URL = "https://jack.example"
PATIENCE = 20.0


def until(ready: Callable[[], object]) -> None:
    """Wait for what another thread does."""
    deadline = clock.monotonic() + PATIENCE
    while not ready():
        assert clock.monotonic() < deadline, "it never happened"
        threading.Event().wait(0.01)


@pytest.fixture
def relay() -> Iterator[Smtp]:
    with smtp() as server:
        yield server


class Disk:
    """A disk of which this part is free."""

    free = 0.05

    def __call__(self, folder: Path) -> float:
        return self.free


@pytest.fixture
def disk(db: Database) -> Disk:
    for email, role in (("ada@hotel.example", "admin"), ("sam@hotel.example", "staff")):
        make_member(db, name="Ada", email=email, role=role, password_hash="x")
    return Disk()


def by_mail(db: Database, relay: Smtp) -> None:
    servers = {"smtp": relay.settings(), "imap": {"host": "127.0.0.1", "password": "unasked"}}
    value = {"enabled": True, "address": "front@hotel.example"}
    settings.put(db, "channels.email", value | servers)
    accounts.record_poll(db, "email:front@hotel.example")


def subjects(relay: Smtp) -> list[str]:
    return [str(mail.mail["Subject"]) for mail in relay.desk.taken]


@pytest.mark.parametrize(
    ("language", "begins", "ends"),
    [("en", "out of order", "well again"), ("es", "algo no funciona", "vuelve a ir bien")],
)
def test_every_administrator_is_told_once_and_once_when_it_is_well(
    db: Database, relay: Smtp, disk: Disk, language: str, begins: str, ends: str
) -> None:
    by_mail(db, relay)
    settings.put(db, "hotel", {"name": "Sol", "timeZone": "Europe/Madrid", "language": language})
    watchdog = Watchdog(URL, free=disk)
    for _ in range(3):
        watchdog.look(db)
    (mail,) = relay.desk.taken
    assert mail.recipients == ["ada@hotel.example"]
    assert URL in mail.text
    assert begins in subjects(relay)[0]
    disk.free = 0.5
    for _ in range(3):
        watchdog.look(db)
    assert len(subjects(relay)) == 2
    assert ends in subjects(relay)[1]
    assert store.news(db) == []


def test_while_there_is_no_mail_they_are_still_to_be_told(
    db: Database, relay: Smtp, disk: Disk
) -> None:
    watchdog = Watchdog(URL, free=disk)
    watchdog.look(db)
    assert [row["kind"] for row in store.news(db)] == ["disk"]
    by_mail(db, relay)
    watchdog.look(db)
    assert len(relay.desk.taken) == 1


def test_what_is_over_before_anybody_was_told_is_no_news(
    db: Database, relay: Smtp, disk: Disk
) -> None:
    watchdog = Watchdog(URL, free=disk)
    watchdog.look(db)
    disk.free = 0.5
    watchdog.look(db)
    by_mail(db, relay)
    watchdog.look(db)
    assert relay.desk.taken == []


def test_the_worker_looks_once_a_minute(app: Flask, app_db: Database) -> None:
    time, stopped = [0.0], threading.Event()
    jobs = Jobs(
        app.extensions["jack"].databases, SigningContext(), CHANNELS, stopped, lambda: time[0]
    )
    app_db.run("UPDATE instance SET created_at = '2020-01-01T00:00:00.000Z'")
    jobs.begin_due(app_db)
    assert not jobs._watchdog.running
    time[0] = 60.0
    jobs.begin_due(app_db)
    until(lambda: [fault.name for fault in store.now(app_db) if fault.kind == "backup"])


def test_the_free_part_of_a_disk(tmp_path: Path) -> None:
    assert 0.0 <= free_part(tmp_path) <= 1.0
