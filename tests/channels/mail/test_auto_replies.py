"""Programs that answer mail by themselves, facing a hotel and each other: a real mailbox, a real SMTP server, the worker."""

from __future__ import annotations

import threading
from collections.abc import Callable
from email.utils import make_msgid
from typing import Any

import pytest
from flask import Flask

from jack.channels import email
from jack.core.databases import Databases
from jack.core.db import Database
from jack.messaging.outgoing import SigningContext
from jack.resources.auth import password_reset
from jack.resources.conversations import messages
from jack.resources.settings import store as settings
from jack.worker import loop
from jack.worker.jobs import Jobs
from tests.builders import make_member
from tests.channels.mails import OWN, make_mail
from tests.peers.imap import Dovecot
from tests.peers.smtp import Smtp, Taken

ROUNDS = 4
OTHER = "front@other.example"
POLITE: list[dict[str, str]] = [
    {"Auto_Submitted": "auto-replied"},
    {"X_Auto_Response_Suppress": "All"},
    {"Precedence": "bulk"},
]
RUDE: dict[str, str] = {}


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    return environment | {"JACK_PUBLIC_URL": "https://jack.example.com"}


class Hotel:
    """A hotel whose mail reaches programs that answer every single one."""

    def __init__(self, app: Flask, postbox: Dovecot, relay: Smtp, turn: Callable[[], bool]) -> None:
        home = app.extensions["jack"]
        self.db: Database = home.databases.get()
        self.postbox, self.relay, self.turn = postbox, relay, turn
        self.jobs: Jobs = loop.of(home)._jobs
        connect(self.db, postbox, relay, OWN)
        self.answered = 0
        self.poll()

    def poll(self) -> None:
        self.jobs.mailbox.poll(self.db)

    def receive(self, raw: bytes) -> None:
        self.postbox.deliver(raw)
        self.poll()

    def exchange(self, manners: dict[str, str]) -> None:
        """What Jack has to send leaves; each new mail is answered by whoever got it; the answers are read."""
        self.turn()
        new = self.relay.desk.taken[self.answered :]
        self.answered += len(new)
        for taken in new:
            self.postbox.deliver(answer(taken, manners))
        self.poll()

    def received(self) -> list[tuple[str, bool]]:
        """What has come in, and whether it is known to be a program's."""
        sql = "SELECT id FROM messages WHERE direction = 'inbound' ORDER BY seq"
        rows = [messages.get(self.db, row["id"]) for row in self.db.all(sql)]
        return [(row["content"], "automatic" in (row["details"] or {})) for row in rows]


def connect(db: Database, postbox: Dovecot, relay: Smtp, address: str) -> None:
    servers = {"smtp": relay.settings(), "imap": postbox.settings()}
    settings.put(db, "channels.email", {"enabled": True, "address": address, **servers})


def answer(taken: Taken, manners: dict[str, str]) -> bytes:
    """What a program says to a mail, whatever its headers ask for."""
    mail = taken.mail
    return make_mail(
        "I am away.",
        From=taken.recipients[0],
        To=mail["Reply-To"] or mail["From"],
        Subject=f"Away: {mail['Subject']}",
        In_Reply_To=mail["Message-ID"],
        Message_ID=make_msgid(domain="guest.example"),
        **manners,
    )


@pytest.fixture
def hotel(app: Flask, own_postbox: Dovecot, relay: Smtp, worker: Callable[[], bool]) -> Hotel:
    return Hotel(app, own_postbox, relay, worker)


@pytest.mark.parametrize("manners", [*POLITE, RUDE])
def test_a_program_that_answers_everything_is_answered_once_by_a_person(
    hotel: Hotel, manners: dict[str, str]
) -> None:
    hotel.receive(make_mail("A cot, please?"))
    conversation = hotel.db.value("SELECT id FROM conversations")
    messages.send(hotel.db, conversation, content="Of course.", by=make_member(hotel.db)["id"])
    for _ in range(ROUNDS):
        hotel.exchange(manners)
    assert len(hotel.relay.desk.taken) == 1
    assert hotel.received() == [("A cot, please?", False), ("I am away.", bool(manners))]
    assert hotel.db.value("SELECT count(*) FROM conversations") == 1


@pytest.mark.parametrize("manners", [*POLITE, RUDE])
def test_a_password_reset_mail_begins_no_exchange(hotel: Hotel, manners: dict[str, str]) -> None:
    """The one mail that no person writes: it says so, comes from nobody, and what answers it is answered by nobody."""
    make_member(hotel.db, email="jane@hotel.example")
    password_reset.request(hotel.db, "jane@hotel.example")
    hotel.jobs.send_link_mail(hotel.db)
    for _ in range(ROUNDS):
        hotel.exchange(manners)
        hotel.jobs.send_link_mail(hotel.db)
    (sent,) = hotel.relay.desk.taken
    assert (sent.sender, sent.mail["Auto-Submitted"]) == ("<>", "auto-generated")
    assert hotel.received() == [("I am away.", bool(manners))]


def test_two_hotels_facing_each_other_end_at_once(
    hotel: Hotel, db: Database, postbox: Dovecot, relay: Smtp
) -> None:
    """A mail of one hotel reaches the mailbox of another: it is kept there as a program's, and nothing goes back."""
    connect(db, postbox, relay, OTHER)
    other = Jobs(Databases(db.path), SigningContext("s" * 32), {"email": email}, threading.Event())
    other.mailbox.poll(db)
    make_member(hotel.db, email=OTHER)
    password_reset.request(hotel.db, OTHER)
    hotel.jobs.send_link_mail(hotel.db)
    (sent,) = hotel.relay.desk.taken
    for _ in range(ROUNDS):
        postbox.deliver(sent.raw)
        other.mailbox.poll(db)
        other.send_link_mail(db)
    rows: list[Any] = db.all("SELECT direction, details ->> 'automatic' AS automatic FROM messages")
    assert rows == [{"direction": "inbound", "automatic": 1}]
    assert db.value("SELECT count(*) FROM outbox") == 0
    assert len(relay.desk.taken) == 1
