"""What the worker does beside its loop: the mailbox is asked, files are fetched; with real servers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import pytest
from flask import Flask

from jack.channels import email
from jack.core import log_remains
from jack.core.databases import Databases
from jack.core.db import Database
from jack.core.errors import Unavailable
from jack.messaging.outgoing import SigningContext
from jack.resources.channel_accounts import store as accounts
from jack.resources.conversations import messages
from jack.resources.privacy import erasure
from jack.resources.settings import store as settings
from jack.worker import loop
from jack.worker.job import Job
from jack.worker.jobs import Jobs
from tests.builders import make_guest, make_member
from tests.peers.hooks import to_app
from tests.peers.imap import Dovecot, dovecot
from tests.peers.meta import MetaPeer
from tests.peers.smtp import Smtp, smtp

ACCOUNT = "email:front@hotel.example"
MAIL = b"""\
From: Ana Ruiz <ana@guest.example>
To: front@hotel.example
Subject: A room
Message-ID: <1@guest.example>
Date: Mon, 23 Nov 2026 10:00:00 +0000

Is there a room?
"""
PATIENCE = 20.0


def until(ready: Callable[[], object]) -> None:
    """Wait for what another thread does."""
    deadline = time.monotonic() + PATIENCE
    while not ready():
        assert time.monotonic() < deadline, "it never happened"
        threading.Event().wait(0.01)


@pytest.fixture(scope="module")
def postbox() -> Iterator[Dovecot]:
    with dovecot() as server:
        yield server


@pytest.fixture
def relay() -> Iterator[Smtp]:
    with smtp() as server:
        yield server


@pytest.fixture
def by_mail(app_db: Database, postbox: Dovecot, relay: Smtp) -> None:
    """E-mail is connected."""
    value = {"enabled": True, "address": "front@hotel.example"}
    servers = {"smtp": relay.settings(), "imap": postbox.settings()}
    settings.put(app_db, "channels.email", value | servers)


@pytest.fixture
def jobs(app: Flask) -> Jobs:
    return loop.of(app.extensions["jack"])._jobs


@pytest.mark.usefixtures("by_mail")
def test_a_mail_comes_in_once_and_its_answer_goes_out_in_its_thread(
    app_db: Database,
    jobs: Jobs,
    postbox: Dovecot,
    relay: Smtp,
    worker: Callable[[], bool],
) -> None:
    jobs.mailbox.poll(app_db)  # from here on
    postbox.deliver(MAIL)
    for _ in range(2):
        jobs.mailbox.poll(app_db)
    (received,) = app_db.all("SELECT conversation_id, content FROM messages")
    assert received["content"] == "Is there a room?"
    assert accounts.get(app_db, ACCOUNT)["polled_at"] is not None
    by = make_member(app_db)["id"]
    sent = messages.send(app_db, received["conversation_id"], content="There is.", by=by)
    worker()
    (mail,) = relay.desk.taken
    assert (mail.recipients, mail.mail["In-Reply-To"]) == (
        ["ana@guest.example"],
        "<1@guest.example>",
    )
    assert messages.get(app_db, sent["id"])["status"] == "sent"
    assert app_db.value("SELECT provider_id FROM provider_messages") == mail.mail["Message-ID"]


@pytest.mark.usefixtures("by_mail")
def test_an_invitation_is_told_by_the_hotels_clock(
    app_db: Database, jobs: Jobs, postbox: Dovecot
) -> None:
    settings.put(
        app_db, "hotel", {"name": "Sol", "timeZone": "America/Mexico_City", "language": "es"}
    )
    jobs.mailbox.poll(app_db)
    head, _, _ = MAIL.partition(b"\n\n")
    event = b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260310T180000Z\nEND:VEVENT\nEND:VCALENDAR\n"
    postbox.deliver(head + b"\nContent-Type: text/calendar\n\n" + event)
    jobs.mailbox.poll(app_db)
    assert "12:00 (America/Mexico_City)" in app_db.value("SELECT content FROM messages")


@pytest.mark.usefixtures("by_mail")
def test_a_mail_whose_fate_is_unknown_leaves_again_under_its_own_name(
    app_db: Database, jobs: Jobs, postbox: Dovecot, relay: Smtp, worker: Callable[[], bool]
) -> None:
    """The line is cut after the server has taken it: e-mail may be repeated, nothing else may."""
    jobs.mailbox.poll(app_db)
    postbox.deliver(MAIL.replace(b"<1@", b"<2@"))
    jobs.mailbox.poll(app_db)
    conversation = app_db.value("SELECT id FROM conversations")
    sent = messages.send(app_db, conversation, content="There is.", by=make_member(app_db)["id"])
    relay.desk.drop = "DATA"
    worker()
    relay.desk.drop = ""
    assert messages.get(app_db, sent["id"])["status"] == "queued"
    app_db.run("UPDATE outbox SET due_at = created_at")
    until(worker)  # as soon as the account's rate lets it
    assert messages.get(app_db, sent["id"])["status"] == "sent"
    assert [mail.mail["Message-ID"] for mail in relay.desk.taken] == [
        app_db.value("SELECT provider_id FROM provider_messages")
    ] * 2


@pytest.mark.usefixtures("by_mail")
def test_a_mailbox_that_cannot_be_asked_is_told_and_asked_less_often(
    app_db: Database, jobs: Jobs, postbox: Dovecot, relay: Smtp
) -> None:
    value = settings.value(app_db, "channels.email")
    broken = value | {"imap": postbox.settings(password="wrong")}
    settings.put(app_db, "channels.email", broken)
    assert jobs.mailbox.is_due(app_db)
    jobs.mailbox.poll(app_db)
    row = accounts.get(app_db, ACCOUNT)
    assert row["last_error"]
    assert row["polled_at"] is None
    assert row["paused_at"] is None
    assert not jobs.mailbox.is_due(app_db)
    threading.Event().wait(0.002)  # the settings' time has milliseconds
    settings.put(app_db, "channels.email", value)
    assert jobs.mailbox.is_due(app_db)


def test_a_busy_database_puts_a_mailbox_off_no_longer_than_usual(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> None:
        raise Unavailable("The database is busy.")

    server = {"host": "127.0.0.1", "username": "front", "password": "x"}
    value = {"enabled": True, "address": "front@hotel.example", "smtp": server}
    settings.put(db, "channels.email", value | {"imap": server | {"pollSeconds": 60}})
    monkeypatch.setattr(email, "poll", busy)
    now = [1000.0]
    jobs = Jobs(
        Databases(db.path), SigningContext(), {"email": email}, threading.Event(), lambda: now[0]
    )
    assert jobs.mailbox.is_due(db)
    with pytest.raises(Unavailable):
        jobs.mailbox.poll(db)
    now[0] += 59
    assert not jobs.mailbox.is_due(db)
    now[0] += 1
    assert jobs.mailbox.is_due(db)
    assert jobs.mailbox._failures == 0
    assert jobs.mailbox.seconds() == 0
    settings.put(db, "channels.email", value | {"enabled": False})
    assert not jobs.mailbox.is_due(db)
    assert jobs.mailbox.seconds() is None


def test_a_picture_a_guest_has_sent_is_fetched(app: Flask, app_db: Database, jobs: Jobs) -> None:
    picture = b"\x89PNG\r\n\x1a\n" + bytes(1000)
    with MetaPeer(hook=to_app(app)) as meta:
        settings.put(app_db, "channels.whatsapp", meta.settings() | {"mediaHosts": ["127.0.0.1"]})
        assert meta.guest("5215512345678").sends_file(picture, "image/png").answer == 200
        jobs.fetch_files(app_db)
    (file,) = messages.get(app_db, app_db.value("SELECT id FROM messages"))["attachments"]
    assert (file["status"], file["size"]) == ("ready", len(picture))


def test_who_was_due_for_a_week_is_erased(app_db: Database, jobs: Jobs) -> None:
    guest = make_guest(app_db)["id"]
    settings.put(app_db, "privacy", {"eraseGuestsAfterMonths": 12})
    old = "2020-01-02T03:04:05.000Z"
    app_db.run("UPDATE guests SET created_at = :old", {"old": old})
    due = {"guest": guest, "old": old}
    app_db.run("INSERT INTO erasures_due (guest_id, noted_at) VALUES (:guest, :old)", due)
    app_db.run("UPDATE instance SET erasures_looked_at = :now", {"now": app_db.now()})
    jobs.begin_due(app_db)
    until(lambda: not app_db.value("SELECT count(*) FROM guests"))


def test_what_remains_of_an_erasure_in_the_log_goes_when_nobody_keeps_the_log_any_more(
    app_db: Database, jobs: Jobs
) -> None:
    guest = make_guest(app_db, notes="what-Ada-once-wrote")["id"]
    reader = apsw.Connection(str(app_db.path))
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM guests").fetchall()
    erasure.erase(app_db, guest)
    written = Path(f"{app_db.path}-wal")
    assert b"what-Ada-once-wrote" in written.read_bytes()
    reader.close()
    jobs.begin_due(app_db)
    until(lambda: not log_remains.notes(app_db.path))
    assert b"what-Ada-once-wrote" not in written.read_bytes() + app_db.path.read_bytes()


def test_a_job_is_one_thread_and_leaves_no_connection(db: Database) -> None:
    databases, gate, seen = Databases(db.path), threading.Event(), []

    def work_on(own: Database) -> None:
        seen.append(own)
        gate.wait(PATIENCE)

    job = Job("test", databases, work_on)
    job.begin()
    job.begin()
    until(lambda: seen)
    gate.set()
    assert job._thread is not None
    job._thread.join(PATIENCE)
    assert len(seen) == 1
    job.begin()
    job._thread.join(PATIENCE)
    assert len(seen) == 2


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (RuntimeError("Zach" + "arias"), "test failed with RuntimeError"),
        (Unavailable("Busy."), "test waits: Busy."),
    ],
)
def test_a_job_that_fails_is_told_without_what_it_worked_on(
    db: Database, error: Exception, says: str, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(own: Database) -> None:
        raise error

    job = Job("test", Databases(db.path), fail)
    job.begin()
    assert job._thread is not None
    job._thread.join(PATIENCE)
    assert says in caplog.text
    assert "Zacharias" not in caplog.text


def test_nothing_is_begun_when_there_is_nothing_to_do(db: Database, tmp_path: Path) -> None:
    worker = loop.Worker(Databases(db.path), tmp_path / "lock")
    worker._jobs.begin_due(db)
    jobs = (worker._jobs._mail, worker._jobs._files, worker._jobs._link_mail)
    assert [job._thread for job in jobs] == [None, None, None]
