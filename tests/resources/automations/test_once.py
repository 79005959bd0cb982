"""Each guest gets each message once: over two workers, kills at every step, a clock that is set back."""

from __future__ import annotations

import itertools
import os
from typing import TYPE_CHECKING

import pytest

from jack.core.db import Database
from jack.operations.verify import INVARIANTS
from jack.resources.automations import actions, occasions, running
from jack.resources.automations import store as automations
from jack.resources.stays import store as stays

if TYPE_CHECKING:
    from tests.conftest import Clock
    from tests.resources.automations.house import House

BEFORE = {"type": "stay.arrival", "days": -1, "at": "10:00"}
TASK = {"type": "create_task", "title": "Flowers", "department": "housekeeping"}


def sound(db: Database) -> bool:
    return [db.value(sql) for sql in INVARIANTS.values()] == [0] * len(INVARIANTS)


def both(house: House) -> str:
    """An automation that writes, makes a task and tags."""
    auto = house.sending(BEFORE)
    actions = [*automations.get(house.db, auto)["actions"], TASK, {"type": "tag", "tag": "x"}]
    automations.change(house.db, auto, actions=actions)  # type: ignore[arg-type]
    return auto


def test_two_workers_do_it_once(house: House, clock: Clock) -> None:
    for _ in range(3):
        house.stay()
    auto = both(house)
    house.at("2026-05-01 10:00")
    other = Database(house.db.path, time=clock)
    try:
        row = automations.get(house.db, auto)
        ids = [
            [
                one.id
                for one in occasions.due(db, row, after="2026-04-30T00:00:00.000Z", until=db.now())
            ]
            for db in (house.db, other)
        ]
        assert ids[0] == ids[1]
        assert len(ids[0]) == 3
        for id in ids[0]:  # both have found the same, and begin it one after the other
            for db in (house.db, other):
                running._begin_by_time(db, auto, id)
        running.look(other)
        house.look()
    finally:
        other.close()
    assert len(house.sent()) == 3
    assert house.db.value("SELECT count(*) FROM tasks") == 3
    assert house.db.value("SELECT count(*) FROM outbox") == 3


def test_killed_at_every_step_everything_is_done_once(house: House, clock: Clock) -> None:
    """Of a process that is killed before its nth statement either all of an occasion is there or nothing is."""
    stay = house.stay()
    auto = both(house)
    welcome = house.sending({"type": "stay.checked_in", "minutes": 0}, text="Welcome")
    stays.change(house.db, stay, status="in_house")
    house.at("2026-05-01 10:00")
    for step in itertools.count(1):
        child = os.fork()
        if child == 0:
            _look_until(house.db, clock, step)
        _, ended = os.waitpid(child, 0)
        db = house.db
        done = len(house.runs(auto))
        tasks = db.value("SELECT count(*) FROM tasks")
        begun = db.value("SELECT count(*) FROM automation_occasions WHERE automation_id = :a", {"a": auto})  # fmt: skip
        assert (done, tasks, house.sent().count("Dear Ana!"), begun) in (
            (0, 0, 0, 0),
            (3, 1, 1, 1),
        )
        assert len(house.runs(welcome)) == house.sent().count("Welcome") <= 1
        assert db.value("SELECT count(*) FROM outbox") == len(house.sent())
        if os.waitstatus_to_exitcode(ended) == 0:
            break
        assert os.waitstatus_to_exitcode(ended) == 9
    assert step > 60
    assert sorted(house.sent()) == ["Dear Ana!", "Welcome"]
    assert sound(house.db)


def _look_until(db: Database, clock: Clock, step: int) -> None:
    """In a process of its own: do what is due, and die before the statement of this number."""
    code = 1
    try:
        mine = Database(db.path, time=clock)
        left = itertools.count(1)

        def trace(*_: object) -> bool:
            if next(left) == step:
                os._exit(9)
            return True

        mine._connection.exec_trace = trace
        running.look(mine)
        code = 0
    finally:
        os._exit(code)


def test_a_clock_that_is_set_back_repeats_nothing(house: House) -> None:
    house.stay()
    auto = house.sending(BEFORE)
    received = house.sending({"type": "message.received"}, text="Soon")
    house.at("2026-05-01 10:00")
    house.writes(house.guest())
    house.look()
    for time in ("2026-05-01 08:00", "2026-05-01 10:00", "2026-05-01 10:01"):
        house.at(time)
        house.look()
    assert sorted(house.sent()) == ["Dear Ana!", "Soon"]
    assert [len(house.runs(one)) for one in (auto, received)] == [1, 1]


def test_what_happens_after_the_clock_was_set_back_is_seen(house: House) -> None:
    """What has happened is told by the numbers of the events, and not by times."""
    house.sending({"type": "message.received"}, text="Soon")
    house.at("2026-05-01 07:00")
    house.writes(house.guest())
    house.look()
    assert house.sent() == ["Soon"]


def test_one_that_is_switched_off_between_finding_and_beginning_does_nothing(
    house: House,
) -> None:
    stay = house.stay()
    auto = house.sending(BEFORE)
    house.at("2026-05-01 10:00")
    automations.change(house.db, auto, enabled=False)
    running._begin_by_time(house.db, auto, stay)
    automations.change(house.db, auto, enabled=True, trigger={**BEFORE, "at": "11:00"})
    running._begin_by_time(house.db, auto, stay)
    assert (house.sent(), house.runs(auto)) == ([], [])


def test_one_that_breaks_is_told_and_not_tried_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.stay()
    auto = house.doing(BEFORE, TASK, {"type": "tag", "tag": "x"})
    house.at("2026-05-01 10:00")

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(actions.tasks, "create", broken)
    house.look()
    house.look()
    assert house.runs(auto) == [("create_task", "failed", "broke"), ("tag", "done", None)]
