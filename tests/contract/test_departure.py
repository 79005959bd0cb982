"""A member who leaves: their open work is nobody's, at once and when it is taken up again."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from jack.core.db import Database
from jack.core.integrity import problems
from jack.operations.verify import INVARIANTS
from jack.resources.conversations import messages
from tests.builders import make_conversation, make_task
from tests.checks import refused, succeeded
from tests.conftest import Clock, Person


@pytest.fixture
def work(admin: Person, member: Person) -> dict[str, str]:
    """The ids of a conversation of each status and a task of each status, all the member's."""
    made = {}
    for status in ("open", "pending", "closed"):
        made[f"conversation {status}"] = id = make_conversation(admin.db)["id"]
        succeeded(admin.patch(f"/conversations/{id}", {"assignee": member.id, "status": status}))
    for status in ("open", "in_progress", "blocked", "completed", "cancelled"):
        task = make_task(admin.db, assignee=member.id, status=status, department="maintenance")
        made[f"task {status}"] = task["id"]
    return made


def leave(admin: Person, member: Person) -> Any:
    return succeeded(admin.patch(f"/staff/{member.id}", {"active": False}))


def conversation(admin: Person, id: str) -> Any:
    return succeeded(admin.get(f"/conversations/{id}"))


def task(admin: Person, id: str) -> Any:
    return succeeded(admin.get(f"/tasks/{id}"))


def newest_event(db: Database) -> int:
    return int(db.value("SELECT max(seq) FROM events"))


@pytest.mark.parametrize("status", ["open", "pending"])
def test_a_conversation_to_take_care_of_is_unassigned(
    status: str, admin: Person, member: Person, work: dict[str, str], clock: Clock
) -> None:
    id = work[f"conversation {status}"]
    before = conversation(admin, id)
    clock.move(60)
    leave(admin, member)
    after = conversation(admin, id)
    assert (after["assignee"], after["status"]) == (None, status)
    assert after["updatedAt"] > before["updatedAt"]
    rows = succeeded(admin.get("/conversations?assignee=unassigned"))
    assert id in [row["id"] for row in rows]
    assert succeeded(admin.get(f"/conversations?assignee={member.id}&status={status}")) == []


def test_a_closed_conversation_still_says_whose_it_was(
    admin: Person, member: Person, work: dict[str, str]
) -> None:
    leave(admin, member)
    assert conversation(admin, work["conversation closed"])["assignee"] == member.id


@pytest.mark.parametrize(
    ("before", "after"), [("open", "open"), ("in_progress", "open"), ("blocked", "blocked")]
)
def test_a_task_to_do_goes_back_to_its_department(
    before: str, after: str, admin: Person, member: Person, work: dict[str, str]
) -> None:
    leave(admin, member)
    shown = task(admin, work[f"task {before}"])
    assert (shown["assignee"], shown["status"], shown["department"]) == (None, after, "maintenance")
    listed = succeeded(admin.get("/tasks?assignee=unassigned&department=maintenance"))
    assert work[f"task {before}"] in [row["id"] for row in listed]


@pytest.mark.parametrize("status", ["completed", "cancelled"])
def test_a_task_that_is_over_still_says_whose_it_was(
    status: str, admin: Person, member: Person, work: dict[str, str]
) -> None:
    leave(admin, member)
    assert task(admin, work[f"task {status}"])["assignee"] == member.id


def test_each_has_its_event_and_one_tells_the_staff(
    admin: Person, member: Person, work: dict[str, str]
) -> None:
    seq = newest_event(admin.db)
    leave(admin, member)
    events = succeeded(admin.get(f"/events?after={seq}"))
    assert {row["actorId"] for row in events} == {admin.id}
    assert sorted((row["type"], row["subjectId"]) for row in events) == sorted(
        [
            ("staff.updated", member.id),
            *(
                ("conversation.assigned", work[f"conversation {one}"])
                for one in ("open", "pending")
            ),
            *(("task.assigned", work[f"task {one}"]) for one in ("open", "in_progress", "blocked")),
            ("staff.work_returned", member.id),
        ]
    )


def test_whoever_had_nothing_to_do_leaves_without_a_word(admin: Person, member: Person) -> None:
    seq = newest_event(admin.db)
    leave(admin, member)
    assert [row["type"] for row in succeeded(admin.get(f"/events?after={seq}"))] == [
        "staff.updated"
    ]


def test_the_last_administrator_keeps_their_work(admin: Person) -> None:
    id = make_task(admin.db, assignee=admin.id)["id"]
    refused(admin.patch(f"/staff/{admin.id}", {"active": False}), 409)
    assert task(admin, id)["assignee"] == admin.id


def test_others_keep_theirs_and_what_is_counted_is_right(
    admin: Person, manager: Person, member: Person, work: dict[str, str]
) -> None:
    others = make_task(admin.db, assignee=manager.id)["id"]
    leave(admin, member)
    assert task(admin, others)["assignee"] == manager.id
    assert problems(admin.db) == []
    for name, statement in INVARIANTS.items():
        assert admin.db.value(statement) == 0, name


def test_a_guest_who_writes_again_waits_in_the_unassigned_list(
    admin: Person, member: Person, work: dict[str, str]
) -> None:
    leave(admin, member)
    id = work["conversation closed"]
    messages.receive(
        admin.db,
        guest_id=conversation(admin, id)["guestId"],
        channel="web",
        content="Hello?",
        account="web:x",
        event_key="again",
        conversation_id=id,
    )
    shown = conversation(admin, id)
    assert (shown["assignee"], shown["status"]) == (None, "open")


def test_a_guest_who_writes_again_stays_with_somebody_who_is_there(
    admin: Person, member: Person, work: dict[str, str]
) -> None:
    id = work["conversation closed"]
    messages.receive(
        admin.db,
        guest_id=conversation(admin, id)["guestId"],
        channel="web",
        content="Hello?",
        account="web:x",
        event_key="again",
        conversation_id=id,
    )
    assert conversation(admin, id)["assignee"] == member.id


@pytest.mark.parametrize("bulk", [False, True])
@pytest.mark.parametrize("status", ["open", "pending"])
def test_a_conversation_that_is_opened_again_is_nobodys(
    status: str, bulk: bool, admin: Person, member: Person, work: dict[str, str]
) -> None:
    leave(admin, member)
    id = work["conversation closed"]
    if bulk:
        succeeded(admin.patch("/conversations/bulk", {"ids": [id], "changes": {"status": status}}))
    else:
        succeeded(admin.patch(f"/conversations/{id}", {"status": status}))
    assert conversation(admin, id)["assignee"] is None


@pytest.mark.parametrize("over", ["completed", "cancelled"])
def test_a_task_that_is_opened_again_is_nobodys(
    over: str, admin: Person, member: Person, work: dict[str, str]
) -> None:
    leave(admin, member)
    id = work[f"task {over}"]
    succeeded(admin.patch(f"/tasks/{id}", {"notes": "Was done well"}))
    assert task(admin, id)["assignee"] == member.id
    succeeded(admin.patch(f"/tasks/{id}", {"status": "open"}))
    assert task(admin, id)["assignee"] is None


# ------------------------------------------------------------------------------------------------ coming back


def test_a_session_of_before_does_not_come_back_with_its_member(
    admin: Person, member: Person
) -> None:
    succeeded(member.get("/auth/me"))
    leave(admin, member)
    refused(member.get("/auth/me"), 401)
    succeeded(admin.patch(f"/staff/{member.id}", {"active": True}))
    assert refused(member.get("/auth/me"), 401)["reason"] == "token_revoked"


def test_a_link_of_before_does_not_come_back_with_its_member(
    admin: Person, member: Person, client: FlaskClient
) -> None:
    token = succeeded(admin.post(f"/staff/{member.id}/invite"), 201)["token"]
    leave(admin, member)
    succeeded(admin.patch(f"/staff/{member.id}", {"active": True}))
    body = {"token": token, "password": "a new good password"}
    refused(client.post("/api/v1/auth/accept-invite", json=body), 401)
