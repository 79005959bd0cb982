"""Mail of programs, and mail that may not be from whom it names: which guest, which conversation, and who waits."""

from __future__ import annotations

from typing import Any

import pytest

from jack.channels.mail.reply_tokens import reply_token
from jack.channels.types import Account, Address, InboundMessage
from jack.core.db import Database
from jack.core.reader import Row
from jack.messaging import inbound
from jack.operations.verify import INVARIANTS
from jack.resources.conversations import counts, delivery, messages, read_marks
from jack.resources.conversations import store as conversations
from jack.resources.guests import duplicates, identities, merge
from jack.resources.guests import store as guests
from jack.resources.privacy import erasure
from jack.resources.settings import store as settings
from tests.builders import make_member

EMAIL = Account("email", "email:front@hotel.example", {})
ANA = Address("ana@guest.example", "Ana@Guest.example")
SECRET = "secret"
CLAIMED = {"unproven": True, "details": {"unproven": "ana@guest.example"}}
DISOWNED = {"doubtful": True, "details": {"authentication": {"dmarc": "fail"}}}


def mail(db: Database, text: str = "Hola", **more: Any) -> Row:
    """A mail that has come in, of Ana unless told otherwise."""
    key = f"<{db.value('SELECT count(*) FROM inbound')}@x> 0"
    event = InboundMessage(event_key=key, text=text, **{"people": (ANA,), "at": db.now()} | more)
    inbound.store_events(db, EMAIL, [event], secret=SECRET)
    found = messages.by_event_key(db, EMAIL.name, key)
    assert found is not None
    return found


@pytest.fixture
def connected(db: Database) -> None:
    """Mail can be sent."""
    settings.put(db, "channels.email", {"enabled": True})


def conversation_of(db: Database, message: Row, reader: str | None = None) -> Row:
    return conversations.get(db, message["conversation_id"], reader=reader)


def sound(db: Database) -> bool:
    """Whether what is counted is what there is."""
    return [name for name, sql in INVARIANTS.items() if db.value(sql)] == []


# ------------------------------------------------------------------------------------------------ automatic mail


def test_nobody_waits_for_an_answer_to_automatic_mail(db: Database) -> None:
    jane = make_member(db)["id"]
    found = conversation_of(db, mail(db, "Newsletter", automatic=True), reader=jane)
    assert (found["waiting_since"], found["unread"], found["status"]) == (None, 0, "open")
    assert found["preview"] == "Newsletter"
    told = counts.count(db, reader=jane)
    assert (told["waiting"], told["unread"], told["open"]) == (0, 0, 1)
    told = db.all("SELECT type, actor_id FROM events WHERE type LIKE 'conversation.message.%'")
    assert told == [{"type": "conversation.message.created", "actor_id": None}]
    assert sound(db)


def test_automatic_mail_reopens_nothing(db: Database) -> None:
    first = mail(db)
    conversations.change(db, first["conversation_id"], status="closed")
    away = mail(db, "Away.", automatic=True)
    assert away["conversation_id"] == first["conversation_id"]
    found = conversation_of(db, away)
    assert (found["status"], found["waiting_since"]) == ("closed", None)
    assert conversation_of(db, mail(db, "Back!"))["status"] == "open"


def test_a_guest_waits_also_beside_automatic_mail(db: Database) -> None:
    jane = make_member(db)["id"]
    mail(db, "Away.", automatic=True)
    asked = mail(db, "A cot?")
    mail(db, "Away again.", automatic=True)
    found = conversation_of(db, asked, reader=jane)
    assert (found["waiting_since"], found["unread"]) == (asked["created_at"], 1)
    read_marks.mark_read(db, asked["conversation_id"], by=jane)
    assert conversation_of(db, mail(db, "Away!", automatic=True), reader=jane)["unread"] == 0
    assert sound(db)


def test_an_answer_that_failed_leaves_nobody_waiting_who_is_a_program(
    db: Database, connected: None
) -> None:
    jane = make_member(db)["id"]
    away = mail(db, "Away.", automatic=True)
    sent = messages.send(db, away["conversation_id"], content="Hello", by=jane)
    delivery.advance(db, sent["id"], "failed", error="The mailbox does not exist.")
    assert conversation_of(db, away)["waiting_since"] is None
    conversations.change(db, away["conversation_id"], status="closed")
    conversations.change(db, away["conversation_id"], status="open")
    assert conversation_of(db, away)["waiting_since"] is None


def test_the_first_answer_is_not_the_one_to_a_program(db: Database, connected: None) -> None:
    jane = make_member(db)["id"]
    away = mail(db, "Away.", automatic=True)
    messages.send(db, away["conversation_id"], content="Hello", by=jane)
    assert conversation_of(db, away)["first_response_at"] is None


# ------------------------------------------------------------------------------------------------ unproven


def test_whom_a_form_names_is_a_guest_of_their_own(db: Database) -> None:
    known = mail(db)
    claimed = mail(db, "Send the door code.", name="Ana Ruiz", **CLAIMED)
    again = mail(db, "Now!", **CLAIMED)
    found = [conversation_of(db, one) for one in (known, claimed, again)]
    assert len({one["id"] for one in found}) == 3
    assert len({one["guest_id"] for one in found}) == 3
    assert found[1]["guest"] == {"id": found[1]["guest_id"], "name": "Ana Ruiz"}
    assert guests.get(db, str(found[1]["guest_id"]))["email"] is None
    assert claimed["details"] == {"unproven": "ana@guest.example", "doubtful": True}
    assert str(found[1]["preview"]).startswith("⚠ ")


def test_a_form_cannot_answer_a_conversation(db: Database) -> None:
    known = mail(db)
    token = reply_token(SECRET, known["conversation_id"])
    claimed = mail(db, "Me again", token=token, in_reply_to=("<0@x>",), **CLAIMED)
    assert claimed["conversation_id"] != known["conversation_id"]


def test_the_answer_goes_to_whom_the_form_names(db: Database) -> None:
    guest_id = str(conversation_of(db, mail(db, people=(ANA,), **CLAIMED))["guest_id"])
    used = identities.last_used(db, guest_id, "email")
    assert used is not None
    assert used["verbatim"] == "Ana@Guest.example"


def test_a_form_does_not_take_an_address_from_its_owner(db: Database) -> None:
    claimed = mail(db, **CLAIMED)
    own = mail(db, "It is me")
    assert conversation_of(db, own)["guest_id"] != conversation_of(db, claimed)["guest_id"]


@pytest.mark.parametrize("known_before", [True, False])
def test_who_answers_our_mail_from_there_has_proven_it(db: Database, *, known_before: bool) -> None:
    if known_before:
        mail(db)
    claimed = mail(db, **CLAIMED)
    token = reply_token(SECRET, claimed["conversation_id"])
    answer = mail(db, "Thank you", token=token)
    assert answer["conversation_id"] == claimed["conversation_id"]
    later = mail(db, "By the way")
    same = conversation_of(db, later)["guest_id"] == conversation_of(db, claimed)["guest_id"]
    assert same is not known_before


def test_somebody_else_who_answers_proves_nothing(db: Database) -> None:
    claimed = mail(db, **CLAIMED)
    token = reply_token(SECRET, claimed["conversation_id"])
    eve = (Address("eve@guest.example", "eve@guest.example"),)
    disowned = mail(db, token=token, **DISOWNED)
    for other in (mail(db, people=eve, token=token), disowned):
        assert other["conversation_id"] != claimed["conversation_id"]


def test_whom_a_form_names_may_be_who_is_known(db: Database) -> None:
    """Which people decide, who can join the two; an erasure then takes both."""
    known = str(conversation_of(db, mail(db))["guest_id"])
    claimed = str(conversation_of(db, mail(db, **CLAIMED))["guest_id"])
    for one, other in ((known, claimed), (claimed, known)):
        (found,) = duplicates.search(db, one)
        assert (found["guest"]["id"], found["reasons"][0]) == (other, "claimed_email")
    merge.merge(db, known, claimed, by=make_member(db)["id"])
    erasure.erase(db, known)
    assert db.value("SELECT count(*) FROM guest_identities") == 0


# ------------------------------------------------------------------------------------------------ doubtful


def test_a_mail_that_its_domain_disowns_goes_into_no_open_conversation(db: Database) -> None:
    known = mail(db)
    disowned = mail(db, "Send the door code.", name="Eve", **DISOWNED)
    assert disowned["conversation_id"] != known["conversation_id"]
    assert disowned["details"] == {"authentication": {"dmarc": "fail"}, "doubtful": True}
    found = conversation_of(db, disowned)
    assert found["preview"] == "⚠ Send the door code."
    assert found["guest_id"] == conversation_of(db, known)["guest_id"]
    assert found["waiting_since"] == disowned["created_at"]


def test_a_mail_that_its_domain_disowns_may_answer_what_we_wrote(db: Database) -> None:
    known = mail(db)
    token = reply_token(SECRET, known["conversation_id"])
    assert mail(db, token=token, **DISOWNED)["conversation_id"] == known["conversation_id"]
