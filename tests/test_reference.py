"""The customer's reference, top to bottom. `reference.txt` is that document as it was handed over.

Each call it documents is made as it stands there, with its example body to the letter, and answered as it says.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from jack import create_app
from jack.core.db import Database
from jack.resources.conversations import store as conversations
from tests import builders
from tests.conftest import Person

REFERENCE = Path(__file__).with_name("reference.txt").read_text(encoding="utf-8")
BASE = "https://your-jack-domain.com"
CALL = re.compile(r"\b(GET|POST|PATCH|PUT|DELETE) (/\S+)\s*")
PLACEHOLDER = "{ ... }"
HIDDEN = "[email protected]"


def documented() -> list[tuple[str, str, Any]]:
    """Method, path and example body of every call, in the order of the document."""
    found = []
    for call in CALL.finditer(REFERENCE):
        body = None
        if REFERENCE.startswith("{", call.end()):
            text = REFERENCE[call.end() :].replace(PLACEHOLDER, '{"name": "Hotel Sol"}', 1)
            body, _ = json.JSONDecoder().raw_decode(text)
            # The answer of the pagination example stands where a body would.
            body = None if call[1] == "GET" else body
        found.append((call[1], call[2], body))
    return found


CALLS = documented()
IDS = {
    "conversations": "conv-123",
    "guests": "guest-123",
    "tasks": "task-123",
    "knowledge": "kb-123",
    "staff": "staff-123",
    "settings": "hotel",
}


@pytest.fixture
def hotel(app_db: Database, admin: Person) -> Database:
    """A hotel in which everything exists that the examples name."""
    builders.make_member(app_db, id="staff-123", name="Sam Staff")
    guest = builders.make_guest(app_db, id="guest-123", name="Maria", phone="+15550001111")
    builders.make_guest(app_db, name="Johnny Cash", tags=["VIP"])
    conversations.create(app_db, id="conv-123", guest_id=guest["id"], channel="web")
    builders.make_task(app_db, id="task-123")
    builders.make_entry(app_db, id="kb-123")
    return app_db


def named(path: str) -> str:
    """The path with the example's id in it."""
    resource = path.split("/")[1]
    return re.sub(r":(id|key)\b", IDS.get(resource, ""), path)


Ask = Callable[..., Any]


@pytest.fixture
def ask(admin: Person) -> Ask:
    """A call as the document has it, made by an administrator under the document's base URL."""

    def asked(method: str, path: str, body: Any = None) -> Any:
        kwargs: dict[str, Any] = {} if body is None else {"json": body}
        return admin.open(named(path), method=method, base_url=BASE, **kwargs)

    return asked


def example(method: str, path: str) -> Any:
    """The example body of a call."""
    return next(body for *call, body in CALLS if call == [method, path])


# ------------------------------------------------------------------------------------------------ the document


def test_all_28_calls_of_the_document_are_found_with_their_10_bodies() -> None:
    assert len(CALLS) == 28
    assert len({(method, path.partition("?")[0]) for method, path, _ in CALLS}) == 23
    assert sum(body is not None for *_, body in CALLS) == 10


@pytest.mark.parametrize(
    ("method", "path", "body"), CALLS, ids=[f"{method} {path}" for method, path, _ in CALLS]
)
def test_every_documented_call_succeeds_as_written(
    method: str, path: str, body: Any, hotel: Database, ask: Ask
) -> None:
    answer = ask(method, path, body)
    created = method == "POST"
    assert answer.status_code == (201 if created else 200), answer.json
    assert answer.json["success"] is True
    listed = method == "GET" and path.partition("?")[0].count("/") == 1
    listed |= path.endswith("/messages") and method == "GET"
    assert isinstance(answer.json["data"], list) == listed
    assert ("meta" in answer.json) == listed


def test_everything_is_json(hotel: Database, ask: Ask) -> None:
    answer = ask("GET", "/guests/:id")
    assert answer.headers["Content-Type"] == "application/json"


# ------------------------------------------------------------------------------------------------ response format


def test_a_list_has_success_data_and_meta_with_page_limit_and_total(
    hotel: Database, ask: Ask
) -> None:
    answer = ask("GET", "/guests").json
    assert answer["success"] is True
    assert answer["meta"] == {"page": 1, "limit": 20, "total": 2, "pages": 1}


def test_an_error_has_success_code_and_message(hotel: Database, admin: Person) -> None:
    answer = admin.get("/conversations/nobody").json
    assert answer["success"] is False
    assert answer["error"]["code"] == "NOT_FOUND"
    assert answer["error"]["message"] == "Conversation not found"


# ------------------------------------------------------------------------------------------------ conversations


@pytest.fixture
def inbox(hotel: Database) -> dict[str, str]:
    """Conversations on all four channels in all three states; their ids by `status channel`."""
    found = {}
    for channel in ("whatsapp", "sms", "email", "web"):
        for status in ("open", "closed", "pending"):
            made = conversations.create(hotel, guest_id="guest-123", channel=channel)
            conversations.change(hotel, made["id"], status=status)
            found[f"{status} {channel}"] = made["id"]
    return found


def test_conversations_of_a_status_and_a_channel(inbox: dict[str, str], ask: Ask) -> None:
    answer = ask("GET", "/conversations?status=open&channel=whatsapp&limit=20").json
    assert [row["id"] for row in answer["data"]] == [inbox["open whatsapp"]]
    assert answer["meta"]["limit"] == 20


@pytest.mark.parametrize("status", ["open", "closed", "pending"])
def test_conversations_of_every_documented_status(
    status: str, inbox: dict[str, str], ask: Ask
) -> None:
    rows = ask("GET", f"/conversations?status={status}").json["data"]
    expected = {id for name, id in inbox.items() if name.startswith(status)}
    assert {row["id"] for row in rows} - {"conv-123"} == expected


@pytest.mark.parametrize("channel", ["whatsapp", "sms", "email", "web"])
def test_conversations_of_every_documented_channel(
    channel: str, inbox: dict[str, str], ask: Ask
) -> None:
    rows = ask("GET", f"/conversations?channel={channel}").json["data"]
    assert {row["channel"] for row in rows} == {channel}
    assert len(rows) == 3 + (channel == "web")


def test_conversations_of_an_assignee(inbox: dict[str, str], ask: Ask) -> None:
    ask("PATCH", "/conversations/:id", {"assignee": "staff-123"})
    rows = ask("GET", "/conversations?assignee=staff-123").json["data"]
    assert [row["id"] for row in rows] == ["conv-123"]


def test_conversations_of_nobody(inbox: dict[str, str], ask: Ask) -> None:
    ask("PATCH", "/conversations/:id", {"assignee": "staff-123"})
    answer = ask("GET", "/conversations?assignee=unassigned").json
    assert {row["id"] for row in answer["data"]} == set(inbox.values())


def test_results_per_page_are_20_unless_asked_otherwise(inbox: dict[str, str], ask: Ask) -> None:
    assert ask("GET", "/conversations").json["meta"]["limit"] == 20
    answer = ask("GET", "/conversations?limit=5&page=3").json
    assert len(answer["data"]) == 3
    assert answer["meta"] == {"page": 3, "limit": 5, "total": 13, "pages": 3}


def test_get_a_conversation(hotel: Database, ask: Ask) -> None:
    data = ask("GET", "/conversations/:id").json["data"]
    assert (data["id"], data["guestId"]) == ("conv-123", "guest-123")


def test_send_a_message_and_get_it(hotel: Database, ask: Ask) -> None:
    body = example("POST", "/conversations/:id/messages")
    assert body == {"content": "Hello! How can I help you today?", "type": "text"}
    sent = ask("POST", "/conversations/:id/messages", body).json["data"]
    assert {name: sent[name] for name in body} == body
    assert ask("GET", "/conversations/:id/messages").json["data"] == [sent]


def test_update_a_conversation(hotel: Database, ask: Ask) -> None:
    body = example("PATCH", "/conversations/:id")
    assert body == {"status": "closed", "assignee": "staff-123"}
    ask("PATCH", "/conversations/:id", body)
    data = ask("GET", "/conversations/:id").json["data"]
    assert {name: data[name] for name in body} == body


# ------------------------------------------------------------------------------------------------ guests


def test_create_a_guest_with_the_documents_own_address(hotel: Database, ask: Ask) -> None:
    body = example("POST", "/guests")
    assert body == {"name": "John Smith", "email": HIDDEN, "phone": "+15551234567"}
    made = ask("POST", "/guests", body).json["data"]
    assert {name: made[name] for name in body} == body
    assert ask("GET", f"/guests/{made['id']}").json["data"] == made


def test_guests_by_search_and_tag(hotel: Database, ask: Ask) -> None:
    rows = ask("GET", "/guests?search=john&tag=vip").json["data"]
    assert [row["name"] for row in rows] == ["Johnny Cash"]


def test_update_a_guest(hotel: Database, ask: Ask) -> None:
    body = example("PATCH", "/guests/:id")
    assert body == {"tags": ["vip", "returning"], "notes": "Prefers quiet room"}
    ask("PATCH", "/guests/:id", body)
    data = ask("GET", "/guests/:id").json["data"]
    assert {name: data[name] for name in body} == body
    assert data["name"] == "Maria"


# ------------------------------------------------------------------------------------------------ tasks


def test_create_a_task_for_guest_123(hotel: Database, ask: Ask) -> None:
    body = example("POST", "/tasks")
    assert body == {
        "title": "Extra towels for room 302",
        "description": "Guest requested 2 extra bath towels",
        "department": "housekeeping",
        "priority": "normal",
        "guestId": "guest-123",
    }
    made = ask("POST", "/tasks", body).json["data"]
    assert {name: made[name] for name in body} == body
    assert ask("GET", f"/tasks/{made['id']}").json["data"] == made


def test_tasks_by_status_priority_and_department(hotel: Database, ask: Ask) -> None:
    wanted = builders.make_task(hotel, priority="urgent")["id"]
    for fields in (
        {"priority": "urgent", "status": "completed"},
        {"priority": "urgent", "department": "maintenance"},
        {"priority": "high"},
    ):
        builders.make_task(hotel, **fields)
    path = "/tasks?status=open&priority=urgent&department=housekeeping"
    assert [row["id"] for row in ask("GET", path).json["data"]] == [wanted]


def test_update_a_task(hotel: Database, ask: Ask) -> None:
    body = example("PATCH", "/tasks/:id")
    assert body == {"status": "completed", "notes": "Delivered at 3:45 PM"}
    ask("PATCH", "/tasks/:id", body)
    data = ask("GET", "/tasks/:id").json["data"]
    assert {name: data[name] for name in body} == body


# ------------------------------------------------------------------------------------------------ knowledge base


def test_create_an_entry(hotel: Database, ask: Ask) -> None:
    body = example("POST", "/knowledge")
    assert body == {
        "title": "Pool Hours",
        "content": "The pool is open daily from 6 AM to 10 PM...",
        "category": "amenity",
    }
    made = ask("POST", "/knowledge", body).json["data"]
    assert {name: made[name] for name in body} == body


def test_entries_of_a_category(hotel: Database, ask: Ask) -> None:
    wanted = builders.make_entry(hotel, category="policy")["id"]
    rows = ask("GET", "/knowledge?category=policy").json["data"]
    assert [row["id"] for row in rows] == [wanted]


def test_update_an_entry_without_naming_its_category(hotel: Database, ask: Ask) -> None:
    body = example("PUT", "/knowledge/:id")
    assert body == {
        "title": "Pool Hours (Updated)",
        "content": "The pool is open daily from 7 AM to 9 PM...",
    }
    ask("PUT", "/knowledge/:id", body)
    data = ask("GET", "/knowledge/:id").json["data"]
    assert {name: data[name] for name in body} == body
    assert data["category"] == "amenity"


def test_delete_an_entry(hotel: Database, ask: Ask) -> None:
    ask("DELETE", "/knowledge/:id")
    assert ask("GET", "/knowledge/:id").status_code == 404


# ------------------------------------------------------------------------------------------------ staff


def test_create_staff_with_the_documents_own_address(hotel: Database, ask: Ask) -> None:
    body = example("POST", "/staff")
    assert body == {
        "name": "Jane Doe",
        "email": HIDDEN,
        "role": "staff",
        "department": "front-desk",
    }
    made = ask("POST", "/staff", body).json["data"]
    assert {name: made[name] for name in body} == body
    listed = ask("GET", "/staff").json["data"]
    assert made["id"] in [row["id"] for row in listed]


@pytest.mark.parametrize(("method", "path"), [("POST", "/staff"), ("PUT", "/settings/:key")])
def test_what_is_for_admins_only_is_forbidden_to_others(
    method: str, path: str, hotel: Database, manager: Person, member: Person
) -> None:
    for person in (manager, member):
        answer = person.open(named(path), method=method, json=example(method, path))
        assert (answer.status_code, answer.json["error"]["code"]) == (403, "FORBIDDEN")


# ------------------------------------------------------------------------------------------------ settings


def test_update_settings_and_get_them(hotel: Database, ask: Ask) -> None:
    ask("PUT", "/settings/:key", {"value": {"name": "Hotel Sol"}})
    data = ask("GET", "/settings/:key").json["data"]
    assert (data["key"], data["value"]) == ("hotel", {"name": "Hotel Sol"})


# ------------------------------------------------------------------------------------------------ pagination


def test_the_pagination_example_to_the_letter(hotel: Database, ask: Ask) -> None:
    for _ in range(149):
        conversations.create(hotel, guest_id="guest-123", channel="web")
    answer = ask("GET", "/conversations?page=2&limit=50").json
    assert len(answer["data"]) == 50
    assert answer["meta"] == {"page": 2, "limit": 50, "total": 150, "pages": 3}


# ------------------------------------------------------------------------------------------------ rate limits


@pytest.fixture
def limited(environment: dict[str, str]) -> Iterator[Flask]:
    """An app with the documented limits."""
    for name in ("JACK_RATE_LIMIT", "JACK_RATE_LIMIT_BULK"):
        del environment[name]
    made = create_app(environment)
    yield made
    made.extensions["jack"].databases.close()


def test_100_requests_a_minute(limited: Flask) -> None:
    admin = Person(limited, "admin", "Ada")
    answers = [admin.get("/auth/me") for _ in range(101)]
    assert [answer.status_code for answer in answers] == [200] * 100 + [429]
    assert answers[100].json["error"]["code"] == "RATE_LIMITED"
    assert [int(answer.headers["X-RateLimit-Remaining"]) for answer in answers] == [
        *range(99, -1, -1),
        0,
    ]


def test_10_bulk_operations_a_minute(limited: Flask) -> None:
    admin = Person(limited, "admin", "Ada")
    answers = [admin.post("/guests/bulk", {"items": [{"name": "John"}]}) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert answers[0].headers["X-RateLimit-Limit"] == "10"
    assert admin.get("/auth/me").headers["X-RateLimit-Remaining"] == "99"


def test_the_rate_limit_headers_to_the_letter(limited: Flask) -> None:
    admin = Person(limited, "admin", "Ada")
    headers = [admin.get("/auth/me") for _ in range(5)][-1].headers
    assert headers["X-RateLimit-Limit"] == "100"
    assert headers["X-RateLimit-Remaining"] == "95"
    assert re.fullmatch(r"\d{10}", headers["X-RateLimit-Reset"])
    assert 0 < int(headers["X-RateLimit-Reset"]) - time.time() <= 62


# ------------------------------------------------------------------------------------------------ error codes

ERRORS = dict(re.findall(r"^\| (\d{3}) \| ([A-Z_]+) \|", REFERENCE, re.MULTILINE))


def test_the_error_table_has_six_rows() -> None:
    assert len(ERRORS) == 6


def test_400_for_invalid_request_data(hotel: Database, ask: Ask) -> None:
    answer = ask("POST", "/guests", {"name": 1})
    assert (answer.status_code, answer.json["error"]["code"]) == (400, ERRORS["400"])


def test_401_for_missing_and_for_invalid_auth(hotel: Database, ask: Ask, app: Flask) -> None:
    for headers in ({}, {"Authorization": "Bearer nonsense"}):
        answer = app.test_client().get("/api/v1/guests", headers=headers)
        assert (answer.status_code, answer.json["error"]["code"]) == (401, ERRORS["401"])


def test_403_for_insufficient_permissions(hotel: Database, member: Person) -> None:
    answer = member.post("/knowledge", example("POST", "/knowledge"))
    assert (answer.status_code, answer.json["error"]["code"]) == (403, ERRORS["403"])


@pytest.mark.parametrize("resource", [name for name in IDS if name != "settings"])
def test_404_for_a_resource_that_does_not_exist(resource: str, hotel: Database, ask: Ask) -> None:
    answer = ask("GET", f"/{resource}/nobody")
    assert (answer.status_code, answer.json["error"]["code"]) == (404, ERRORS["404"])


def test_429_for_too_many_requests(limited: Flask) -> None:
    client = limited.test_client()
    answers = [client.get("/api/v1/guests") for _ in range(101)]
    assert (answers[-1].status_code, answers[-1].json["error"]["code"]) == (429, ERRORS["429"])


def test_500_for_a_server_error(hotel: Database, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*args: object, **kwargs: object) -> None:
        raise ZeroDivisionError("a guest's secret")

    monkeypatch.setattr("jack.resources.guests.store.shown", crash)
    answer = ask("GET", "/guests/:id")
    assert (answer.status_code, answer.json["error"]["code"]) == (500, ERRORS["500"])
    assert "secret" not in answer.get_data(as_text=True)
    assert "Traceback" not in answer.get_data(as_text=True)
