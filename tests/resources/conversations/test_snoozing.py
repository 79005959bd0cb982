"""Conversations that are put off: pending, and open again at their time or when the guest writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from jack.core import clock as clocks
from jack.core.errors import Invalid
from jack.core.paging import Page
from jack.operations.verify import INVARIANTS
from jack.resources.conversations import messages, snoozing, store
from jack.resources.guests import store as guests
from jack.resources.privacy import erasure
from tests.builders import make_conversation

if TYPE_CHECKING:
    from jack.core.db import Database
    from tests.conftest import Clock, Person

HOUR = 3600


@pytest.fixture
def talk(db: Database, clock: Clock) -> str:
    made = make_conversation(db)["id"]
    clock.move(60)
    return str(made)


def snooze(db: Database, talk: str, hours: float = 2, **more: Any) -> str:
    until = clocks.later(db.now(), hours=hours)
    store.change(db, talk, snoozed_until=until, **more)
    return until


def state(db: Database, talk: str) -> tuple[str, str | None]:
    row = store.get(db, talk)
    return row["status"], row["snoozed_until"]


def write(db: Database, talk: str, **details: bool) -> None:
    fields = {"channel": "web", "content": "Hello?", "account": "web", "event_key": db.new_id("k")}
    guest_id = store.get(db, talk)["guest_id"]
    messages.create_inbound(db, guest_id=guest_id, details=details, conversation_id=talk, **fields)


def last_event(db: Database) -> tuple[str, str | None, str]:
    row = db.row("SELECT type, actor_id, changed FROM events ORDER BY seq DESC LIMIT 1")
    return row["type"], row["actor_id"], row["changed"]


def test_it_is_pending_until_its_time_and_then_comes_first(
    db: Database, clock: Clock, talk: str
) -> None:
    since = store.get(db, talk)["waiting_since"]
    until = snooze(db, talk)
    assert state(db, talk) == ("pending", until)
    assert last_event(db)[2] == '["status","snoozedUntil"]'
    known = store.get(db, talk)
    assert store.change(db, talk, snoozed_until=until) == known
    clock.move(HOUR)
    other = make_conversation(db)["id"]
    assert not snoozing.wake_due(db)
    clock.move(HOUR)
    assert snoozing.wake_due(db)
    assert state(db, talk) == ("open", None)
    assert store.get(db, talk)["waiting_since"] == since
    assert last_event(db) == ("conversation.updated", None, '["status","snoozedUntil"]')
    found = store.search(db, status="open", page=Page(1, 20)).rows
    assert [dict(row)["id"] for row in found] == [talk, other]
    assert not snoozing.wake_due(db)
    assert [db.value(sql) for sql in INVARIANTS.values()] == [0] * len(INVARIANTS)


def test_the_guests_own_words_wake_it_and_a_machines_do_not(db: Database, talk: str) -> None:
    until = snooze(db, talk)
    write(db, talk, automatic=True)
    assert state(db, talk) == ("pending", until)
    write(db, talk)
    assert state(db, talk) == ("open", None)
    guests.change(db, store.get(db, talk)["guest_id"], blocked=True)
    until = snooze(db, talk)
    write(db, talk)
    assert state(db, talk) == ("pending", until)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"snoozed_until": None}, "open"),
        ({"status": "open"}, "open"),
        ({"status": "closed"}, "closed"),
        ({"status": "pending", "snoozed_until": None}, "pending"),
    ],
    ids=str,
)
def test_a_person_ends_it(
    db: Database, clock: Clock, talk: str, changes: dict[str, Any], expected: str
) -> None:
    until = snooze(db, talk)
    assert store.change(db, talk, status="pending", subject="Towels")["snoozed_until"] == until
    assert store.change(db, talk, **changes)["snoozed_until"] is None
    clock.move(3 * HOUR)
    assert not snoozing.wake_due(db)
    assert state(db, talk) == (expected, None)


def test_what_is_not_snoozed_stays_as_it_is(db: Database, talk: str) -> None:
    before = store.get(db, talk)
    assert store.change(db, talk, snoozed_until=None) == before
    store.change(db, talk, status="closed")
    assert store.change(db, talk, snoozed_until=None)["status"] == "closed"


@pytest.mark.parametrize(
    ("hours", "more"), [(0, {}), (-1, {}), (366 * 24 + 1, {}), (1, {"status": "open"})], ids=str
)
def test_what_cannot_be(db: Database, talk: str, hours: float, more: dict[str, Any]) -> None:
    before = store.get(db, talk)
    with pytest.raises(Invalid) as refused:
        snooze(db, talk, hours, **more)
    assert refused.value.details is not None
    assert refused.value.details[0]["field"] == "snoozedUntil"
    assert store.get(db, talk) == before


def test_an_erasure_ends_it(db: Database, clock: Clock, talk: str) -> None:
    snooze(db, talk)
    erasure.erase(db, store.get(db, talk)["guest_id"])
    assert state(db, talk) == ("closed", None)
    clock.move(3 * HOUR)
    assert not snoozing.wake_due(db)


def test_the_api_snoozes_lists_and_the_worker_wakes(
    member: Person, app_db: Database, worker: Any
) -> None:
    talk, other = (str(make_conversation(app_db)["id"]) for _ in range(2))
    until = clocks.later(app_db.now(), hours=1)
    path = f"/conversations/{talk}"
    assert member.patch(path, json={"snoozedUntil": "soon"}).status_code == 400
    changed = member.patch(path, json={"snoozedUntil": until}).json["data"]
    assert (changed["status"], changed["snoozedUntil"]) == ("pending", until)
    for flag, expected in (("true", talk), ("false", other)):
        for more in ("", "&cursor="):
            found = member.get(f"/conversations?snoozed={flag}{more}").json["data"]
            assert [row["id"] for row in found] == [expected]
    app_db.run(
        "UPDATE conversations SET snoozed_until = :now WHERE id = :id",
        {"id": talk, "now": app_db.now()},
    )
    worker()
    assert member.get(path).json["data"]["snoozedUntil"] is None
