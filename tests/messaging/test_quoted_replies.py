"""A guest points at the message they answer, and so does the hotel: by Meta and by Twilio."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from jack.channels.types import Account, Address, InboundMessage
from jack.core.db import Database
from jack.core.errors import Invalid
from jack.messaging import inbound
from jack.resources.conversations import delivery, messages
from jack.resources.privacy import erasure
from jack.resources.settings import store as settings
from jack.worker import loop
from jack.worker.loop import Worker
from tests.builders import make_conversation, make_member
from tests.conftest import Clock
from tests.peers import clock as peer_clock
from tests.peers import faults
from tests.peers.hooks import to_app
from tests.peers.meta import MetaPeer
from tests.peers.twilio import TwilioPeer

CONVERSATION = "SELECT id FROM conversations ORDER BY seq DESC LIMIT 1"
LAST = "SELECT id FROM messages ORDER BY seq DESC LIMIT 1"


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    return environment | {"JACK_PUBLIC_URL": "https://jack.example.com"}


@pytest.fixture
def db(app: Flask, clock: Clock) -> Database:
    home = app.extensions["jack"]
    database: Database = home.databases.get()
    database.time = clock
    return database


@pytest.fixture
def meta(app: Flask, db: Database, clock: Clock) -> Iterator[MetaPeer]:
    with MetaPeer(hook=to_app(app), clock=peer_clock.Clock(clock)) as peer:
        settings.put(db, "channels.whatsapp", peer.settings() | {"ratePerSecond": 200})
        yield peer


@pytest.fixture
def worker(app: Flask) -> Worker:
    return loop.of(app.extensions["jack"])


def turn(worker: Worker, db: Database) -> None:
    """Send until nothing more can be sent now."""
    while worker.send_due(db):
        worker.finish(db)


def last(db: Database) -> messages.MessageRow:
    return messages.get(db, str(db.value(LAST)))


def test_a_guest_of_metas_answers_one_message(db: Database, meta: MetaPeer, worker: Worker) -> None:
    guest, member = meta.guest("5215512345678", "Lia"), make_member(db)
    guest.says("Which rooms have you?")
    rooms = [
        messages.send(db, str(db.value(CONVERSATION)), content=text, by=member["id"])
        for text in ("Garden room, 80", "Sea room, 120")
    ]
    turn(worker, db)
    meta.settled()
    guest.says("this one", context={"id": guest.inbox[1].id, "from": meta.number})
    author = {"type": "staff", "id": member["id"], "name": member["name"]}
    quoted = {"id": rooms[1]["id"], "content": "Sea room, 120", "author": author}
    assert last(db)["reply_to"] == quoted
    guest.says("and this?", context={"id": "wamid.of-before-jack", "from": meta.number})
    assert last(db)["reply_to"] is None


def test_a_guest_points_at_their_own_message(db: Database, meta: MetaPeer) -> None:
    guest = meta.guest("5215512345678", "Lia")
    guest.says("Two towels, " + "please " * 40, id="wamid.A")
    guest.says("Where are they?", context={"id": "wamid.A", "from": guest.wa_id})
    quoted = last(db)["reply_to"]
    assert quoted is not None
    assert (len(quoted["content"]), quoted["author"]["type"]) == (200, "guest")
    assert quoted["author"]["name"] == "Lia"


def test_a_guest_of_twilios_answers_one_message(
    app: Flask, db: Database, worker: Worker, clock: Clock
) -> None:
    with TwilioPeer(
        hook=to_app(app), public_url="https://jack.example.com", clock=peer_clock.Clock(clock)
    ) as twilio:
        settings.put(db, "channels.whatsapp", twilio.whatsapp_settings())
        guest = twilio.guest("whatsapp:+5215512345678")
        guest.says("Which rooms have you?")
        row = messages.send(
            db, str(db.value(CONVERSATION)), content="Sea room", by=make_member(db)["id"]
        )
        turn(worker, db)
        twilio.settled()
        guest.says(
            "this one",
            OriginalRepliedMessageSid=guest.inbox[0].sid,
            OriginalRepliedMessageSender=twilio.whatsapp,
        )
        quoted = last(db)["reply_to"]
        assert quoted is not None
        assert quoted["id"] == row["id"]


def test_what_the_hotel_quotes_reaches_the_guest(
    db: Database, meta: MetaPeer, worker: Worker
) -> None:
    guest, by = meta.guest("5215512345678", "Lia"), make_member(db)["id"]
    guest.says("Is there parking?", id="wamid.A")
    question = last(db)
    guest.says("And a pool?", id="wamid.B")
    guest.edits("wamid.A", "Is there any parking?")
    conversation = question["conversation_id"]
    first = messages.send(db, conversation, content="x" * 5000, reply_to=question["id"], by=by)
    turn(worker, db)
    meta.settled()
    messages.send(db, conversation, content="As I said", reply_to=first["id"], by=by)
    turn(worker, db)
    assert [one.body.get("context") for one in meta.received] == [
        {"message_id": "wamid.A"},
        None,
        {"message_id": meta.received[0].id},
    ]
    assert first["reply_to"] is not None
    assert first["reply_to"]["content"] == "Is there any parking?"


def test_it_is_quoted_again_when_it_is_sent_again(
    db: Database, meta: MetaPeer, worker: Worker
) -> None:
    guest, by = meta.guest("5215512345678", "Lia"), make_member(db)["id"]
    guest.says("Is there parking?", id="wamid.A")
    question = last(db)
    meta.faults.add(faults.refused(400, 131026))
    row = messages.send(
        db, question["conversation_id"], content="Yes", reply_to=question["id"], by=by
    )
    turn(worker, db)
    again = delivery.resend(db, row["id"], by=by)
    assert again["reply_to"] == row["reply_to"]
    turn(worker, db)
    assert [one.body["context"] for one in meta.received] == [{"message_id": "wamid.A"}]


def test_a_note_quotes_and_what_is_elsewhere_cannot_be_quoted(db: Database) -> None:
    by = make_member(db)["id"]
    here, there = (str(make_conversation(db, content="Hola")["id"]) for _ in range(2))
    said = str(db.value("SELECT id FROM messages WHERE conversation_id = :id", {"id": here}))
    note = messages.send(db, here, content="She means room 3", type="note", reply_to=said, by=by)
    assert note["reply_to"] is not None
    for reply_to in (said, "msg-none"):
        with pytest.raises(Invalid, match="replyTo"):
            messages.send(db, there, content="Sí", reply_to=reply_to, by=by)


def test_what_was_erased_is_quoted_by_nobody(db: Database) -> None:
    account = Account("whatsapp", "whatsapp:1", {})
    phone = Address("+525512345678", "5215512345678")
    told = [
        InboundMessage("wamid.1", (phone,), "my secret", db.now()),
        InboundMessage("wamid.2", (phone,), "and?", db.now(), in_reply_to=("wamid.1",)),
    ]
    inbound.store_events(db, account, told)
    assert last(db)["reply_to"] is not None
    erasure.erase(db, str(db.value("SELECT guest_id FROM conversations")))
    quoted = last(db)["reply_to"]
    assert quoted is None or quoted["content"] == "[erased]"


def test_what_the_hotels_phone_quotes_is_shown(db: Database, meta: MetaPeer) -> None:
    guest = meta.guest("5215512345678", "Lia")
    guest.says("Is there parking?", id="wamid.A")
    account = Account("whatsapp", f"whatsapp:{meta.phone_number_id}", {})
    phone = Address("+525512345678", "5215512345678")
    echo = InboundMessage("wamid.E", (phone,), "Yes", db.now(), in_reply_to=("wamid.A",), echo=True)
    inbound.store_events(db, account, [echo])
    quoted = last(db)["reply_to"]
    assert quoted is not None
    assert quoted["content"] == "Is there parking?"


def test_a_message_changes_with_the_beginning_of_what_it_quotes(
    db: Database, meta: MetaPeer
) -> None:
    guest = meta.guest("5215512345678", "Lia")
    guest.says("Is there parking?", id="wamid.A")
    guest.says("Well?", context={"id": "wamid.A", "from": guest.wa_id})
    answer = last(db)
    guest.says("Hello?")
    guest.edits("wamid.A", "Is there any parking?")
    changed = db.column("SELECT id FROM messages ORDER BY changed_seq DESC LIMIT 2")
    assert answer["id"] in changed
