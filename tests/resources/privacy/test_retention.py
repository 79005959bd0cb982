"""Guests who are erased by themselves: who is due, seen for a week before, and who never is."""

from __future__ import annotations

from typing import Any

import pytest

from jack.core.db import Database
from jack.core.paging import Page
from jack.resources.conversations import store as conversations
from jack.resources.guests import store as guests
from jack.resources.privacy import retention
from jack.resources.settings import store as settings
from jack.resources.stays import store as stays
from jack.resources.tasks import store as tasks
from tests.builders import make_conversation, make_guest, make_stay, make_task
from tests.checks import refused, succeeded
from tests.conftest import Clock, Person

DAY = 24 * 3600
YEAR = 366 * DAY
PAGE = Page(1, 100)


@pytest.fixture
def on(db: Database) -> Database:
    settings.put(db, "privacy", {"eraseGuestsAfterMonths": 12})
    return db


def due(db: Database) -> set[str]:
    return {row["guest"]["id"] for row in retention.due(db, page=PAGE).rows}


def look_daily(db: Database, clock: Clock, days: int) -> int:
    """The looks of some days in which the machine is always on, but for that of the last moment; returns how many were erased."""
    erased = 0
    for _ in range(days):
        clock.move(DAY - 1)
        erased += retention.look(db)
        clock.move(1)
    return erased


def is_there(db: Database, guest: Any) -> bool:
    return guests.exists(db, guest["id"])


def test_nobody_is_due_as_delivered(db: Database, clock: Clock) -> None:
    make_guest(db)
    clock.move(20 * YEAR)
    assert (due(db), retention.look(db), retention.is_wanted(db)) == (set(), 0, False)


def test_everybody_is_listed_for_a_week_before_they_go(db: Database, clock: Clock) -> None:
    """Also where the setting is put when they have been silent for years."""
    guest = make_guest(db)
    clock.move(3 * YEAR)
    settings.put(db, "privacy", {"eraseGuestsAfterMonths": 12})
    [row] = retention.due(db, page=PAGE).rows
    assert row["guest"] == {"id": guest["id"], "name": guest["name"]}
    assert retention.look(db) == 0
    assert look_daily(db, clock, 6) == 0
    clock.move(DAY - 60)
    assert (retention.look(db), due(db)) == (0, {guest["id"]})
    clock.move(120)
    assert (retention.look(db), is_there(db, guest), due(db)) == (1, False, set())


def test_it_goes_by_the_last_that_was_heard_of_them(on: Database, clock: Clock) -> None:
    silent, stayed, wrote = make_guest(on), make_guest(on), make_guest(on)
    clock.move(200 * DAY)
    day = on.now()[:10]
    make_stay(on, guest_id=stayed["id"], arrival=day, departure=day, status="departed")
    talk = make_conversation(on, content="Hola")
    wrote = guests.get(on, talk["guest_id"])
    conversations.change(on, talk["id"], status="closed")
    clock.move(166 * DAY)
    assert due(on) == {silent["id"], *_others(on, silent, stayed, wrote)}
    clock.move(200 * DAY)
    assert due(on) == set(on.column("SELECT id FROM guests"))


def _others(db: Database, *known: Any) -> set[str]:
    return set(db.column("SELECT id FROM guests")) - {one["id"] for one in known}


@pytest.mark.parametrize(
    "keeps",
    [
        "in_house",
        "in_house_as_companion",
        "expected",
        "open",
        "pending",
        "task",
        "task_of_conversation",
    ],
)
def test_who_is_in_the_house_or_waits_for_something_never_goes(
    on: Database, clock: Clock, keeps: str
) -> None:
    talk = make_conversation(on)
    guest = {"id": talk["guest_id"]}
    if keeps not in ("open", "pending"):
        conversations.change(on, talk["id"], status="closed")
    else:
        conversations.change(on, talk["id"], status=keeps)
    made: Any = None
    if keeps == "in_house":
        made = make_stay(on, guest_id=guest["id"], status="in_house")
    elif keeps == "in_house_as_companion":
        made = make_stay(on, companions=[guest["id"]], status="in_house")
    elif keeps == "expected":
        made = make_stay(on, guest_id=guest["id"], arrival="2031-01-01", departure="2031-01-02")
    elif keeps == "task":
        made = make_task(on, guest_id=guest["id"])
    elif keeps == "task_of_conversation":
        made = make_task(on, conversation_id=talk["id"])
        on.run("UPDATE tasks SET guest_id = NULL")
    clock.move(3 * YEAR)
    retention.look(on)
    look_daily(on, clock, 7)
    clock.move(DAY // 2)
    retention.look(on)
    assert (due(on), is_there(on, guest)) == (set(), True)
    if keeps in ("open", "pending"):
        conversations.change(on, talk["id"], status="closed")
    elif made is not None and keeps.startswith("task"):
        tasks.change(on, made["id"], status="completed")
    else:
        stays.change(on, made["id"], status="cancelled")
    assert due(on) == {guest["id"]}  # and from now on for a week
    assert retention.look(on) == 0
    look_daily(on, clock, 7)
    clock.move(DAY // 2)
    assert (retention.look(on), is_there(on, guest)) == (1, False)


def test_whoever_comes_back_within_the_week_stays(on: Database, clock: Clock) -> None:
    guest = make_guest(on)
    clock.move(2 * YEAR)
    retention.look(on)
    made = make_stay(on, guest_id=guest["id"], status="in_house")
    look_daily(on, clock, 7)
    clock.move(DAY // 2)
    assert (retention.look(on), is_there(on, guest)) == (0, True)
    stays.change(on, made["id"], status="cancelled")
    retention.look(on)
    clock.move(6 * DAY)
    assert retention.look(on) == 0  # the week has begun anew


def test_who_comes_back_between_the_look_and_the_erasure_stays(
    on: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    guest = make_guest(on)
    clock.move(2 * YEAR)
    retention.look(on)
    look_daily(on, clock, 7)
    clock.move(DAY // 2)
    erase = retention.erasure.erase

    def later(db: Database, guest_id: str, **asked: Any) -> bool:
        make_stay(db, guest_id=guest_id, status="in_house")
        return erase(db, guest_id, **asked)

    monkeypatch.setattr(retention.erasure, "erase", later)
    assert (retention.look(on), is_there(on, guest)) == (0, True)


@pytest.mark.parametrize("days", [9, 400, -2])
def test_after_a_pause_or_with_another_clock_the_week_begins_anew(
    on: Database, clock: Clock, days: int
) -> None:
    guest = make_guest(on)
    clock.move(3 * YEAR)
    retention.look(on)
    clock.move(days * DAY)
    assert (retention.look(on), is_there(on, guest)) == (0, True)
    assert look_daily(on, clock, 7) == 0
    assert (retention.look(on), is_there(on, guest)) == (1, False)


def test_switched_off_nobody_goes_and_the_week_begins_anew(on: Database, clock: Clock) -> None:
    guest = make_guest(on)
    clock.move(2 * YEAR)
    retention.look(on)
    settings.put(on, "privacy", {"eraseGuestsAfterMonths": None})
    look_daily(on, clock, 7)
    clock.move(DAY // 2)
    assert (retention.look(on), due(on), is_there(on, guest)) == (0, set(), True)
    settings.put(on, "privacy", {"eraseGuestsAfterMonths": 12})
    assert retention.look(on) == 0


def test_the_worker_ends_between_two_of_them_and_goes_on(on: Database, clock: Clock) -> None:
    for _ in range(3):
        make_guest(on)
    clock.move(2 * YEAR)
    retention.look(on)
    look_daily(on, clock, 7)
    clock.move(DAY // 2)
    answers = iter([False, True])
    assert retention.look(on, lambda: next(answers)) == 1
    assert retention.look(on) == 2


def test_the_audit_log_says_who_was_erased(on: Database, clock: Clock) -> None:
    guest = make_guest(on)
    clock.move(2 * YEAR)
    retention.look(on)
    look_daily(on, clock, 7)
    clock.move(DAY // 2)
    retention.look(on)
    found = on.all("SELECT actor_id, subject_id FROM audit WHERE action = 'guest.erased'")
    assert found == [{"actor_id": None, "subject_id": guest["id"]}]


def test_administrators_see_who_is_due(admin: Person, manager: Person) -> None:
    guest = make_guest(admin.db)
    old = "2020-01-02T03:04:05.000Z"
    admin.db.run("UPDATE guests SET created_at = :old", {"old": old})
    put = {"value": {"eraseGuestsAfterMonths": 6}}
    for wrong in (0, 121, "x"):
        refused(admin.put("/settings/privacy", {"value": {"eraseGuestsAfterMonths": wrong}}), 400)
    succeeded(admin.put("/settings/privacy", put))
    [row] = succeeded(admin.get("/privacy/due"))
    assert row["guest"]["id"] == guest["id"]
    assert row["lastActivityAt"] == old
    assert row["eraseAt"] > guest["created_at"]
    refused(manager.get("/privacy/due"), 403)


def test_ten_thousand_guests_are_looked_at_by_an_index(on: Database) -> None:
    moments = retention._moments(on)
    assert moments is not None
    plan = " / ".join(
        row["detail"] for row in on.all(f"EXPLAIN QUERY PLAN {retention.COUNT}", moments._asdict())
    )
    assert "SEARCH guests USING INDEX guests_by" in plan
    for table in ("stays", "conversations", "tasks", "stay_companions"):
        assert f"SCAN {table}" not in plan
