"""Messages on their way to a provider that speaks real HTTP: pauses, rates, parts, windows, unknown_sends."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from jack.core.clock import later
from jack.core.db import Database
from jack.core.reader import Row
from jack.messaging import outbox, thread_pool, token_bucket
from jack.messaging.thread_pool import Pool
from jack.messaging.token_bucket import Bucket
from jack.resources.channel_accounts import channel_tests
from jack.resources.channel_accounts import store as accounts
from jack.resources.conversations import delivery, messages, scheduling, sendability
from jack.resources.conversations import store as conversations
from jack.resources.settings import store as settings
from jack.worker import loop
from jack.worker.channel_tests import run as run_test
from jack.worker.loop import Worker
from tests.builders import make_guest, make_member
from tests.conftest import Clock
from tests.peers import clock as peer_clock
from tests.peers import faults
from tests.peers.hooks import to_app
from tests.peers.meta import MetaPeer
from tests.peers.meta_guests import Guest
from tests.peers.twilio import TwilioPeer

ACCOUNT = "whatsapp:106540352242922"
PATIENCE = 20.0


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    return environment | {"JACK_PUBLIC_URL": "https://jack.example.com"}


@pytest.fixture
def db(app: Flask, clock: Clock) -> Database:
    """The database of the app, whose clock stands still until it is moved."""
    home = app.extensions["jack"]
    database: Database = home.databases.get()
    database.time = clock
    return database


@pytest.fixture
def meta(app: Flask, db: Database, clock: Clock) -> Iterator[MetaPeer]:
    """WhatsApp, connected to Jack."""
    with MetaPeer(hook=to_app(app), clock=peer_clock.Clock(clock)) as peer:
        settings.put(db, "channels.whatsapp", peer.settings() | {"ratePerSecond": 200})
        yield peer


@pytest.fixture
def twilio(app: Flask, db: Database, clock: Clock) -> Iterator[TwilioPeer]:
    """SMS, connected to Jack."""
    with TwilioPeer(
        hook=to_app(app), public_url="https://jack.example.com", clock=peer_clock.Clock(clock)
    ) as peer:
        settings.put(db, "channels.sms", peer.sms_settings() | {"ratePerSecond": 200})
        yield peer


@pytest.fixture
def worker(app: Flask) -> Worker:
    return loop.of(app.extensions["jack"])


def turn(worker: Worker, db: Database) -> None:
    """Send until nothing more can be sent now."""
    deadline = time.monotonic() + PATIENCE
    while worker.send_due(db):
        worker.finish(db)
        assert time.monotonic() < deadline


def conversation_with(db: Database, guest: Guest | Any, text: str = "Hola") -> str:
    """The conversation of a guest who has written."""
    guest.says(text)
    return str(db.value("SELECT id FROM conversations ORDER BY seq DESC LIMIT 1"))


def send(db: Database, conversation_id: str, content: str = "Sí", **more: Any) -> Row:
    return messages.send(db, conversation_id, content=content, by=make_member(db)["id"], **more)


def status(db: Database, message: Row) -> tuple[str, str | None]:
    row = messages.get(db, message["id"])
    return row["status"], row["error"]


def test_an_answer_reaches_the_guest_and_says_so(
    db: Database, meta: MetaPeer, worker: Worker
) -> None:
    ana = meta.guest("5215512345678", "Ana")
    message = send(db, conversation_with(db, ana), "Buenos días")
    turn(worker, db)
    meta.settled()
    assert [sent.text for sent in ana.inbox] == ["Buenos días"]
    assert status(db, message) == ("delivered", None)
    assert accounts.get(db, ACCOUNT)["last_outbound_at"] == db.now()


@pytest.mark.parametrize(
    "fault", [faults.EARLY, faults.DUPLICATED, faults.REORDERED, faults.BATCHED]
)
def test_however_receipts_come_the_message_is_delivered(
    db: Database, meta: MetaPeer, worker: Worker, fault: faults.Fault
) -> None:
    message = send(db, conversation_with(db, meta.guest("5215512345678")))
    meta.faults.add(fault)
    turn(worker, db)
    meta.settled()
    assert status(db, message)[0] == "delivered"
    assert len(meta.received) == 1


def test_a_conversation_leaves_in_order_while_others_overtake(
    db: Database, meta: MetaPeer, worker: Worker, clock: Clock
) -> None:
    ana, eva = meta.guest("5215512345678", "Ana"), meta.guest("5215587654321", "Eva")
    first = conversation_with(db, ana)
    for text in ("one", "two", "three"):
        send(db, first, text)
    meta.faults.add(faults.throttled("5"))
    turn(worker, db)
    send(db, conversation_with(db, eva), "hello")
    turn(worker, db)
    assert [sent.text for sent in meta.received] == ["hello"]
    clock.move(6)
    turn(worker, db)
    meta.settled()
    assert [sent.text for sent in ana.inbox] == ["one", "two", "three"]


def test_a_long_text_leaves_in_parts_one_after_the_other(
    db: Database, twilio: TwilioPeer, worker: Worker, clock: Clock
) -> None:
    ana = twilio.guest("+525512345678")
    text = "Dear Ana. " * 350
    message = send(db, conversation_with(db, ana), text)
    twilio.faults.add(faults.SILENT)
    twilio.faults.add(faults.throttled("5"))
    turn(worker, db)
    assert (len(twilio.received), status(db, message)[0]) == (1, "queued")
    clock.move(6)
    turn(worker, db)
    twilio.settled()
    assert "".join(sent.text for sent in ana.inbox).replace(" ", "") == text.replace(" ", "")
    assert db.value("SELECT count(*) FROM provider_messages") == len(ana.inbox) == 3
    assert status(db, message)[0] == "sent"  # no receipt came of the first part


def test_a_part_of_unknown_fate_is_no_message_sent(
    db: Database, meta: MetaPeer, worker: Worker
) -> None:
    """The first of two parts is accepted without an answer: a receipt for it does not make the message sent."""
    message = send(db, conversation_with(db, meta.guest("5215512345678")), "Dear Ana. " * 400)
    db.run("UPDATE messages SET content = content || content WHERE id = :id", message)
    meta.faults.add(faults.ACCEPT_THEN_DROP)
    turn(worker, db)
    meta.settled()
    assert (status(db, message)[0], len(meta.received)) == ("unknown", 1)
    delivery.resend(db, message["id"], by=make_member(db)["id"])
    turn(worker, db)
    meta.settled()
    assert (status(db, message)[0], len(meta.received)) == ("delivered", 2)


# ------------------------------------------------------------------------------------------------ unknown_sends


def test_accepted_and_cut_off_is_cleared_up_by_the_receipt(
    db: Database, meta: MetaPeer, worker: Worker
) -> None:
    message = send(db, conversation_with(db, meta.guest("5215512345678")))
    meta.faults.add(faults.ACCEPT_THEN_DROP)
    turn(worker, db)
    meta.settled()
    assert (status(db, message)[0], len(meta.received)) == ("delivered", 1)


def test_what_nothing_is_heard_of_stays_unknown_and_is_not_repeated(
    db: Database, meta: MetaPeer, worker: Worker, clock: Clock
) -> None:
    message = send(db, conversation_with(db, meta.guest("5215512345678")))
    meta.faults.add(faults.ACCEPT_IN_SILENCE)
    for _ in range(4):
        turn(worker, db)
        worker._dispatcher.reconcile(db)
        worker.finish(db)
        clock.move(600)
    assert (status(db, message)[0], len(meta.received)) == ("unknown", 1)
    assert db.value("SELECT count(*) FROM unknown_sends") == 0


@pytest.mark.parametrize(
    ("fault", "becomes"), [(faults.ACCEPT_IN_SILENCE, "sent"), (faults.CUT, "unknown")]
)
def test_where_the_provider_keeps_a_list_it_is_asked(
    db: Database,
    twilio: TwilioPeer,
    worker: Worker,
    clock: Clock,
    fault: faults.Fault,
    becomes: str,
) -> None:
    message = send(db, conversation_with(db, twilio.guest("+525512345678")), "Room 12")
    twilio.faults.add(fault)
    turn(worker, db)
    assert status(db, message)[0] == "unknown"
    clock.move(outbox.LOOKUP_AFTER + 1)
    worker._dispatcher.reconcile(db)
    worker.finish(db)
    assert status(db, message)[0] == becomes


# ------------------------------------------------------------------------------------------------ accounts


def test_a_broken_account_keeps_its_queue_and_tries_with_one_message(
    db: Database, meta: MetaPeer, worker: Worker, clock: Clock
) -> None:
    ids = [
        send(db, conversation_with(db, meta.guest(f"52155123456{n}")), f"{n}")
        for n in range(10, 20)
    ]
    meta.faults.add(faults.refused(401, 190), times=100)
    turn(worker, db)
    tried = len([one for one in meta.requests if one.method == "POST"])
    assert {status(db, one)[0] for one in ids} == {"queued"}
    assert accounts.get(db, ACCOUNT)["paused_until"] is not None
    clock.move(accounts.FIRST_PAUSE + 1)
    turn(worker, db)
    assert len([one for one in meta.requests if one.method == "POST"]) == tried + 1
    clock.move(accounts.FIRST_PAUSE + 1)  # the second pause is longer
    turn(worker, db)
    assert len([one for one in meta.requests if one.method == "POST"]) == tried + 1
    assert {row["attempts"] for row in db.all("SELECT attempts FROM outbox")} == {0}


def test_a_pause_makes_no_message_too_old(
    db: Database, meta: MetaPeer, worker: Worker, clock: Clock
) -> None:
    message = send(
        db,
        conversation_with(db, meta.guest("5215512345678")),
        "",
        type="template",
        template={"name": "hello", "language": "es"},
    )
    meta.templates["hello", "es"] = 0
    meta.faults.add(faults.refused(401, 190))
    turn(worker, db)
    clock.move(30 * 3600)
    meta.faults.add(faults.throttled("1"))
    turn(worker, db)
    clock.move(2)
    turn(worker, db)
    assert status(db, message)[0] != "failed"
    clock.move(1000)
    turn(worker, db)
    meta.settled()
    assert status(db, message)[0] == "delivered"


@pytest.mark.parametrize("mended", ["put", "test", "waited"])
def test_a_mended_account_goes_on(
    db: Database, meta: MetaPeer, worker: Worker, clock: Clock, mended: str
) -> None:
    message = send(db, conversation_with(db, meta.guest("5215512345678")))
    meta.faults.add(faults.refused(401, 190))
    turn(worker, db)
    turn(worker, db)
    assert status(db, message)[0] == "queued"
    if mended == "put":
        clock.move(0.001)
        settings.put(db, "channels.whatsapp", meta.settings())
    elif mended == "test":
        channel_tests.create(db, "whatsapp", settings_at=None)
        (asked,) = channel_tests.due(db, 1)
        run_test(asked, "", db)
    else:
        clock.move(accounts.FIRST_PAUSE + 1)
    turn(worker, db)
    meta.settled()
    assert status(db, message)[0] == "delivered"
    assert accounts.get(db, ACCOUNT)["paused_at"] is None


def test_what_is_switched_off_keeps_its_queue(db: Database, meta: MetaPeer, worker: Worker) -> None:
    message = send(db, conversation_with(db, meta.guest("5215512345678")))
    settings.put(db, "channels.whatsapp", meta.settings() | {"enabled": False})
    turn(worker, db)
    assert (status(db, message)[0], meta.received) == ("queued", [])
    settings.put(db, "channels.whatsapp", meta.settings())
    turn(worker, db)
    assert len(meta.received) == 1


# ------------------------------------------------------------------------------------------------ may they


def test_a_window_that_closes_while_a_message_waits_is_told(
    db: Database, meta: MetaPeer, worker: Worker, clock: Clock
) -> None:
    message = send(db, conversation_with(db, meta.guest("5215512345678")))
    clock.move(sendability.WINDOW_HOURS * 3600)
    turn(worker, db)
    assert (status(db, message), meta.received) == (("failed", sendability.CLOSED), [])


def test_an_opt_out_holds_what_is_queued(db: Database, twilio: TwilioPeer, worker: Worker) -> None:
    ana = twilio.guest("+525512345678")
    message = send(db, conversation_with(db, ana))
    ana.says("STOP")
    turn(worker, db)
    assert (status(db, message), twilio.received) == (("failed", sendability.STOPPED), [])


def test_an_opt_out_only_the_provider_knows_of_is_stored(
    db: Database, twilio: TwilioPeer, worker: Worker
) -> None:
    message = send(db, conversation_with(db, twilio.guest("+525512345678")))
    twilio.faults.add(faults.refused(400, 21610))
    turn(worker, db)
    assert status(db, message)[0] == "failed"
    assert db.value("SELECT count(*) FROM opt_outs") == 1


def test_nobody_is_written_to_without_an_address(
    db: Database, twilio: TwilioPeer, worker: Worker
) -> None:
    guest = make_guest(db)
    made = conversations.create(db, guest_id=guest["id"], channel="sms")
    message = send(db, made["id"])
    turn(worker, db)
    assert status(db, message) == ("failed", "This guest has no address on this channel.")


def test_a_guest_known_by_number_and_user_id_is_written_to_by_number(
    db: Database, meta: MetaPeer, worker: Worker
) -> None:
    ana = meta.guest("5215512345678", "Ana", user_id="MX.1349")
    send(db, conversation_with(db, ana))
    turn(worker, db)
    assert meta.received[0].body["to"] == "5215512345678"


# ------------------------------------------------------------------------------------------------ pace


def test_a_bucket_lets_so_many_go_a_second() -> None:
    now = [0.0]
    bucket, gone = Bucket(lambda: now[0]), 0
    for _ in range(1000):
        left = bucket.left(20)
        bucket.take(left)
        gone += left
        now[0] += 0.01
    assert 200 <= gone <= 200 + 20 * token_bucket.BURST_SECONDS


def test_an_account_is_asked_no_more_often_than_it_may_be(
    db: Database, twilio: TwilioPeer, worker: Worker
) -> None:
    settings.put(db, "channels.sms", twilio.sms_settings() | {"ratePerSecond": 1})
    for number in range(5):
        send(db, conversation_with(db, twilio.guest(f"+52551234567{number}")))
    worker.send_due(db)
    worker.finish(db)
    worker.send_due(db)
    worker.finish(db)
    assert len(twilio.received) == 1


def test_several_are_with_the_provider_at_once(
    db: Database, meta: MetaPeer, worker: Worker
) -> None:
    meta.latency = 1.0
    for number in range(10, 18):
        send(db, conversation_with(db, meta.guest(f"52155123456{number}")))
    began = time.monotonic()
    turn(worker, db)
    assert len(meta.received) == 8
    assert time.monotonic() - began < 8 * 1.0


def test_a_pool_makes_no_more_threads_than_it_needs() -> None:
    here = Pool(4)
    for number in range(3):
        here.submit(number, threading.get_ident)
        while not (done := here.results()):
            here.finished.wait(1)
        assert done[0][0] == number
    assert (here._threads, here.free) == (1, 4)


def test_what_fails_in_a_thread_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    here = Pool(1)
    here.submit("x", lambda: 1 / 0)
    while not (done := here.results()):
        here.finished.wait(1)
    assert done == [("x", thread_pool.FAILED)]
    assert "a channel failed with ZeroDivisionError" in caplog.text


def test_a_scheduled_message_is_judged_when_it_leaves(
    db: Database, meta: MetaPeer, worker: Worker, clock: Clock
) -> None:
    talk = conversation_with(db, meta.guest("5215512345678", "Ana"))
    in_time, late = (send(db, talk, send_at=later(db.now(), hours=hours)) for hours in (23, 25))
    for hours in (23, 2):
        clock.move(hours * 3600)
        scheduling.leave_due(db)
        turn(worker, db)
    meta.settled()
    assert status(db, in_time) == ("delivered", None)
    assert status(db, late) == ("failed", sendability.CLOSED)
