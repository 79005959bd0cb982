"""Scheduled messages: they leave once, at their time, and until then nobody but the staff knows of them."""

from __future__ import annotations

import itertools
import os
from typing import TYPE_CHECKING, Any

import pytest

from jack.channels.results import Accepted
from jack.core import clock as clocks
from jack.core.db import Database, transaction
from jack.core.errors import Conflict, Invalid, NotFound
from jack.core.paging import Page, Place
from jack.messaging import outbox
from jack.operations.verify import INVARIANTS
from jack.resources.conversations import (
    delivery,
    message_listing,
    messages,
    scheduling,
    store,
    taking_back,
)
from jack.resources.guests import store as guests
from jack.resources.privacy import erasure
from jack.resources.webchat import store as webchat
from tests.builders import make_conversation, make_member, make_visitor

if TYPE_CHECKING:
    from jack.core.reader import Row
    from tests.conftest import Clock

HOUR = 3600
SHOWN = ("preview", "last_message_at", "waiting_since", "first_response_at", "status", "unread")
keys = itertools.count(1)


@pytest.fixture
def talk(db: Database, clock: Clock) -> str:
    """The conversation of a guest who waits."""
    made = make_conversation(db, content="Is it open?")["id"]
    clock.move(60)
    return str(made)


@pytest.fixture
def by(db: Database) -> str:
    return str(make_member(db)["id"])


def schedule(db: Database, talk: str, by: str, *, hours: float = 2, **more: Any) -> str:
    send_at = clocks.later(db.now(), hours=hours)
    made = messages.send(db, talk, **{"content": "Sleep well!", **more}, send_at=send_at, by=by)
    assert (made["status"], made["send_at"]) == ("scheduled", send_at)
    return str(made["id"])


def write(db: Database, talk: str, text: str = "Hello?", **more: Any) -> Row:
    """The guest of a conversation writes."""
    with transaction(db):
        return messages.create_inbound(
            db,
            guest_id=store.get(db, talk)["guest_id"],
            channel="web",
            content=text,
            account="web",
            event_key=f"key {next(keys)}",
            conversation_id=talk,
            **more,
        )


def status(db: Database, message_id: str) -> str | None:
    return messages.get(db, message_id)["status"]


def shown(db: Database, talk: str) -> dict[str, Any]:
    row = dict(store.get(db, talk))
    return {name: row[name] for name in SHOWN}


def deliver(db: Database) -> list[str]:
    """Send what is in the outbox; returns the texts."""
    found = []
    for row in outbox.claim(db, "worker", "web", limit=20):
        found.append(messages.get(db, row["message_id"])["content"])
        assert outbox.record_result(db, row, "worker", Accepted(None))
    return found


def sound(db: Database) -> bool:
    return [db.value(sql) for sql in INVARIANTS.values()] == [0] * len(INVARIANTS)


def events_of(db: Database, message_id: str) -> list[tuple[str, str | None, str]]:
    rows = db.all(
        "SELECT type, actor_id, changed FROM events WHERE subject_id = :id ORDER BY seq",
        {"id": message_id},
    )
    return [(row["type"], row["actor_id"], row["changed"]) for row in rows]


def test_it_changes_nothing_before_it_leaves_and_then_is_a_message_like_any_other(
    db: Database, clock: Clock, talk: str, by: str
) -> None:
    before = shown(db, talk)
    later = schedule(db, talk, by)
    assert shown(db, talk) == before
    assert not scheduling.leave_due(db)
    clock.move(HOUR)
    write(db, talk)
    rows = messages.search(db, talk, page=Page(1, 20)).rows
    assert [row["content"] for row in rows] == ["Is it open?", "Hello?", "Sleep well!"]
    assert shown(db, talk)["preview"] == "Hello?"
    clock.move(HOUR)
    assert scheduling.leave_due(db)
    left = messages.get(db, later)
    assert (left["status"], left["created_at"], left["ordered_at"]) == (
        "queued",
        db.now(),
        db.now(),
    )
    row = store.get(db, talk)
    assert (row["preview"], row["first_response_at"]) == ("Sleep well!", None)
    assert row["waiting_since"] == before["waiting_since"] is not None  # for "Hello?" is newer
    assert deliver(db) == ["Sleep well!"]
    assert not scheduling.leave_due(db)
    assert status(db, later) == "sent"
    assert [type for type, _, _ in events_of(db, later)] == [
        "conversation.message.created",
        *["conversation.message.status"] * 3,
    ]
    assert sound(db)


def test_what_the_guest_wrote_before_it_left_is_answered_when_another_fails(
    db: Database, clock: Clock, talk: str, by: str
) -> None:
    write(db, talk)
    schedule(db, talk, by, hours=1)
    clock.move(HOUR)
    scheduling.leave_due(db)
    assert store.get(db, talk)["first_response_at"] == db.now()
    another = messages.send(db, talk, content="One more thing", by=by)
    delivery.advance(db, another["id"], "failed")
    assert store.get(db, talk)["waiting_since"] is None


def test_one_that_fails_after_it_left_leaves_the_guest_waiting(
    db: Database, clock: Clock, talk: str, by: str
) -> None:
    since = shown(db, talk)["waiting_since"]
    later = schedule(db, talk, by, hours=1)
    another = schedule(db, talk, by, hours=30)
    clock.move(HOUR)
    scheduling.leave_due(db)
    delivery.advance(db, later, "failed")
    assert shown(db, talk)["waiting_since"] == since
    assert status(db, another) == "scheduled"


def test_no_visitor_sees_it_before_it_leaves(db: Database, clock: Clock, by: str) -> None:
    visitor, _ = make_visitor(db)
    message, _ = webchat.receive(db, visitor, content="Hi", client_message_id="1")
    talk = message["conversation_id"]
    schedule(db, talk, by, hours=1)
    messages.send(db, talk, content="Yes?", by=by)
    seen, cursor = webchat.messages_after(db, visitor, after=0, limit=20)
    assert [row["content"] for row in seen] == ["Hi", "Yes?"]
    clock.move(HOUR)
    scheduling.leave_due(db)
    seen, _ = webchat.messages_after(db, visitor, after=cursor, limit=20)
    assert [row["content"] for row in seen] == ["Sleep well!"]


def test_what_is_changed_before_it_leaves_leaves_so_and_afterwards_nothing_is(
    db: Database, clock: Clock, talk: str, by: str
) -> None:
    later = schedule(db, talk, by)
    send_at = clocks.later(db.now(), hours=1)
    changed = scheduling.change(db, later, content="Good night!", send_at=send_at, by=by)
    assert (changed["content"], changed["send_at"], changed["ordered_at"]) == (
        "Good night!",
        send_at,
        send_at,
    )
    known = events_of(db, later)
    assert known[-1] == (
        "conversation.message.updated",
        by,
        '["content","sendAt","orderedAt"]',
    )
    assert scheduling.change(db, later, content="Good night!", by=by) == changed
    assert events_of(db, later) == known
    clock.move(HOUR)
    scheduling.leave_due(db)
    [claimed] = outbox.claim(db, "worker", "web")  # it is on its way
    for refused in (
        lambda: scheduling.change(db, later, content="Wait", by=by),
        lambda: taking_back.take_back(db, later, by=by),
    ):
        with pytest.raises(Conflict):
            refused()
    assert outbox.record_result(db, claimed, "worker", Accepted(None))
    assert (status(db, later), messages.get(db, later)["content"]) == ("sent", "Good night!")


def test_cancelled_it_is_gone_and_has_moved_nothing(
    db: Database, clock: Clock, talk: str, by: str
) -> None:
    before = shown(db, talk)
    later = schedule(db, talk, by)
    taking_back.take_back(db, later, by=by)
    clock.move(3 * HOUR)
    assert not scheduling.leave_due(db)
    assert shown(db, talk) == before
    with pytest.raises(NotFound):
        messages.get(db, later)
    # Whoever has read the list up to it does not miss the next message.
    place = message_listing.search_all(db, page=Place()).place
    write(db, talk)
    found = message_listing.search_all(db, page=place).rows
    assert [dict(row)["content"] for row in found] == ["Hello?"]


def test_sent_now_it_leaves_at_once_unless_the_guest_cannot_be_written_to(
    db: Database, talk: str, by: str
) -> None:
    first, second = schedule(db, talk, by), schedule(db, talk, by)
    assert scheduling.change(db, first, send_at=None, by=by)["status"] == "queued"
    now = scheduling.change(db, second, content="Now", send_at=db.now(), by=by)
    assert (now["status"], now["content"]) == ("queued", "Now")
    assert [deliver(db), deliver(db)] == [["Sleep well!"], ["Now"]]
    assert status(db, first) == "sent"


@pytest.mark.parametrize(
    ("seconds", "status"),
    [
        (-61, None),
        (-60, "queued"),
        (0, "queued"),
        (1, "scheduled"),
        (366 * 24 * HOUR, "scheduled"),
        (366 * 24 * HOUR + 1, None),
    ],
)
def test_when_it_may_leave(
    db: Database, talk: str, by: str, seconds: int, status: str | None
) -> None:
    send_at = clocks.later(db.now(), seconds=seconds)
    if status is None:
        with pytest.raises(Invalid):
            messages.send(db, talk, content="x", send_at=send_at, by=by)
    else:
        assert messages.send(db, talk, content="x", send_at=send_at, by=by)["status"] == status


def test_after_a_day_off_what_is_over_an_hour_late_fails_and_says_so(
    db: Database, clock: Clock, by: str
) -> None:
    visitor, _ = make_visitor(db)
    message, _ = webchat.receive(db, visitor, content="Hi", client_message_id="1")
    talk = message["conversation_id"]
    since = shown(db, talk)["waiting_since"]
    missed, just, ahead = (
        schedule(db, talk, by, content=name, hours=hours)
        for name, hours in (("missed", 22.9), ("just", 23), ("ahead", 25))
    )
    send_at = messages.get(db, missed)["send_at"]
    clock.move(24 * HOUR)
    scheduling.leave_due(db)
    row = messages.get(db, missed)
    assert (row["status"], row["error"]) == ("failed", scheduling.TOO_LATE)
    assert row["details"] == {"late": {"code": "too_late", "since": send_at}}
    assert (status(db, just), status(db, ahead)) == ("queued", "scheduled")
    assert deliver(db) == ["just"]
    seen, cursor = webchat.messages_after(db, visitor, after=0, limit=20)
    assert [one["content"] for one in seen] == ["Hi", "just"]
    assert sound(db)
    # A person may have it sent all the same.
    again = delivery.resend(db, missed, by=by)
    assert (again["status"], again["details"]) == ("queued", None)
    assert deliver(db) == ["missed"]
    seen, _ = webchat.messages_after(db, visitor, after=cursor, limit=20)
    assert [one["content"] for one in seen] == ["missed"]
    assert since is not None


def test_one_that_is_too_late_answers_nobody_and_is_seen(
    db: Database, clock: Clock, talk: str, by: str
) -> None:
    since = shown(db, talk)["waiting_since"]
    schedule(db, talk, by, hours=1)
    clock.move(24 * HOUR)
    scheduling.leave_due(db)
    row = shown(db, talk)
    assert (row["preview"], row["waiting_since"]) == ("Sleep well!", since)
    assert (row["last_message_at"], row["first_response_at"]) == (db.now(), None)


def test_the_guests_own_words_cancel_it_where_it_was_asked_for(
    db: Database, clock: Clock, talk: str, by: str
) -> None:
    guest_id = store.get(db, talk)["guest_id"]
    elsewhere = store.create(db, guest_id=guest_id, channel="web")["id"]
    first, second = (schedule(db, one, by, cancel_on_reply=True) for one in (talk, elsewhere))
    stays = schedule(db, talk, by)
    write(db, talk, "On holiday", details={"automatic": True})
    assert [status(db, one) for one in (first, second, stays)] == ["scheduled"] * 3
    write(db, talk)
    assert [status(db, one) for one in (first, second, stays)] == [
        "cancelled",
        "cancelled",
        "scheduled",
    ]
    assert events_of(db, first)[-1][:2] == ("conversation.message.status", guest_id)
    assert shown(db, talk)["preview"] == "Hello?"
    clock.move(2 * HOUR)
    scheduling.leave_due(db)
    assert (status(db, first), status(db, stays)) == ("cancelled", "queued")
    assert messages.get(db, first)["ordered_at"] < db.now()
    with pytest.raises(Conflict):
        scheduling.change(db, first, content="x", by=by)
    with pytest.raises(Conflict):
        delivery.resend(db, first, by=by)
    assert sound(db)


def test_a_blocked_guest_cancels_nothing_and_gets_nothing_automatic(
    db: Database, clock: Clock, talk: str, by: str
) -> None:
    mine = schedule(db, talk, by, hours=1, cancel_on_reply=True)
    theirs = schedule(db, talk, "key-1", hours=1)
    guests.change(db, store.get(db, talk)["guest_id"], blocked=True)
    write(db, talk)
    clock.move(HOUR)
    scheduling.leave_due(db)
    assert status(db, mine) == "queued"
    row = messages.get(db, theirs)
    assert row["status"] == "failed"
    assert "blocked" in str(row["error"])


def test_one_that_was_written_between_two_questions_does_not_answer_the_second(
    db: Database, clock: Clock, talk: str, by: str
) -> None:
    write(db, talk)
    waiting = store.get(db, talk)["waiting_since"]
    clock.move(60)
    between = schedule(db, talk, by, hours=1)
    clock.move(60)
    write(db, talk)
    clock.move(HOUR)
    scheduling.leave_due(db)
    assert status(db, between) == "queued"
    assert store.get(db, talk)["waiting_since"] == waiting is not None


def test_one_that_was_written_before_the_guests_words_answers_them_not(
    db: Database, clock: Clock, talk: str, by: str
) -> None:
    messages.send(db, talk, content="Yes", by=by)
    early = schedule(db, talk, by, hours=1)
    clock.move(60)
    write(db, talk)
    waiting = store.get(db, talk)["waiting_since"]
    late = schedule(db, talk, by, hours=2)
    clock.move(HOUR)
    scheduling.leave_due(db)
    assert status(db, early) == "queued"
    assert store.get(db, talk)["waiting_since"] == waiting is not None
    assert store.restore_waiting(db, talk)["waiting_since"] == waiting  # type: ignore[index]
    clock.move(HOUR)
    scheduling.leave_due(db)
    assert status(db, late) == "queued"
    assert store.get(db, talk)["waiting_since"] is None


def test_one_whose_words_were_changed_after_the_guests_answers_them(
    db: Database, clock: Clock, talk: str, by: str
) -> None:
    messages.send(db, talk, content="Yes", by=by)
    later = schedule(db, talk, by, hours=1)
    clock.move(60)
    write(db, talk)
    clock.move(60)
    scheduling.change(db, later, by=by, content="Until ten")
    assert messages.get(db, later)["written_at"] == db.now()
    clock.move(HOUR)
    scheduling.leave_due(db)
    assert store.get(db, talk)["waiting_since"] is None


def test_an_erased_guest_is_not_written_to(db: Database, clock: Clock, talk: str, by: str) -> None:
    later = schedule(db, talk, by)
    erasure.erase(db, store.get(db, talk)["guest_id"], by=by)
    clock.move(3 * HOUR)
    assert not scheduling.leave_due(db)
    row = messages.get(db, later)
    assert (row["status"], "Sleep" in row["content"]) == ("cancelled", False)
    assert row["ordered_at"] <= db.now()
    assert sound(db)


def test_a_reader_of_all_messages_finds_it_once_when_it_has_left(
    db: Database, clock: Clock, talk: str, by: str
) -> None:
    def read(place: Place, **filters: str) -> tuple[list[str], Place]:
        found = message_listing.search_all(db, page=place, **filters)
        return [str(dict(row)["content"]) for row in found.rows], found.place

    schedule(db, talk, by, hours=1)
    messages.send(db, talk, content="Yes", by=by)
    known, created = read(Place())
    assert known == ["Is it open?", "Yes"]
    changes, changed = read(Place(changed=True))
    assert changes == ["Is it open?", "Sleep well!", "Yes"]
    assert read(Place(), status="scheduled")[0] == ["Sleep well!"]
    assert read(Place(), status="scheduled", conversation_id="conv-x")[0] == []
    clock.move(HOUR)
    scheduling.leave_due(db)
    assert read(created)[0] == ["Sleep well!"]
    assert read(changed)[0] == ["Sleep well!"]
    assert read(Place(), status="scheduled")[0] == []
    assert read(Place(), status="queued")[0] == ["Yes", "Sleep well!"]
    found = store.search(db, search="sleep", page=Page(1, 20)).rows
    assert [dict(row)["id"] for row in found] == [talk]


def test_two_workers_let_it_leave_once(db: Database, clock: Clock, talk: str, by: str) -> None:
    schedule(db, talk, by, hours=1)
    clock.move(HOUR)
    other = Database(db.path, time=clock)
    try:
        due = [scheduling.scheduled.due(one) for one in (db, other)]
        assert due[0] == due[1]
        scheduling.leave_due(db)
        scheduling.leave_due(other)
        with_both = [outbox.claim(one, name, "web") for one, name in ((db, "a"), (other, "b"))]
        assert [len(rows) for rows in with_both] == [1, 0]
    finally:
        other.close()


def test_killed_at_every_step_it_leaves_once(
    db: Database, clock: Clock, talk: str, by: str
) -> None:
    """Of a process that is killed before its nth statement either all is there or nothing is."""
    later = schedule(db, talk, by, hours=1)
    clock.move(HOUR)
    for step in itertools.count(1):
        before = shown(db, talk)
        child = os.fork()
        if child == 0:
            _leave_until(db, clock, step)
        _, ended = os.waitpid(child, 0)
        queued = db.column("SELECT message_id FROM outbox", {})
        if os.waitstatus_to_exitcode(ended) == 0:
            break
        assert os.waitstatus_to_exitcode(ended) == 9
        if status(db, later) == "scheduled":
            assert (queued, shown(db, talk)) == ([], before)
        else:
            assert (status(db, later), queued) == ("queued", [later])
    assert step > 8
    assert (status(db, later), queued) == ("queued", [later])
    assert deliver(db) == ["Sleep well!"]
    assert sound(db)


def _leave_until(db: Database, clock: Clock, step: int) -> None:
    """In a process of its own: let messages leave, and die before the statement of this number."""
    code = 1
    try:
        mine = Database(db.path, time=clock)
        left = itertools.count(1)

        def trace(*_: object) -> bool:
            if next(left) == step:
                os._exit(9)
            return True

        mine._connection.exec_trace = trace
        scheduling.leave_due(mine)
        code = 0
    finally:
        os._exit(code)
