"""Who looks at a conversation: for 20 seconds, for all processes, outside ETag and events."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jack.core import events
from jack.resources.conversations import presence, store
from tests.builders import make_conversation, make_member

if TYPE_CHECKING:
    from jack.core.db import Database
    from tests.conftest import Clock, Person


@pytest.fixture
def path(app_db: Database) -> str:
    return f"/conversations/{make_conversation(app_db)['id']}"


def test_a_colleague_sees_who_is_there(member: Person, admin: Person, path: str) -> None:
    told = member.put(f"{path}/presence", json={"state": "viewing"}).json["data"]
    seen = admin.get(path).json["data"]["presence"]
    assert [one["state"] for one in seen] == ["viewing"]
    assert told["presence"] == seen
    member.put(f"{path}/presence", json={"state": "writing"})
    listed = admin.get("/conversations").json["data"][0]["presence"]
    assert listed == [seen[0] | {"state": "writing"}]


def test_it_is_over_after_20_seconds(db: Database, clock: Clock) -> None:
    id, by = make_conversation(db)["id"], make_member(db)["id"]
    presence.tell(db, id, by=by, state="viewing")
    clock.move(19)
    assert len(presence.shown_one(db, store.get(db, id))["presence"]) == 1
    clock.move(2)
    assert presence.shown_one(db, store.get(db, id))["presence"] == []


def test_it_is_no_change_of_the_conversation(
    app_db: Database, member: Person, admin: Person, path: str
) -> None:
    before, newest = admin.get(path), events.edges(app_db)
    member.put(f"{path}/presence", json={"state": "writing"})
    after = admin.get(path)
    assert after.headers["ETag"] == before.headers["ETag"]
    assert after.json["data"]["updatedAt"] == before.json["data"]["updatedAt"]
    assert events.edges(app_db) == newest
    changed = admin.patch(
        path, json={"subject": "Towels"}, headers={"If-Match": before.headers["ETag"]}
    )
    assert changed.status_code == 200
    assert [one["state"] for one in changed.json["data"]["presence"]] == ["writing"]


def test_an_unknown_state_or_conversation_is_refused(member: Person, path: str) -> None:
    assert member.put(f"{path}/presence", json={"state": "asleep"}).status_code == 400
    answer = member.put("/conversations/conv-none/presence", json={"state": "viewing"})
    assert answer.status_code == 404
