"""Reactions stand on their messages, move nothing, and go when they are taken back; the hotel's are sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from jack.channels.types import Account, Address, InboundMessage, Reaction
from jack.core import clock as time
from jack.core.db import Database
from jack.core.errors import Conflict
from jack.core.reader import Row
from jack.messaging import inbound, receipts
from jack.operations.verify import INVARIANTS
from jack.resources.channel_accounts import store as accounts
from jack.resources.conversations import messages, reactions, sendability
from jack.resources.conversations import store as conversations
from jack.resources.privacy import erasure
from jack.resources.settings import store as settings
from jack.worker import cleanup, loop
from jack.worker.loop import Worker
from tests.builders import make_conversation, make_member
from tests.conftest import Clock
from tests.peers import clock as peer_clock
from tests.peers import faults
from tests.peers.hooks import to_app
from tests.peers.meta import MetaPeer
from tests.peers.twilio import TwilioPeer

WHATSAPP = Account("whatsapp", "whatsapp:1", {})
PHONE = Address("+525512345678", "5215512345678")
DUE = "SELECT count(*) FROM reactions WHERE due_at IS NOT NULL"


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


def told(db: Database, *events: Any) -> None:
    inbound.store_events(db, WHATSAPP, events)


def said(db: Database, key: str = "wamid.1", text: str = "Hola") -> Row:
    """A message that has come in."""
    told(db, InboundMessage(key, (PHONE,), text, db.now()))
    found = messages.by_event_key(db, WHATSAPP.name, key)
    assert found is not None
    return found


def reaction(
    db: Database, emoji: str | None = "👍", *, key: str = "r1", to: str = "wamid.1", **more: Any
) -> Reaction:
    return Reaction(key, to, emoji, **{"at": db.now(), "people": (PHONE,)} | more)


def on(db: Database, message: Row) -> list[tuple[str, str, str | None]]:
    """The reactions on a message: emoji, whose, and what went wrong."""
    found = messages.get(db, message["id"])["reactions"]
    return [(one["emoji"], one["by"]["type"], one["error"]) for one in found]


def whole(db: Database) -> dict[str, Any]:
    """The only conversation, as somebody sees it who has read nothing."""
    return dict(conversations.get(db, db.value("SELECT id FROM conversations"), reader="staff-x"))


def last_event(db: Database) -> Row:
    return db.row(
        "SELECT type, subject_id, actor_id, changed FROM events ORDER BY seq DESC LIMIT 1"
    )


# ------------------------------------------------------------------------------------------------ in


def test_a_reaction_stands_on_its_message_and_moves_nothing(db: Database, clock: Clock) -> None:
    message = said(db)
    conversations.change(db, message["conversation_id"], status="closed")
    before = whole(db)
    clock.move(60)
    told(db, reaction(db))
    after = whole(db)
    assert on(db, message) == [("👍", "guest", None)]
    assert db.value("SELECT count(*) FROM messages") == 1
    assert (after["status"], after["waiting_since"]) == ("closed", None)
    assert (after["unread"], after["preview"], after["last_message_at"], after["updated_at"]) == (
        before["unread"],
        before["preview"],
        before["last_message_at"],
        before["updated_at"],
    )
    assert last_event(db) == {
        "type": "conversation.message.updated",
        "subject_id": message["id"],
        "actor_id": after["guest_id"],
        "changed": '["reactions"]',
    }


def test_it_says_who_and_when(db: Database) -> None:
    message = said(db)
    told(db, reaction(db))
    guest = conversations.get(db, message["conversation_id"])["guest"]
    assert guest is not None
    (found,) = messages.get(db, message["id"])["reactions"]
    by = {"type": "guest", "id": guest["id"], "name": guest["name"]}
    assert found == {"emoji": "👍", "by": by, "at": db.now(), "error": None}


def test_another_emoji_takes_its_place_and_taken_back_it_goes(db: Database, clock: Clock) -> None:
    message = said(db)
    told(db, reaction(db))
    clock.move(1)
    told(db, reaction(db, "❤️", key="r2"))
    assert on(db, message) == [("❤️", "guest", None)]
    clock.move(1)
    told(db, reaction(db, None, key="r3"))
    assert on(db, message) == []
    assert [row["content"] for row in db.all("SELECT content FROM messages")] == ["Hola"]


def test_repeated_and_in_any_order_the_latest_counts(db: Database) -> None:
    message = said(db)
    first = reaction(db, at=time.later(db.now(), seconds=-5))
    gone = reaction(db, None, key="r2")
    told(db, gone, first, gone, first)
    assert on(db, message) == []
    seen = db.value("SELECT count(*) FROM events")
    told(db, first, gone)
    assert db.value("SELECT count(*) FROM events") == seen


def test_one_that_comes_before_its_message_waits_for_it(db: Database) -> None:
    told(db, reaction(db, "❤️"), reaction(db, "👍", key="r0", at=time.later(db.now(), seconds=-5)))
    assert db.value("SELECT count(*) FROM guests") == 0
    assert on(db, said(db)) == [("❤️", "guest", None)]


def test_one_that_comes_before_its_message_is_known_to_be_sent_waits_too(db: Database) -> None:
    conversation = said(db)["conversation_id"]
    echo = messages.echo(db, conversation, "Con gusto")
    told(db, reaction(db, to="wamid.OUT"))
    receipts.record_accepted(db, WHATSAPP.name, "wamid.OUT", echo["id"], 0)
    assert on(db, echo) == [("👍", "guest", None)]


def test_one_whose_message_never_comes_is_kept_for_a_month(db: Database, clock: Clock) -> None:
    told(db, reaction(db))
    clock.move(31 * 86_400)
    cleanup.delete_expired(db)
    assert on(db, said(db)) == []


def test_one_from_the_hotels_phone_is_the_hotels(db: Database) -> None:
    message = said(db)
    told(db, reaction(db, echo=True))
    assert on(db, message) == [("👍", "staff", None)]


def test_it_lets_the_hotel_write_freely_again(db: Database, clock: Clock) -> None:
    message = said(db)
    guest = conversations.get(db, message["conversation_id"])["guest_id"]
    clock.move(25 * 3600)
    assert sendability.blocker(db, guest, "whatsapp", "text") is not None
    told(db, reaction(db))
    assert sendability.blocker(db, guest, "whatsapp", "text") is None


def test_nothing_is_wrong_with_the_database_after_it(db: Database) -> None:
    echo = messages.echo(db, said(db)["conversation_id"], "Con gusto")
    receipts.record_accepted(db, WHATSAPP.name, "wamid.OUT", echo["id"], 0)
    told(db, reaction(db, to="wamid.OUT"))
    assert [said for said, sql in INVARIANTS.items() if db.value(sql)] == []


def test_it_goes_with_its_guest(db: Database) -> None:
    message = said(db)
    told(db, reaction(db))
    erasure.erase(db, str(conversations.get(db, message["conversation_id"])["guest_id"]))
    assert on(db, message) == []
    assert db.value("SELECT count(*) FROM inbound") == 0


def test_twilios_stand_on_their_messages_too(app: Flask, db: Database, clock: Clock) -> None:
    with TwilioPeer(
        hook=to_app(app), public_url="https://jack.example.com", clock=peer_clock.Clock(clock)
    ) as twilio:
        settings.put(db, "channels.whatsapp", twilio.whatsapp_settings())
        guest = twilio.guest("whatsapp:+5215512345678")
        guest.says("Hola")
        conversation = str(db.value("SELECT id FROM conversations"))
        echo = messages.echo(db, conversation, "Con gusto")
        name = str(db.value("SELECT account FROM inbound"))
        receipts.record_accepted(db, name, "SM1", echo["id"], 0)
        guest.says("🙏", MessageType="reaction", OriginalRepliedMessageSid="SM1")
        assert on(db, echo) == [("🙏", "guest", None)]
        clock.move(1)
        guest.says("", MessageType="reaction", OriginalRepliedMessageSid="SM1")
        assert on(db, echo) == []
        assert db.value("SELECT count(*) FROM messages") == 2
        with pytest.raises(Conflict) as refused:
            reactions.react(db, echo["id"], "👍", by=make_member(db)["id"])
        assert refused.value.reason == "reactions_unsupported"


def test_a_message_has_changed_with_its_reactions(db: Database) -> None:
    """In the order of the last change, in which copies of the lists are kept."""
    message = said(db)
    said(db, "wamid.2")

    def newest() -> str:
        return str(db.value("SELECT id FROM messages ORDER BY changed_seq DESC LIMIT 1"))

    assert newest() != message["id"]
    told(db, reaction(db))
    assert newest() == message["id"]
    told(db, reaction(db, "❤️", to="wamid.2", key="r2"), reaction(db, None, key="r3"))
    assert newest() == message["id"]


# ------------------------------------------------------------------------------------------------ out


def heard(db: Database, meta: MetaPeer) -> tuple[Any, Row]:
    """A guest of Meta's, and the message they have written."""
    guest = meta.guest("5215512345678", "Ana")
    guest.says("Hola", id="wamid.A")
    return guest, messages.get(db, str(db.value("SELECT id FROM messages")))


def sent(meta: MetaPeer) -> list[Any]:
    return [one.body["reaction"] for one in meta.received if one.kind == "reaction"]


def test_the_hotels_reaction_reaches_the_guest_and_is_taken_back(
    db: Database, meta: MetaPeer, worker: Worker, clock: Clock
) -> None:
    _, message = heard(db, meta)
    member = make_member(db)["id"]
    before = whole(db)
    row = reactions.react(db, message["id"], "👍", by=member)
    assert [(one["emoji"], one["by"]["id"]) for one in row["reactions"]] == [("👍", member)]
    turn(worker, db)
    clock.move(1)
    assert reactions.react(db, message["id"], None, by=member)["reactions"] == []
    turn(worker, db)
    assert sent(meta) == [
        {"message_id": "wamid.A", "emoji": "👍"},
        {"message_id": "wamid.A", "emoji": ""},
    ]
    assert db.value(DUE) == 0
    after = whole(db)
    assert (after["waiting_since"], after["preview"]) == (before["waiting_since"], "Hola")


def test_what_is_already_so_is_not_sent_again(db: Database, meta: MetaPeer, worker: Worker) -> None:
    _, message = heard(db, meta)
    member = make_member(db)["id"]
    for _ in range(2):
        reactions.react(db, message["id"], "👍", by=member)
        turn(worker, db)
    assert len(sent(meta)) == 1


def test_a_message_that_was_edited_is_named_by_its_first_id(
    db: Database, meta: MetaPeer, worker: Worker
) -> None:
    guest, message = heard(db, meta)
    guest.edits("wamid.A", "Hola!")
    reactions.react(db, message["id"], "👍", by=make_member(db)["id"])
    turn(worker, db)
    assert sent(meta) == [{"message_id": "wamid.A", "emoji": "👍"}]


def test_one_that_may_have_been_sent_is_sent_again(
    db: Database, meta: MetaPeer, worker: Worker, clock: Clock
) -> None:
    _, message = heard(db, meta)
    meta.faults.add(faults.CUT)
    reactions.react(db, message["id"], "👍", by=make_member(db)["id"])
    turn(worker, db)
    assert db.value(DUE) == 1
    clock.move(120)
    turn(worker, db)
    assert db.value(DUE) == 0
    assert on(db, message) == [("👍", "staff", None)]


def test_one_that_is_refused_says_why_and_can_be_tried_again(
    db: Database, meta: MetaPeer, worker: Worker, clock: Clock
) -> None:
    _, message = heard(db, meta)
    member = make_member(db)["id"]
    meta.faults.add(faults.refused(400, 131009))
    reactions.react(db, message["id"], "👍", by=member)
    turn(worker, db)
    ((emoji, _, error),) = on(db, message)
    assert emoji == "👍"
    assert error
    assert last_event(db)["type"] == "conversation.message.updated"
    clock.move(1)
    reactions.react(db, message["id"], "👍", by=member)
    turn(worker, db)
    assert on(db, message) == [("👍", "staff", None)]


def test_one_that_fails_later_says_why(db: Database, meta: MetaPeer, worker: Worker) -> None:
    _, message = heard(db, meta)
    reactions.react(db, message["id"], "👍", by=make_member(db)["id"])
    turn(worker, db)
    (one,) = [one for one in meta.received if one.kind == "reaction"]
    meta.caller.call(meta.status(one, "failed", 131047))
    ((_, _, error),) = on(db, message)
    assert error


def test_a_broken_account_keeps_it(
    db: Database, meta: MetaPeer, worker: Worker, clock: Clock
) -> None:
    _, message = heard(db, meta)
    meta.faults.add(faults.refused(401, 190))
    reactions.react(db, message["id"], "👍", by=make_member(db)["id"])
    turn(worker, db)
    assert accounts.get(db, f"whatsapp:{meta.phone_number_id}")["paused_at"] is not None
    clock.move(3600)
    turn(worker, db)
    assert sent(meta) == [{"message_id": "wamid.A", "emoji": "👍"}]


def test_it_is_refused_where_the_guest_would_not_see_it(
    db: Database, meta: MetaPeer, clock: Clock
) -> None:
    _, message = heard(db, meta)
    member = make_member(db)["id"]

    def refusal(message_id: str) -> str | None:
        with pytest.raises(Conflict) as refused:
            reactions.react(db, message_id, "👍", by=member)
        return refused.value.reason

    on_web = make_conversation(db, content="Hola")["id"]
    web = db.value("SELECT id FROM messages WHERE conversation_id = :id", {"id": on_web})
    note = messages.note(db, message["conversation_id"], "VIP", by=member)
    queued = messages.send(db, message["conversation_id"], content="Sí", by=member)
    found = [refusal(one) for one in (str(web), note["id"], queued["id"])]
    clock.move(25 * 3600)
    assert [*found, refusal(message["id"])] == [
        "reactions_unsupported",
        "not_delivered",
        "not_delivered",
        "window_closed",
    ]
