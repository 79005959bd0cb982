"""What stands below the text of a mail: the hotel's signature in the guest's language, and the guest's last message."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from jack.channels.types import Account, OutboundMessage
from jack.core.db import Database
from jack.messaging import outbox
from jack.messaging.mail_additions import LONGEST_QUOTATION, chosen
from jack.messaging.outgoing import assemble
from jack.resources.conversations import messages
from jack.resources.conversations import store as conversations
from jack.resources.guests import store as guests
from jack.resources.settings import store as settings
from tests.builders import make_guest, make_member
from tests.conftest import Clock
from tests.messaging.test_outgoing import EMAIL, SENDER, mail


def written(
    db: Database, conversation: str, *, by: str | None = None, **own: Any
) -> OutboundMessage:
    """A message of the hotel's as it is given to the channel, by these settings."""
    settings.put(db, "channels.email", {"enabled": True})
    messages.send(db, conversation, content="Sí", by=by or make_member(db)["id"])
    return claimed(db, replace(EMAIL, settings=own))


def claimed(db: Database, account: Account) -> OutboundMessage:
    (row,) = outbox.claim(db, "me", "email")
    found = assemble(db, row, account, SENDER)
    assert found is not None
    return found


def test_the_guests_last_message_is_quoted_by_the_hotels_clock(db: Database, clock: Clock) -> None:
    settings.put(db, "hotel", {"name": "Sol", "timeZone": "Europe/Madrid", "language": "es"})
    conversation = mail(db, "<1@x> 0123", text="¿Hay cuna?\n\nAna", name="Ana Sol")
    day = db.value("SELECT substr(created_at, 1, 10) FROM messages", {})
    quoted = written(db, conversation).quoted
    assert quoted is not None
    assert quoted.text == "¿Hay cuna?\n\nAna"
    assert quoted.heading.startswith("El ")
    assert quoted.heading.endswith(", Ana Sol escribió:")
    assert str(day)[:7] in quoted.heading


def test_what_came_later_is_not_quoted(db: Database) -> None:
    conversation = mail(db, "<1@x> 0123", text="A cot, please?")
    settings.put(db, "channels.email", {"enabled": True})
    messages.send(db, conversation, content="Yes", by=make_member(db)["id"])
    mail(db, "<2@x> 0123", text="And a towel", in_reply_to=("<1@x>",))
    quoted = claimed(db, EMAIL).quoted
    assert quoted is not None
    assert quoted.text == "A cot, please?"


def test_a_long_message_is_quoted_by_its_beginning(db: Database) -> None:
    conversation = mail(db, "<1@x> 0123", text="Ana " * 3000)
    quoted = written(db, conversation).quoted
    assert quoted is not None
    assert LONGEST_QUOTATION <= len(quoted.text) <= LONGEST_QUOTATION + 2
    assert quoted.text.endswith(" …")


@pytest.mark.parametrize("own", [{"quoteLastMessage": False}])
def test_a_hotel_may_quote_nothing(db: Database, own: dict[str, Any]) -> None:
    assert written(db, mail(db, "<1@x> 0123", text="A cot, please?"), **own).quoted is None


def test_nothing_is_quoted_where_no_guest_has_written(db: Database) -> None:
    guest = make_guest(db, email="ana@guest.example")
    conversation = conversations.create(db, guest_id=guest["id"], channel="email")["id"]
    assert written(db, conversation).quoted is None


def test_a_program_of_the_guests_is_not_quoted(db: Database) -> None:
    conversation = mail(db, "<1@x> 0123", text="A cot, please?")
    mail(db, "<2@x> 0123", text="I am away", in_reply_to=("<1@x>",), automatic=True)
    quoted = written(db, conversation).quoted
    assert quoted is not None
    assert quoted.text == "A cot, please?"


def test_what_jack_sends_by_itself_quotes_nothing(db: Database) -> None:
    conversation = mail(db, "<1@x> 0123", text="A cot, please?")
    settings.put(db, "channels.email", {"enabled": True})
    messages.send(db, conversation, content="Sí", by=make_member(db)["id"])
    db.run("UPDATE messages SET author_type = 'system' WHERE direction = 'outbound'")
    assert claimed(db, EMAIL).quoted is None


SIGNATURES = {"en": "Kind regards", "es": "Saludos", "pt-BR": "Abraços"}


@pytest.mark.parametrize(
    ("guest", "hotel", "signature"),
    [
        ("es-MX", "en", "Saludos"),
        ("pt-br", "en", "Abraços"),
        ("fr", "es", "Saludos"),
        (None, "en", "Kind regards"),
        ("fr", "it", ""),
    ],
)
def test_the_signature_is_the_guests_or_the_hotels(
    guest: str | None, hotel: str, signature: str
) -> None:
    assert chosen(SIGNATURES, guest, hotel) == signature


def test_the_only_signature_is_for_everybody() -> None:
    assert chosen({"de": "Grüße"}, "fr", "it") == "Grüße"
    assert chosen({}, "fr", "it") == ""


def test_a_mail_has_the_signature_of_its_guest(db: Database) -> None:
    conversation = mail(db, "<1@x> 0123", text="Hola")
    guest = conversations.get(db, conversation)["guest_id"]
    assert guest is not None
    guests.change(db, guest, language="es")
    assert written(db, conversation, signatures=SIGNATURES).signature == "Saludos"
