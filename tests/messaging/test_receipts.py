"""The status of every part of a message, when answers are lost, receipts come late and staff send again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jack.channels import payload
from jack.channels.results import Accepted, Permanent, Result, Retry, Unknown
from jack.channels.types import Account, Address, DeliveryReceipt, InboundMessage, OutboundMessage
from jack.core.db import Database
from jack.core.reader import Row
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


def receive(db: Database, text: str = "Hola", *, by: Account = SMS, **more: object) -> Row:
    key = f"IN{db.value('SELECT count(*) FROM inbound')}"
    inbound.store_events(db, by, [InboundMessage(key, (ANA,), text, db.now(), **more)])  # type: ignore[arg-type]
    found = messages.by_event_key(db, by.name, key)
    assert found is not None
    return found


@pytest.fixture
def send(db: Database) -> Callable[[str], Row]:
    """Answers whoever has just written."""
    conversation, by = receive(db)["conversation_id"], make_member(db)["id"]
    return lambda content: messages.send(db, conversation, content=content, by=by)


def record(db: Database, result: Result, parts: int = 1) -> int:
    """The next part gets this result; which part it was."""
    (claimed,) = outbox.claim(db, "me", "sms")
    outbox.set_parts(db, claimed, parts)
    outbox.record_result(db, claimed, "me", result, outbox.Sent(SMS.name, None, parts))
    return int(claimed["parts_sent"])


def report(db: Database, name: str, status: str, of: Row, part: int = 0, **more: object) -> None:
    receipt = DeliveryReceipt(name, status, db.now(), message_id=of["id"], part=part, **more)  # type: ignore[arg-type]
    inbound.store_events(db, SMS, [receipt])


def status(db: Database, message: Row) -> str:
    return str(messages.get(db, message["id"])["status"])


def resend(db: Database, message: Row) -> None:
    delivery.resend(db, message["id"], by=make_member(db)["id"])


@pytest.mark.parametrize("part", [0, 1, 12])
def test_a_provider_brings_back_which_part_it_was(part: int) -> None:
    message = OutboundMessage("msg-01", "key", None, "conv-01", "+525512345678", "Sí", part=part)
    assert payload.parse_tag(payload.our_tag(message)) == ("msg-01", part)


@pytest.mark.parametrize("tag", [None, 7, "", "a b", "msg-01.", "msg-01.0", "msg-01.x", "x" * 99])
def test_what_is_not_ours_is_nobodys(tag: object) -> None:
    assert payload.parse_tag(tag) == (None, 0)


def test_a_second_try_without_an_answer_is_still_of_the_same_part(
    db: Database, clock: Clock, send: Callable[[str], Row]
) -> None:
    message = send("Sí")
    record(db, Accepted("SM1"))
    report(db, "SM1", "failed", message, error="busy", means=Retry("busy"))
    clock.move(61)
    record(db, NO_ANSWER)
    report(db, "SM2", "delivered", message)
    assert status(db, message) == "delivered"


def test_a_late_receipt_of_the_first_try_is_not_one_of_the_next_part(
    db: Database, clock: Clock, send: Callable[[str], Row]
) -> None:
    message = send("A long answer")
    record(db, NO_ANSWER, parts=3)
    clock.move(60)
    resend(db, message)
    assert record(db, Accepted("B1"), parts=3) == 0
    report(db, "A1", "delivered", message)
    report(db, "B1", "delivered", message)
    assert record(db, NO_ANSWER, parts=3) == 1
    assert status(db, message) == "unknown"
    resend(db, message)
    assert record(db, Accepted("B2"), parts=3) == 1
    assert record(db, Accepted("B3"), parts=3) == 2
    for part, name in enumerate(("B1", "B2", "B3")):
        report(db, name, "delivered", message, part)
    assert status(db, message) == "delivered"


def test_what_failed_once_and_arrived_then_is_not_sent_a_third_time(
    db: Database, clock: Clock, send: Callable[[str], Row]
) -> None:
    message = send("A long answer")
    for name in ("A1", "A2"):
        record(db, Accepted(name), parts=2)
    report(db, "A1", "failed", message, error="no", means=Permanent("no"))
    clock.move(5)
    resend(db, message)
    for name in ("B1", "B2"):
        clock.move(1)
        record(db, Accepted(name), parts=2)
    report(db, "B1", "delivered", message)
    report(db, "B2", "failed", message, 1, error="no", means=Permanent("no"))
    assert status(db, message) == "failed"
    resend(db, message)
    assert record(db, Accepted("C2"), parts=2) == 1


def test_one_that_is_put_off_for_long_keeps_nobody_waiting(
    db: Database, clock: Clock, send: Callable[[str], Row]
) -> None:
    send("A template")
    record(db, Retry("Tomorrow.", after=86_000.0))
    taxi = send("Your taxi is here")
    assert outbox.ready(db, "sms")
    record(db, Accepted("SM2"))
    assert status(db, taxi) == "sent"


def test_one_that_is_put_off_for_a_moment_goes_first(
    db: Database, clock: Clock, send: Callable[[str], Row]
) -> None:
    first = send("One")
    record(db, Retry("Busy.", after=30.0))
    send("Two")
    assert not outbox.ready(db, "sms")
    clock.move(31)
    (claimed,) = outbox.claim(db, "me", "sms", limit=5)
    assert claimed["message_id"] == first["id"]


def test_an_answer_goes_where_the_guest_has_written_from(
    db: Database, clock: Clock, send: Callable[[str], Row]
) -> None:
    message = send("Your door code is 4711")
    conversation = conversations.get(db, message["conversation_id"])
    clock.move(3600)
    guests.change(db, conversation["guest_id"], phone="+15557654321")
    (claimed,) = outbox.claim(db, "me", "sms")
    ready = outgoing.assemble(db, claimed, SMS, outgoing.SigningContext())
    assert ready is not None
    assert ready.to == ANA.verbatim


def test_an_unknown_send_waits_for_its_twin_that_is_being_sent(
    db: Database, clock: Clock, send: Callable[[str], Row]
) -> None:
    send("OK")
    record(db, NO_ANSWER)
    send("OK")
    clock.move(11)
    (claimed,) = outbox.claim(db, "me", "sms")
    assert reconciliation.due(db, 5) == []
    outbox.record_result(db, claimed, "me", Accepted("SM2"), outbox.Sent(SMS.name))
    (taken,) = reconciliation.due(db, 5)
    assert reconciliation.other_provider_ids(db, SMS, taken["message_id"]) == ["SM2"]


def test_of_two_unknown_sends_with_the_same_text_the_staff_decide(
    db: Database, clock: Clock, send: Callable[[str], Row]
) -> None:
    pair = [send("OK"), send("OK")]
    other = send("Yes")
    for _ in (*pair, other):
        record(db, NO_ANSWER)
    clock.move(11)
    assert [row["message_id"] for row in reconciliation.due(db, 5)] == [other["id"]]
    report(db, "SM2", "delivered", pair[1])
    (taken,) = reconciliation.due(db, 5)
    assert taken["message_id"] == pair[0]["id"]
    clock.move(86_401)
    assert (reconciliation.delete_expired(db), reconciliation.due(db, 5)) == (3, [])


def test_what_is_not_listed_at_once_is_looked_for_once_more(
    db: Database, clock: Clock, send: Callable[[str], Row]
) -> None:
    message = send("OK")
    record(db, NO_ANSWER)
    for seconds in (11, 61):
        clock.move(seconds)
        (taken,) = reconciliation.due(db, 5)
        reconciliation.record_result(db, taken, SMS, Unknown("Not listed."))
    clock.move(86_400)
    assert (reconciliation.due(db, 5), status(db, message)) == ([], "unknown")


def test_start_counts_whichever_number_of_the_hotels_it_is_sent_to(db: Database) -> None:
    conversation = conversations.get(db, receive(db, "STOP", consent="stop")["conversation_id"])
    assert sendability.blocker(db, conversation["guest_id"], "sms", "text") is not None
    receive(db, "START", by=OTHER, consent="start")
    assert sendability.blocker(db, conversation["guest_id"], "sms", "text") is None


def test_a_number_that_refuses_messages_opts_out_itself_alone(
    db: Database, clock: Clock, send: Callable[[str], Row]
) -> None:
    message = send("Sí")
    conversation = conversations.get(db, message["conversation_id"])
    guests.change(db, conversation["guest_id"], phone="+15557654321")
    record(db, Permanent("They have sent STOP.", reason="opted_out"))
    assert db.value("SELECT count(*) FROM opt_outs") == 1
    opt_outs.start(db, "sms", [ANA.key])
    assert db.value("SELECT count(*) FROM opt_outs") == 0
