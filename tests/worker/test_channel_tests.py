"""Tests of channels, as the worker does them: in time, a few at once, each step told as it ends; nothing waits for them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from jack.channels import trial, types
from jack.channels.steps import Report
from jack.channels.types import Account
from jack.core.db import Database
from jack.core.errors import Unavailable
from jack.resources.channel_accounts import channel_tests
from jack.resources.channel_accounts import store as accounts
from jack.resources.settings import store as settings
from jack.worker import channel_tests as worker_tests
from jack.worker import cleanup, loop
from jack.worker.jobs import Jobs
from tests.builders import make_member
from tests.conftest import Clock
from tests.peers.silent import silent
from tests.peers.smtp import Smtp, smtp

PATIENCE = 60.0
ACCOUNT = "email:front@hotel.example"


def until(ready: Callable[[], object]) -> None:
    """Wait for what another thread does."""
    deadline = time.monotonic() + PATIENCE
    while not ready():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


@pytest.fixture
def jobs(app: Flask) -> Jobs:
    return loop.of(app.extensions["jack"])._jobs


def configure(db: Database, port: int) -> None:
    """E-mail at a server of this machine."""
    server = {"host": "127.0.0.1", "port": port, "security": "none", "password": "SECRET-PW"}
    value = {"enabled": True, "address": "front@hotel.example", "smtp": server, "imap": server}
    settings.put(db, "channels.email", value)


def ask(db: Database, channel: str = "email") -> str:
    """A test of the channel by the settings as they are."""
    _, at = settings.value_and_time(db, f"channels.{channel}")
    return channel_tests.create(db, channel, settings_at=at)["id"]


def step(name: str, *, ok: bool = True) -> Any:
    return {"name": name, "ok": ok, "message": f"{name} was tried.", "ms": 1}


def test_a_silent_server_is_named_within_ten_seconds_and_holds_up_nothing(
    app_db: Database, app: Flask
) -> None:
    """As a person sees it: from the request for the test to its result, with everything between."""
    worker = loop.of(app.extensions["jack"])
    with silent() as port:
        configure(app_db, port)
        begun = time.monotonic()
        asked = ask(app_db)
        worker.turn(app_db)
        while channel_tests.get(app_db, "email", asked)["status"] == "running":
            slept = time.monotonic()
            worker.send_due(app_db)  # the outbox goes on
            assert time.monotonic() - slept < 5
            time.sleep(0.05)
        assert time.monotonic() - begun < channel_tests.SECONDS + 1  # the test's own delays
    found = channel_tests.get(app_db, "email", asked)
    assert found["status"] == "failed"
    failed = {one["name"]: one["message"] for one in found["steps"] if not one["ok"]}
    assert list(failed) == ["imap.greet", "smtp.greet"]
    assert all(f"127.0.0.1:{port} accepts" in message for message in failed.values())
    until(lambda: accounts.get(app_db, ACCOUNT)["last_error"])
    assert "SECRET-PW" not in str(app_db.all("SELECT * FROM channel_tests"))


def test_steps_are_told_as_they_end(
    app_db: Database, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of one server together."""
    seen: list[list[str]] = []
    configure(app_db, 1)
    asked = ask(app_db)

    def tried(
        account: Account, seconds: float, report: Callable[[Report], None], letter: object = None
    ) -> types.Tested:
        for name in ("smtp.look_up", "imap.look_up", "smtp.connect"):
            report(step(name))
            told = channel_tests.get(app_db, "email", asked)
            assert told["status"] == "running"
            seen.append([one["name"] for one in told["steps"]])
        return types.Tested(True, "It works.")

    monkeypatch.setattr(trial, "run", tried)
    (row,) = channel_tests.due(app_db, 1)
    worker_tests.run(row, "", app_db)
    assert seen == [
        ["smtp.look_up"],
        ["imap.look_up", "smtp.look_up"],
        ["imap.look_up", "smtp.look_up", "smtp.connect"],
    ]
    assert channel_tests.get(app_db, "email", asked)["status"] == "ok"


def test_a_busy_database_loses_no_step(app_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def tried(
        account: Account, seconds: float, report: Callable[[Report], None], letter: object = None
    ) -> types.Tested:
        report(step("imap.look_up"))
        return types.Tested(True, "It works.")

    def busy(*_: object) -> None:
        raise Unavailable("Busy.")

    configure(app_db, 1)
    asked = ask(app_db)
    monkeypatch.setattr(trial, "run", tried)
    monkeypatch.setattr(channel_tests, "record", busy)
    (row,) = channel_tests.due(app_db, 1)
    worker_tests.run(row, "", app_db)
    assert channel_tests.get(app_db, "email", asked)["steps"] == [step("imap.look_up")]


def test_two_workers_do_a_test_once(app_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    def tried(
        account: Account, seconds: float, report: Callable[[Report], None], letter: object = None
    ) -> types.Tested:
        done.append(account.name)
        return types.Tested(True, "It works.")

    monkeypatch.setattr(trial, "run", tried)
    ask(app_db, "web")
    (row,) = channel_tests.due(app_db, 1)
    worker_tests.run(row, "", app_db)
    worker_tests.run(row, "", app_db)
    assert done == ["web"]


def test_only_a_few_are_done_at_once(
    app_db: Database, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    with silent() as port:
        for number in range(channel_tests.MOST_AT_ONCE + 1):
            configure(app_db, port)
            channel_tests.create(app_db, "email", settings_at=str(number))
        jobs.begin_due(app_db)
        jobs.begin_due(app_db)
        waiting = "SELECT count(*) FROM channel_tests WHERE begun_at IS NULL"
        until(lambda: app_db.value(waiting) == 1)
        assert len(jobs._tests) == channel_tests.MOST_AT_ONCE
        until(lambda: not any(job.running for job in jobs._tests))


def test_an_account_taken_away_meanwhile_is_said_to_be(app_db: Database) -> None:
    configure(app_db, 1)
    asked = ask(app_db)
    settings.put(app_db, "channels.email", {"enabled": False})
    (row,) = channel_tests.due(app_db, 1)
    worker_tests.run(row, "", app_db)
    found = channel_tests.get(app_db, "email", asked)
    assert (found["status"], found["steps"][0]["name"]) == ("failed", "settings")


# ------------------------------------------------------------------------------------------------ its time


def test_a_test_that_nobody_begins_has_failed_and_is_not_begun_late(
    db: Database, clock: Clock
) -> None:
    asked = ask(db)
    clock.move(channel_tests.LATEST_BEGIN - 0.1)
    assert channel_tests.get(db, "email", asked)["status"] == "running"
    assert len(channel_tests.due(db, 5)) == 1
    clock.move(0.2)
    found = channel_tests.get(db, "email", asked)
    assert (found["status"], found["steps"][-1]["name"]) == ("failed", "worker")
    assert channel_tests.due(db, 5) == []


def test_a_test_whose_worker_has_died_has_failed_after_ten_seconds(
    db: Database, clock: Clock
) -> None:
    asked = ask(db)
    channel_tests.begin(db, asked)
    channel_tests.record(db, asked, [step("imap.look_up")])
    clock.move(channel_tests.SECONDS - 0.1)
    assert channel_tests.get(db, "email", asked)["status"] == "running"
    clock.move(0.1)
    found = channel_tests.get(db, "email", asked)
    assert [one["name"] for one in found["steps"]] == ["imap.look_up", "worker"]
    assert "in the middle" in found["steps"][-1]["message"]


def test_what_a_test_may_take_is_what_is_left_of_it(db: Database, clock: Clock) -> None:
    ask(db)
    (row,) = channel_tests.due(db, 1)
    assert channel_tests.seconds_left(db, row) == channel_tests.LATEST_END
    clock.move(4)
    assert channel_tests.seconds_left(db, row) == channel_tests.LATEST_END - 4
    clock.move(-3600)  # the clock was set back
    assert channel_tests.seconds_left(db, row) == channel_tests.LATEST_END


def test_tests_are_kept_for_an_hour(db: Database, clock: Clock) -> None:
    asked = ask(db)
    clock.move(3599)
    cleanup.delete_expired(db)
    assert channel_tests.get(db, "email", asked)["id"] == asked
    clock.move(1)
    cleanup.delete_expired(db)
    assert db.value("SELECT count(*) FROM channel_tests") == 0


# ------------------------------------------------------------------------------------------------ letters


@pytest.fixture
def relay() -> Iterator[Smtp]:
    with smtp() as server:
        yield server


def by_mail(db: Database, relay: Smtp, **own: Any) -> None:
    servers = {"smtp": relay.settings(), "imap": {"host": "127.0.0.1", "password": "unasked"}}
    settings.put(db, "channels.email", {"address": "front@hotel.example", **servers, **own})


def ask_for_letter(db: Database) -> tuple[str, str]:
    """A letter that somebody has asked for, and who."""
    ada = make_member(db, name="Ada", email="ada@hotel.example", role="admin")["id"]
    _, at = settings.value_and_time(db, "channels.email")
    return channel_tests.create(db, "email", settings_at=at, letter_to=ada)["id"], ada


@pytest.mark.parametrize(("language", "word"), [("en", "test letter"), ("es", "Carta de prueba")])
def test_a_letter_is_sent_as_guests_get_theirs(
    db: Database, relay: Smtp, language: str, word: str
) -> None:
    by_mail(db, relay, signatures={"en": "Kind regards", "es": "Saludos"})
    settings.put(db, "hotel", {"name": "Sol", "timeZone": "UTC", "language": language})
    asked, _ = ask_for_letter(db)
    (row,) = channel_tests.due(db, 1)
    worker_tests.run(row, "", db)
    found = channel_tests.get(db, "email", asked)
    assert found["status"] == "ok"
    assert [one["name"] for one in found["steps"]][-2:] == ["smtp.sign_in", "smtp.hand_over"]
    (taken,) = relay.desk.taken
    assert (taken.sender, taken.recipients) == ("front@hotel.example", ["ada@hotel.example"])
    assert "Sol" in str(taken.mail["Subject"])
    assert taken.mail["Auto-Submitted"] is None
    assert word.lower() in f"{taken.mail['Subject']} {taken.text}".lower()
    assert taken.text.rstrip().endswith("Kind regards" if language == "en" else "Saludos")


def test_a_letter_that_the_server_refuses_says_why(db: Database, relay: Smtp) -> None:
    by_mail(db, relay)
    relay.desk.answers["RCPT"] = "550 5.7.1 relay access denied"
    asked, _ = ask_for_letter(db)
    (row,) = channel_tests.due(db, 1)
    worker_tests.run(row, "", db)
    found = channel_tests.get(db, "email", asked)
    assert found["status"] == "failed"
    last = found["steps"][-1]
    assert (last["name"], last["ok"]) == ("smtp.hand_over", False)
    assert "relay access denied" in last["message"]
    assert relay.desk.taken == []


def test_a_letter_is_no_test_without_one_and_asked_for_twice_is_one(db: Database) -> None:
    configure(db, 1)
    test = ask(db)
    letter, ada = ask_for_letter(db)
    assert letter != test
    _, at = settings.value_and_time(db, "channels.email")
    again = channel_tests.create(db, "email", settings_at=at, letter_to=ada)["id"]
    assert again == letter
