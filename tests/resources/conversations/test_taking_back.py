"""A message that is held: it does not leave, nobody sees it, and taken back it is as if it had never been."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest

from jack.core.errors import Conflict, NotFound
from jack.messaging import outbox
from jack.resources.conversations import messages, store, taking_back
from jack.resources.webchat import store as webchat
from tests.builders import make_conversation, make_member

if TYPE_CHECKING:
    from jack.core.db import Database
    from tests.conftest import Clock, Person

MOVED = ("preview", "last_message_at", "waiting_since", "first_response_at")


@pytest.fixture
def conversation(db: Database, clock: Clock) -> dict[str, Any]:
    made = store.get(db, make_conversation(db, content="Is it open?")["id"])
    clock.move(60)
    return dict(made)


@pytest.fixture
def by(db: Database) -> str:
    return str(make_member(db)["id"])


def moved(db: Database, conversation: dict[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = dict(store.get(db, conversation["id"]))
    contact = "SELECT last_contact_at FROM guests WHERE id = :id"
    found = {name: row[name] for name in MOVED}
    return found | {"contact": db.value(contact, {"id": row["guest_id"]})}


def hold(db: Database, conversation: dict[str, Any], by: str, content: str = "Yes") -> str:
    sent = messages.send(db, conversation["id"], content=content, delay_seconds=5, by=by)
    return str(sent["id"])


def test_it_is_not_claimed_before_its_time(
    db: Database, clock: Clock, conversation: dict[str, Any], by: str
) -> None:
    held = hold(db, conversation, by)
    assert messages.get(db, held)["status"] == "queued"
    assert outbox.claim(db, "worker", "web") == []
    clock.move(6)
    [claimed] = outbox.claim(db, "worker", "web")
    assert claimed["message_id"] == held


def test_taken_back_it_is_as_if_it_had_never_been(
    db: Database, conversation: dict[str, Any], by: str
) -> None:
    before = moved(db, conversation)
    held = hold(db, conversation, by)
    assert moved(db, conversation) != before
    taking_back.take_back(db, held, by=by)
    assert moved(db, conversation) == before
    assert outbox.due(db) == []
    with pytest.raises(NotFound):
        messages.get(db, held)


def test_of_two_the_other_stays(
    db: Database, clock: Clock, conversation: dict[str, Any], by: str
) -> None:
    first = hold(db, conversation, by, "One")
    clock.move(1)
    second = hold(db, conversation, by, "Two")
    both = moved(db, conversation)
    taking_back.take_back(db, first, by=by)
    left = moved(db, conversation)
    assert left == both | {"first_response_at": messages.get(db, second)["created_at"]}
    taking_back.take_back(db, second, by=by)
    assert moved(db, conversation)["preview"] == "Is it open?"


def test_it_is_too_late_when_its_time_is_over_or_somebody_sends_it(
    db: Database, clock: Clock, conversation: dict[str, Any], by: str
) -> None:
    held = hold(db, conversation, by)
    clock.move(6)
    for _ in range(2):  # waiting, and claimed
        with pytest.raises(Conflict) as refused:
            taking_back.take_back(db, held, by=by)
        assert refused.value.reason == "not_held"
        outbox.claim(db, "worker", "web")
    usual = messages.send(db, conversation["id"], content="At once", by=by)
    with pytest.raises(Conflict):
        taking_back.take_back(db, usual["id"], by=by)


def test_a_visitor_sees_nothing_of_it(db: Database, clock: Clock) -> None:
    session = webchat.create_session(db, name="Iris")
    visitor = webchat.recognise(db, session["token"])
    webchat.receive(db, visitor, content="Is it open?", client_message_id="1")
    by = str(make_member(db)["id"])
    [conversation] = [dict(row) for row in store.search(db, page=messages.Page(1, 20)).rows]
    hold(db, conversation, by)
    seen, cursor = webchat.messages_after(db, visitor, after=0, limit=20)
    assert [row["content"] for row in seen] == ["Is it open?"]
    clock.move(6)
    seen, _ = webchat.messages_after(db, visitor, after=cursor, limit=20)
    assert [row["content"] for row in seen] == ["Yes"]


def test_the_api_holds_takes_back_and_gives_the_files_back(
    app_db: Database, member: Person
) -> None:
    path = f"/conversations/{make_conversation(app_db)['id']}/messages"
    for delay in (0, 31):
        assert member.post(path, json={"content": "x", "delaySeconds": delay}).status_code == 400
    note = {"content": "x", "type": "note", "delaySeconds": 5}
    assert member.post(path, json=note).status_code == 400
    sent = member.post(path, json={"content": "Yes", "delaySeconds": 30}).json["data"]
    gone = member.delete(f"/messages/{sent['id']}")
    assert (gone.status_code, gone.json["data"]) == (200, {"id": sent["id"], "deleted": True})
    assert member.get(f"/messages/{sent['id']}").status_code == 404
    file = {"file": (io.BytesIO(b"here"), "map.txt")}
    uploaded = member.open("/attachments", method="POST", data=file).json["data"]["id"]
    for _ in range(2):
        body = {"attachmentIds": [uploaded], "delaySeconds": 30}
        sent = member.post(path, json=body).json["data"]
        assert member.delete(f"/messages/{sent['id']}").status_code == 200
    again = member.post(path, json={"content": "At once"}).json["data"]
    late = member.delete(f"/messages/{again['id']}")
    assert (late.status_code, late.json["error"]["reason"]) == (409, "not_held")
