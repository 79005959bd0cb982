"""Blocked guests: what they write is kept, and notifies nobody, reopens nothing and waits for no answer."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest

from jack.channels.types import Account, Address, InboundMessage
from jack.core.errors import Conflict
from jack.messaging import inbound
from jack.operations.verify import INVARIANTS
from jack.resources.conversations import delivery, messages, read_marks
from jack.resources.conversations import store as conversations
from jack.resources.guests import merge
from jack.resources.guests import store as guests
from jack.resources.privacy import erasure
from jack.resources.webchat import read_receipts
from jack.resources.webchat import store as webchat
from tests.builders import make_conversation, make_member, make_visitor

if TYPE_CHECKING:
    from jack.core.db import Database
    from jack.core.reader import Row

EMAIL = Account("email", "email:front@hotel.example", {})
SPAM = Address("spam@shop.example", "spam@shop.example")
keys = itertools.count(1)


def write(db: Database, guest_id: str, text: str = "Buy now") -> Row:
    """The guest writes in the web chat."""
    fields = {"content": text, "account": "web", "event_key": f"key {next(keys)}"}
    return messages.receive(db, guest_id=guest_id, channel="web", **fields)[0]


def mail(db: Database, text: str = "Buy now", **more: Any) -> Row:
    """The guest sends a mail of a subject of its own."""
    key = f"<{next(keys)}@shop.example>"
    event = InboundMessage(key, (SPAM,), text, db.now(), subject=text, **more)
    inbound.store_events(db, EMAIL, [event], secret="secret")
    found = messages.by_event_key(db, EMAIL.name, key)
    assert found is not None
    return found


def block(db: Database, guest_id: str | None) -> str:
    assert guest_id is not None
    guests.change(db, guest_id, blocked=True)
    return guest_id


def sound(db: Database) -> bool:
    return [db.value(sql) for sql in INVARIANTS.values()] == [0] * len(INVARIANTS)


@pytest.mark.parametrize("status", ["open", "pending", "closed"])
def test_their_messages_are_kept_and_notify_nobody(db: Database, status: str) -> None:
    jane = make_member(db)["id"]
    talk = make_conversation(db)
    conversations.change(db, talk["id"], status=status)
    read_marks.mark_read(db, talk["id"], by=jane)
    row = write(db, block(db, talk["guest_id"]))
    found = conversations.get(db, talk["id"], reader=jane)
    assert (row["conversation_id"], row["content"]) == (talk["id"], "Buy now")
    assert (found["status"], found["waiting_since"], found["unread"]) == (status, None, 0)
    assert found["preview"] == "Buy now"
    last = db.all("SELECT type, actor_id FROM events ORDER BY seq DESC LIMIT 1")
    assert last == [{"type": "conversation.message.created", "actor_id": None}]
    assert sound(db)


def test_blocking_ends_the_waiting_of_what_they_wrote_before(db: Database) -> None:
    talk = make_conversation(db)
    assert conversations.get(db, talk["id"])["waiting_since"]
    block(db, talk["guest_id"])
    found = conversations.get(db, talk["id"])
    assert (found["status"], found["waiting_since"]) == ("open", None)
    last = db.all("SELECT type, changed FROM events ORDER BY seq DESC LIMIT 2")
    assert [(row["type"], row["changed"]) for row in last] == [
        ("conversation.updated", '["waitingSince"]'),
        ("guest.updated", '["blocked"]'),
    ]
    assert sound(db)


def test_who_is_blocked_no_more_is_heard_again(db: Database) -> None:
    talk = make_conversation(db)
    guest_id = block(db, talk["guest_id"])
    write(db, guest_id)
    guests.change(db, guest_id, blocked=False)
    assert conversations.get(db, talk["id"])["waiting_since"] is None
    row = write(db, guest_id, "Sorry")
    assert conversations.get(db, talk["id"])["waiting_since"] == row["created_at"]
    assert sound(db)


def test_a_new_mail_of_theirs_opens_no_conversation(db: Database) -> None:
    first = mail(db, "One")
    conversations.change(db, first["conversation_id"], status="closed")
    block(db, first["author_id"])
    again = mail(db, "Two")
    assert again["conversation_id"] == first["conversation_id"]
    assert conversations.get(db, first["conversation_id"])["status"] == "closed"
    db.run("DELETE FROM conversations")
    begun = conversations.get(db, mail(db, "Three")["conversation_id"])
    assert (begun["status"], begun["waiting_since"]) == ("closed", None)
    assert sound(db)


def test_an_answer_that_failed_leaves_nobody_waiting_who_is_blocked(db: Database) -> None:
    talk, jane = make_conversation(db), make_member(db)["id"]
    answer = messages.send(db, talk["id"], content="No, thanks", by=jane)
    block(db, talk["guest_id"])
    delivery.advance(db, answer["id"], "failed")
    assert conversations.get(db, talk["id"])["waiting_since"] is None


def test_programs_do_not_write_to_them_and_the_staff_may(db: Database) -> None:
    talk, jane = make_conversation(db), make_member(db)["id"]
    block(db, talk["guest_id"])
    with pytest.raises(Conflict) as refused:
        messages.send(db, talk["id"], content="Welcome!", by="key-1")
    assert refused.value.reason == "guest_blocked"
    assert messages.send(db, talk["id"], content="Please stop", by=jane)["status"] == "queued"


def test_the_web_chat_tells_them_nothing(db: Database) -> None:
    jane = make_member(db)["id"]
    session, _ = make_visitor(db)

    def say(text: str) -> Any:
        said, _ = webchat.receive(db, session, content=text, client_message_id=text)
        return said

    first = say("Hola")
    guest_id = block(db, db.value("SELECT guest_id FROM conversations"))
    assert read_receipts.up_to(db, session) is None
    second = say("Buy now")
    assert second.keys() == first.keys()
    assert (second["status"], second["conversation_id"]) == ("received", first["conversation_id"])
    assert read_receipts.up_to(db, session) is None  # nobody has seen it
    read_marks.mark_read(db, first["conversation_id"], by=jane)
    guests.change(db, guest_id, blocked=False)
    third = say("Sorry")
    assert read_receipts.up_to(db, session) == first["id"]
    read_marks.mark_read(db, first["conversation_id"], by=jane)
    assert read_receipts.up_to(db, session) == third["id"]


@pytest.mark.parametrize("of", [0, 1])
def test_of_two_who_are_one_person_both_are_blocked_until_that_is_undone(
    db: Database, of: int
) -> None:
    talks = make_conversation(db), make_conversation(db)
    kept, other = (str(talk["guest_id"]) for talk in talks)
    block(db, (kept, other)[of])
    made = merge.merge(db, kept, other)
    assert made["guest"]["blocked"]
    assert db.column("SELECT waiting_since FROM conversations") == [None, None]
    merge.undo(db, kept, made["id"])
    assert [guests.get(db, one)["blocked"] for one in (kept, other)] == [of == 0, of == 1]


def test_an_erased_guest_s_messages_are_counted_as_before(db: Database) -> None:
    talk = make_conversation(db)
    guest_id = block(db, talk["guest_id"])
    write(db, guest_id)
    mail(db, "Away", automatic=True)
    for id in db.column("SELECT id FROM guests"):
        erasure.erase(db, id)
    assert sound(db)
