"""ETags: read again only what is new, and never change what somebody else has changed."""

from __future__ import annotations

from typing import Any

import pytest

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
from tests.checks import refused, succeeded
from tests.conftest import Clock, Person

# Path, a change to it (method and body).
THINGS: dict[str, Any] = {
    "guest": lambda db: (f"/guests/{make_guest(db)['id']}", "PATCH", {"name": "New"}),
    "stay": lambda db: (f"/stays/{make_stay(db)['id']}", "PATCH", {"room": "302"}),
    "task": lambda db: (f"/tasks/{make_task(db)['id']}", "PATCH", {"title": "New"}),
    "template": lambda db: (f"/templates/{make_template(db)['id']}", "PATCH", {"name": "New"}),
    "automation": lambda db: (
        f"/automations/{make_automation(db)['id']}",
        "PATCH",
        {"name": "New"},
    ),
    "entry": lambda db: (f"/knowledge/{make_entry(db)['id']}", "PUT", {"title": "New"}),
    "member": lambda db: (f"/staff/{make_member(db)['id']}", "PATCH", {"name": "New"}),
    "conversation": lambda db: (
        f"/conversations/{make_conversation(db)['id']}",
        "PATCH",
        {"subject": "New"},
    ),
    "setting": lambda db: ("/settings/hotel", "PUT", {"value": {"name": "New"}}),
}
every_thing = pytest.mark.parametrize("thing", THINGS)
# Path, a change to it (of its body), and what changes by itself: a statement, the field and its new value.
LIVE: dict[str, Any] = {
    "a key in use": lambda admin: (
        f"/api-keys/{_made(admin, '/api-keys', name='PMS', scopes=['guests:read'])}",
        {"name": "POS"},
        "UPDATE api_keys SET last_used_at = :now, last_used_ip = '192.0.2.1'",
        "lastUsedIp",
        "192.0.2.1",
    ),
    "a webhook that succeeds": lambda admin: (
        f"/webhooks/{_made(admin, '/webhooks', url='https://hooks.example.com/', events=['*'])}",
        {"description": "POS"},
        "UPDATE webhooks SET last_success_at = :now, last_failure_at = :now",
        "lastSuccessAt",
        "2026-05-28T20:26:40.000Z",
    ),
    "a member at work": lambda admin: (
        f"/staff/{make_member(admin.db)['id']}",
        {"name": "New"},
        "UPDATE staff SET last_seen_at = :now",
        "lastSeenAt",
        "2026-05-28T20:26:40.000Z",
    ),
    "a task that becomes overdue": lambda admin: (
        f"/tasks/{make_task(admin.db)['id']}",
        {"title": "New"},
        "UPDATE tasks SET due_at = due_at WHERE :now IS NULL",
        "overdue",
        True,
    ),
}
DELETABLE = pytest.mark.parametrize("thing", ["guest", "entry"])


@every_thing
def test_what_is_as_it_was_is_304(thing: str, admin: Person) -> None:
    path, *_ = THINGS[thing](admin.db)
    tag = admin.get(path).headers["ETag"]
    for header in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        for method in ("GET", "HEAD"):
            answer = admin.open(path, method=method, headers={"If-None-Match": header})
            assert (answer.status_code, answer.data) == (304, b"")
            assert answer.headers["ETag"] == tag
            assert "X-RateLimit-Limit" in answer.headers
            assert "X-Request-Id" in answer.headers


@every_thing
def test_what_has_changed_is_answered_whole(thing: str, admin: Person) -> None:
    path, method, change = THINGS[thing](admin.db)
    tag = admin.get(path).headers["ETag"]
    succeeded(admin.open(path, method=method, json=change))
    answer = admin.get(path, headers={"If-None-Match": tag})
    succeeded(answer)
    assert answer.headers["ETag"] != tag


@every_thing
def test_a_change_answers_the_tag_of_what_it_made(thing: str, admin: Person) -> None:
    path, method, change = THINGS[thing](admin.db)
    changed = admin.open(path, method=method, json=change)
    assert changed.headers["ETag"] == admin.get(path).headers["ETag"]


@every_thing
def test_a_change_of_what_is_as_it_was_goes_through(thing: str, admin: Person) -> None:
    path, method, change = THINGS[thing](admin.db)
    tag = admin.get(path).headers["ETag"]
    succeeded(admin.open(path, method=method, json=change, headers={"If-Match": tag}))


@every_thing
def test_a_change_of_what_is_stale_is_412_and_changes_nothing(thing: str, admin: Person) -> None:
    path, method, change = THINGS[thing](admin.db)
    before = admin.get(path)
    for tag in ('"stale"', 'W/"stale"', "stale", '""', ""):
        headers = {"If-Match": tag}
        refused(admin.open(path, method=method, json=change, headers=headers), 412)
    assert admin.get(path).data == before.data


@every_thing
def test_a_star_matches_whatever_there_is(thing: str, admin: Person) -> None:
    path, method, change = THINGS[thing](admin.db)
    succeeded(admin.open(path, method=method, json=change, headers={"If-Match": "*"}))


@pytest.mark.parametrize("case", LIVE)
def test_what_changes_by_itself_is_no_part_of_the_tag(
    case: str, admin: Person, clock: Clock
) -> None:
    path, change, statement, field, value = LIVE[case](admin)
    tag = admin.get(path).headers["ETag"]
    admin.db.run(statement, {"now": admin.db.now()})
    if field == "overdue":
        clock.move(3 * 60 * 60)
    now = admin.get(path)
    assert (now.headers["ETag"], succeeded(now)[field]) == (tag, value)
    changed = succeeded(admin.patch(path, change, headers={"If-Match": tag}))
    assert changed[field] == value
    refused(admin.patch(path, change, headers={"If-Match": tag}), 412)


def _made(admin: Person, path: str, **new: Any) -> str:
    """The id of something new."""
    answer = admin.post(path, new)
    assert answer.status_code == 201, answer.json
    return str(answer.json["data"]["id"])


@DELETABLE
def test_a_stale_deletion_is_412(thing: str, admin: Person) -> None:
    path, *_ = THINGS[thing](admin.db)
    refused(admin.delete(path, headers={"If-Match": '"stale"'}), 412)
    succeeded(admin.get(path))


@DELETABLE
def test_a_fresh_deletion_goes_through(thing: str, admin: Person) -> None:
    path, *_ = THINGS[thing](admin.db)
    tag = admin.get(path).headers["ETag"]
    succeeded(admin.delete(path, headers={"If-Match": tag}))
    refused(admin.get(path), 404)


@pytest.mark.parametrize("tag", ['"stale"', "*"])
@pytest.mark.parametrize("path", ["/guests/nobody", "/tasks/nobody", "/conversations/nobody"])
def test_a_conditional_change_of_nothing_is_404(path: str, tag: str, admin: Person) -> None:
    answer = admin.patch(path, {"status": "open"}, headers={"If-Match": tag})
    # A guest has no status; what is wrong with the body may be said first.
    assert answer.status_code in (404, 400)
    refused(answer, answer.status_code)


def test_a_created_things_tag_is_that_of_reading_it(member: Person) -> None:
    made = member.post("/guests", {"name": "Ana"})
    read = member.get(f"/guests/{made.json['data']['id']}")
    assert made.headers["ETag"] == read.headers["ETag"]


def test_lists_have_no_tag(member: Person) -> None:
    assert "ETag" not in member.get("/guests").headers


def test_two_different_things_have_different_tags(member: Person) -> None:
    tags = {member.get(f"/guests/{make_guest(member.db)['id']}").headers["ETag"] for _ in "ab"}
    assert len(tags) == 2
