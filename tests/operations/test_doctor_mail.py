"""`doctor` judges the settings for e-mail by what is stored, calls nobody, and names no person's address."""

from __future__ import annotations

import fcntl
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jack.core.config import read
from jack.core.db import Database
from jack.operations.doctor import mail, outside
from jack.operations.doctor.findings import Finding
from jack.resources.channel_accounts import store as accounts
from jack.resources.settings import store as settings
from jack.resources.staff import store as staff
from tests.commands import database

SMTP = {"host": "mail.hotel.example", "port": 465, "security": "tls", "username": "front@hotel.example", "password": "hush-hush"}  # fmt: skip
IMAP = SMTP | {"port": 993}
EMAIL = {"enabled": True, "address": "front@hotel.example", "smtp": SMTP, "imap": IMAP}
PUBLIC = {"JACK_PUBLIC_URL": "https://jack.hotel.example"}
ACCOUNT = "email:front@hotel.example"


@pytest.fixture
def db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A hotel's database; whoever would call somebody fails."""

    def refused(*_: object) -> None:
        raise AssertionError("the network was used")

    with database(tmp_path / "instance") as db:
        monkeypatch.setattr(socket.socket, "connect", refused)
        monkeypatch.setattr(socket, "getaddrinfo", refused)
        yield db


def found(db: Database, **environment: str) -> list[Finding]:
    given = PUBLIC | {"JACK_INSTANCE": str(db.path.parent)} | environment
    result = list(mail.settings_of(db, read({name: text for name, text in given.items() if text})))
    said = " ".join(one.message for one in result)
    assert "hush-hush" not in said
    assert "front@" not in said
    return result


def told(db: Database, state: str, **environment: str) -> list[str]:
    return [one.message for one in found(db, **environment) if one.state == state]


def put(db: Database, **own: Any) -> None:
    settings.put(db, "channels.email", EMAIL | own)
    accounts.record_test(db, ACCOUNT, None)


def test_mail_that_works_is_said_to(db: Database) -> None:
    put(db)
    assert [one.state for one in found(db)] == ["ok", "ok"]
    assert found(db)[0].message == "mail is from hotel.example, by mail.hotel.example"


def test_a_hotel_without_mail_is_worth_a_note_or_more(db: Database) -> None:
    (finding,) = found(db)
    assert finding.state == "note"
    assert "bin/jack invite" in finding.message
    member = staff.create(db, name="Ana", email="ana@hotel.example", role="admin")
    put(db, enabled=False)
    row = "INSERT INTO notification_preferences (staff_id, push, email) VALUES (:id, '[]', '[\"health\"]')"
    db.run(row, {"id": member["id"]})
    (finding,) = found(db)
    assert finding.state == "WRONG"
    assert "1 of the staff want to be told by mail" in finding.message


@pytest.mark.parametrize(
    ("own", "says"),
    [
        ({"smtp": SMTP | {"host": None}}, "SMTP has no host"),
        ({"smtp": SMTP | {"port": 993}}, "is given as SMTP, and port 993 is that of IMAP"),
        ({"imap": IMAP | {"port": 995}}, "is given as IMAP, and port 995 is that of POP3"),
        ({"imap": IMAP | {"port": 143, "security": "none"}}, "passwords go to mail.hotel.example:143 (IMAP) unencrypted"),
        ({"imap": IMAP | {"password": None}}, "there is nothing to sign in with at mail.hotel.example:993 (IMAP)"),
        ({"address": None}, "mail has no sender"),
    ],
)  # fmt: skip
def test_settings_that_cannot_work_are_wrong(db: Database, own: dict[str, Any], says: str) -> None:
    put(db, **own)
    wrong = told(db, "WRONG")
    assert len(wrong) == 1
    assert says in wrong[0]


@pytest.mark.parametrize(
    ("own", "says"),
    [
        ({"smtp": SMTP | {"port": 587}}, "is set to TLS, and usual at port 587 is STARTTLS"),
        ({"smtp": SMTP | {"username": "hotel.front@gmail.com"}}, "mail is from hotel.example, by an account at gmail.com"),
        ({"address": "the.hotel@gmail.com", "smtp": SMTP | {"username": "apikey"}}, "receivers refuse what gmail.com has not signed"),
    ],
)  # fmt: skip
def test_settings_that_may_not_work_are_worth_a_note(
    db: Database, own: dict[str, Any], says: str
) -> None:
    put(db, **own)
    assert told(db, "WRONG") == []
    assert [one for one in told(db, "note") if says in one]


def test_a_relay_on_this_machine_may_be_unencrypted(db: Database) -> None:
    put(db, smtp={"host": "127.0.0.1", "port": 25, "security": "none"})
    assert [one.state for one in found(db)] == ["ok", "ok"]


def test_a_token_is_as_good_as_a_password(db: Database) -> None:
    bare = {"password": None}
    put(db, auth="xoauth2", accessToken="hush-hush", smtp=SMTP | bare, imap=IMAP | bare)
    assert [one.state for one in found(db)] == ["ok", "ok"]


def test_links_in_mails_lead_somewhere(db: Database) -> None:
    put(db)
    (message,) = told(db, "WRONG", JACK_PUBLIC_URL="")
    assert "begin with http://127.0.0.1:8000" in message
    assert "set JACK_PUBLIC_URL" in message
    assert told(db, "WRONG", JACK_PUBLIC_URL="", JACK_HOST="192.0.2.7") == []


def test_the_last_failure_is_told_without_addresses(db: Database) -> None:
    put(db)
    refusal = "mail.hotel.example:465 does not accept the access token of front@hotel.example."
    accounts.record_test(db, ACCOUNT, refusal)
    (message,) = told(db, "WRONG")
    assert "e-mail last failed at 20" in message
    assert "does not accept the access token of …@hotel.example." in message
    accounts.pause(
        db, ACCOUNT, refusal, settings_at=settings.value_and_time(db, "channels.email")[1]
    )
    assert told(db, "WRONG") == []
    (paused,) = outside.channels(db)
    assert paused.message.startswith("email:…@hotel.example is paused")
    assert "front@" not in paused.message


def test_what_has_not_been_tried_is_worth_a_note(db: Database) -> None:
    settings.put(db, "channels.email", EMAIL)
    (message,) = told(db, "note")
    assert "bin/jack send-test-mail EMAIL" in message


def test_a_mailbox_that_a_running_worker_does_not_read_is_wrong(db: Database) -> None:
    put(db)
    db.run("UPDATE settings SET updated_at = '2026-01-01T00:00:00.000Z'")
    assert told(db, "WRONG") == []
    with (db.path.parent / "worker.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "has not been read by these settings" in told(db, "WRONG")[0]
        db.run("UPDATE channel_accounts SET polled_at = '2026-01-02T03:04:05.000Z'")
        assert "has not been read since 2026-01-02T03:04 UTC" in told(db, "WRONG")[0]
        db.run("UPDATE channel_accounts SET polled_at = :now", {"now": db.now()})
        assert told(db, "WRONG") == []


def test_mails_to_the_staff_that_are_late_are_counted(db: Database) -> None:
    put(db)
    row = "INSERT INTO password_resets (email_key, asked_at, next_try_at) VALUES ('ana@hotel.example', :at, :at)"
    db.run(row, {"at": "2026-01-01T00:00:00.000Z"})
    assert told(db, "WRONG") == [
        "1 mails to the staff are late by more than 15 minutes: Settings, Channels, E-mail, Test"
    ]
