"""`Idempotency-Key`: a POST that is repeated is done once."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from jack.core import idempotency
from jack.core.db import Database
from tests.builders import make_conversation, make_visitor
from tests.checks import named, refused, succeeded
from tests.conftest import Clock, Person

BODY = {"name": "John Smith"}


def once(person: Person, path: str, body: Any, key: str = "key-1") -> Any:
    return person.post(path, body, headers={"Idempotency-Key": key})


def guests(db: Database) -> int:
    return int(db.value("SELECT count(*) FROM guests"))


def test_the_second_time_is_answered_as_the_first_and_does_nothing(member: Person) -> None:
    first, second = once(member, "/guests", BODY), once(member, "/guests", BODY)
    succeeded(first, 201)
    assert second.data == first.data
    assert second.status_code == 201
    for name in ("Location", "ETag", "Content-Type"):
        assert second.headers[name] == first.headers[name]
    assert guests(member.db) == 1


def test_a_replay_says_that_it_is_one(member: Person) -> None:
    first, second = once(member, "/guests", BODY), once(member, "/guests", BODY)
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"


def test_a_replay_has_an_id_and_a_budget_of_its_own(member: Person) -> None:
    first, second = once(member, "/guests", BODY), once(member, "/guests", BODY)
    assert first.headers["X-Request-Id"] != second.headers["X-Request-Id"]
    assert int(second.headers["X-RateLimit-Remaining"]) < int(
        first.headers["X-RateLimit-Remaining"]
    )


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/guests", {"name": "Another"}),
        ("/guests", {"name": "John Smith", "email": None}),
        ("/tasks", BODY),
    ],
)
def test_the_key_for_another_body_or_path_is_409(
    path: str, body: dict[str, Any], member: Person
) -> None:
    once(member, "/guests", BODY)
    refused(once(member, path, body), 409, reason="idempotency_key_reused")
    assert guests(member.db) == 1


SAME = [
    b'{"name":"Jos\xc3\xa9","tags":["a","b"],"notes":null}',
    b'{ "notes" : null,\r\n\t"tags": ["a", "b"], "name": "Jos\\u00e9" }\n',
]


@pytest.mark.parametrize("path", ["/guests", "/guests/bulk"])
def test_the_same_json_written_otherwise_is_the_same_request(path: str, manager: Person) -> None:
    sent = [body if path == "/guests" else b'{"items": [%s]}' % body for body in SAME]
    headers = {"Idempotency-Key": "key-1", "Content-Type": "application/json"}
    first, second = (manager.open(path, method="POST", data=body, headers=headers) for body in sent)
    assert first.status_code in (200, 201)
    assert second.data == first.data
    assert second.headers["Idempotency-Replayed"] == "true"
    assert guests(manager.db) == 1


@pytest.mark.parametrize(
    "body",
    [
        b'{"name":"Jos\xc3\xa9","tags":["b","a"]}',
        b'{"name":',
        b'{"name":"a","name":"a"}',
        b'{"name":"\\ud800"}',
        b"",
    ],
)
def test_other_json_and_what_is_none_is_another_request(body: bytes, manager: Person) -> None:
    headers = {"Idempotency-Key": "key-1", "Content-Type": "application/json"}
    succeeded(manager.open("/guests", method="POST", data=SAME[0], headers=headers), 201)
    again = manager.open("/guests", method="POST", data=body, headers=headers)
    refused(again, 409, reason="idempotency_key_reused")
    assert guests(manager.db) == 1


@pytest.mark.parametrize(
    "body", [b'{"name":', b'{"name":"a","name":"a"}', b'{"name":"\\ud800"}', b""]
)
def test_what_is_no_json_is_refused_with_a_key_as_without(body: bytes, manager: Person) -> None:
    headers = {"Idempotency-Key": "key-1", "Content-Type": "application/json"}
    refused(manager.open("/guests", method="POST", data=body, headers=headers), 400)


def test_two_callers_may_use_the_same_key(member: Person, manager: Person) -> None:
    first, second = once(member, "/guests", BODY), once(manager, "/guests", BODY)
    assert succeeded(first, 201)["id"] != succeeded(second, 201)["id"]


def test_a_key_is_the_callers_and_not_the_sessions(admin: Person, member: Person) -> None:
    """A device that signs in anew may still repeat what it was not sure of."""
    first = once(member, "/guests", BODY)
    member.token = succeeded(member.post("/auth/refresh"))["token"]
    assert once(member, "/guests", BODY).data == first.data


def test_without_a_key_everything_is_done_again(member: Person) -> None:
    for _ in range(2):
        succeeded(member.post("/guests", BODY), 201)
    assert guests(member.db) == 2


def test_an_answer_is_kept_for_24_hours(member: Person, clock: Clock) -> None:
    once(member, "/guests", BODY)
    clock.move(24 * 3600 - 60)
    assert "Idempotency-Replayed" in once(member, "/guests", BODY).headers
    clock.move(120)
    with_new_session(member)
    assert "Idempotency-Replayed" not in once(member, "/guests", BODY).headers
    assert guests(member.db) == 2


def with_new_session(person: Person) -> None:
    from jack.resources.auth import tokens

    with person._client.application.app_context():
        person.token = tokens.issue(person.db, person.id, hours=24)["token"]


def test_kept_answers_are_dropped_when_they_are_old(member: Person, clock: Clock) -> None:
    once(member, "/guests", BODY)
    clock.move(24 * 3600 + 1)
    assert idempotency.delete_expired(member.db) == 1
    assert idempotency.delete_expired(member.db) == 0


def test_what_was_refused_may_be_asked_again(member: Person) -> None:
    refused(once(member, "/guests", {"name": ""}), 400)
    succeeded(once(member, "/guests", BODY), 201)


@pytest.mark.parametrize("key", ["a", "x" * 255, "with blank", "~!@#$%^&*()", "0"])
def test_a_key_is_up_to_255_printable_characters(key: str, member: Person) -> None:
    succeeded(once(member, "/guests", BODY, key), 201)


@pytest.mark.parametrize("key", ["", "x" * 256, "ключ", "a\tb"])
def test_another_key_is_400(key: str, member: Person) -> None:
    answer = member.post("/guests", BODY, environ_overrides={"HTTP_IDEMPOTENCY_KEY": key})
    assert named(refused(answer, 400)) == {"Idempotency-Key"}
    assert guests(member.db) == 0


def test_a_bulk_call_is_repeated_as_it_was(manager: Person) -> None:
    body = {"items": [BODY, {"name": ""}]}
    first, second = (once(manager, "/guests/bulk", body) for _ in range(2))
    assert second.data == first.data
    assert guests(manager.db) == 1


def test_a_key_is_for_post_only(member: Person) -> None:
    made = succeeded(once(member, "/guests", BODY), 201)
    path, headers = f"/guests/{made['id']}", {"Idempotency-Key": "key-1"}
    answer = member.patch(path, {"name": "Another"}, headers=headers)
    assert succeeded(answer)["name"] == "Another"


def test_who_may_not_is_not_answered_with_what_was_kept(admin: Person, member: Person) -> None:
    body = {"title": "x", "content": "y", "category": "faq"}
    succeeded(admin.patch(f"/staff/{member.id}", {"role": "manager"}))
    succeeded(once(member, "/knowledge", body), 201)
    succeeded(admin.patch(f"/staff/{member.id}", {"role": "staff"}))
    refused(once(member, "/knowledge", body), 403)


def test_a_visitors_message_is_repeated_as_it_was(client: FlaskClient, app_db: Database) -> None:
    _, token = make_visitor(app_db)
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "key-1"}
    body = {"content": "Hola", "clientMessageId": "1"}
    first, second = (
        client.post("/api/v1/webchat/messages", json=body, headers=headers) for _ in range(2)
    )
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.data == first.data


# ------------------------------------------------------------------------------------------------ secrets


def test_a_kept_secret_is_not_in_the_database(admin: Person) -> None:
    body = {"name": "Jane", "email": "jane@hotel.example"}
    answer = once(admin, "/staff", body)
    token = succeeded(answer, 201)["invite"]["token"]
    row = admin.db.row("SELECT answer, sealed FROM idempotency")
    assert row["sealed"] == 1
    assert token.encode() not in row["answer"]
    assert once(admin, "/staff", body).data == answer.data


def test_a_sealed_answer_opens_with_its_own_key_only(admin: Person, app: Flask) -> None:
    body = {"name": "Jane", "email": "jane@hotel.example"}
    once(admin, "/staff", body)
    admin.db.run("UPDATE idempotency SET answer = zeroblob(100)")
    refused(once(admin, "/staff", body), 401, reason="token_invalid")


def test_the_key_itself_is_not_in_the_database(admin: Person) -> None:
    once(admin, "/guests", BODY, "a-key-of-mine")
    assert "a-key-of-mine" not in str(admin.db.all("SELECT * FROM idempotency"))


# ------------------------------------------------------------------------------------------------ erasure


def kept(db: Database) -> str:
    return str(db.all("SELECT * FROM idempotency"))


def test_erasing_a_guest_drops_the_answers_that_tell_of_them(
    admin: Person, client: FlaskClient
) -> None:
    made = succeeded(once(admin, "/guests", {"name": "Zacharias"}, "1"), 201)
    once(admin, "/guests", {"name": "Somebody else"}, "2")
    assert "Zacharias" in kept(admin.db)
    succeeded(admin.delete(f"/guests/{made['id']}"))
    assert "Zacharias" not in kept(admin.db)
    assert "Somebody else" in kept(admin.db)


def test_erasing_drops_the_answers_to_messages_and_tasks(admin: Person) -> None:
    conversation = make_conversation(admin.db, name="Zacharias")
    path = f"/conversations/{conversation['id']}"
    once(admin, f"{path}/messages", {"content": "Dear Zacharias"}, "1")
    once(admin, f"{path}/messages", {"content": "Zacharias snores", "type": "note"}, "2")
    task = {"title": "For Zacharias", "department": "housekeeping"}
    once(admin, "/tasks", task | {"conversationId": conversation["id"]}, "3")
    once(admin, f"{path}/read", None, "4")
    succeeded(admin.delete(f"/guests/{conversation['guest_id']}"))
    assert "Zacharias" not in kept(admin.db)


def test_erasing_drops_the_answers_to_tasks_that_became_the_guests_later(admin: Person) -> None:
    guest = succeeded(admin.post("/guests", {"name": "Zacharias"}), 201)["id"]
    body = {"title": "Towels for Zacharias", "department": "housekeeping"}
    task = succeeded(once(admin, "/tasks", body), 201)["id"]
    succeeded(admin.patch(f"/tasks/{task}", {"guestId": guest}))
    succeeded(admin.delete(f"/guests/{guest}"))
    assert "Zacharias" not in kept(admin.db)


def test_erasing_drops_the_answers_the_visitor_had(
    admin: Person, client: FlaskClient, app_db: Database
) -> None:
    _, token = make_visitor(app_db)
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "key-1"}
    body = {"content": "Zacharias here", "clientMessageId": "1"}
    client.post("/api/v1/webchat/messages", json=body, headers=headers)
    guest = app_db.value("SELECT id FROM guests")
    succeeded(admin.delete(f"/guests/{guest}"))
    assert "Zacharias" not in kept(admin.db)
