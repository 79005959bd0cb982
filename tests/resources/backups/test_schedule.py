"""When a backup is due by itself, which are kept, and when administrators are told that none succeeds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jack.core import clock as clocks
from jack.core.db import Database
from jack.operations import backup_runs
from jack.resources.backups import retention, schedule, store
from jack.resources.settings import store as settings
from jack.worker import backup_mail
from jack.worker.backup_process import BackupOptions
from tests.builders import make_member
from tests.conftest import Clock
from tests.peers.smtp import Smtp, smtp

HOUR = 3600
URL = "https://jack.example"
KEEP: Any = {"enabled": True, "hour": 4, "keepDays": 7, "keepWeeks": 4, "keepMonths": 6}


def at(clock: Clock, text: str) -> None:
    clock.seconds = clocks.parse(text).timestamp()


def statuses(db: Database) -> list[str]:
    return db.column("SELECT reason || ' ' || status FROM backups ORDER BY seq")


def hotel_in(db: Database, zone: str, hour: int = 4) -> None:
    settings.put(db, "hotel", {"name": "Sol", "timeZone": zone, "language": "en"})
    settings.put(db, "backups", {"hour": hour})


def test_it_is_planned_once_a_night_at_the_hotels_hour(db: Database, clock: Clock) -> None:
    hotel_in(db, "Europe/Madrid")
    at(clock, "2026-05-29T01:59:00Z")
    assert not schedule.plan_nightly(db)
    at(clock, "2026-05-29T02:00:00Z")  # 4 o'clock in Madrid
    assert schedule.plan_nightly(db)
    assert not schedule.plan_nightly(db)  # it is waiting
    backup_runs.run_due(db, BackupOptions())
    at(clock, "2026-05-30T01:59:00Z")
    assert not schedule.plan_nightly(db)
    at(clock, "2026-05-30T02:00:00Z")
    assert schedule.plan_nightly(db)
    assert statuses(db) == ["nightly done", "nightly queued"]


def test_a_night_that_was_slept_through_is_made_up_for(db: Database, clock: Clock) -> None:
    hotel_in(db, "UTC")
    at(clock, "2026-06-05T15:00:00Z")
    assert schedule.plan_nightly(db)


@pytest.mark.parametrize("day", ["2026-03-28", "2026-10-24"])
def test_it_is_once_also_when_clocks_change(db: Database, clock: Clock, day: str) -> None:
    """2 o'clock is not there on the one day, and twice on the other."""
    at(clock, f"{day}T23:00:00Z")
    db.run("UPDATE instance SET created_at = :now", {"now": db.now()})
    hotel_in(db, "Europe/Madrid", hour=2)
    planned = 0
    for _ in range(60):
        if schedule.plan_nightly(db):
            planned += 1
            store.fail(db, str(store.due(db)["id"]), "not today")  # type: ignore[index]
            db.run("UPDATE backups SET status = 'failed', finished_at = '2099-01-01T00:00:00.000Z'")
        clock.move(HOUR / 4)
    assert planned == 1


def test_one_that_failed_is_tried_again_in_an_hour(db: Database, clock: Clock) -> None:
    hotel_in(db, "UTC")
    at(clock, "2026-05-29T04:00:00Z")
    assert schedule.plan_nightly(db)
    store.fail(db, str(store.due(db)["id"]), "no space")  # type: ignore[index]
    clock.move(HOUR - 1)
    assert not schedule.plan_nightly(db)
    clock.move(1)
    assert schedule.plan_nightly(db)


def test_none_is_planned_where_they_are_off(db: Database, clock: Clock) -> None:
    settings.put(db, "backups", {"enabled": False})
    clock.move(72 * HOUR)
    assert not schedule.plan_nightly(db)
    assert schedule.news(db) is None


def test_days_weeks_and_months_are_kept() -> None:
    end = datetime(2026, 11, 29, 4, tzinfo=UTC)
    nightly = [(f"{n}", end - timedelta(days=n)) for n in range(400)]
    gone = retention.superseded(nightly, [], KEEP, end)
    kept = sorted(int(id) for id, _ in nightly if id not in gone)
    # Seven days; the Sundays of four weeks; the last days of six months, of which this one is not over.
    assert kept == [0, 1, 2, 3, 4, 5, 6, 7, 14, 21, 29, 60, 90, 121, 152]


def test_those_asked_for_are_kept_as_long_as_the_days_and_ten_of_them() -> None:
    end = datetime(2026, 11, 29, 4, tzinfo=UTC)
    asked = [(f"{n}", end - timedelta(hours=n)) for n in range(12)] + [
        ("old", end - timedelta(days=8))
    ]
    assert retention.superseded([], asked, KEEP, end) == {"10", "11", "old"}


def test_the_newest_is_always_kept() -> None:
    end = datetime(2026, 11, 29, 4, tzinfo=UTC)
    asked = [("old", end - timedelta(days=300))]
    assert retention.superseded([], asked, KEEP, end) == set()


def test_what_is_kept_no_longer_is_deleted_with_its_note(db: Database, clock: Clock) -> None:
    settings.put(db, "backups", {"keepDays": 2, "keepWeeks": 0, "keepMonths": 0})
    for _ in range(3):
        clock.move(24 * HOUR)
        assert schedule.plan_nightly(db)
        backup_runs.run_due(db, BackupOptions())
    files = sorted(path.name for path in (db.path.parent / "backups").iterdir())
    assert len(files) == 4
    assert db.value("SELECT count(*) FROM backups") == 2


# ------------------------------------------------------------------------------------------------ telling


@pytest.fixture
def relay(db: Database) -> Iterator[Smtp]:
    """The hotel's mail, and an administrator who reads it."""
    make_member(db, name="Ada", email="ada@hotel.example", role="admin", password_hash="x")
    with smtp() as server:
        servers = {"smtp": server.settings(), "imap": {"host": "127.0.0.1", "password": "unasked"}}
        value = {"enabled": True, "address": "front@hotel.example"}
        settings.put(db, "channels.email", value | servers)
        yield server


def failing(db: Database) -> None:
    """The backup of a night fails."""
    schedule.plan_nightly(db)
    row = store.due(db)
    if row is not None:
        store.fail(db, row["id"], "no space")


@pytest.mark.parametrize(("language", "word"), [("en", "No backup"), ("es", "Ninguna copia")])
def test_administrators_are_told_once_and_once_when_it_is_well(
    db: Database, clock: Clock, relay: Smtp, language: str, word: str
) -> None:
    settings.put(db, "hotel", {"name": "Sol", "timeZone": "UTC", "language": language})
    for hours, mails in ((24, 0), (23, 0), (2, 1), (24, 1)):
        clock.move(hours * HOUR)
        failing(db)
        backup_mail.send_due(db, URL)
        assert len(relay.desk.taken) == mails
    (mail,) = relay.desk.taken
    assert mail.recipients == ["ada@hotel.example"]
    assert word in mail.text
    assert f"{URL}/#/settings/backups" in mail.text
    clock.move(HOUR)
    assert schedule.plan_nightly(db)
    backup_runs.run_due(db, BackupOptions())
    for _ in range(2):
        backup_mail.send_due(db, URL)
    assert len(relay.desk.taken) == 2


def test_nobody_is_told_while_the_one_that_makes_up_for_it_is_made(
    db: Database, clock: Clock
) -> None:
    clock.move(72 * HOUR)
    assert schedule.plan_nightly(db)
    assert schedule.news(db) is None
    clock.move(7 * HOUR)  # it hangs
    assert schedule.news(db) == "overdue"


def test_one_that_was_not_copied_off_the_machine_is_no_success(db: Database, clock: Clock) -> None:
    for _ in range(3):
        clock.move(24 * HOUR)
        schedule.plan_nightly(db)
        backup_runs.run_due(db, BackupOptions("false"))
    assert schedule.news(db) == "overdue"
    backup_runs.run_due(db, BackupOptions("true"))
    assert schedule.news(db) is None
