"""Bulk calls as their caller sees them: a result for every element, in order."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import make_conversation, make_member, make_task
from tests.checks import about, check_detail, named, refused, succeeded
from tests.conftest import Person

GOOD = {
    "guests": {"name": "John Smith"},
    "tasks": {"title": "Extra towels", "department": "housekeeping"},
    "knowledge": {"title": "Pool", "content": "From 6 to 10.", "category": "amenity"},
}
# An element that is wrong, and the field its error names.
WRONG: dict[str, list[tuple[Any, str]]] = {
    "guests": [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "x", "email": "nobody"}, "email"),
        ({"name": "x", "unheardOf": 1}, "unheardOf"),
        ({"name": "x", "tags": ["a", 1]}, "tags.1"),
        ({"name": "x", "phone": "call me"}, "phone"),
        ({"name": "a\x00b"}, "name"),
    ],
    "tasks": [
        ({"title": "x"}, "department"),
        ({"title": "x", "department": "kitchen"}, "department"),
        ({"title": "x", "department": "housekeeping", "guestId": "nobody"}, "guestId"),
    ],
    "knowledge": [
        ({"title": "x", "content": "y"}, "category"),
        ({"title": "x", "content": "y", "category": "gossip"}, "category"),
    ],
}
NO_OBJECT: list[Any] = [None, 1, "x", [], [{}], True]


def failed(result: dict[str, Any], request_id: str) -> set[str]:
    """The fields a failed result names; it looks like the error it would be by itself."""
    assert result.keys() == {"success", "error"}
    assert result["success"] is False
    assert result["error"]["requestId"] == request_id
    for detail in result["error"]["details"]:
        check_detail(detail)
    return named(result["error"])


@pytest.mark.parametrize("resource", GOOD)
def test_what_is_valid_is_made_and_what_is_not_is_told_in_order(
    resource: str, manager: Person
) -> None:
    wrong = [*WRONG[resource], *((one, "") for one in NO_OBJECT)]
    items = [GOOD[resource], *(item for item, _ in wrong), GOOD[resource]]
    answer = manager.post(f"/{resource}/bulk", {"items": items})
    results = succeeded(answer)
    assert [result["success"] for result in results] == [True, *[False] * len(wrong), True]
    expected = {"total": len(items), "succeeded": 2, "failed": len(wrong)}
    assert answer.json["meta"] == expected
    for place, (item, field) in enumerate(wrong, start=1):
        with about(item):
            name = f"items.{place}.{field}" if field else f"items.{place}"
            assert failed(results[place], answer.headers["X-Request-Id"]) == {name}
    made = [result["data"]["id"] for result in (results[0], results[-1])]
    for id in made:
        succeeded(manager.get(f"/{resource}/{id}"))
    assert manager.db.value(f"SELECT count(*) FROM {resource}") == 2


def test_an_address_used_twice_in_one_call_fails_the_second_time(manager: Person) -> None:
    guest = {"name": "John", "email": "j@example.com"}
    first, second = succeeded(manager.post("/guests/bulk", {"items": [guest, guest]}))
    assert second["error"]["code"] == "CONFLICT"
    assert second["error"]["details"] == [
        {
            "field": "items.1.email",
            "message": f"Already used by {first['data']['id']}.",
            "code": "taken",
        }
    ]


def test_a_call_of_which_nothing_is_valid_is_answered_all_the_same(manager: Person) -> None:
    answer = manager.post("/guests/bulk", {"items": [{}]})
    assert succeeded(answer)[0]["success"] is False
    assert answer.json["meta"] == {"total": 1, "succeeded": 0, "failed": 1}
    assert manager.db.value("SELECT count(*) FROM events WHERE type LIKE 'guest.%'") == 0


def test_500_are_made_at_once(manager: Person) -> None:
    answer = manager.post("/guests/bulk", {"items": [{"name": f"G{n}"} for n in range(500)]})
    assert [result["data"]["name"] for result in succeeded(answer)] == [f"G{n}" for n in range(500)]


@pytest.mark.parametrize("resource", ["conversations", "tasks"])
def test_one_change_to_many(resource: str, manager: Person) -> None:
    make = {"conversations": make_conversation, "tasks": make_task}[resource]
    ids = [make(manager.db)["id"] for _ in range(3)]
    changes = {"assignee": manager.id}
    body = {"ids": [ids[2], "nobody", ids[0]], "changes": changes}
    answer = manager.patch(f"/{resource}/bulk", body)
    results = succeeded(answer)
    assert [result["success"] for result in results] == [True, False, True]
    assert [result["data"]["id"] for result in results[::2]] == [ids[2], ids[0]]
    assert answer.json["meta"] == {"total": 3, "succeeded": 2, "failed": 1}
    assert results[1]["error"]["code"] == "NOT_FOUND"
    assert failed(results[1], answer.headers["X-Request-Id"]) == {"ids.1"}
    assigned = {id: succeeded(manager.get(f"/{resource}/{id}"))["assignee"] for id in ids}
    assert assigned == {ids[0]: manager.id, ids[1]: None, ids[2]: manager.id}


@pytest.mark.parametrize("resource", ["conversations", "tasks"])
def test_a_change_that_no_element_can_take_is_told_for_each(resource: str, manager: Person) -> None:
    make = {"conversations": make_conversation, "tasks": make_task}[resource]
    ids = [make(manager.db)["id"] for _ in range(2)]
    gone = make_member(manager.db)["id"]
    manager.db.run("UPDATE staff SET active = 0 WHERE id = :id", {"id": gone})
    answer = manager.patch(f"/{resource}/bulk", {"ids": ids, "changes": {"assignee": gone}})
    for result in succeeded(answer):
        assert failed(result, answer.headers["X-Request-Id"]) == {"changes.assignee"}


def test_an_id_named_twice_has_two_results_and_is_completed_once(manager: Person) -> None:
    id = make_task(manager.db)["id"]
    body = {"ids": [id, id], "changes": {"status": "completed"}}
    assert [row["success"] for row in succeeded(manager.patch("/tasks/bulk", body))] == [True, True]
    events = manager.db.value("SELECT count(*) FROM events WHERE type = 'task.completed'")
    assert events == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("post", "/guests/bulk"),
        ("post", "/tasks/bulk"),
        ("post", "/knowledge/bulk"),
        ("patch", "/tasks/bulk"),
        ("patch", "/conversations/bulk"),
    ],
)
def test_bulk_calls_are_for_managers(method: str, path: str, member: Person) -> None:
    refused(getattr(member, method)(path, {"items": []}), 403)


def test_conversations_cannot_be_made_in_bulk(manager: Person) -> None:
    answer = manager.post("/conversations/bulk", {"items": []})
    refused(answer, 405)
    assert "PATCH" in answer.headers["Allow"]
