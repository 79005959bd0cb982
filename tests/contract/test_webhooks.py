"""`/webhooks`: what is taken, what is shown, who may, and what of it is secret."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from jack.core.db import Database
from jack.resources.webhooks import deliveries, store
from tests import builders
from tests.conftest import Person

URL = "https://hooks.example.com/jack"
NEW: dict[str, Any] = {"url": URL, "events": ["task.*"]}


def made(admin: Person, **fields: Any) -> dict[str, Any]:
    answer = admin.post("/webhooks", NEW | fields)
    assert answer.status_code == 201, answer.json
    return dict(answer.json["data"])


def failed(app_db: Database, hook: dict[str, Any]) -> list[str]:
    """Three deliveries that have failed; their ids."""
    for _ in range(3):
        builders.make_task(app_db)
    app_db.run("UPDATE webhook_deliveries SET status = 'failed', next_attempt_at = NULL")
    return app_db.column("SELECT id FROM webhook_deliveries ORDER BY seq")


def test_a_secret_is_shown_once_and_stored_sealed(admin: Person, app_db: Database) -> None:
    hook = made(admin)
    assert hook["secret"].startswith("whsec_")
    assert len(base64.b64decode(hook["secret"].removeprefix("whsec_"))) == 32
    shown = admin.get(f"/webhooks/{hook['id']}").json["data"]
    assert shown == {name: value for name, value in hook.items() if name != "secret"}
    assert shown["secretHint"][1:] in hook["secret"]
    assert len(shown["secretHint"]) == 5
    assert hook["secret"].encode() not in app_db.value("SELECT secret FROM webhooks")
    again = admin.post(f"/webhooks/{hook['id']}/rotate-secret").json["data"]
    assert again["secret"] != hook["secret"]
    assert store.secrets(app_db, hook["id"]) == [again["secret"], hook["secret"]]


def test_what_is_left_out_has_its_default(admin: Person) -> None:
    hook = made(admin)
    assert hook["id"].startswith("hook-")
    assert (hook["includeNotes"], hook["enabled"], hook["description"]) == (False, True, None)
    assert (hook["disabledReason"], hook["lastSuccessAt"], hook["lastFailureAt"]) == (None,) * 3


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"url": "http://hooks.example.com/"}, "url", "not_a_url"),
        ({"url": "https://127.0.0.1/"}, "url", "not_a_url"),
        ({"url": "https://[::1]/"}, "url", "not_a_url"),
        ({"url": "javascript:alert(1)"}, "url", "not_a_url"),
        ({"url": "https://user:pass@hooks.example.com/"}, "url", "not_a_url"),
        ({"events": []}, "events", "too_short"),
        ({"events": ["task.burnt"]}, "events.0", "not_a_choice"),
        ({"events": ["t*"]}, "events.0", "not_a_choice"),
        ({"events": ["[a-z]*"]}, "events.0", "not_a_choice"),
        ({"secret": "whsec_mine"}, "secret", "unknown_field"),
    ],
)
def test_what_cannot_be_is_refused(
    admin: Person, change: dict[str, Any], field: str, code: str
) -> None:
    answer = admin.post("/webhooks", NEW | change)
    assert answer.status_code == 400
    (detail,) = answer.json["error"]["details"]
    assert (detail["field"], detail["code"]) == (field, code)


def test_doubles_are_dropped_and_prefixes_kept(admin: Person) -> None:
    hook = made(admin, events=["task.*", "task.*", "conversation.message.*", "*"])
    assert hook["events"] == ["task.*", "conversation.message.*", "*"]


def test_there_are_twenty_at_the_most(admin: Person) -> None:
    for _ in range(20):
        made(admin)
    answer = admin.post("/webhooks", NEW)
    assert (answer.status_code, answer.json["error"]["reason"]) == (409, "too_many")


def test_only_what_is_wanted_is_queued(admin: Person, app_db: Database) -> None:
    first = made(admin, events=["task.*"])
    second = made(admin, events=["guest.created", "conversation.message.created"])
    builders.make_task(app_db)
    builders.make_guest(app_db)
    builders.make_conversation(app_db)
    queued = {
        hook["id"]: sorted(
            row["event"] for row in admin.get(f"/webhooks/{hook['id']}/deliveries").json["data"]
        )
        for hook in (first, second)
    }
    assert queued[first["id"]] == ["task.created"]
    assert queued[second["id"]] == [
        "conversation.message.created",
        "guest.created",
        "guest.created",
    ]


def test_a_change_that_is_rolled_back_is_not_queued(admin: Person, app_db: Database) -> None:
    made(admin)
    answer = admin.post(
        "/tasks", {"title": "Towels", "department": "housekeeping", "assignee": "staff-none"}
    )
    assert answer.status_code == 400
    assert app_db.value("SELECT count(*) FROM webhook_deliveries") == 0


def test_a_change_that_changes_nothing_is_none(admin: Person, app_db: Database) -> None:
    hook = made(admin)
    before = app_db.value("SELECT max(seq) FROM events")
    same = admin.patch(f"/webhooks/{hook['id']}", {"events": ["task.*"], "enabled": True})
    assert same.json["data"]["updatedAt"] == hook["updatedAt"]
    assert app_db.value("SELECT max(seq) FROM events") == before


def test_a_test_sends_ping_to_that_webhook_alone(admin: Person, app_db: Database) -> None:
    hook, other = made(admin), made(admin, events=["*"])
    answer = admin.post(f"/webhooks/{hook['id']}/test")
    assert (answer.status_code, answer.json["data"]["event"]) == (202, "ping")
    assert answer.json["data"]["status"] == "pending"
    listed = admin.get(f"/webhooks/{other['id']}/deliveries").json["data"]
    assert "ping" not in [row["event"] for row in listed]


def test_while_it_is_disabled_what_happens_is_kept(admin: Person, app_db: Database) -> None:
    hook = made(admin)
    builders.make_task(app_db)
    admin.patch(f"/webhooks/{hook['id']}", {"enabled": False})
    builders.make_task(app_db)
    listed = admin.get(f"/webhooks/{hook['id']}/deliveries?status=failed").json
    assert listed["meta"]["total"] == 2
    since = {"since": "2020-01-01T00:00:00Z"}
    for path in ("test", "redeliver", f"deliveries/{listed['data'][0]['id']}/redeliver"):
        body = since if path == "redeliver" else None
        refused = admin.post(f"/webhooks/{hook['id']}/{path}", body)
        assert (refused.status_code, refused.json["error"]["reason"]) == (409, "webhook_disabled")
    admin.patch(f"/webhooks/{hook['id']}", {"enabled": True})
    assert admin.post(f"/webhooks/{hook['id']}/redeliver", since).json["data"] == {"queued": 2}


def test_one_or_all_can_be_sent_again(admin: Person, app_db: Database) -> None:
    hook = made(admin)
    first, second, third = failed(app_db, hook)
    old = "UPDATE webhook_deliveries SET created_at = '2020-01-01T00:00:00.000Z' WHERE id = :id"
    app_db.run(old, {"id": third})
    again = admin.post(f"/webhooks/{hook['id']}/deliveries/{first}/redeliver")
    assert (again.status_code, again.json["data"]["status"]) == (202, "pending")
    since = {"since": "2021-01-01T00:00:00Z"}
    assert admin.post(f"/webhooks/{hook['id']}/redeliver", since).json["data"] == {"queued": 1}
    pending = admin.get(f"/webhooks/{hook['id']}/deliveries?status=pending").json["data"]
    assert {row["id"] for row in pending} == {first, second}


def test_deliveries_are_paged_newest_first(admin: Person, app_db: Database) -> None:
    hook = made(admin)
    ids = failed(app_db, hook)
    deliveries.redeliver(app_db, hook["id"], ids[1])
    pages = [
        admin.get(f"/webhooks/{hook['id']}/deliveries?limit=2&page={page}").json for page in (1, 2)
    ]
    assert [row["id"] for page in pages for row in page["data"]] == ids[::-1]
    assert pages[0]["meta"]["total"] == 3


def test_a_delivery_is_that_of_its_webhook(admin: Person, app_db: Database) -> None:
    hook = made(admin)
    (first, *_) = failed(app_db, hook)
    other = made(admin)
    answer = admin.post(f"/webhooks/{other['id']}/deliveries/{first}/redeliver")
    assert answer.status_code == 404


def test_with_a_webhook_its_deliveries_go(admin: Person, app_db: Database) -> None:
    hook = made(admin)
    failed(app_db, hook)
    assert admin.delete(f"/webhooks/{hook['id']}").json["data"] == {
        "id": hook["id"],
        "deleted": True,
    }
    assert app_db.value("SELECT count(*) FROM webhook_deliveries") == 0
    assert admin.get(f"/webhooks/{hook['id']}/deliveries").status_code == 404


@pytest.mark.parametrize("role", ["member", "manager"])
def test_only_administrators_may(role: str, admin: Person, request: pytest.FixtureRequest) -> None:
    hook = made(admin)
    person: Person = request.getfixturevalue(role)
    assert person.get("/webhooks").status_code == 403
    assert person.get(f"/webhooks/{hook['id']}/deliveries").status_code == 403


def test_the_ids_of_deliveries_are_uuids_of_version_7(admin: Person, app_db: Database) -> None:
    made(admin)
    made(admin)
    builders.make_task(app_db)
    ids = app_db.column("SELECT id FROM webhook_deliveries")
    assert len(set(ids)) == 2
    for one in ids:
        parts = one.split("-")
        assert [len(part) for part in parts] == [3, 8, 4, 4, 4, 12]
        assert (parts[3][0], parts[4][0] in "89ab") == ("7", True)
