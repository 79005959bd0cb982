"""Invitations by e-mail: they go out where the channel works, and their link is the one that was shown."""

from __future__ import annotations

import dataclasses
import re
import time
from collections.abc import Iterator

import pytest
from flask import Flask

from jack.core.db import Database
from jack.core.errors import Unauthorized
from jack.resources.auth import invite_mails, sessions
from jack.resources.channel_accounts import store as accounts
from jack.resources.settings import store as settings
from jack.resources.staff import store as staff
from jack.worker import invite_mail
from tests.checks import succeeded
from tests.conftest import PASSWORD, Clock, Person
from tests.peers.smtp import Smtp, smtp

URL = "https://jack.example"
OWN = "front@hotel.example"
JANE = {"name": "Jane {Doe}", "email": "jane@hotel.example"}


@pytest.fixture
def relay(app: Flask, app_db: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Smtp]:
    """The mail server of a hotel whose e-mail is connected, and which others can open."""
    home = app.extensions["jack"]
    public = dataclasses.replace(home.config, public_url=URL)
    monkeypatch.setitem(app.extensions, "jack", dataclasses.replace(home, config=public))
    with smtp() as server:
        connect(app_db, server)
        yield server


def connect(db: Database, relay: Smtp) -> None:
    imap = {"host": "127.0.0.1", "password": "never asked"}
    value = {"enabled": True, "address": OWN, "smtp": relay.settings(), "imap": imap}
    settings.put(db, "hotel", {"name": "Hotel {Sol}", "timeZone": "UTC", "language": "en"})
    settings.put(db, "channels.email", value)


def works(db: Database) -> None:
    accounts.record_test(db, f"email:{OWN}", None)


def invite(admin: Person) -> dict[str, str]:
    return dict(succeeded(admin.post("/staff", JANE), 201)["invite"])


def test_a_member_gets_the_link_that_was_shown(admin: Person, relay: Smtp) -> None:
    works(admin.db)
    shown = invite(admin)
    assert shown["mailedTo"] == JANE["email"]
    stored = admin.db.value("SELECT token FROM invite_mails")
    assert shown["token"].encode() not in stored
    invite_mail.send_due(admin.db, URL)
    (taken,) = relay.desk.taken
    assert taken.recipients == [JANE["email"]]
    assert taken.mail["Subject"] == "Your access to Jack at Hotel {Sol}"
    assert taken.text.startswith("Hello Jane {Doe},")
    assert re.findall(r"^https://\S+$", taken.text, re.MULTILINE) == [shown["url"]]
    assert admin.db.value("SELECT count(*) FROM invite_mails") == 0
    sessions.accept_invite(admin.db, shown["token"], PASSWORD)


def test_it_goes_by_e_mail_only_where_that_is_known_to_work(admin: Person, relay: Smtp) -> None:
    assert invite(admin)["mailedTo"] is None  # not tested yet
    jane = staff.id_of(admin.db, JANE["email"])
    works(admin.db)
    time.sleep(0.002)  # times are stored by the millisecond
    accounts.record_test(admin.db, f"email:{OWN}", "refuses the connection")
    again = succeeded(admin.post(f"/staff/{jane}/invite", {}), 201)
    assert again["mailedTo"] is None
    invite_mail.send_due(admin.db, URL)
    assert relay.desk.taken == []


def test_one_that_is_replaced_or_used_is_not_sent_any_more(admin: Person, relay: Smtp) -> None:
    works(admin.db)
    first = invite(admin)
    jane = staff.id_of(admin.db, JANE["email"])
    second = succeeded(admin.post(f"/staff/{jane}/invite", {}), 201)
    with pytest.raises(Unauthorized):
        sessions.accept_invite(admin.db, first["token"], PASSWORD)
    sessions.accept_invite(admin.db, second["token"], PASSWORD)
    invite_mail.send_due(admin.db, URL)
    assert relay.desk.taken == []


def test_one_that_cannot_leave_is_tried_again_for_an_hour(db: Database, clock: Clock) -> None:
    with smtp() as server:
        connect(db, server)
        server.desk.answers = {"MAIL <>": "451 later", "MAIL": "451 later"}
        jane = staff.create(db, **JANE)["id"]
        invite_mails.request(db, jane, sessions.invite(db, jane)[0])
        for attempts, pause in enumerate((60, 120), 1):
            invite_mail.send_due(db, URL)
            clock.move(pause - 1)
            invite_mail.send_due(db, URL)
            assert db.value("SELECT attempts FROM invite_mails") == attempts
            clock.move(1)
        clock.move(3600)
        invite_mail.send_due(db, URL)
        assert db.value("SELECT count(*) FROM invite_mails") == 0
        assert server.desk.taken == []
