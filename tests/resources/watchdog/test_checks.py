"""What the watchdog finds, and what it does not."""

from __future__ import annotations

import pytest

from jack.channels.registry import CHANNELS
from jack.core import clock as times
from jack.core.db import Database
from jack.resources.channel_accounts import store as accounts
from jack.resources.channel_accounts.connection import connected as connected_now
from jack.resources.settings import store as settings
from jack.resources.watchdog import checks, store
from jack.resources.webhooks import store as webhooks
from tests.builders import make_member
from tests.conftest import Clock

MAIL = "email:front@hotel.example"
SERVER = {"host": "127.0.0.1", "password": "unasked"}


@pytest.fixture
def connected(db: Database) -> None:
    """E-mail is connected."""
    value = {"enabled": True, "address": "front@hotel.example", "smtp": SERVER, "imap": SERVER}
    settings.put(db, "channels.email", value)


class Watch:
    """Looks of one process."""

    def __init__(self, db: Database) -> None:
        self.db, self.free = db, 0.5
        self.started_at = db.now()

    def look(self) -> list[str]:
        """The names of what is out of order now."""
        channels = {name: connected_now(self.db, name, "https://jack.example") for name in CHANNELS}
        machine = checks.Machine(self.started_at, self.free, channels)
        store.update(self.db, checks.find(self.db, machine, store.now(self.db)))
        return [fault.name for fault in store.now(self.db)]


@pytest.fixture
def watch(db: Database) -> Watch:
    return Watch(db)


def events(db: Database) -> list[tuple[str, str]]:
    rows = db.all("SELECT type, subject_id FROM events WHERE type LIKE 'health.%' ORDER BY seq")
    return [(row["type"], row["subject_id"]) for row in rows]


def test_a_new_installation_is_well(watch: Watch) -> None:
    assert watch.look() == []


def test_a_mailbox_that_is_not_read_for_ten_minutes(
    db: Database, clock: Clock, watch: Watch, connected: None
) -> None:
    accounts.record_poll(db, MAIL)
    clock.move(599)
    assert watch.look() == []
    clock.move(2)
    assert watch.look() == ["mailbox"]
    assert watch.look() == ["mailbox"]
    accounts.record_poll(db, MAIL)
    assert watch.look() == []
    assert events(db) == [("health.failed", "mailbox"), ("health.recovered", "mailbox")]


def test_one_that_was_never_read(db: Database, clock: Clock, watch: Watch, connected: None) -> None:
    clock.move(601)
    assert watch.look() == ["mailbox"]


def test_time_in_which_jack_was_off_does_not_count(
    db: Database, clock: Clock, connected: None
) -> None:
    accounts.record_poll(db, MAIL)
    clock.move(5 * 3600)
    assert Watch(db).look() == []


def test_a_fault_outlives_a_new_start(
    db: Database, clock: Clock, watch: Watch, connected: None
) -> None:
    clock.move(601)
    assert watch.look() == ["mailbox"]
    assert Watch(db).look() == ["mailbox"]


def test_a_mailbox_that_is_switched_off_is_not_out_of_order(
    db: Database, clock: Clock, watch: Watch, connected: None
) -> None:
    settings.put(db, "channels.email", {"enabled": False, "address": "front@hotel.example"})
    clock.move(3600)
    assert watch.look() == []


def test_a_channel_that_is_paused(
    db: Database, clock: Clock, watch: Watch, connected: None
) -> None:
    _, put = settings.value_and_time(db, "channels.email")
    accounts.pause(db, MAIL, "The password is wrong.", settings_at=put)
    assert watch.look() == []  # it may be over in a moment
    clock.move(121)
    assert watch.look() == ["channel:email"]
    accounts.record_outbound(db, MAIL)
    assert watch.look() == []


def test_a_webhook_to_which_nothing_gets(db: Database, clock: Clock, watch: Watch) -> None:
    made = webhooks.create(db, url="https://hooks.example.com/jack", events=["*"])["id"]
    failing = "UPDATE webhooks SET failures = :failures, failing_since = :since"
    db.run(failing, {"failures": 2, "since": db.now()})
    clock.move(601)
    assert watch.look() == []
    db.run("UPDATE webhooks SET failures = 3")
    assert watch.look() == [f"webhook:{made}"]
    webhooks.disable(db, made, webhooks.FAILING)
    assert watch.look() == [f"webhook:{made}"]
    webhooks.change(db, made, enabled=True)
    assert watch.look() == []


def test_a_disk_with_less_than_a_tenth_free(db: Database, watch: Watch) -> None:
    watch.free = 0.101
    assert watch.look() == []
    watch.free = 0.099
    assert watch.look() == ["disk"]
    watch.free = 0.11  # a file more or less is no news
    assert watch.look() == ["disk"]
    watch.free = 0.13
    assert watch.look() == []


def test_no_backup_for_two_days(db: Database, clock: Clock, watch: Watch) -> None:
    clock.move(47 * 3600)
    assert watch.look() == []
    clock.move(3601)
    assert watch.look() == ["backup"]
    db.run("UPDATE instance SET backed_up_at = :now", {"now": db.now()})
    assert watch.look() == []


def test_a_clock_that_went_back(db: Database, clock: Clock, watch: Watch) -> None:
    make_member(db)
    clock.move(-59)
    assert watch.look() == []
    clock.move(-3600)
    assert watch.look() == ["clock"]
    assert watch.look() == ["clock"]  # also when the event about it is the newest
    clock.move(3700)
    assert watch.look() == []


def test_since_when_is_kept(db: Database, clock: Clock, watch: Watch) -> None:
    watch.free = 0.05
    watch.look()
    (first,) = store.now(db)
    clock.move(60)
    watch.look()
    assert store.now(db) == [first]
    assert first.since == times.later(db.now(), seconds=-60)
