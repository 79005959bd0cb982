"""What became of every part of a message, when answers are lost, receipts come late and staff send again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jack.channels import payload
from jack.channels.results import Accepted, Permanent, Result, Retry, Unknown
from jack.channels.types import Account, Address, DeliveryReceipt, InboundMessage, OutboundMessage
from jack.core.db import Database, Row
from jack.messaging import inbound, outbox, outgoing, reconciliation
from jack.resources.conversations import delivery, messages, opt_outs, sendability
from jack.resources.conversations import store as conversations
from jack.resources.guests import store as guests
from jack.resources.settings import store as settings
from tests.builders import make_member
from tests.conftest import Clock

SMS = Account("sms", "sms:AC1", {})
OTHER = Account("sms", "sms:AC2", {})
ANA = Address("+525512345678", "+525512345678")
NO_ANSWER = Unknown("No answer.")


@pytest.fixture(autouse=True)
def configured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "check_channel", lambda *args, **kwargs: None)


def hear(db: Database, text: str = "Hola", *, by: Account = SMS, **more: object) -> Row:
    key = f"IN{db.value('SELECT count(*) FROM inbound')}"
    inbound.store_events(db, by, [InboundMessage(key, (ANA,), text, db.now(), **more)])  # type: ignore[arg-type]
    found = messages.already(db, by.name, key)
    assert found is not None
    return found


@pytest.fixture
def say(db: Database) -> Callable[[str], Row]:
    """Answers whoever has just written."""
    talk, by = hear(db)["conversation_id"], make_member(db)["id"]
    return lambda content: messages.send(db, talk, content=content, by=by)


def settle(db: Database, result: Result, parts: int = 1) -> int:
    """The next part gets this result; which part it was."""
    (claimed,) = outbox.claim(db, "me", "sms")
    outbox.in_parts(db, claimed, parts)
    outbox.record_result(db, claimed, "me", result, outbox.Sent(SMS.name, None, parts))
    return int(claimed["parts_sent"])


def told(db: Database, name: str, status: str, of: Row, part: int = 0, **more: object) -> None:
    said = DeliveryReceipt(name, status, db.now(), message_id=of["id"], part=part, **more)  # type: ignore[arg-type]
    inbound.store_events(db, SMS, [said])


def status(db: Database, message: Row) -> str:
    return str(messages.get(db, message["id"])["status"])


def again(db: Database, message: Row) -> None:
    delivery.resend(db, message["id"], by=make_member(db)["id"])


@pytest.mark.parametrize("part", [0, 1, 12])
def test_a_provider_brings_back_which_part_it_was(part: int) -> None:
    message = OutboundMessage("msg-01", "key", None, "conv-01", "+525512345678", "Sí", part=part)
    assert payload.parse_tag(payload.our_tag(message)) == ("msg-01", part)


@pytest.mark.parametrize("told", [None, 7, "", "a b", "msg-01.", "msg-01.0", "msg-01.x", "x" * 99])
def test_what_is_not_ours_is_nobodys(told: object) -> None:
    assert payload.parse_tag(told) == (None, 0)


def test_a_second_try_without_an_answer_is_still_of_the_same_part(
    db: Database, clock: Clock, say: Callable[[str], Row]
) -> None:
    message = say("Sí")
    settle(db, Accepted("SM1"))
    told(db, "SM1", "failed", message, error="busy", means=Retry("busy"))
    clock.move(61)
    settle(db, NO_ANSWER)
    told(db, "SM2", "delivered", message)
    assert status(db, message) == "delivered"


def test_a_late_receipt_of_the_first_try_is_not_one_of_the_next_part(
    db: Database, clock: Clock, say: Callable[[str], Row]
) -> None:
    message = say("A long answer")
    settle(db, NO_ANSWER, parts=3)
    clock.move(60)
    again(db, message)
    assert settle(db, Accepted("B1"), parts=3) == 0
    told(db, "A1", "delivered", message)
    told(db, "B1", "delivered", message)
    assert settle(db, NO_ANSWER, parts=3) == 1
    assert status(db, message) == "unknown"
    again(db, message)
    assert settle(db, Accepted("B2"), parts=3) == 1
    assert settle(db, Accepted("B3"), parts=3) == 2
    for part, name in enumerate(("B1", "B2", "B3")):
        told(db, name, "delivered", message, part)
    assert status(db, message) == "delivered"


def test_what_failed_once_and_arrived_then_is_not_sent_a_third_time(
    db: Database, clock: Clock, say: Callable[[str], Row]
) -> None:
    message = say("A long answer")
    for name in ("A1", "A2"):
        settle(db, Accepted(name), parts=2)
    told(db, "A1", "failed", message, error="no", means=Permanent("no"))
    clock.move(5)
    again(db, message)
    for name in ("B1", "B2"):
        clock.move(1)
        settle(db, Accepted(name), parts=2)
    told(db, "B1", "delivered", message)
    told(db, "B2", "failed", message, 1, error="no", means=Permanent("no"))
    assert status(db, message) == "failed"
    again(db, message)
    assert settle(db, Accepted("C2"), parts=2) == 1


def test_one_that_is_put_off_for_long_keeps_nobody_waiting(
    db: Database, clock: Clock, say: Callable[[str], Row]
) -> None:
    say("A template")
    settle(db, Retry("Tomorrow.", after=86_000.0))
    taxi = say("Your taxi is here")
    assert outbox.ready(db, "sms")
    settle(db, Accepted("SM2"))
    assert status(db, taxi) == "sent"


def test_one_that_is_put_off_for_a_moment_goes_first(
    db: Database, clock: Clock, say: Callable[[str], Row]
) -> None:
    first = say("One")
    settle(db, Retry("Busy.", after=30.0))
    say("Two")
    assert not outbox.ready(db, "sms")
    clock.move(31)
    (claimed,) = outbox.claim(db, "me", "sms", limit=5)
    assert claimed["message_id"] == first["id"]


def test_an_answer_goes_where_the_guest_has_written_from(
    db: Database, clock: Clock, say: Callable[[str], Row]
) -> None:
    message = say("Your door code is 4711")
    talk = conversations.get(db, message["conversation_id"])
    clock.move(3600)
    guests.change(db, talk["guest_id"], phone="+15557654321")
    (claimed,) = outbox.claim(db, "me", "sms")
    ready = outgoing.assembled(db, claimed, SMS, outgoing.SigningContext())
    assert ready is not None
    assert ready.to == ANA.verbatim


def test_a_doubt_waits_for_its_twin_that_is_on_its_way(
    db: Database, clock: Clock, say: Callable[[str], Row]
) -> None:
    say("OK")
    settle(db, NO_ANSWER)
    say("OK")
    clock.move(11)
    (claimed,) = outbox.claim(db, "me", "sms")
    assert reconciliation.due(db, 5) == []
    outbox.record_result(db, claimed, "me", Accepted("SM2"), outbox.Sent(SMS.name))
    (taken,) = reconciliation.due(db, 5)
    assert reconciliation.known(db, SMS, taken["message_id"]) == ["SM2"]


def test_of_two_doubts_that_say_the_same_the_staff_decide(
    db: Database, clock: Clock, say: Callable[[str], Row]
) -> None:
    pair = [say("OK"), say("OK")]
    other = say("Yes")
    for _ in (*pair, other):
        settle(db, NO_ANSWER)
    clock.move(11)
    assert [row["message_id"] for row in reconciliation.due(db, 5)] == [other["id"]]
    told(db, "SM2", "delivered", pair[1])
    (taken,) = reconciliation.due(db, 5)
    assert taken["message_id"] == pair[0]["id"]
    clock.move(86_401)
    assert (reconciliation.delete_expired(db), reconciliation.due(db, 5)) == (3, [])


def test_what_is_not_listed_at_once_is_looked_for_once_more(
    db: Database, clock: Clock, say: Callable[[str], Row]
) -> None:
    message = say("OK")
    settle(db, NO_ANSWER)
    for seconds in (11, 61):
        clock.move(seconds)
        (taken,) = reconciliation.due(db, 5)
        reconciliation.record_result(db, taken, SMS, Unknown("Not listed."))
    clock.move(86_400)
    assert (reconciliation.due(db, 5), status(db, message)) == ([], "unknown")


def test_start_counts_whichever_number_of_the_hotels_it_is_sent_to(db: Database) -> None:
    talk = conversations.get(db, hear(db, "STOP", consent="stop")["conversation_id"])
    assert sendability.blocker(db, talk["guest_id"], "sms", "text") is not None
    hear(db, "START", by=OTHER, consent="start")
    assert sendability.blocker(db, talk["guest_id"], "sms", "text") is None


def test_a_number_that_refuses_messages_silences_itself_alone(
    db: Database, clock: Clock, say: Callable[[str], Row]
) -> None:
    message = say("Sí")
    talk = conversations.get(db, message["conversation_id"])
    guests.change(db, talk["guest_id"], phone="+15557654321")
    settle(db, Permanent("They have sent STOP.", reason="opted_out"))
    assert db.value("SELECT count(*) FROM opt_outs") == 1
    opt_outs.start(db, "sms", ANA.key)
    assert db.value("SELECT count(*) FROM opt_outs") == 0
