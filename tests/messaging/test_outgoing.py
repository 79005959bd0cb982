"""A message as its channel is given it: above all, what an e-mail answers."""

from __future__ import annotations

from typing import Any

from jack.channels.mail.reply_tokens import conversation_of
from jack.channels.results import Accepted
from jack.channels.types import Account, Address, InboundMessage, OutboundMessage
from jack.core.db import Database
from jack.messaging import inbound, outbox
from jack.messaging.outgoing import REFERENCES, SigningContext, assemble
from jack.resources.conversations import delivery, messages
from jack.resources.conversations import store as conversations
from jack.resources.settings import store as settings
from tests.builders import make_guest, make_member

EMAIL = Account("email", "email:front@hotel.example", {}, "https://jack.example.com")
SENDER = SigningContext("secret", "https://jack.example.com")


def mail(db: Database, key: str, **more: Any) -> str:
    """A mail of Ana's; the conversation it is in."""
    ana = (Address("ana@guest.example", "Ana@guest.example"),)
    said = {"text": "Hola"} | more
    event = InboundMessage(event_key=key, people=ana, at=db.now(), **said)
    inbound.store_events(db, EMAIL, [event], secret="secret")
    row = messages.by_event_key(db, EMAIL.name, key)
    assert row is not None
    return str(row["conversation_id"])


def answer(
    db: Database, conversation_id: str, provider_id: str = "<ours@hotel>"
) -> OutboundMessage:
    """An answer as it is given to the channel; the provider accepts it."""
    settings.put(db, "channels.email", {"enabled": True})
    messages.send(db, conversation_id, content="Sí", by=make_member(db)["id"])
    (claimed,) = outbox.claim(db, "me", "email")
    found = assemble(db, claimed, EMAIL, SENDER)
    assert found is not None
    outbox.record_result(db, claimed, "me", Accepted(provider_id), outbox.Sent(EMAIL.name))
    return found


def test_an_answer_names_the_mail_it_answers_and_those_before(db: Database) -> None:
    outlook = f"<{'x' * 118}@outlook.example>"
    conversation = mail(db, f"{outlook} 0123", subject="A room", in_reply_to=("<b@x>", "<a@x>"))
    sent = answer(db, conversation)
    assert (sent.to, sent.thread.subject) == ("Ana@guest.example", "A room")
    assert sent.thread.in_reply_to == outlook
    assert sent.thread.references == ("<a@x>", "<b@x>", outlook)
    assert conversation_of("secret", sent.thread.token) == conversation


def test_a_mail_without_an_id_is_answered_without_one(db: Database) -> None:
    sent = answer(db, mail(db, "raw:0123"))
    assert (sent.thread.in_reply_to, sent.thread.references) == (None, ())


def test_a_hotel_that_writes_twice_goes_on_from_its_own_mail(db: Database) -> None:
    guest = make_guest(db, email="ana@guest.example")
    conversation = conversations.create(db, guest_id=guest["id"], channel="email")["id"]
    answer(db, conversation, "<first@hotel>")
    assert answer(db, conversation, "<second@hotel>").thread.in_reply_to == "<first@hotel>"


def test_of_a_long_thread_the_first_and_the_latest_are_named(db: Database) -> None:
    before = tuple(f"<{n}@x>" for n in reversed(range(50)))
    named = answer(db, mail(db, "<new@x> 0123", in_reply_to=before)).thread.references
    assert (named[0], named[-1], len(named)) == ("<0@x>", "<new@x>", REFERENCES)


def test_a_second_sending_has_another_key_and_a_second_try_the_same(db: Database) -> None:
    conversation = mail(db, "<1@x> 0123")
    sent = answer(db, conversation)
    delivery.advance(db, sent.id, "failed", error="Bounced.")
    delivery.resend(db, sent.id, by=make_member(db)["id"])
    keys = set()
    for _ in range(2):
        (claimed,) = outbox.claim(db, "me", "email")
        found = assemble(db, claimed, EMAIL, SENDER)
        assert found is not None
        keys.add(found.key)
        db.run("UPDATE outbox SET owner = NULL, lease_until = NULL")
    assert len(keys) == 1
    assert sent.key not in keys
