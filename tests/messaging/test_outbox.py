"""The outbox: claim, send, record the result; what may have arrived is `unknown`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jack.channels.results import Accepted, Broken, Permanent, Result, Retry, Unknown
from jack.core.databases import Databases
from jack.core.reader import Row
from jack.messaging import outbox, retry_pause
from jack.resources.conversations import delivery, messages
from jack.worker.loop import Worker
from tests.builders import make_conversation, make_member

if TYPE_CHECKING:
    from pathlib import Path

    from jack.core.db import Database
    from tests.conftest import Clock


@pytest.fixture
def queued(db: Database) -> Row:
    """A message that waits to be sent."""
    return messages.send(db, make_conversation(db)["id"], content="Sí", by=make_member(db)["id"])


def status(db: Database, message: Row) -> tuple[str, str | None]:
    row = messages.get(db, message["id"])
    return row["status"], row["error"]


def waiting(db: Database) -> int:
    return int(db.value("SELECT count(*) FROM outbox"))


def test_a_message_is_queued_with_its_outbox_row(db: Database, queued: Row) -> None:
    assert status(db, queued) == ("queued", None)
    assert waiting(db) == 1
    assert outbox.due(db) == ["web"]


def test_a_claimed_message_is_sending_and_nobody_elses(db: Database, queued: Row) -> None:
    assert len(outbox.claim(db, "one", "web")) == 1
    assert outbox.claim(db, "two", "web") == []
    assert status(db, queued)[0] == "sending"


@pytest.mark.parametrize(
    ("result", "becomes"),
    [
        (Accepted("provider-1"), ("sent", None)),
        (Permanent("No such number."), ("failed", "No such number.")),
        (Unknown("No answer."), ("unknown", "No answer.")),
    ],
)
def test_a_final_result_is_told_and_empties_the_outbox(
    db: Database, queued: Row, result: Result, becomes: tuple[str, str | None]
) -> None:
    (claimed,) = outbox.claim(db, "me", "web")
    assert outbox.record_result(db, claimed, "me", result)
    assert status(db, queued) == becomes
    assert waiting(db) == 0


@pytest.mark.parametrize("result", [Retry("Busy.", after=30), Broken("Bad password.")])
def test_what_was_not_sent_goes_back_into_the_queue(
    db: Database, clock: Clock, queued: Row, result: Result
) -> None:
    (claimed,) = outbox.claim(db, "me", "web")
    outbox.record_result(db, claimed, "me", result)
    assert status(db, queued)[0] == "queued"
    assert not outbox.due(db)
    clock.move(60)
    assert outbox.due(db) == ["web"]


def test_a_retry_waits_as_long_as_the_provider_says(
    db: Database, clock: Clock, queued: Row
) -> None:
    (claimed,) = outbox.claim(db, "me", "web")
    outbox.record_result(db, claimed, "me", Retry("Busy.", after=30))
    clock.move(29)
    assert not outbox.due(db)
    clock.move(1)
    assert outbox.due(db) == ["web"]


@pytest.mark.parametrize("result", [Retry("Busy.", after=0), Retry("Busy.", after=0, factor=4)])
def test_a_retry_at_once_waits_all_the_same(db: Database, queued: Row, result: Retry) -> None:
    (claimed,) = outbox.claim(db, "me", "web")
    outbox.record_result(db, claimed, "me", result)
    assert not outbox.due(db)
    pauses = [retry_pause.seconds(result, attempt) for attempt in range(1, 40)]
    assert 1 <= pauses[0] <= 4
    assert min(pauses[12:]) >= retry_pause.LONGEST / 2


def test_pauses_grow_and_are_bounded() -> None:
    pauses = [retry_pause.growing(attempt) for attempt in range(1, 40)]
    assert 1 <= pauses[0] <= 2
    assert all(pause <= retry_pause.LONGEST for pause in pauses)
    assert min(pauses[12:]) >= retry_pause.LONGEST / 2


def test_after_a_day_a_retry_is_given_up(db: Database, clock: Clock, queued: Row) -> None:
    clock.move(25 * 3600)
    (claimed,) = outbox.claim(db, "me", "web")
    outbox.record_result(db, claimed, "me", Retry("Busy."))
    assert status(db, queued) == ("failed", "Busy.")


def test_a_lease_that_ran_out_leaves_the_message_unknown(
    db: Database, clock: Clock, queued: Row
) -> None:
    (claimed,) = outbox.claim(db, "dead", "web")
    clock.move(outbox.LEASE_SECONDS + 1)
    assert outbox.expire(db, repeatable=[]) == 1
    assert status(db, queued)[0] == "unknown"
    assert not outbox.record_result(db, claimed, "dead", Permanent("late"))
    assert status(db, queued)[0] == "unknown"


def test_a_lease_that_has_not_run_out_is_left_alone(
    db: Database, clock: Clock, queued: Row
) -> None:
    outbox.claim(db, "slow", "web")
    clock.move(outbox.LEASE_SECONDS - 1)
    assert outbox.expire(db, repeatable=["web"]) == 0
    assert status(db, queued)[0] == "sending"


def test_where_a_repeat_is_harmless_an_interrupted_sending_is_repeated(
    db: Database, clock: Clock, queued: Row
) -> None:
    outbox.claim(db, "dead", "web")
    clock.move(outbox.LEASE_SECONDS + 1)
    assert outbox.expire(db, repeatable=["web"]) == 1
    (claimed,) = outbox.claim(db, "alive", "web")
    assert outbox.record_result(db, claimed, "alive", Accepted())
    assert status(db, queued)[0] == "sent"


@pytest.mark.parametrize(
    ("first", "second", "ends"),
    [
        ("read", "delivered", "read"),
        ("delivered", "sent", "delivered"),
        ("sent", "sending", "sent"),
        ("delivered", "failed", "delivered"),
        ("failed", "delivered", "delivered"),
        ("unknown", "sent", "sent"),
        ("read", "unknown", "read"),
        ("sent", "failed", "failed"),
    ],
)
def test_a_status_only_moves_up(
    db: Database, queued: Row, first: str, second: str, ends: str
) -> None:
    delivery.advance(db, queued["id"], "sending")
    delivery.advance(db, queued["id"], first)
    delivery.advance(db, queued["id"], second)
    assert status(db, queued)[0] == ends


def test_an_inbound_message_has_no_delivery(db: Database) -> None:
    conversation = make_conversation(db)
    inbound = db.value(
        "SELECT id FROM messages WHERE conversation_id = :id", {"id": conversation["id"]}
    )
    assert not delivery.advance(db, inbound, "read")


def test_a_message_to_a_channel_that_is_not_there_fails_and_says_so(
    db: Database, tmp_path: Path, queued: Row
) -> None:
    (tmp_path / "lock").touch()
    Worker(Databases(db.path), tmp_path / "lock", channels={}).turn(db)
    assert status(db, queued) == ("failed", "This channel is not configured.")


def test_a_message_nobody_can_fetch_any_more_fails_and_says_so(
    db: Database, tmp_path: Path, queued: Row, clock: Clock
) -> None:
    clock.move(31 * 86_400)
    (tmp_path / "lock").touch()
    Worker(Databases(db.path), tmp_path / "lock").turn(db)
    assert status(db, queued)[0] == "failed"
