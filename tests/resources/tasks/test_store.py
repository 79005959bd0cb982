"""Tasks: their rules, their order, and the ranges their lists walk."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jack.core import clock as times
from jack.core.db import Database
from jack.core.errors import Invalid, NotFound
from jack.core.paging import Page
from jack.resources.staff import store as staff
from jack.resources.tasks import store
from tests.builders import make_conversation, make_guest, make_member, make_task
from tests.conftest import Clock

ON_ONE_DATABASE = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
URGENT_FIRST = ("urgent", "high", "normal", "low")


def found(db: Database, **filters: Any) -> list[str]:
    """The titles of all that match, in order."""
    listed = store.search(db, **filters, page=Page(1, 100))
    assert listed.total == len(listed.rows)
    return [row["title"] for row in listed.rows]


def events(db: Database) -> list[tuple[str, str | None]]:
    rows = db.all("SELECT type, conversation_id FROM events WHERE type LIKE 'task.%' ORDER BY seq")
    return [(row["type"], row["conversation_id"]) for row in rows]


# ------------------------------------------------------------------------------------------------ create and change


def test_a_task_is_answered_as_it_is_stored(db: Database) -> None:
    guest, member = make_guest(db), make_member(db)
    task = store.create(
        db,
        title="Extra towels for room 302",
        description="Guest requested 2 extra bath towels",
        department="housekeeping",
        priority="normal",
        guest_id=guest["id"],
        room="302",
        assignee=member["id"],
        notes="Soft ones",
    )
    assert store.get(db, task["id"]) == task
    assert (task["status"], task["completed_at"], task["overdue"]) == ("open", None, 0)
    assert (task["guest_id"], task["assignee_id"]) == (guest["id"], member["id"])
    assert events(db) == [("task.created", None)]


@pytest.mark.parametrize(
    ("priority", "minutes"), [("urgent", 15), ("high", 30), ("normal", 120), ("low", 24 * 60)]
)
def test_the_priority_says_when_it_is_due(db: Database, priority: str, minutes: int) -> None:
    assert make_task(db, priority=priority)["due_at"] == times.later(db.now(), minutes=minutes)


def test_a_given_time_stays_whatever_the_priority(db: Database) -> None:
    task = make_task(db, due_at="2026-06-01T12:00:00.000Z")
    assert store.change(db, task["id"], priority="urgent")["due_at"] == "2026-06-01T12:00:00.000Z"
    later = store.change(db, task["id"], due_at="2026-06-02T12:00:00.000Z")
    assert later["due_at"] == "2026-06-02T12:00:00.000Z"


@pytest.mark.parametrize(
    ("wrong", "field", "says"),
    [
        ({"department": "moon"}, "department", "Must be one of: front-desk, housekeeping,"),
        ({"guest_id": "guest-123"}, "guestId", "No such guest."),
        ({"conversation_id": "conv-1"}, "conversationId", "No such conversation."),
        ({"assignee": "staff-123"}, "assignee", "No such active member of staff."),
    ],
)
def test_what_it_refers_to_must_be_there(
    db: Database, wrong: dict[str, str], field: str, says: str
) -> None:
    task = make_task(db)
    for attempt in (lambda: make_task(db, **wrong), lambda: store.change(db, task["id"], **wrong)):
        with pytest.raises(Invalid) as refused:
            attempt()
        assert refused.value.details is not None
        assert refused.value.details[0]["field"] == field
        assert refused.value.details[0]["message"].startswith(says)
    assert store.get(db, task["id"]) == task
    assert store.search(db, page=Page()).total == 1


def test_work_is_given_to_active_members_only(db: Database) -> None:
    make_member(db, role="admin")
    member = make_member(db)
    staff.change(db, member["id"], active=False)
    with pytest.raises(Invalid):
        make_task(db, assignee=member["id"])


@pytest.mark.parametrize("nobody", [None, "unassigned"])
def test_an_assignee_can_be_taken_off(db: Database, nobody: str | None) -> None:
    task = make_task(db, assignee=make_member(db)["id"])
    assert store.change(db, task["id"], assignee=nobody)["assignee_id"] is None


def test_a_conversations_task_is_its_guests(db: Database) -> None:
    conversation, other = make_conversation(db), make_guest(db)
    task = make_task(db, conversation_id=conversation["id"])
    assert task["guest_id"] == conversation["guest_id"]
    named = make_task(db, conversation_id=conversation["id"], guest_id=other["id"])
    assert named["guest_id"] == other["id"]
    later = store.change(db, make_task(db)["id"], conversation_id=conversation["id"])
    assert later["guest_id"] == conversation["guest_id"]
    nobodys = store.change(
        db, make_task(db)["id"], conversation_id=conversation["id"], guest_id=None
    )
    assert nobodys["guest_id"] is None


def test_what_is_not_named_stays(db: Database, clock: Clock) -> None:
    task = make_task(db, description="two", room="7", notes="soon", guest_id=make_guest(db)["id"])
    clock.move(1)
    changed = store.change(db, task["id"], notes=None)
    assert changed == {**task, "notes": None, "updated_at": db.now()}


def test_completing_stamps_once_and_reopening_clears(db: Database, clock: Clock) -> None:
    task = make_task(db)
    clock.move(10)
    done = store.change(db, task["id"], status="completed", notes="Delivered at 3:45 PM")
    assert done["completed_at"] == done["updated_at"] == db.now()
    clock.move(10)
    again = store.change(db, task["id"], status="completed", notes="Really")
    assert again["completed_at"] == done["completed_at"]
    assert store.change(db, task["id"], status="in_progress")["completed_at"] is None
    kinds = [kind for kind, _ in events(db)]
    assert kinds == ["task.created", "task.completed", "task.updated", "task.updated"]


def test_a_task_may_be_written_down_when_done(db: Database) -> None:
    assert make_task(db, status="completed")["completed_at"] == db.now()


def test_events_name_the_conversation(db: Database) -> None:
    conversation = make_conversation(db)
    task = make_task(db, conversation_id=conversation["id"])
    store.change(db, task["id"], status="completed")
    assert events(db) == [
        ("task.created", conversation["id"]),
        ("task.completed", conversation["id"]),
    ]


def test_there_is_no_such_task(db: Database) -> None:
    for attempt in (store.get, store.change):
        with pytest.raises(NotFound):
            attempt(db, "task-none")


@ON_ONE_DATABASE
@given(
    steps=st.lists(st.sampled_from(store.STATUSES), max_size=8),
    first=st.sampled_from(store.STATUSES),
)
def test_only_what_is_completed_has_a_time_of_completion(
    db: Database, clock: Clock, first: str, steps: list[str]
) -> None:
    task = make_task(db, status=first)
    for status in steps:
        clock.move(1)
        before, task = task, store.change(db, task["id"], status=status)
        assert (task["completed_at"] is not None) == (status == "completed")
        if before["status"] == status:
            assert task["completed_at"] == before["completed_at"]


# ------------------------------------------------------------------------------------------------ lists


def test_urgent_is_first_then_what_is_due_first(db: Database, clock: Clock) -> None:
    for priority in ("low", "urgent", "normal", "high"):
        make_task(db, title=f"{priority} b", priority=priority, due_at="2026-06-02T00:00:00.000Z")
        make_task(db, title=f"{priority} a", priority=priority, due_at="2026-06-01T00:00:00.000Z")
    assert found(db) == [f"{priority} {day}" for priority in URGENT_FIRST for day in "ab"]


def test_ties_are_in_the_order_of_creation_over_all_pages(db: Database) -> None:
    for number in range(7):
        make_task(db, title=str(number), status=store.STATUSES[number % 5])
    for filters in ({}, {"status": store.STATUSES}, {"department": "housekeeping"}):
        pages = [store.search(db, **filters, page=Page(number, 3)) for number in (1, 2, 3, 4)]
        assert [row["title"] for page in pages for row in page.rows] == list("0123456")
        assert {page.total for page in pages} == {7}


def test_the_filters(db: Database) -> None:
    guest, member = make_guest(db), make_member(db)
    make_task(db, title="a", priority="urgent", guest_id=guest["id"])
    make_task(db, title="b", priority="high", assignee=member["id"], status="in_progress")
    make_task(db, title="c", priority="low", department="front-desk", status="completed")
    assert found(db, status=["open"]) == ["a"]
    assert found(db, status=["completed", "open", "open"]) == ["a", "c"]
    assert found(db, priority=["low", "urgent", "low"]) == ["a", "c"]
    assert found(db, department="housekeeping") == ["a", "b"]
    assert found(db, department="concierge") == []
    with pytest.raises(Invalid):
        found(db, department="moon")
    assert found(db, assignee="unassigned") == ["a", "c"]
    assert found(db, assignee=member["id"]) == ["b"]
    assert (
        found(db, guest_id=guest["id"]) == found(db, guest_id=guest["id"], status=["open"]) == ["a"]
    )
    assert found(db, guest_id=guest["id"], department="front-desk") == []
    assert found(db, status=["open"], priority=["urgent"], department="housekeeping") == ["a"]
    assert found(db, department="housekeeping", assignee=member["id"]) == ["b"]


def test_overdue_is_past_due_and_not_done(db: Database, clock: Clock) -> None:
    for status in store.STATUSES:
        make_task(db, title=status, status=status, priority="urgent")
    make_task(db, title="later", priority="low")
    assert found(db, overdue=True) == []
    clock.move(15 * 60)
    assert found(db, overdue=True) == []
    clock.move(1)
    assert found(db, overdue=True) == list(store.ACTIVE)
    assert found(db, overdue=True, department="housekeeping") == list(store.ACTIVE)
    assert found(db, overdue=True, status=["blocked", "completed"]) == ["blocked"]
    assert found(db, overdue=False) == ["completed", "cancelled", "later"]
    listed = store.search(db, page=Page()).rows
    assert [row["title"] for row in listed if row["overdue"]] == list(store.ACTIVE)


FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "status": st.lists(st.sampled_from(store.STATUSES), max_size=5),
        "priority": st.lists(st.sampled_from(URGENT_FIRST), max_size=4),
        "department": st.sampled_from(["housekeeping", "front-desk"]),
        "assignee": st.sampled_from(["unassigned", "mine"]),
        "guest_id": st.just("theirs"),
        "overdue": st.booleans(),
    },
)


def _expected(tasks: list[dict[str, Any]], filters: dict[str, Any], now: str) -> list[str]:
    """What a plain reading of the filters finds."""
    assignee = filters.get("assignee")
    matching = [
        task
        for task in tasks
        if (not filters.get("status") or task["status"] in filters["status"])
        and (not filters.get("priority") or task["priority"] in filters["priority"])
        and filters.get("department", task["department"]) == task["department"]
        and filters.get("guest_id", task["guest_id"]) == task["guest_id"]
        and (
            assignee is None
            or task["assignee_id"] == (assignee if assignee != "unassigned" else None)
        )
        and filters.get("overdue", task["overdue"])
        == (task["due_at"] < now and task["status"] in store.ACTIVE)
    ]
    matching.sort(
        key=lambda task: (URGENT_FIRST.index(task["priority"]), task["due_at"], task["seq"])
    )
    return [task["id"] for task in matching]


@ON_ONE_DATABASE
@given(filters=FILTERS)
def test_any_filters_find_what_they_say_in_order(
    db: Database, clock: Clock, filters: dict[str, Any]
) -> None:
    if not store.search(db, page=Page()).total:
        guest, member = make_guest(db)["id"], make_member(db, name="Mine")["id"]
        for number in range(60):
            make_task(
                db,
                priority=URGENT_FIRST[number % 4],
                status=store.STATUSES[number % 5],
                department=("housekeeping", "front-desk")[number % 3 == 0],
                assignee=(member, None)[number % 7 < 3],
                guest_id=(guest, None)[number % 11 < 4],
                due_at=f"2026-05-28T20:{number * 37 % 60:02}:00.000Z",
            )
    real = {
        "mine": db.value("SELECT id FROM staff WHERE name = 'Mine'"),
        "theirs": db.value("SELECT id FROM guests"),
    }
    asked = {
        name: real.get(value, value) if isinstance(value, str) else value
        for name, value in filters.items()
    }
    everything = store.search(db, page=Page(1, 100)).rows
    listed = store.search(db, **asked, page=Page(1, 100))
    assert [row["id"] for row in listed.rows] == _expected(everything, asked, db.now())
    assert listed.total == len(listed.rows)


BY_STATUS = "USING INDEX tasks_by_status (status=?"
BY_DEPARTMENT = "USING INDEX tasks_by_department (department=? AND status=?"
BY_ASSIGNEE = "USING INDEX tasks_by_assignee (assignee_id=? AND status=?"


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        ({}, BY_STATUS),
        ({"priority": ["low", "urgent"]}, f"{BY_STATUS} AND urgency=?"),
        ({"overdue": False}, BY_STATUS),
        ({"overdue": True}, BY_STATUS),
        ({"status": ["open"]}, BY_STATUS),
        ({"status": ["open", "completed"]}, BY_STATUS),
        ({"status": ["open"], "priority": ["urgent"]}, f"{BY_STATUS} AND urgency=?"),
        ({"department": "housekeeping"}, BY_DEPARTMENT),
        ({"department": "housekeeping", "status": ["open"]}, BY_DEPARTMENT),
        ({"department": "housekeeping", "status": ["open"], "priority": ["high"]}, BY_DEPARTMENT),
        ({"department": "housekeeping", "overdue": True}, BY_DEPARTMENT),
        ({"assignee": "staff-1"}, BY_ASSIGNEE),
        ({"assignee": "unassigned"}, BY_ASSIGNEE),
        ({"assignee": "staff-1", "status": ["open", "blocked"]}, BY_ASSIGNEE),
        ({"assignee": "unassigned", "department": "housekeeping"}, BY_ASSIGNEE),
    ],
)
def test_every_list_walks_ranges_that_are_in_order(
    db: Database, monkeypatch: pytest.MonkeyPatch, filters: dict[str, Any], index: str
) -> None:
    plan = _plan(db, monkeypatch, filters)
    walks = [line for line in plan if line.startswith(("SCAN tasks", "SEARCH tasks"))]
    assert walks.pop() == "SEARCH tasks USING INTEGER PRIMARY KEY (rowid=?)"  # those of the page
    assert walks
    assert all(index in line for line in walks)
    assert not any("TEMP B-TREE" in line for line in plan)


@pytest.mark.parametrize(
    "filters", [{}, {"status": ["open", "completed"]}, {"department": "front-desk"}]
)
def test_a_guests_tasks_are_found_by_the_guest(
    db: Database, monkeypatch: pytest.MonkeyPatch, filters: dict[str, Any]
) -> None:
    plan = _plan(db, monkeypatch, {"guest_id": "guest-1", **filters})
    walks = [line for line in plan if line.startswith(("SCAN tasks", "SEARCH tasks"))]
    assert walks
    assert all("USING INDEX tasks_of_guest (guest_id=?" in line for line in walks)


def _plan(db: Database, monkeypatch: pytest.MonkeyPatch, filters: dict[str, Any]) -> list[str]:
    run, plans = db.all, []

    def explained(sql: str, params: Any) -> Any:
        plans.extend(row["detail"] for row in run(f"EXPLAIN QUERY PLAN {sql}", params))
        return run(sql, params)

    monkeypatch.setattr(db, "all", explained)
    store.search(db, **filters, page=Page())
    return plans
