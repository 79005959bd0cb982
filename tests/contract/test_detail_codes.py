"""The codes of `error.details`: a request that is answered with each of them."""

from __future__ import annotations

import ast
import io
from pathlib import Path
from typing import Any, NamedTuple, get_args

import pytest
from flask.testing import FlaskClient

import jack
from jack.core.errors import CODES, DetailCode
from tests.builders import make_guest
from tests.checks import refused, succeeded
from tests.conftest import Person

TASK = {"title": "Towels", "department": "housekeeping"}
SPAN = {"from": "09:00", "to": "18:00"}


class Refusal(NamedTuple):
    """A request by an administrator, the field that is wrong in it, and its code."""

    code: DetailCode
    method: str
    path: str
    field: str
    sent: Any = None
    status: int = 400


def setting(code: DetailCode, key: str, value: object, field: str) -> Refusal:
    return Refusal(code, "PUT", f"/settings/{key}", f"value.{field}", {"value": value})


def guest(code: DetailCode, field: str, **sent: object) -> Refusal:
    return Refusal(code, "POST", "/guests", field, {"name": "Ana", **sent})


def task(code: DetailCode, field: str, **sent: object) -> Refusal:
    return Refusal(code, "POST", "/tasks", field, {**TASK, **sent})


REFUSALS = [
    Refusal("required", "POST", "/guests", "name", {}),
    guest("required", "name", name=None),
    Refusal("required", "POST", "/tasks/bulk", "items", {}),
    setting("required", "channels.sms", {"enabled": True}, "accountSid"),
    guest("blank", "name", name="  "),
    guest("blank", "name", name=""),
    guest("unknown_field", "colour", colour="red"),
    setting("unknown_field", "hotel", {"stars": 5}, "stars"),
    Refusal("unknown_field", "POST", "/auth/logout", "colour", {"colour": "red"}),
    Refusal("unknown_parameter", "GET", "/guests?colour=red", "colour"),
    Refusal("unknown_parameter", "GET", "/guests/guest-1?colour=red", "colour"),
    Refusal(
        "unknown_variable",
        "POST",
        "/templates",
        "texts.en",
        {"name": "Hello", "texts": {"en": "Hi {guest}"}},
    ),
    guest("wrong_type", "name", name=7),
    guest("wrong_type", "tags", tags="vip"),
    guest("wrong_type", "tags.0", tags=[7]),
    Refusal("wrong_type", "POST", "/guests", "body", []),
    Refusal("wrong_type", "POST", "/guests/bulk", "items", {"items": {}}),
    Refusal("wrong_type", "PATCH", "/staff/staff-1", "active", {"active": "yes"}),
    Refusal("wrong_type", "GET", "/guests?page=one", "page"),
    Refusal("wrong_type", "GET", "/conversations?unread=1", "unread"),
    setting("wrong_type", "channels.web", {"hours": {"monday": "9-18"}}, "hours.monday"),
    Refusal("wrong_type", "PUT", "/settings/own", "value", {"value": "text"}),
    guest("too_short", "email", email="a"),
    Refusal("too_short", "PATCH", "/tasks/bulk", "ids", {"ids": [], "changes": {"notes": "x"}}),
    guest("too_long", "name", name="x" * 201),
    Refusal("too_long", "PUT", "/settings/own", "value", {"value": {"a": "x" * 65_536}}),
    guest("too_many", "tags", tags=[f"tag {n}" for n in range(51)]),
    Refusal("too_many", "GET", "/guests?page=1&page=2", "page"),
    guest("not_one_line", "name", name="Ana\nMaria"),
    guest("forbidden_characters", "name", name="Ana\0"),
    Refusal("forbidden_characters", "PUT", "/settings/own", "value", {"value": {"a": "\0"}}),
    guest("not_an_email", "email", email="ana at hotel"),
    setting("not_an_email", "hotel", {"email": "ana at hotel"}, "email"),
    guest("not_a_phone_number", "phone", phone="reception"),
    guest("not_a_language", "language", language="Spanish!"),
    task("not_a_time", "dueAt", dueAt="tomorrow"),
    setting(
        "not_a_time",
        "channels.web",
        {"hours": {"monday": [{**SPAN, "to": "6 pm"}]}},
        "hours.monday.0.to",
    ),
    setting("not_a_time_zone", "hotel", {"timeZone": "Atlantis/Poseidonia"}, "timeZone"),
    setting("not_a_country", "hotel", {"country": "Spain"}, "country"),
    setting("not_a_url", "channels.web", {"sites": ["hotel"]}, "sites.0"),
    setting("not_a_url", "channels.sms", {"baseUrl": "ftp://twilio"}, "baseUrl"),
    setting("not_a_colour", "channels.web", {"colour": "green"}, "colour"),
    Refusal("out_of_range", "GET", "/guests?limit=101", "limit"),
    Refusal("out_of_range", "GET", "/guests?page=-1", "page"),
    Refusal("out_of_range", "GET", f"/guests?page={'9' * 30}", "page"),
    setting("out_of_range", "channels.sms", {"ratePerSecond": 0}, "ratePerSecond"),
    task("not_a_choice", "priority", priority="whenever"),
    Refusal("not_a_choice", "GET", "/tasks?status=lost", "status.0"),
    Refusal("nothing_to_change", "PATCH", "/guests/guest-1", "body", {}),
    guest("taken", "email", email="taken@example.com")._replace(status=409),
    guest("taken", "phone", phone="+15551234567")._replace(status=409),
    task("no_such", "guestId", guestId="guest-none"),
    task("no_such", "conversationId", conversationId="conv-none"),
    Refusal("no_such", "POST", "/guests/{guest}/merge", "guestId", {"guestId": "guest-none"}),
    task("unknown_department", "department", department="moon"),
    setting(
        "invalid",
        "departments",
        {"items": [{"slug": "Front Desk", "name": "Front desk"}]},
        "items.0.slug",
    ),
]


@pytest.mark.parametrize("found", REFUSALS, ids=lambda found: f"{found.code} {found.path[:40]}")
def test_what_is_wrong_has_its_code(found: Refusal, admin: Person) -> None:
    known = make_guest(admin.db, email="taken@example.com", phone="+15551234567")
    path = found.path.format(guest=known["id"])
    error = refused(admin.open(path, method=found.method, json=found.sent), found.status)
    assert [(detail["field"], detail["code"]) for detail in error["details"]] == [
        (found.field, found.code)
    ]


@pytest.mark.parametrize(
    ("code", "password"), [("too_short", "x"), ("common_password", "password1234")]
)
def test_a_new_password_that_is_refused_has_its_code(
    code: DetailCode, password: str, admin: Person, client: FlaskClient
) -> None:
    made = succeeded(admin.post("/staff", {"name": "New", "email": "new@hotel.example"}), 201)
    sent = {"token": made["invite"]["token"], "password": password}
    answer = client.post("/api/v1/auth/accept-invite", json=sent)
    assert codes(refused(answer, 400)) == {"password": code}


@pytest.mark.parametrize(
    ("code", "field", "content"),
    [
        ("blank", "file", b""),
        ("unsupported_file", "file", b"MZ\x90\x00\x03\x00\x00\x00"),
        ("unknown_field", "photo", b"%PDF-1.7"),
    ],
)
def test_a_file_that_is_refused_has_its_code(
    code: DetailCode, field: str, content: bytes, admin: Person
) -> None:
    part = {field: (io.BytesIO(content), "setup.exe")}
    answer = admin.open("/attachments", method="POST", data=part)
    assert codes(refused(answer, 400)) == {field: code}


def test_a_secret_that_is_needed_again_has_its_code(admin: Person) -> None:
    put = "/settings/channels.email"
    value = {"smtp": {"host": "mail.example.com", "username": "u", "password": "secret"}}
    succeeded(admin.put(put, {"value": value}))
    value["smtp"] |= {"host": "evil.example.com", "password": "********"}
    answer = admin.put(put, {"value": value})
    assert codes(refused(answer, 400)) == {"value.smtp.password": "secret_needed"}


def test_the_results_of_a_bulk_call_have_codes(admin: Person) -> None:
    items = [{}, {**TASK, "department": "moon"}, "towels", {**TASK, "room": 302}]
    results = succeeded(admin.post("/tasks/bulk", {"items": items}))
    assert [codes(result["error"]) for result in results] == [
        {"items.0.title": "required", "items.0.department": "required"},
        {"items.1.department": "unknown_department"},
        {"items.2": "wrong_type"},
        {"items.3.room": "wrong_type"},
    ]
    changes = {"ids": ["task-none"], "changes": {"status": "open"}}
    (result,) = succeeded(admin.patch("/tasks/bulk", changes))
    assert codes(result["error"]) == {"ids.0": "no_such"}


def codes(error: dict[str, Any]) -> dict[str, str]:
    return {detail["field"]: detail["code"] for detail in error["details"]}


def test_every_code_is_in_the_table_and_tried_here() -> None:
    elsewhere = {"common_password", "unsupported_file", "secret_needed", "missing_value"}
    assert set(get_args(DetailCode)) == set(CODES)
    assert {found.code for found in REFUSALS} | elsewhere == set(CODES)


def test_no_module_raises_a_validation_error_of_words_without_a_code() -> None:
    """Messages of their own need a FieldError; marshmallow's class is only for passing such messages on."""
    for path in Path(jack.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("ValidationError"):
                assert not isinstance(node.args[0], ast.Constant | ast.JoinedStr), path
