"""Scheduled messages by the API: what is refused, changed, taken back, listed."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest

from jack.core import clock
from tests.builders import make_conversation, make_visitor

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from jack.core.db import Database
    from tests.conftest import Person


@pytest.fixture
def talk(app_db: Database) -> str:
    return str(make_conversation(app_db)["id"])


def in_hours(db: Database, hours: float) -> str:
    return clock.later(db.now(), hours=hours)


def schedule(member: Person, talk: str, **more: Any) -> Any:
    body = {"content": "Sleep well!", "sendAt": in_hours(member.db, 2), **more}
    made = member.post(f"/conversations/{talk}/messages", json=body)
    assert made.status_code == 201
    return made.json["data"]


def test_it_is_answered_as_scheduled_and_can_be_looked_up(member: Person, talk: str) -> None:
    made = schedule(member, talk, cancelOnReply=True)
    assert (made["status"], made["cancelOnReply"]) == ("scheduled", True)
    assert made["sendAt"] == made["orderedAt"]
    assert made["sendAt"].endswith("Z")
    usual = member.post(f"/conversations/{talk}/messages", json={"content": "Hi"}).json["data"]
    assert (usual["sendAt"], usual["cancelOnReply"]) == (None, False)
    assert member.get(f"/messages/{made['id']}").json["data"] == made


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"sendAt": "yesterday"}, "sendAt"),
        ({"sendAt": "2020-01-01T00:00:00Z"}, "sendAt"),
        ({"sendAt": "2999-01-01T00:00:00Z"}, "sendAt"),
        ({"type": "note"}, "sendAt"),
        ({"delaySeconds": 5}, "delaySeconds"),
        ({"sendAt": None}, "sendAt"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused_by_its_field(
    member: Person, talk: str, more: dict[str, Any], field: str
) -> None:
    body = {"content": "x", "sendAt": in_hours(member.db, 1), **more}
    refused = member.post(f"/conversations/{talk}/messages", json=body)
    assert (refused.status_code, refused.json["error"]["details"][0]["field"]) == (400, field)


def test_cancel_on_reply_goes_with_a_time_only(member: Person, talk: str) -> None:
    body = {"content": "x", "cancelOnReply": True}
    refused = member.post(f"/conversations/{talk}/messages", json=body)
    assert refused.json["error"]["details"][0]["field"] == "cancelOnReply"


def test_it_is_changed_as_it_was_read_and_sent_now(member: Person, talk: str) -> None:
    made = schedule(member, talk)
    path = f"/messages/{made['id']}"
    tag = member.get(path).headers["ETag"]
    later = in_hours(member.db, 5)
    changed = member.patch(path, json={"content": "Good night!", "sendAt": later})
    assert (changed.json["data"]["content"], changed.json["data"]["sendAt"]) == (
        "Good night!",
        later,
    )
    stale = member.patch(path, json={"content": "x"}, headers={"If-Match": tag})
    assert stale.status_code == 412
    assert member.patch(path, json={}).status_code == 400
    assert member.patch(path, json={"sendAt": "2020-01-01T00:00:00Z"}).status_code == 400
    now = member.patch(path, json={"sendAt": None}).json["data"]
    assert (now["status"], now["content"]) == ("queued", "Good night!")
    late = member.patch(path, json={"content": "x"})
    assert (late.status_code, late.json["error"]["reason"]) == (409, "not_scheduled")
    gone = member.delete(path)
    assert (gone.status_code, gone.json["error"]["reason"]) == (409, "not_held")


def test_lists_show_the_scheduled_ones_that_are_asked_for(
    member: Person, app_db: Database, talk: str
) -> None:
    other = str(make_conversation(app_db)["id"])
    made = schedule(member, talk)
    for path in ("/messages?status=scheduled", f"/conversations/{talk}/messages?status=scheduled"):
        assert [row["id"] for row in member.get(path).json["data"]] == [made["id"]]
    assert member.get(f"/conversations/{other}/messages?status=scheduled").json["data"] == []
    assert member.get("/messages?status=later").status_code == 400
    for flag, expected in (("true", talk), ("false", other)):
        found = member.get(f"/conversations?scheduled={flag}").json["data"]
        assert [row["id"] for row in found] == [expected]
    member.delete(f"/messages/{made['id']}")
    assert member.get("/conversations?scheduled=true").json["data"] == []


def test_its_files_are_its_own_until_it_is_taken_back_and_no_visitors_before_it_leaves(
    member: Person, client: FlaskClient, app_db: Database
) -> None:
    _, token = make_visitor(app_db)
    visitor = {"headers": {"Authorization": f"Bearer {token}"}}
    written = {"content": "Hi", "clientMessageId": "1"}
    client.post("/api/v1/webchat/messages", json=written, **visitor)
    talk = app_db.value("SELECT id FROM conversations")
    file = {"file": (io.BytesIO(b"here"), "map.txt")}
    uploaded = member.open("/attachments", method="POST", data=file).json["data"]["id"]
    made = schedule(member, talk, attachmentIds=[uploaded])
    member.delete(f"/messages/{made['id']}")
    made = schedule(member, talk, attachmentIds=[uploaded])
    assert made["type"] == "file"
    path = f"/api/v1/webchat/attachments/{uploaded}"
    assert client.get(path, **visitor).status_code == 404
    member.patch(f"/messages/{made['id']}", json={"sendAt": None})
    shown = client.get(path, buffered=True, **visitor)
    assert shown.data == b"here"


def test_a_scheduled_message_cannot_be_quoted(member: Person, talk: str) -> None:
    made = schedule(member, talk)
    body = {"content": "As I said", "replyTo": made["id"]}
    refused = member.post(f"/conversations/{talk}/messages", json=body)
    assert (refused.status_code, refused.json["error"]["details"][0]["code"]) == (400, "no_such")


def test_the_worker_lets_it_leave(member: Person, app_db: Database, talk: str, worker: Any) -> None:
    made = schedule(member, talk, sendAt=clock.later(app_db.now(), seconds=20))
    worker()
    assert member.get(f"/messages/{made['id']}").json["data"]["status"] == "scheduled"
    app_db.run("UPDATE messages SET send_at = :now WHERE id = :id", made | {"now": app_db.now()})
    while member.get(f"/messages/{made['id']}").json["data"]["status"] != "sent":
        worker()
