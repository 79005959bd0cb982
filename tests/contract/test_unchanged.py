"""A write that changes nothing changes nothing: the same `updatedAt`, the same ETag, no event."""

from __future__ import annotations

from typing import Any

import pytest

from jack.core.db import Database
from jack.core.reader import Row
from jack.resources.conversations import delivery, messages
from jack.resources.settings.values import DEFAULTS
from tests.builders import (
    make_automation,
    make_conversation,
    make_entry,
    make_guest,
    make_member,
    make_stay,
    make_task,
    make_template,
)
from tests.checks import succeeded
from tests.conftest import Clock, Person

MAKERS: dict[str, tuple[Any, str, dict[str, Any]]] = {
    "guests": (make_guest, "PATCH", {"name": "Ana", "tags": ["vip"], "phone": "+34600111222"}),
    "stays": (
        make_stay,
        "PATCH",
        {"arrival": "2026-05-01", "status": "booked", "companions": [], "room": None},
    ),
    "tasks": (make_task, "PATCH", {"title": "Towels", "notes": None, "status": "open"}),
    "templates": (
        make_template,
        "PATCH",
        {
            "name": "Hello",
            "texts": {"en": "Hello, {guest_name}", "es": "Hola"},
            "channels": ["sms"],
        },
    ),
    "automations": (
        make_automation,
        "PATCH",
        {
            "name": "Nobody",
            "trigger": {"type": "conversation.waiting", "minutes": 5},
            "quietFrom": None,
        },
    ),
    "knowledge": (make_entry, "PUT", {"title": "Pool", "content": "7 to 9"}),
    "conversations": (
        make_conversation,
        "PATCH",
        {"status": "pending", "subject": "Towels", "assignee": None},
    ),
    "staff": (
        make_member,
        "PATCH",
        {"name": "Ana", "role": "manager", "department": None, "active": True},
    ),
}
OTHER = {
    "guests": "name",
    "stays": "notes",
    "staff": "name",
    "templates": "name",
    "automations": "name",
    "conversations": "subject",
}
every_kind = pytest.mark.parametrize("kind", MAKERS)


def written(admin: Person, kind: str, made: Any, body: dict[str, Any]) -> Any:
    method = MAKERS[kind][1]
    send = admin.patch if method == "PATCH" else admin.put
    return send(f"/{kind}/{made['id']}", json=body)


@every_kind
def test_the_same_again_changes_nothing(kind: str, admin: Person, clock: Clock) -> None:
    make, _, body = MAKERS[kind]
    made = make(admin.db)
    first = written(admin, kind, made, body)
    assert first.status_code == 200, first.json
    events = admin.db.value("SELECT max(seq) FROM events")
    clock.move(60)
    again = written(admin, kind, made, body)
    assert again.json["data"] == first.json["data"]
    assert again.headers["ETag"] == first.headers["ETag"]
    assert admin.db.value("SELECT max(seq) FROM events") == events


@every_kind
def test_a_change_beside_it_is_a_change(kind: str, admin: Person, clock: Clock) -> None:
    make, _, body = MAKERS[kind]
    made = make(admin.db)
    first = written(admin, kind, made, body)
    clock.move(60)
    other = written(admin, kind, made, {**body, OTHER.get(kind, "title"): "Other"})
    assert other.json["data"]["updatedAt"] > first.json["data"]["updatedAt"]
    assert other.headers["ETag"] != first.headers["ETag"]


def newest(db: Database) -> int:
    """The number of the last event."""
    return int(db.value("SELECT max(seq) FROM events"))


def events_after(db: Database, seq: int) -> list[tuple[str, str, str | None]]:
    """Type, subject and conversation of later events."""
    rows = db.all(
        "SELECT type, subject_id, conversation_id FROM events WHERE seq > :seq", {"seq": seq}
    )
    return [(row["type"], row["subject_id"], row["conversation_id"]) for row in rows]


def test_closing_what_is_closed_changes_nothing(admin: Person, clock: Clock) -> None:
    path = f"/conversations/{make_conversation(admin.db)['id']}"
    first = admin.patch(path, json={"status": "closed"})
    clock.move(60)
    seq = newest(admin.db)
    again = admin.patch(path, json={"status": "closed"})
    assert (again.data, again.headers["ETag"]) == (first.data, first.headers["ETag"])
    bulk = admin.patch(
        "/conversations/bulk", json={"ids": [path[15:]], "changes": {"status": "closed"}}
    )
    assert bulk.json["data"] == [{"success": True, "data": first.json["data"]}]
    assert newest(admin.db) == seq


def test_reading_what_has_been_read_changes_nothing(admin: Person, clock: Clock) -> None:
    path = f"/conversations/{make_conversation(admin.db)['id']}"
    before = succeeded(admin.get(path))
    first = succeeded(admin.post(f"{path}/read"))
    assert first == {**before, "unread": 0}
    seq = newest(admin.db)
    clock.move(60)
    assert succeeded(admin.post(f"{path}/read")) == first
    assert newest(admin.db) == seq


SETTINGS: dict[str, dict[str, Any]] = {
    "hotel": {"name": "Sol", "timeZone": "Europe/Madrid"},
    "channels.sms": {
        "accountSid": "AC" + "0" * 32,
        "authToken": "a secret of theirs",
        "from": "+34600111222",
    },
    "own.notes": {"b": [1, True, {"x": None}], "a": 1},
}


@pytest.mark.parametrize("key", SETTINGS)
def test_a_setting_put_again_changes_nothing(key: str, admin: Person, clock: Clock) -> None:
    first = admin.put(f"/settings/{key}", json={"value": SETTINGS[key]})
    succeeded(first)
    clock.move(60)
    seq = newest(admin.db)
    shown = first.json["data"]["value"]
    for value in (SETTINGS[key], dict(reversed(SETTINGS[key].items())), shown):
        again = admin.put(f"/settings/{key}", json={"value": value})
        assert (again.json["data"]["updatedAt"], again.headers["ETag"]) == (
            first.json["data"]["updatedAt"],
            first.headers["ETag"],
        )
    assert newest(admin.db) == seq


def test_true_is_another_value_than_1(admin: Person) -> None:
    admin.put("/settings/own.notes", json={"value": {"on": True}})
    changed = succeeded(admin.put("/settings/own.notes", json={"value": {"on": 1}}))
    assert changed["value"]["on"] is not True


def test_a_default_put_as_it_is_changes_nothing(admin: Person) -> None:
    before = admin.get("/settings/departments")
    again = admin.put("/settings/departments", json={"value": DEFAULTS["departments"]})
    assert (again.data, again.headers["ETag"]) == (before.data, before.headers["ETag"])


@pytest.fixture
def stay(admin: Person) -> dict[str, Row]:
    """Two guests; the other one has a conversation, a task of it and a task without one."""
    conversation = make_conversation(admin.db)
    other = str(conversation["guest_id"])
    return {
        "kept": make_guest(admin.db),
        "other": {"id": other},
        "conversation": conversation,
        "task": make_task(admin.db, guest_id=other, conversation_id=conversation["id"]),
        "free task": make_task(admin.db, guest_id=other),
    }


MOVED = (("conversation", "conversations"), ("task", "tasks"), ("free task", "tasks"))


def touched(stay: dict[str, Row]) -> list[tuple[str, str, str | None]]:
    """The events of what belongs to the other guest."""
    conversation = str(stay["conversation"]["id"])
    return [
        ("conversation.updated", conversation, conversation),
        ("task.updated", str(stay["task"]["id"]), conversation),
        ("task.updated", str(stay["free task"]["id"]), None),
    ]


def check_moved(admin: Person, stay: dict[str, Row], seq: int, before: list[Any]) -> list[Any]:
    """Each of them has been changed at this time, and has its event; returns what they are now."""
    now = [succeeded(admin.get(f"/{path}/{stay[name]['id']}")) for name, path in MOVED]
    assert all(new["updatedAt"] > old["updatedAt"] for new, old in zip(now, before, strict=True))
    found = events_after(admin.db, seq)
    assert sorted(map(str, touched(stay))) == sorted(
        str(event) for event in found if event[0] in ("conversation.updated", "task.updated")
    )
    return now


def test_a_merge_and_its_undo_change_what_they_move(
    admin: Person, stay: dict[str, Row], clock: Clock
) -> None:
    before = [succeeded(admin.get(f"/{path}/{stay[name]['id']}")) for name, path in MOVED]
    path, seq = f"/guests/{stay['kept']['id']}", newest(admin.db)
    clock.move(60)
    merge = succeeded(admin.post(f"{path}/merge", json={"guestId": stay["other"]["id"]}))
    merged = check_moved(admin, stay, seq, before)
    assert {one["guestId"] for one in merged} == {stay["kept"]["id"]}
    seq = newest(admin.db)
    clock.move(60)
    succeeded(admin.post(f"{path}/merges/{merge['mergeId']}/undo"))
    parted = check_moved(admin, stay, seq, merged)
    assert {one["guestId"] for one in parted} == {stay["other"]["id"]}


def test_an_erasure_changes_what_it_touches(
    admin: Person, stay: dict[str, Row], clock: Clock
) -> None:
    before = [succeeded(admin.get(f"/{path}/{stay[name]['id']}")) for name, path in MOVED]
    seq = newest(admin.db)
    clock.move(60)
    succeeded(admin.delete(f"/guests/{stay['other']['id']}"))
    check_moved(admin, stay, seq, before)


def test_a_guest_who_is_there_again_is_found_again(admin: Person) -> None:
    kept, other = make_guest(admin.db), make_guest(admin.db, name="Zoë Bjørk")
    merge = succeeded(admin.post(f"/guests/{kept['id']}/merge", json={"guestId": other["id"]}))
    succeeded(admin.post(f"/guests/{kept['id']}/merges/{merge['mergeId']}/undo"))
    assert [one["id"] for one in succeeded(admin.get("/guests?search=zoe+bjork"))] == [other["id"]]
    assert [one["id"] for one in succeeded(admin.get("/guests?search=jo"))] == [other["id"]]


def test_a_conversation_that_waits_again_has_changed(admin: Person, clock: Clock) -> None:
    path = f"/conversations/{make_conversation(admin.db)['id']}"
    sent = messages.send(admin.db, path[15:], content="Yes", by=admin.id)
    answered = succeeded(admin.get(path))
    clock.move(60)
    delivery.advance(admin.db, sent["id"], "failed", error="No.")
    admin.db.run("DELETE FROM outbox")
    waiting = succeeded(admin.get(path))
    assert answered["waitingSince"] is None
    assert waiting["waitingSince"] is not None
    assert waiting["updatedAt"] > answered["updatedAt"]
    clock.move(60)
    succeeded(admin.post(f"/messages/{sent['id']}/resend"))
    assert succeeded(admin.get(path))["updatedAt"] > waiting["updatedAt"]
