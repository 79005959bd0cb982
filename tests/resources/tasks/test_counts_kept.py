"""Totals are read from counts that triggers keep: it says what counting would."""

from __future__ import annotations

import itertools
from random import Random
from typing import Any

import pytest

from jack.core.db import Database
from jack.core.paging import Page
from jack.operations.verify import INVARIANTS
from jack.resources.tasks import store as tasks
from tests import builders

DEPARTMENTS = ("housekeeping", "maintenance")
ONE = Page(1, 1)


def anything(dice: Random, members: list[str]) -> dict[str, Any]:
    return {
        "department": dice.choice(DEPARTMENTS),
        "priority": dice.choice(list(tasks.URGENCY)),
        "status": dice.choice(tasks.STATUSES),
        "assignee": dice.choice([*members, "unassigned"]),
    }


def expected(rows: list[dict[str, Any]], asked: dict[str, Any]) -> int:
    """How many rows fit, counted one by one."""
    nobody = asked["assignee"] == "unassigned"
    return sum(
        (not asked["status"] or row["status"] in asked["status"])
        and (not asked["priority"] or row["priority"] in asked["priority"])
        and asked["department"] in (None, row["department"])
        and (
            asked["assignee"] is None
            or row["assignee_id"] == (None if nobody else asked["assignee"])
        )
        for row in rows
    )


@pytest.mark.parametrize("seed", range(3))
def test_totals_are_what_counting_finds(seed: int, db: Database) -> None:
    dice = Random(seed)
    members = [builders.make_member(db)["id"] for _ in range(2)]
    made: list[str] = []
    for _ in range(800):
        step = dice.random()
        if step < 0.6 or not made:
            made.append(tasks.create(db, title="x", **anything(dice, members))["id"])
        elif step < 0.9:
            change = dict(
                dice.sample(sorted(anything(dice, members).items()), k=dice.randint(1, 4))
            )
            tasks.change(db, dice.choice(made), **change)
        else:  # any of them, or the newest, whose numbers are given again
            for gone in [dice.choice(made)] if step < 0.99 else made[-25:]:
                made.remove(gone)
                db.run("DELETE FROM tasks WHERE id = :id", {"id": gone})
    rows = db.all("SELECT * FROM tasks")
    every = itertools.product(
        [(), ("open",), ("open", "completed")], [(), ("urgent", "low")],
        [None, *DEPARTMENTS], [None, "unassigned", *members],
    )  # fmt: skip
    for status, priority, department, assignee in every:
        asked = {
            "status": status,
            "priority": priority,
            "department": department,
            "assignee": assignee,
        }
        assert tasks.search(db, page=ONE, **asked).total == expected(rows, asked)
    assert db.value(INVARIANTS["kinds of tasks are miscounted"]) == 0
    assert db.value("SELECT count(*) FROM task_counts WHERE tasks < 1") == 0
