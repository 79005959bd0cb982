"""`/audit`: who did what, from where; and that nobody can change it afterwards."""

from __future__ import annotations

from typing import Any

import apsw
import pytest
from flask import Flask
from flask.testing import FlaskClient
from limits import parse

from jack.core import audit
from jack.core.db import Database
from jack.resources.auth import sessions
from tests.builders import make_conversation, make_guest, make_member, make_task
from tests.checks import named, refused, succeeded
from tests.conftest import PASSWORD, Clock, Person

HOUR, DAY = 3600, 86_400
ADDRESS = {"REMOTE_ADDR": "203.0.113.7"}
LINE = """
    INSERT INTO audit (at, actor_id, action, subject_type, subject_id) VALUES (:at, 'staff-1', 'task.created', 'task', 'task-1')"""


def lines(admin: Person, query: str = "limit=100") -> list[dict[str, Any]]:
    """The log, oldest first."""
    rows: list[dict[str, Any]] = succeeded(admin.get(f"/audit?{query}"))
    return rows[::-1]


def told(rows: list[dict[str, Any]]) -> list[tuple[str, str | None]]:
    return [(row["action"], row["subject"]["id"]) for row in rows]


def log_in(client: FlaskClient, email: str, password: str, **headers: str) -> Any:
    body = {"email": email, "password": password}
    return client.post(
        "/api/v1/auth/login", json=body, environ_overrides=ADDRESS, headers=headers or None
    )


@pytest.fixture
def known(app_db: Database, member: Person) -> Person:
    sessions.set_password(app_db, member.id, PASSWORD)
    return member


def test_a_line_has_the_documented_fields(admin: Person) -> None:
    guest = make_guest(admin.db, name="Ana")["id"]
    admin.patch(
        f"/guests/{guest}",
        {"name": "Bea", "tags": ["vip"]},
        headers={"X-Request-Id": "a-request-of-ours"},
        environ_overrides=ADDRESS,
    )
    last = lines(admin)[-1]
    assert last.pop("id").startswith("audit-")
    assert last == {
        "at": "2026-05-28T20:26:40.000Z",
        "actor": {"type": "staff", "id": admin.id, "name": "Ada Test"},
        "action": "guest.updated",
        "subject": {"type": "guest", "id": guest},
        "changed": ["name", "tags"],
        "ip": "203.0.113.7",
        "requestId": "a-request-of-ours",
    }


def test_every_change_by_a_person_has_a_line(admin: Person) -> None:
    before = len(lines(admin))
    conversation = make_conversation(admin.db)["id"]
    note = {"content": "Ask at the desk", "type": "note"}
    message = succeeded(admin.post(f"/conversations/{conversation}/messages", note), 201)["id"]
    admin.patch(f"/conversations/{conversation}", {"assignee": admin.id})
    admin.patch(f"/conversations/{conversation}", {"status": "closed"})
    admin.patch(f"/conversations/{conversation}", {"status": "open"})
    task = succeeded(admin.post("/tasks", {"title": "T", "department": "housekeeping"}), 201)["id"]
    admin.patch(f"/tasks/{task}", {"assignee": admin.id})
    admin.patch(f"/tasks/{task}", {"status": "completed"})
    admin.put("/settings/hotel", {"value": {"name": "Miramar", "timeZone": "UTC"}})
    guest = make_guest(admin.db)["id"]
    admin.delete(f"/guests/{guest}")
    rows = lines(admin)[before:]
    assert told(rows) == [
        ("conversation.message.created", message),
        ("conversation.assigned", conversation),
        ("conversation.closed", conversation),
        ("conversation.reopened", conversation),
        ("task.created", task),
        ("task.assigned", task),
        ("task.completed", task),
        ("setting.updated", "hotel"),
        ("guest.erased", guest),
    ]
    assert rows[0]["subject"]["type"] == "message"
    assert {row["actor"]["id"] for row in rows} == {admin.id}


def test_reading_and_what_guests_do_is_no_line(admin: Person) -> None:
    conversation = make_conversation(admin.db)["id"]
    before = lines(admin)
    admin.post(f"/conversations/{conversation}/read")
    assert admin.get("/events").json["data"][-1]["type"] == "conversation.read"
    assert lines(admin) == before


def test_what_was_refused_or_rolled_back_is_no_line(admin: Person) -> None:
    task = make_task(admin.db)["id"]
    before = lines(admin)
    refused(admin.patch(f"/tasks/{task}", {"guestId": "nobody"}), 400)
    refused(admin.patch(f"/staff/{admin.id}", {"active": False}), 409)
    refused(admin.post("/guests", {"name": ""}), 400)
    assert lines(admin) == before


def test_values_are_never_in_it(admin: Person) -> None:
    secret = "a secret nobody may read"
    value = {"enabled": False, "accountSid": "AC" + "0" * 32, "authToken": secret}
    admin.put("/settings/channels.sms", {"value": value})
    guest = make_guest(admin.db, name="Zacharias Quell")["id"]
    admin.patch(f"/guests/{guest}", {"notes": secret, "email": "zq@example.com"})
    admin.delete(f"/guests/{guest}")
    every = " ".join(
        str(value) for row in admin.db.all("SELECT * FROM audit") for value in row.values()
    )
    assert "authToken" in every
    assert guest in every
    for text in (secret, "Zacharias", "zq@example.com", "AC000"):
        assert text not in every
    rows = lines(admin, f"subject={guest}")
    assert told(rows) == [("guest.updated", guest), ("guest.erased", guest)]


# ------------------------------------------------------------------------------------------------ sign-ins


def test_good_and_bad_sign_ins_are_lines(admin: Person, known: Person, client: FlaskClient) -> None:
    log_in(client, known.email, PASSWORD, **{"X-Request-Id": "the-good-one"})
    log_in(client, known.email, "not the password")
    log_in(client, "nobody@hotel.example", PASSWORD)
    rows = lines(admin, "action=sign_in.*")
    assert told(rows) == [
        ("sign_in.succeeded", known.id),
        ("sign_in.failed", known.id),
        ("sign_in.failed", None),
    ]
    assert [row["actor"]["id"] for row in rows] == [known.id, None, None]
    assert {row["ip"] for row in rows} == {"203.0.113.7"}
    assert rows[0]["requestId"] == "the-good-one"


def test_throttled_ones_are_a_line_a_minute(
    admin: Person,
    known: Person,
    client: FlaskClient,
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(app.extensions["jack"].config.__dict__, "login_failures", parse("1/minute"))
    for _ in range(5):
        log_in(client, known.email, "not the password")
    throttled = lines(admin, "action=sign_in.throttled")
    assert told(throttled) == [("sign_in.throttled", known.id)]


def test_signing_out_and_passwords_are_lines(
    admin: Person, known: Person, client: FlaskClient
) -> None:
    token = log_in(client, known.email, PASSWORD).json["data"]["token"]
    signed_in = {"Authorization": f"Bearer {token}"}
    new = {"currentPassword": PASSWORD, "newPassword": "a long walk by the sea"}
    client.put("/api/v1/auth/password", json=new, headers=signed_in)
    client.post("/api/v1/auth/logout", headers=signed_in)
    rows = [row for row in lines(admin, f"subject={known.id}") if row["actor"]["id"] == known.id]
    assert [(row["action"], row["changed"]) for row in rows] == [
        ("sign_in.succeeded", []),
        ("staff.updated", ["password"]),
        ("sign_out", []),
    ]


def test_a_refreshed_token_is_no_sign_in(admin: Person, known: Person, client: FlaskClient) -> None:
    token = log_in(client, known.email, PASSWORD).json["data"]["token"]
    client.post("/api/v1/auth/refresh", headers={"Authorization": f"Bearer {token}"})
    assert told(lines(admin, "action=sign_in.*")) == [("sign_in.succeeded", known.id)]


def test_what_a_command_does_is_nobodys(admin: Person) -> None:
    member = make_member(admin.db)["id"]
    sessions.set_password(admin.db, member, PASSWORD)
    rows = lines(admin, f"actor=system&subject={member}")
    assert [(row["action"], row["ip"]) for row in rows] == [
        ("staff.created", None),
        ("staff.updated", None),
    ]


# ------------------------------------------------------------------------------------------------ lists


@pytest.fixture
def afternoon(admin: Person, clock: Clock) -> list[str]:
    """Five tasks, an hour apart: their ids."""
    ids = []
    for _ in range(5):
        ids.append(make_task(admin.db, by=admin.id)["id"])
        clock.move(HOUR)
    return ids


def test_it_is_filtered(admin: Person, afternoon: list[str]) -> None:
    mine = f"actor={admin.id}"
    assert [row["subject"]["id"] for row in lines(admin, mine)] == afternoon
    assert [row["subject"]["id"] for row in lines(admin, f"{mine}&action=task.*")] == afternoon
    assert lines(admin, f"{mine}&action=task.updated") == []
    assert lines(admin, f"subject={afternoon[1]}&action=guest.*") == []
    since, until = "since=2026-05-28T21:26:40Z", "until=2026-05-28T22:26:40Z"
    assert [row["subject"]["id"] for row in lines(admin, f"{mine}&{since}")] == afternoon[1:]
    assert [row["subject"]["id"] for row in lines(admin, f"{mine}&{since}&{until}")] == afternoon[
        1:3
    ]
    assert lines(admin, "actor=staff-nobody") == []


def test_pages_are_newest_first(admin: Person, afternoon: list[str]) -> None:
    answer = admin.get(f"/audit?actor={admin.id}&limit=2&page=2")
    assert [row["subject"]["id"] for row in succeeded(answer)] == [afternoon[2], afternoon[1]]
    assert answer.json["meta"] == {"page": 2, "limit": 2, "total": 5, "pages": 3}


def test_a_cursor_leads_through_all_of_it_in_the_order_of_writing(
    admin: Person, afternoon: list[str]
) -> None:
    seen, cursor, more = [], "", True
    while more:
        answer = admin.get(f"/audit?action=task.*&limit=2&cursor={cursor}")
        seen += [row["subject"]["id"] for row in succeeded(answer)]
        assert answer.json["meta"].keys() == {"limit", "cursor", "hasMore"}
        cursor, more = answer.json["meta"]["cursor"], answer.json["meta"]["hasMore"]
    assert seen == afternoon
    late = make_task(admin.db, by=admin.id)["id"]
    answer = admin.get(f"/audit?action=task.*&cursor={cursor}")
    assert [row["subject"]["id"] for row in succeeded(answer)] == [late]


def test_a_page_of_a_cursor_is_400(admin: Person) -> None:
    assert named(refused(admin.get("/audit?cursor=&page=1"), 400)) == {"page"}
    assert named(refused(admin.get("/audit?cursor=x"), 400)) == {"cursor"}


@pytest.mark.parametrize("role", ["manager", "member"])
def test_it_is_for_administrators(role: str, request: pytest.FixtureRequest) -> None:
    person: Person = request.getfixturevalue(role)
    refused(person.get("/audit"), 403)


# ------------------------------------------------------------------------------------------------ append only


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor_id = NULL",
        "UPDATE audit SET ip = NULL WHERE at < '2020'",
        "DELETE FROM audit",
        "DELETE FROM audit WHERE seq = 2",
        "INSERT OR REPLACE INTO audit (seq, at, action, subject_type) VALUES (1, '2026', 'x', 'x')",
        "UPDATE OR REPLACE audit SET seq = 1 WHERE seq = 2",
        "REPLACE INTO audit (seq, at, action, subject_type) VALUES (2, '2026', 'x', 'x')",
    ],
)
def test_no_statement_changes_a_line(statement: str, app_db: Database) -> None:
    for at in ("2019-01-01T00:00:00.000Z", app_db.now()):
        app_db.run(LINE, {"at": at})
    before = app_db.all("SELECT * FROM audit")
    with pytest.raises(apsw.ConstraintError, match="the audit log"):
        app_db.run(statement)
    assert app_db.all("SELECT * FROM audit") == before


def test_old_lines_are_deleted_and_the_newest_never_is(app_db: Database) -> None:
    for at in ("2019-01-01T00:00:00.000Z", "2020-01-01T00:00:00.000Z"):
        app_db.run(LINE, {"at": at})
    assert audit.delete_expired(app_db) == 1
    assert app_db.column("SELECT at FROM audit") == ["2020-01-01T00:00:00.000Z"]


def test_the_setting_says_how_long(admin: Person, clock: Clock) -> None:
    clock.move(-60 * DAY)
    admin.db.run(LINE, {"at": admin.db.now()})
    clock.move(60 * DAY)
    make_task(admin.db, by=admin.id)
    real = admin.db.value("SELECT strftime('%Y-%m-%dT%H:%M:%fZ', 'now')")
    assert real > admin.db.now()  # else the machine's clock is wrong, and nothing old enough
    assert audit.delete_expired(admin.db) == 0
    for days in (29, 0, 3651, "365", None):
        refused(admin.put("/settings/audit", {"value": {"days": days}}), 400)
    succeeded(admin.put("/settings/audit", {"value": {"days": 30}}))
    assert audit.delete_expired(admin.db) > 0


@pytest.mark.parametrize("days", ['"x"', "-9999", "99999999999", "null", "[]"])
def test_a_broken_setting_lets_no_young_line_go(days: str, app_db: Database) -> None:
    """Somebody has written it into the database by hand."""
    young = app_db.value("SELECT strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-29 days')")
    app_db.run(LINE, {"at": young})
    app_db.run(LINE, {"at": young})
    value = f'{{"days": {days}}}'
    put = "INSERT INTO settings (key, value, updated_at) VALUES ('audit', :value, '2026')"
    app_db.run(put, {"value": value})
    with pytest.raises(apsw.ConstraintError):
        app_db.run("DELETE FROM audit")
    assert audit.delete_expired(app_db) == 0
