"""Metadata: what other programs note on guests, conversations and tasks."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.builders import make_conversation, make_guest, make_stay, make_task, make_visitor
from tests.checks import coded, named, refused, succeeded
from tests.conftest import Clock, Person

MAKERS: dict[str, Any] = {
    "guests": make_guest,
    "conversations": make_conversation,
    "stays": make_stay,
    "tasks": make_task,
}
every_kind = pytest.mark.parametrize("kind", MAKERS)


def noted(person: Person, kind: str, made: Any, metadata: Any) -> Any:
    return person.patch(f"/{kind}/{made['id']}", {"metadata": metadata})


@every_kind
def test_it_is_merged_key_by_key(kind: str, admin: Person) -> None:
    made = MAKERS[kind](admin.db)
    assert succeeded(admin.get(f"/{kind}/{made['id']}"))["metadata"] == {}
    steps: list[tuple[Any, Any]] = [
        ({"a": "1", "bö 2": "x\r\ny"}, {"a": "1", "bö 2": "x\ny"}),
        ({"a": "2"}, {"a": "2", "bö 2": "x\ny"}),
        ({"a": None, "unknown": None}, {"bö 2": "x\ny"}),
        ({}, {"bö 2": "x\ny"}),
        ({"bö 2": "", "c": "3"}, {"c": "3"}),
        (None, {}),
    ]
    for sent, expected in steps:
        assert succeeded(noted(admin, kind, made, sent))["metadata"] == expected
        assert succeeded(admin.get(f"/{kind}/{made['id']}"))["metadata"] == expected
        (listed,) = succeeded(admin.get(f"/{kind}"))
        assert listed["metadata"] == expected


@pytest.mark.parametrize("kind", ["guests", "stays", "tasks"])
def test_what_is_already_so_changes_nothing(kind: str, admin: Person, clock: Clock) -> None:
    made = MAKERS[kind](admin.db, metadata={"a": "1"})
    before = succeeded(admin.get(f"/{kind}/{made['id']}"))
    clock.move(60)
    for same in ({"a": "1"}, {"b": None}, {}):
        assert succeeded(noted(admin, kind, made, same)) == before


@every_kind
def test_it_has_fifty_keys_at_most(kind: str, admin: Person) -> None:
    made = MAKERS[kind](admin.db)
    full = {f"k{n}": "v" * 500 for n in range(50)}
    assert succeeded(noted(admin, kind, made, full))["metadata"] == full
    assert coded(refused(noted(admin, kind, made, {"one": "more"}), 400)) == {
        ("metadata", "too_many")
    }
    succeeded(noted(admin, kind, made, {"k0": None, "one": "more"}))
    refused(noted(admin, kind, made, {f"n{n}": "v" for n in range(51)}), 400)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"k": 1}, "wrong_type"),
    ({"k": True}, "wrong_type"),
    ({"k": ["x"]}, "wrong_type"),
    ({"k": {"x": "y"}}, "wrong_type"),
    ({"k": "x" * 501}, "too_long"),
    ({"k" * 41: "x"}, "too_long"),
    ({"": "x"}, "too_short"),
    ({"k": "a\x00b"}, "forbidden_characters"),
    ({"a\x00b": "x"}, "forbidden_characters"),
    ({"a\nb": "x"}, "not_one_line"),
]


@pytest.mark.parametrize(("sent", "code"), WRONG, ids=lambda value: str(value)[:20])
@every_kind
def test_it_holds_short_texts_only(kind: str, sent: Any, code: str, admin: Person) -> None:
    made = MAKERS[kind](admin.db)
    error = refused(noted(admin, kind, made, sent), 400)
    assert {code for _, code in coded(error)} == {code}
    assert all(field.startswith("metadata.") for field in named(error))


def test_it_is_there_from_the_beginning(admin: Person) -> None:
    note = {"metadata": {"loyalty": "gold", "nothing": None}}
    guest = succeeded(admin.post("/guests", {"name": "Ana", **note}), 201)
    task = {"title": "Lamp", "department": "maintenance", **note}
    made = succeeded(admin.post("/tasks", task), 201)
    chat = make_conversation(admin.db)
    begun = {"guestId": chat["guest_id"], "channel": "web", **note}
    conversation = succeeded(admin.post("/conversations", begun), 201)
    for found in (guest, made, conversation):
        assert found["metadata"] == {"loyalty": "gold"}


def test_bulk_changes_merge_it_too(manager: Person) -> None:
    made = [make_task(manager.db, metadata={"n": str(n)}) for n in range(2)]
    body = {"ids": [task["id"] for task in made], "changes": {"metadata": {"all": "x"}}}
    results = succeeded(manager.patch("/tasks/bulk", body))
    assert [one["data"]["metadata"] for one in results] == [
        {"n": "0", "all": "x"},
        {"n": "1", "all": "x"},
    ]


def test_it_is_gone_with_an_erasure(admin: Person) -> None:
    chat = make_conversation(admin.db)
    guest = {"id": chat["guest_id"]}
    tasks = [
        make_task(admin.db, metadata={"a": "1"}, guest_id=guest["id"]),
        make_task(admin.db, metadata={"a": "1"}, conversation_id=chat["id"]),
    ]
    succeeded(noted(admin, "guests", guest, {"a": "1"}))
    succeeded(noted(admin, "conversations", chat, {"a": "1"}))
    succeeded(admin.delete(f"/guests/{guest['id']}"))
    for path in (f"/conversations/{chat['id']}", *(f"/tasks/{one['id']}" for one in tasks)):
        assert succeeded(admin.get(path))["metadata"] == {}


def test_a_merge_takes_over_the_keys_that_are_lacking(admin: Person) -> None:
    kept = make_guest(admin.db, metadata={"a": "kept"})
    other = make_guest(admin.db, metadata={"a": "other", "b": "other", "c": "other"})
    merged = succeeded(admin.post(f"/guests/{kept['id']}/merge", {"guestId": other["id"]}))
    assert merged["guest"]["metadata"] == {"a": "kept", "b": "other", "c": "other"}
    succeeded(noted(admin, "guests", kept, {"c": "changed since", "d": "new"}))
    back = succeeded(admin.post(f"/guests/{kept['id']}/merges/{merged['mergeId']}/undo"))
    assert back["guest"]["metadata"] == {"a": "kept", "c": "changed since", "d": "new"}
    assert back["restored"]["metadata"] == {"a": "other", "b": "other", "c": "other"}


def test_visitors_are_shown_neither_it_nor_an_external_id(
    admin: Person, client: FlaskClient
) -> None:
    _, token = make_visitor(admin.db, name="Vera")
    visitor = {"Authorization": f"Bearer {token}"}
    said = {"content": "Hola", "clientMessageId": "1"}
    succeeded(client.post("/api/v1/webchat/messages", json=said, headers=visitor), 201)
    (chat,) = succeeded(admin.get("/conversations"))
    note = {"secret-key": "secret-value"}
    succeeded(noted(admin, "conversations", chat, note))
    called = {"metadata": note, "externalId": "secret-id", "externalIds": {"pms": "secret-pms"}}
    succeeded(admin.patch(f"/guests/{chat['guestId']}", called))
    succeeded(admin.post(f"/conversations/{chat['id']}/messages", {"content": "Welcome"}), 201)
    answers = [
        client.get("/api/v1/webchat/messages", headers=visitor),
        client.post("/api/v1/webchat/messages", json=said, headers=visitor),
        client.post("/api/v1/webchat/read", json={"cursor": "1"}, headers=visitor),
    ]
    assert "Welcome" in answers[0].get_data(as_text=True)
    for answer in answers:
        assert "secret" not in json.dumps(answer.get_json())
