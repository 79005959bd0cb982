"""A write that changes nothing changes nothing: the same `updatedAt`, the same ETag, no event."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import make_entry, make_guest, make_task
from tests.conftest import Clock, Person

MAKERS: dict[str, tuple[Any, str, dict[str, Any]]] = {
    "guests": (make_guest, "PATCH", {"name": "Ana", "tags": ["vip"], "phone": "+34600111222"}),
    "tasks": (make_task, "PATCH", {"title": "Towels", "notes": None, "status": "open"}),
    "knowledge": (make_entry, "PUT", {"title": "Pool", "content": "7 to 9"}),
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
    name = "name" if kind == "guests" else "title"
    other = written(admin, kind, made, {**body, name: "Other"})
    assert other.json["data"]["updatedAt"] > first.json["data"]["updatedAt"]
    assert other.headers["ETag"] != first.headers["ETag"]
