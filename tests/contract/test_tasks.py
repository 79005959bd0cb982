"""`/tasks`, as a caller sees them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import make_conversation, make_guest, make_task
from tests.checks import named, refused, succeeded
from tests.conftest import Clock, Person

MINIMUM = {"title": "Extra towels", "department": "housekeeping"}


def create(person: Person, **fields: Any) -> dict[str, Any]:
    made: dict[str, Any] = succeeded(person.post("/tasks", MINIMUM | fields), 201)
    return made


def test_a_filter_by_a_department_that_there_never_was_is_400_as_on_creation(
    member: Person,
) -> None:
    body = {"title": "Towels", "department": "basement"}
    made = refused(member.post("/tasks", body), 400)
    for more in ("", "&status=open", "&overdue=true", "&page=9"):
        error = refused(member.get(f"/tasks?department=basement{more}"), 400)
        assert (error["details"], error["message"]) == (made["details"], made["message"])


def test_a_filter_by_a_department_of_before_works(member: Person, admin: Person) -> None:
    old = make_task(member.db, department="housekeeping", status="completed")
    items = [{"slug": "front-desk", "name": "Front desk"}]
    succeeded(admin.put("/settings/departments", {"value": {"items": items}}))
    found = member.get("/tasks?department=housekeeping")
    assert [one["id"] for one in succeeded(found)] == [old["id"]]
    assert succeeded(member.get("/tasks?department=housekeeping&status=open")) == []
    assert succeeded(member.get("/tasks?department=front-desk")) == []
    refused(member.get("/tasks?department=spa"), 400)


def test_a_task_has_the_documented_fields(member: Person) -> None:
    answer = member.post("/tasks", MINIMUM)
    made = succeeded(answer, 201)
    assert answer.headers["Location"] == f"/api/v1/tasks/{made['id']}"
    assert made.pop("id").startswith("task-")
    assert made == {
        "title": "Extra towels",
        "description": None,
        "department": "housekeeping",
        "priority": "normal",
        "status": "open",
        "guestId": None,
        "conversationId": None,
        "room": None,
        "assignee": None,
        "dueAt": "2026-05-28T22:26:40.000Z",
        "overdue": False,
        "notes": None,
        "completedAt": None,
        "attachments": [],
        "externalId": None,
        "metadata": {},
        "createdAt": "2026-05-28T20:26:40.000Z",
        "updatedAt": "2026-05-28T20:26:40.000Z",
    }


@pytest.mark.parametrize(
    ("priority", "due"),
    [
        ("urgent", "2026-05-28T20:41:40.000Z"),
        ("high", "2026-05-28T20:56:40.000Z"),
        ("normal", "2026-05-28T22:26:40.000Z"),
        ("low", "2026-05-29T20:26:40.000Z"),
    ],
)
def test_due_at_defaults_from_the_priority(priority: str, due: str, member: Person) -> None:
    assert create(member, priority=priority)["dueAt"] == due
    assert create(member, priority=priority, dueAt=None)["dueAt"] == due


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("2026-05-01T15:00:00Z", "2026-05-01T15:00:00.000Z"),
        ("2026-05-01T15:00:00.5Z", "2026-05-01T15:00:00.500Z"),
        ("2026-05-01t15:00:00z", "2026-05-01T15:00:00.000Z"),
        ("2026-05-01T17:00:00+02:00", "2026-05-01T15:00:00.000Z"),
        ("2026-05-01T15:00:00.123456789Z", "2026-05-01T15:00:00.123Z"),
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"),
        ("9998-12-31T23:59:59Z", "9998-12-31T23:59:59.000Z"),
    ],
)
def test_a_given_due_at_is_kept_in_utc(given: str, stored: str, member: Person) -> None:
    assert create(member, dueAt=given)["dueAt"] == stored


@pytest.mark.parametrize("given", ["1970-01-01T00:00:00+23:59", "9998-12-31T23:59:59-23:59"])
def test_a_due_at_at_the_edge_of_time_breaks_nothing(given: str, member: Person) -> None:
    assert member.post("/tasks", MINIMUM | {"dueAt": given}).status_code in (201, 400)
    succeeded(member.get("/tasks"))


def test_completing_stamps_and_reopening_clears(member: Person, clock: Clock) -> None:
    path = f"/tasks/{create(member)['id']}"
    clock.move(60)
    done = succeeded(member.patch(path, {"status": "completed"}))
    assert done["completedAt"] == "2026-05-28T20:27:40.000Z"
    clock.move(60)
    assert succeeded(member.patch(path, {"notes": "x"}))["completedAt"] == done["completedAt"]
    assert succeeded(member.patch(path, {"status": "open"}))["completedAt"] is None


def test_urgent_is_first_then_what_is_due_first(member: Person) -> None:
    ids = {
        name: create(member, priority=priority, dueAt=f"2026-05-{day}T00:00:00Z")["id"]
        for name, priority, day in (
            ("d", "low", "01"),
            ("b", "urgent", "03"),
            ("c", "normal", "01"),
            ("a", "urgent", "02"),
        )
    }
    listed = [row["id"] for row in succeeded(member.get("/tasks"))]
    assert listed == [ids[name] for name in "abcd"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("status=open", "abe"),
        ("status=open&status=blocked", "abce"),
        ("priority=urgent", "a"),
        ("priority=urgent&priority=high", "ab"),
        ("status=blocked&priority=low", "c"),
        ("department=maintenance", "b"),
        ("assignee=me", "a"),
        ("assignee=unassigned", "bcde"),
        ("guestId=guest-1", "ce"),
        ("guestId=guest-1&status=open", "e"),
        ("overdue=true", "b"),
        ("overdue=false", "acde"),
        ("overdue=true&status=open&priority=high&department=maintenance", "b"),
        ("status=cancelled", ""),
    ],
)
def test_filters_and_their_combinations(
    query: str, expected: str, member: Person, clock: Clock
) -> None:
    make_guest(member.db, id="guest-1")
    past = "2026-05-01T00:00:00Z"
    ids = {
        "a": create(member, priority="urgent", assignee=member.id)["id"],
        "b": create(member, priority="high", department="maintenance", dueAt=past)["id"],
        "c": create(member, priority="low", status="blocked", guestId="guest-1")["id"],
        "d": create(member, status="completed", dueAt=past)["id"],
        "e": create(member, guestId="guest-1")["id"],
    }
    answer = member.get(f"/tasks?{query}")
    assert {row["id"] for row in succeeded(answer)} == {ids[name] for name in expected}
    assert answer.json["meta"]["total"] == len(expected)


def test_a_task_becomes_overdue_by_itself(member: Person, clock: Clock) -> None:
    made = create(member, priority="urgent")
    clock.move(15 * 60 + 1)
    assert succeeded(member.get(f"/tasks/{made['id']}"))["overdue"] is True


def test_another_department_is_400_and_names_the_choices(member: Person, admin: Person) -> None:
    answer = member.post("/tasks", MINIMUM | {"department": "kitchen"})
    error = refused(answer, 400)
    assert named(error) == {"department"}
    assert "front-desk, housekeeping" in error["details"][0]["message"]
    items = [{"slug": "kitchen", "name": "Kitchen"}]
    succeeded(admin.put("/settings/departments", {"value": {"items": items}}))
    create(member, department="kitchen")
    refused(member.post("/tasks", MINIMUM), 400)


@pytest.mark.parametrize("field", ["guestId", "conversationId", "assignee"])
def test_what_it_names_must_be_there(field: str, member: Person) -> None:
    answer = member.post("/tasks", MINIMUM | {field: "nobody"})
    assert named(refused(answer, 400)) == {field}
    made = create(member)
    answer = member.patch(f"/tasks/{made['id']}", {field: "nobody"})
    assert named(refused(answer, 400)) == {field}
    assert succeeded(member.get(f"/tasks/{made['id']}")) == made


def test_the_task_of_a_conversation_is_its_guests(member: Person) -> None:
    conversation = make_conversation(member.db)
    made = create(member, conversationId=conversation["id"])
    assert made["guestId"] == conversation["guest_id"]


@pytest.mark.parametrize(
    "field", ["description", "guestId", "conversationId", "room", "assignee", "notes"]
)
def test_null_clears(field: str, member: Person) -> None:
    conversation = make_conversation(member.db)
    made = create(
        member,
        description="x",
        guestId=conversation["guest_id"],
        conversationId=conversation["id"],
        room="302",
        assignee=member.id,
        notes="x",
    )
    changed = succeeded(member.patch(f"/tasks/{made['id']}", {field: None}))
    assert changed == made | {field: None}


def test_of_two_who_claim_a_task_one_succeeds(member: Person, manager: Person) -> None:
    path = f"/tasks/{make_task(member.db)['id']}"
    tag = member.get(path).headers["ETag"]
    answers = [
        person.patch(path, {"assignee": person.id}, headers={"If-Match": tag})
        for person in (member, manager)
    ]
    assert [answer.status_code for answer in answers] == [200, 412]
    assert succeeded(member.get(path))["assignee"] == member.id


@pytest.mark.parametrize("method", ["get", "patch"])
def test_an_unknown_task_is_404(method: str, member: Person) -> None:
    kwargs = {"json": {"title": "x"}} if method == "patch" else {}
    assert refused(getattr(member, method)("/tasks/nobody", **kwargs), 404)["message"] == (
        "Task not found"
    )
