"""API keys: made, used, changed, given a new token and revoked; what a key writes says so."""

from __future__ import annotations

import re
import string
import zlib
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from jack import create_app
from jack.core.db import Database
from jack.resources.api_keys import store, token_format
from jack.resources.webchat import store as webchat
from jack.resources.webhooks import event_data
from jack.worker import cleanup
from tests.builders import make_conversation, make_guest, make_task
from tests.checks import coded, refused, succeeded
from tests.conftest import Clock, Person

DAY, HOUR = 86_400, 3_600
ALL = ("conversations:write", "guests:write", "tasks:write", "knowledge:write", "events:read")


@pytest.fixture
def app(environment: dict[str, str], clock: Clock) -> Any:
    made = create_app(environment, clock=clock)
    yield made
    made.extensions["jack"].databases.close()


class Program:
    """A program at a client, with a key's token."""

    def __init__(self, app: Flask, token: str, ip: str = "203.0.113.7") -> None:
        self.token, self.ip = token, ip
        self._client: FlaskClient = app.test_client()

    def ask(self, method: str, path: str, **kwargs: Any) -> Any:
        return self._client.open(
            f"/api/v1{path}",
            method=method,
            headers={"Authorization": f"Bearer {self.token}", **kwargs.pop("headers", {})},
            environ_overrides={"REMOTE_ADDR": self.ip},
            buffered=True,
            **kwargs,
        )


def made(admin: Person, **given: Any) -> dict[str, Any]:
    """A new key as `POST /api-keys` answers it."""
    body = {"name": "PMS", "scopes": ["guests:write"], **given}
    return dict(succeeded(admin.post("/api-keys", body), 201))


def shown(admin: Person, key: dict[str, Any]) -> dict[str, Any]:
    return dict(succeeded(admin.get(f"/api-keys/{key['id']}")))


# ------------------------------------------------------------------------------------------------ making one


def test_a_new_key_is_answered_with_its_token_and_afterwards_without(admin: Person) -> None:
    answer = admin.post("/api-keys", {"name": "PMS", "scopes": ["guests:write", "events:read"]})
    key = succeeded(answer, 201)
    assert answer.headers["Location"] == f"/api/v1/api-keys/{key['id']}"
    assert answer.headers["Cache-Control"] == "no-store"
    token = key.pop("token")
    assert key.pop("id").startswith("key-")
    assert key.pop("hint") == token[:9]
    assert key == {
        "name": "PMS",
        "scopes": ["events:read", "guests:write"],
        "rateLimit": 100,
        "rateLimitBulk": 10,
        "createdAt": "2026-05-28T20:26:40.000Z",
        "createdBy": admin.id,
        "lastUsedAt": None,
        "lastUsedIp": None,
        "expiresAt": None,
        "revokedAt": None,
    }
    for path in ("/api-keys", answer.headers["Location"][7:]):
        assert token not in admin.get(path).get_data(as_text=True)


def test_a_token_is_256_random_bits_in_base62_with_their_checksum(admin: Person) -> None:
    token = made(admin)["token"]
    assert re.fullmatch("jack_[0-9A-Za-z]{49}", token)
    random, checksum = token[5:48], token[48:]
    digits = string.digits + string.ascii_uppercase + string.ascii_lowercase
    number = 0
    for sign in checksum:
        number = number * 62 + digits.index(sign)
    assert number == zlib.crc32(random.encode())
    assert 62**43 > 2**256


def test_the_database_holds_no_token(admin: Person, app_db: Database) -> None:
    token = made(admin, name="Somebody")["token"]
    made(admin, name="Again")
    app_db.checkpoint()
    assert token[9:].encode() not in app_db.path.read_bytes()
    (row,) = app_db.all("SELECT * FROM api_key_tokens WHERE hint = :hint", {"hint": token[:9]})
    assert row["token_hash"] == token_format.hash_of(token)


def test_a_repeated_creation_answers_the_same_token_and_keeps_it_sealed(
    admin: Person, app_db: Database
) -> None:
    body, once = {"name": "PMS", "scopes": ["guests:read"]}, {"Idempotency-Key": "one"}
    first = succeeded(admin.post("/api-keys", body, headers=once), 201)
    assert succeeded(admin.post("/api-keys", body, headers=once), 201) == first
    assert app_db.value("SELECT count(*) FROM api_keys") == 1
    kept = app_db.value("SELECT answer FROM idempotency")
    assert first["token"].encode() not in kept


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"scopes": []}, {("scopes", "too_short")}),
        ({"scopes": ["guests"]}, {("scopes.0", "not_a_choice")}),
        ({"scopes": ["guests:read", "staff:write"]}, {("scopes.1", "not_a_choice")}),
        ({"rateLimit": 9}, {("rateLimit", "out_of_range")}),
        ({"rateLimit": 6001}, {("rateLimit", "out_of_range")}),
        ({"rateLimitBulk": 0}, {("rateLimitBulk", "out_of_range")}),
        ({"rateLimitBulk": 601}, {("rateLimitBulk", "out_of_range")}),
        ({"expiresAt": "2026-05-28T20:26:40Z"}, {("expiresAt", "out_of_range")}),
    ],
)
def test_what_cannot_be_a_key_is_refused(
    given: dict[str, Any], wrong: set[tuple[str, str]], admin: Person, app_db: Database
) -> None:
    answer = admin.post("/api-keys", {"name": "PMS", "scopes": ["guests:read"], **given})
    assert coded(refused(answer, 400)) == wrong
    assert not app_db.value("SELECT count(*) FROM api_keys")


# ------------------------------------------------------------------------------------------------ using one


def test_a_key_says_who_it_is(app: Flask, admin: Person) -> None:
    key = made(admin)
    assert succeeded(Program(app, key["token"]).ask("GET", "/auth/me")) == {
        "id": key["id"],
        "name": "PMS",
        "role": "integration",
        "scopes": ["guests:write"],
    }
    assert "scopes" not in succeeded(admin.get("/auth/me"))


@pytest.mark.parametrize("place", [0, 5, 20, 47, 53])
def test_a_typo_is_seen_without_a_query(
    place: int, app: Flask, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = made(admin)["token"]
    typo = token[:place] + ("x" if token[place] != "x" else "y") + token[place + 1 :]
    asked: list[str] = []
    monkeypatch.setattr(store, "of_token", lambda db, hash: asked.append(hash))
    refused(Program(app, typo).ask("GET", "/guests"), 401, reason="token_invalid")
    assert asked == []


def test_a_well_formed_token_that_is_nobodys_is_invalid(app: Flask) -> None:
    program = Program(app, token_format.new_token())
    refused(program.ask("GET", "/guests"), 401, reason="token_invalid")


@pytest.mark.parametrize(
    "text", ["jack_", "jack_" + "é" * 49, "jack_" + "a" * 49, "jack_" + "a" * 2000]
)
def test_what_only_begins_like_a_token_is_invalid(text: str, app: Flask) -> None:
    sent = {"HTTP_AUTHORIZATION": f"Bearer {text}".encode().decode("latin-1")}
    answer = app.test_client().get("/api/v1/guests", environ_overrides=sent)
    refused(answer, 401, reason="token_invalid")


def test_a_key_in_the_pages_cookie_opens_nothing(app: Flask, admin: Person) -> None:
    client = app.test_client()
    client.set_cookie("jack-localhost", made(admin)["token"])
    answer = client.get("/api/v1/guests", headers={"X-Jack-Page": "1"})
    refused(answer, 401, reason="token_invalid")


def test_writing_includes_reading(app: Flask, admin: Person) -> None:
    writes, reads = (made(admin, scopes=[f"guests:{what}"]) for what in ("write", "read"))
    succeeded(Program(app, writes["token"]).ask("GET", "/guests"))
    answer = Program(app, reads["token"]).ask("POST", "/guests", json={"name": "Ana"})
    assert "guests:write" in refused(answer, 403, reason="scope_missing")["message"]


def test_what_takes_a_manager_takes_a_key_only_the_scope(app: Flask, admin: Person) -> None:
    program = Program(app, made(admin, scopes=["guests:write"])["token"])
    answer = program.ask("POST", "/guests/bulk", json={"items": [{"name": "Ana"}]})
    assert succeeded(answer)[0]["success"] is True


def test_a_second_factor_is_asked_of_people_only(app: Flask, admin: Person) -> None:
    token = made(admin)["token"]
    succeeded(admin.put("/settings/security", {"value": {"requireTotp": "everyone"}}))
    refused(admin.get("/guests"), 403, reason="totp_setup_required")
    succeeded(Program(app, token).ask("GET", "/guests"))


def test_the_last_use_is_noted_once_a_minute_with_the_address(
    app: Flask, admin: Person, app_db: Database, clock: Clock
) -> None:
    key = made(admin)
    program = Program(app, key["token"], "203.0.113.7")
    program.ask("GET", "/guests")
    written = app_db._connection.total_changes()
    program.ip = "203.0.113.8"
    for _ in range(5):
        clock.move(10)
        program.ask("GET", "/guests")
    assert app_db._connection.total_changes() == written
    found = shown(admin, key)
    assert (found["lastUsedAt"], found["lastUsedIp"]) == (
        "2026-05-28T20:26:40.000Z",
        "203.0.113.7",
    )
    clock.move(10)
    program.ask("GET", "/guests")
    found = shown(admin, key)
    assert (found["lastUsedAt"], found["lastUsedIp"]) == (
        "2026-05-28T20:27:40.000Z",
        "203.0.113.8",
    )


def test_a_key_asks_the_database_no_more_than_a_session(
    app: Flask, admin: Person, app_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = made(admin)
    program = Program(app, key["token"])
    asked: list[str] = []
    usual = app_db.cached

    def noted(read: Any, sql: str, params: Any) -> Any:
        asked.append(sql)
        return usual(read, sql, params)

    monkeypatch.setattr(app_db, "cached", noted)
    found = []
    for ask in (lambda: program.ask("GET", "/tasks/none"), lambda: admin.get("/tasks/none")):
        ask()
        asked.clear()
        ask()
        found.append(len(asked))
    assert found[0] <= found[1]


# ------------------------------------------------------------------------------------------------ its budgets


def _budget(answer: Any) -> tuple[int, int]:
    return tuple(int(answer.headers[f"X-RateLimit-{name}"]) for name in ("Limit", "Remaining"))  # type: ignore[return-value]


def test_a_key_has_budgets_of_its_own(app: Flask, admin: Person) -> None:
    one = Program(app, made(admin, rateLimit=10, rateLimitBulk=1)["token"])
    other = Program(app, made(admin, rateLimit=20, rateLimitBulk=2)["token"])
    assert _budget(one.ask("GET", "/guests")) == (10, 9)
    assert _budget(other.ask("GET", "/guests")) == (20, 19)
    bulk = {"json": {"items": [{"name": "Ana"}]}}
    assert _budget(one.ask("POST", "/guests/bulk", **bulk)) == (1, 0)
    refused(one.ask("POST", "/guests/bulk", **bulk), 429)
    assert _budget(other.ask("POST", "/guests/bulk", **bulk)) == (2, 1)
    for _ in range(9):
        succeeded(one.ask("GET", "/guests"))
    answer = one.ask("GET", "/guests")
    refused(answer, 429)
    assert int(answer.headers["Retry-After"]) > 0
    succeeded(other.ask("GET", "/guests"))
    succeeded(admin.get("/guests"))


def test_what_is_refused_to_a_key_counts_against_it(app: Flask, admin: Person) -> None:
    program = Program(app, made(admin, rateLimit=10)["token"])
    for _ in range(10):
        refused(program.ask("GET", "/tasks"), 403, reason="scope_missing")
    refused(program.ask("GET", "/tasks"), 429)


# ------------------------------------------------------------------------------------------------ changing one


def test_a_change_holds_from_the_next_request_on(app: Flask, admin: Person) -> None:
    key = made(admin)
    program = Program(app, key["token"])
    succeeded(program.ask("GET", "/guests"))
    changed = succeeded(
        admin.patch(f"/api-keys/{key['id']}", {"scopes": ["tasks:read"], "rateLimit": 55})
    )
    assert (changed["scopes"], changed["rateLimit"]) == (["tasks:read"], 55)
    refused(program.ask("GET", "/guests"), 403, reason="scope_missing")
    assert _budget(program.ask("GET", "/tasks"))[0] == 55


def test_a_change_of_nothing_changes_nothing(admin: Person, app_db: Database) -> None:
    key = made(admin, scopes=["tasks:read", "guests:read"])
    before = admin.get(f"/api-keys/{key['id']}").headers["ETag"]
    noted = app_db.value("SELECT max(seq) FROM events")
    same = {"name": "PMS", "scopes": ["guests:read", "tasks:read", "tasks:read"]}
    assert admin.patch(f"/api-keys/{key['id']}", same).headers["ETag"] == before
    assert app_db.value("SELECT max(seq) FROM events") == noted
    old = {"If-Match": before}
    succeeded(admin.patch(f"/api-keys/{key['id']}", {"name": "POS"}, headers=old))
    refused(admin.patch(f"/api-keys/{key['id']}", {"name": "X"}, headers=old), 412)


def test_a_key_ends_at_its_time(app: Flask, admin: Person, clock: Clock) -> None:
    key = made(admin, expiresAt="2026-05-28T21:26:40Z")
    program = Program(app, key["token"])
    clock.move(HOUR - 1)
    succeeded(program.ask("GET", "/guests"))
    clock.move(1)
    refused(program.ask("GET", "/guests"), 401, reason="token_expired")
    succeeded(admin.patch(f"/api-keys/{key['id']}", {"expiresAt": None}))
    succeeded(program.ask("GET", "/guests"))


def test_a_revoked_key_ends_with_its_next_request_and_stays_so(app: Flask, admin: Person) -> None:
    key = made(admin)
    program = Program(app, key["token"])
    succeeded(program.ask("GET", "/guests"))
    revoked = succeeded(admin.post(f"/api-keys/{key['id']}/revoke"))
    assert revoked["revokedAt"] == "2026-05-28T20:26:40.000Z"
    refused(program.ask("GET", "/guests"), 401, reason="token_revoked")
    assert succeeded(admin.post(f"/api-keys/{key['id']}/revoke")) == revoked
    refused(admin.patch(f"/api-keys/{key['id']}", {"name": "X"}), 409, reason="revoked")
    rotation = admin.post(f"/api-keys/{key['id']}/rotate", {"graceHours": 1})
    refused(rotation, 409, reason="revoked")
    assert [row["id"] for row in succeeded(admin.get("/api-keys"))] == [key["id"]]


def test_an_old_token_lives_until_its_grace_ends(app: Flask, admin: Person, clock: Clock) -> None:
    key = made(admin)
    old = Program(app, key["token"])
    rotated = succeeded(admin.post(f"/api-keys/{key['id']}/rotate", {"graceHours": 2}))
    new = Program(app, rotated["token"])
    assert rotated["token"] != key["token"]
    assert (rotated["id"], rotated["hint"]) == (key["id"], rotated["token"][:9])
    clock.move(2 * HOUR - 1)
    succeeded(old.ask("GET", "/guests"))
    succeeded(new.ask("GET", "/guests"))
    clock.move(1)
    refused(old.ask("GET", "/guests"), 401, reason="token_expired")
    succeeded(new.ask("GET", "/guests"))


def test_without_a_grace_every_older_token_ends_at_once(app: Flask, admin: Person) -> None:
    key = made(admin)
    path = f"/api-keys/{key['id']}/rotate"
    second = succeeded(admin.post(path, {"graceHours": 72}))
    third = succeeded(admin.post(path, {"graceHours": 0}))
    for ended in (key, second):
        answer = Program(app, ended["token"]).ask("GET", "/guests")
        refused(answer, 401, reason="token_expired")
    succeeded(Program(app, third["token"]).ask("GET", "/guests"))


@pytest.mark.parametrize("hours", [-1, 73, 1.5, "1"])
def test_a_grace_is_0_to_72_whole_hours(hours: Any, admin: Person) -> None:
    answer = admin.post(f"/api-keys/{made(admin)['id']}/rotate", {"graceHours": hours})
    assert {field for field, _ in coded(refused(answer, 400))} == {"graceHours"}


def test_a_replaced_token_is_forgotten_a_week_after_it_ended(
    app: Flask, admin: Person, app_db: Database, clock: Clock
) -> None:
    key = made(admin)
    succeeded(admin.post(f"/api-keys/{key['id']}/rotate", {"graceHours": 1}))
    clock.move(7 * DAY)
    cleanup.delete_expired(app_db)
    refused(Program(app, key["token"]).ask("GET", "/guests"), 401, reason="token_expired")
    clock.move(2 * HOUR)
    cleanup.delete_expired(app_db)
    refused(Program(app, key["token"]).ask("GET", "/guests"), 401, reason="token_invalid")


# ------------------------------------------------------------------------------------------------ what it writes


def test_what_a_key_writes_says_so(app: Flask, admin: Person, app_db: Database) -> None:
    key = made(admin, scopes=list(ALL))
    program, conversation = Program(app, key["token"]), make_conversation(app_db)
    author = {"type": "integration", "id": key["id"], "name": "PMS"}
    for body in ({"content": "Your room is ready."}, {"content": "Paid", "type": "note"}):
        path = f"/conversations/{conversation['id']}/messages"
        assert succeeded(program.ask("POST", path, json=body), 201)["author"] == author
    succeeded(admin.patch(f"/api-keys/{key['id']}", {"name": "Protel"}))
    rows = succeeded(program.ask("GET", f"/conversations/{conversation['id']}/messages"))
    assert [row["author"]["name"] for row in rows[1:]] == ["Protel", "Protel"]
    noted = succeeded(program.ask("GET", "/events"))
    assert [event["actorId"] for event in noted if event["conversationId"]][-2:] == [key["id"]] * 2


def test_a_key_is_named_by_its_name_in_events_audit_and_webhooks(
    app: Flask, admin: Person, app_db: Database
) -> None:
    key = made(admin, scopes=list(ALL))
    hook = {"url": "https://hooks.example.com/jack", "events": ["task.*"]}
    succeeded(admin.post("/webhooks", hook), 201)
    task = {"title": "Towels", "department": "housekeeping"}
    succeeded(Program(app, key["token"]).ask("POST", "/tasks", json=task), 201)
    actor = {"type": "integration", "id": key["id"], "name": "PMS"}
    assert succeeded(admin.get("/events"))[-1]["actor"] == actor
    assert succeeded(admin.get("/audit"))[0]["actor"] == actor
    seq = app_db.value("SELECT event_seq FROM webhook_deliveries")
    event = event_data.event(app_db, seq)
    assert event is not None
    body = event_data.body(app_db, "dlv-1", "task.created", event, include_notes=False)
    assert body["actor"] == actor


def test_every_change_by_a_key_names_it_in_the_events(
    app: Flask, admin: Person, app_db: Database
) -> None:
    key = made(admin, scopes=list(ALL))
    program = Program(app, key["token"])
    before = app_db.value("SELECT max(seq) FROM events")
    guest = succeeded(program.ask("POST", "/guests", json={"name": "Ana"}), 201)
    succeeded(program.ask("PATCH", f"/guests/{guest['id']}", json={"notes": "Quiet room"}))
    task = {"title": "Towels", "department": "housekeeping", "guestId": guest["id"]}
    made_task = succeeded(program.ask("POST", "/tasks", json=task), 201)
    done = {"status": "completed"}
    succeeded(program.ask("PATCH", f"/tasks/{made_task['id']}", json=done))
    entry = {"title": "Pool", "content": "From 7 to 9.", "category": "amenity"}
    kept = succeeded(program.ask("POST", "/knowledge", json=entry), 201)
    succeeded(program.ask("DELETE", f"/knowledge/{kept['id']}"))
    other = make_guest(app_db)["id"]
    succeeded(program.ask("POST", f"/guests/{guest['id']}/merge", json={"guestId": other}))
    actors = app_db.column(
        "SELECT actor_id FROM events WHERE seq > :seq AND type <> 'guest.created'", {"seq": before}
    )
    assert len(actors) >= 6
    assert set(actors) == {key["id"]}


def test_a_key_sends_its_files_and_reads_for_itself(
    app: Flask, admin: Person, app_db: Database
) -> None:
    key = made(admin, scopes=["conversations:write"])
    program, conversation = Program(app, key["token"]), make_conversation(app_db)
    picture = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
    sent = {"data": {"file": (BytesIO(picture), "map.png")}}
    file = succeeded(program.ask("POST", "/attachments", **sent), 201)
    path = f"/conversations/{conversation['id']}"
    assert succeeded(program.ask("GET", path))["unread"] == 1
    assert succeeded(program.ask("GET", "/conversations/counts"))["unread"] == 1
    body = {"content": "Here we are", "attachmentIds": [file["id"]]}
    said = succeeded(program.ask("POST", f"{path}/messages", json=body), 201)
    assert [one["id"] for one in said["attachments"]] == [file["id"]]
    assert succeeded(program.ask("GET", path))["unread"] == 0
    assert succeeded(program.ask("GET", "/conversations/counts"))["unread"] == 0
    assert succeeded(admin.get(path))["unread"] == 1
    succeeded(program.ask("POST", f"{path}/read"))


def test_a_photo_of_a_task_takes_the_scope_that_is_said_beside_its_url(
    app: Flask, admin: Person, app_db: Database
) -> None:
    task, picture = make_task(app_db)["id"], b"\x89PNG\r\n\x1a\n" + bytes(range(256))
    uploading = Program(app, made(admin, scopes=["conversations:write", "tasks:write"])["token"])
    sent = {"data": {"file": (BytesIO(picture), "room.png")}}
    file = succeeded(uploading.ask("POST", "/attachments", **sent), 201)["id"]
    succeeded(uploading.ask("PATCH", f"/tasks/{task}", json={"attachmentIds": [file]}))
    tasks = Program(app, made(admin, scopes=["tasks:read"])["token"])
    [shown] = succeeded(tasks.ask("GET", f"/tasks/{task}"))["attachments"]
    path = shown["url"].removeprefix("/api/v1")
    refused(tasks.ask("GET", path), 403)
    said = admin.get("/openapi.json").json["components"]["schemas"]["TaskFile"]["description"]
    [scope] = re.findall("`(conversations:read)`", said)
    both = Program(app, made(admin, scopes=["tasks:read", scope])["token"])
    assert both.ask("GET", path).data == picture


def test_a_visitor_is_not_told_the_name_of_a_key(
    app: Flask, admin: Person, app_db: Database, client: FlaskClient
) -> None:
    token = webchat.create_session(app_db, name="Vera")["token"]
    session = webchat.recognise(app_db, token)
    said, _ = webchat.receive(app_db, session, content="Hola", client_message_id="1")
    program = Program(app, made(admin, scopes=["conversations:write"])["token"])
    path = f"/conversations/{said['conversation_id']}/messages"
    succeeded(program.ask("POST", path, json={"content": "Hello"}), 201)
    shown_to = client.get("/api/v1/webchat/messages", headers={"Authorization": f"Bearer {token}"})
    assert succeeded(shown_to)[-1]["author"] == {"type": "integration", "name": None}


def test_who_wrote_stays_known_when_the_guest_is_erased(
    app: Flask, admin: Person, app_db: Database
) -> None:
    key = made(admin, scopes=["conversations:write"])
    conversation = make_conversation(app_db)
    path = f"/conversations/{conversation['id']}/messages"
    succeeded(Program(app, key["token"]).ask("POST", path, json={"content": "Hello"}), 201)
    succeeded(admin.delete(f"/guests/{conversation['guest_id']}"))
    rows = succeeded(admin.get(path))
    assert [row["author"]["name"] for row in rows] == [None, "PMS"]


def test_a_key_is_no_member_to_whom_work_is_given(app: Flask, admin: Person) -> None:
    key = made(admin, scopes=["tasks:write"])
    task = {"title": "Towels", "department": "housekeeping", "assignee": key["id"]}
    answer = Program(app, key["token"]).ask("POST", "/tasks", json=task)
    assert coded(refused(answer, 400)) == {("assignee", "no_such")}
    mine = Program(app, key["token"]).ask("GET", "/tasks?assignee=me")
    assert succeeded(mine) == []


def test_what_administrators_do_to_a_key_is_in_the_audit_log(
    admin: Person, app_db: Database
) -> None:
    key = made(admin)
    path = f"/api-keys/{key['id']}"
    succeeded(admin.patch(path, {"name": "POS"}))
    succeeded(admin.post(f"{path}/rotate", {"graceHours": 0}))
    succeeded(admin.post(f"{path}/revoke"))
    rows = app_db.all(
        "SELECT action, actor_id, changed FROM audit WHERE subject_id = :id", {"id": key["id"]}
    )
    assert [row["changed"] for row in rows] == ["[]", '["name"]', "[]", "[]"]
    assert [row["action"] for row in rows] == [
        "api_key.created",
        "api_key.updated",
        "api_key.rotated",
        "api_key.revoked",
    ]
    assert {row["actor_id"] for row in rows} == {admin.id}
