"""The reference as a suite: Jack passes, and a server that does it wrongly is told each thing it does wrong."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from jack.core.db import Database
from jack.operations.conformance.checks import ERRORS
from jack.resources.conversations import store as conversations
from tests import builders
from tests.commands import typed
from tests.conftest import Person
from tests.ports import free_port
from tests.test_reference import CALLS

Spoil = Callable[[Request, Response, dict[str, Any]], None]


class Quiet(WSGIRequestHandler):
    """Writes no line for each request."""

    def log(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def served(app: Callable[..., Iterable[bytes]]) -> Iterator[str]:
    """An application on a free port of loopback; its address."""
    server = make_server("127.0.0.1", 0, app, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    """With the limit that the reference names, which is Jack's own."""
    del environment["JACK_RATE_LIMIT"]
    return environment


@pytest.fixture
def words(app_db: Database, admin: Person, member: Person) -> list[str]:
    """What is typed after the address: tokens, and a conversation that may be written into."""
    guest = builders.make_guest(app_db, name="Maria")
    made = conversations.create(app_db, guest_id=guest["id"], channel="web")
    policy = {"category": "policy", "title": "Check-out", "content": "By 11."}
    builders.make_entry(app_db, **policy)
    return [
        *("--token", admin.token),
        *("--staff-token", member.token),
        *("--conversation", made["id"]),
    ]


def lines(text: str) -> dict[str, str]:
    """What is told of each call by its method, path and note; ids are `:id`."""
    found = {}
    for line in text.splitlines()[:-1]:
        word, call, said = re.fullmatch(
            r"(ok|differs|left out) +(\w+ +/\S+?(?: \([^)]+\))?)(?:: (.*))?", line
        ).groups()  # type: ignore[union-attr]
        name = re.sub(r"\b(conv|guest|task|kb|staff)-[0-9a-f-]{36}", ":id", call)
        found[re.sub(" +", " ", name)] = f"{word}: {said}" if said else word
    return found


# ------------------------------------------------------------------------------------------------ a right one


def test_jack_keeps_to_its_reference_in_every_call(app: Flask, words: list[str]) -> None:
    with served(app) as url:
        result = typed("conformance", url, *words)
    told = lines(result.output)
    assert set(told.values()) == {"ok"}, result.output
    assert result.exit_code == 0
    *every, last = result.output.splitlines()
    assert last == f"{len(every)} ok, 0 differs, 0 left out"


def test_every_call_of_the_reference_is_made(app: Flask, words: list[str]) -> None:
    with served(app) as url:
        told = lines(typed("conformance", f"{url}/api/v1/", *words).output)
    made = {re.sub(r" \(.*", "", name) for name in told}
    asked = {f"{method} {path.replace(':key', 'hotel').rstrip('.')}" for method, path, _ in CALLS}
    assert asked - made == set()
    assert len(asked) == 28


def test_without_a_conversation_no_guest_is_written_to(app: Flask, words: list[str]) -> None:
    with served(app) as url:
        result = typed("conformance", url, *words[:2])
    told = lines(result.output)
    assert told["POST /conversations/:id/messages"].startswith("left out: it would reach a guest")
    assert told["PUT /settings/hotel (not as an administrator)"].startswith("left out: give --st")
    assert result.output.splitlines()[-1].endswith("0 differs, 4 left out")
    assert result.exit_code == 0


# ------------------------------------------------------------------------------------------------ wrong ones


def spoiled(app: Flask, spoil: Spoil) -> Callable[..., Iterable[bytes]]:
    """The application, with each answer made wrong before it is sent."""

    @Request.application
    def wrong(request: Request) -> Response:
        answer = Response.from_app(app, request.environ, buffered=True)
        body = json.loads(answer.get_data())
        spoil(request, answer, body)
        if answer.mimetype == "application/json":
            answer.set_data(json.dumps(body))
        return answer

    return wrong


FAULTS: dict[str, tuple[str, Callable[[Response, dict[str, Any]], object]]] = {
    "GET /conversations?status=open": (
        "a row has status 'open ', not 'open'",
        lambda _, body: [row.update(status="open ") for row in body["data"]],
    ),
    "GET /conversations?page=2&limit=50": (
        "meta.pages is not there, not 1",
        lambda _, body: body["meta"].pop("pages"),
    ),
    "GET /conversations": (
        "no header X-RateLimit-Reset",
        lambda answer, _: answer.headers.pop("X-RateLimit-Reset"),
    ),
    "GET /conversations/:id": ("no field assignee", lambda _, body: body["data"].pop("assignee")),
    "GET /conversations/:id/messages": (
        "meta.page is not there, not a whole number; meta.limit is not there, not a whole number; "
        "meta.total is not there, not a whole number",
        lambda _, body: body.pop("meta"),
    ),
    "POST /conversations/:id/messages": (
        "content is 'Hello!', not 'Hello! How can I help you today?'",
        lambda _, body: body["data"].update(content="Hello!"),
    ),
    "PATCH /conversations/:id": (
        "status is 'open', not 'closed'",
        lambda _, body: body["data"].update(status="open"),
    ),
    "POST /guests": (
        "name is 'John', not 'John Smith'",
        lambda _, body: body["data"].update(name="John"),
    ),
    "GET /guests": ("data is no list", lambda _, body: body.update(data={})),
    "GET /guests?search=john&tag=vip": (
        "is not in it",
        lambda _, body: body.update(data=[]),
    ),
    "GET /tasks": (
        "Content-Type is text/html; charset=utf-8, not application/json",
        lambda answer, _: answer.headers.set("Content-Type", "text/html; charset=utf-8"),
    ),
    "PATCH /tasks/:id": (
        "status 500, not a success (None: None)",
        lambda answer, _: setattr(answer, "status_code", 500),
    ),
    "DELETE /knowledge/:id": (
        "success is not there, not true",
        lambda _, body: body.pop("success"),
    ),
    "GET /knowledge/:id (deleted)": (
        "status 200, not 404",
        lambda answer, _: setattr(answer, "status_code", 200),
    ),
    "GET /settings/hotel": ("no data", lambda _, body: body.pop("data")),
    "POST /guests (without a name)": (
        "error.code is 'INVALID', not VALIDATION_ERROR; error.message is '', not a text",
        lambda _, body: body["error"].update(code="INVALID", message=""),
    ),
    "GET /guests (without a token)": (
        "success is True, not false",
        lambda _, body: body.update(success=True),
    ),
    "GET /guests?limit=1": (
        "X-RateLimit-Limit is '1000', not 100",
        lambda answer, _: answer.headers.set("X-RateLimit-Limit", "1000"),
    ),
}  # fmt: skip


def test_each_wrong_answer_is_told_on_its_line_and_nothing_else(
    app: Flask, words: list[str]
) -> None:
    def spoil(request: Request, answer: Response, body: dict[str, Any]) -> None:
        query = request.query_string.decode()
        path = request.path.removeprefix("/api/v1") + (f"?{query}" if query else "")
        name = re.sub(r"\b(conv|guest|task|kb|staff)-[0-9a-f-]{36}", ":id", path)
        name = f"{request.method} {name}"
        notes = {
            401: " (without a token)" if "Authorization" not in request.headers else " (other)",
            400: " (without a name)",
            404: " (deleted)",
            429: " (limited)",
        }
        fault = FAULTS.get(name + notes.get(answer.status_code, ""))
        if fault is not None:
            fault[1](answer, body)

    with served(spoiled(app, spoil)) as url:
        result = typed("conformance", url, *words)
    assert result.exit_code == 1
    told = lines(result.output)
    assert {call for call, said in told.items() if said.startswith("differs")} == set(FAULTS)
    for call, (difference, _) in FAULTS.items():
        assert difference in told[call], call
    assert f" {len(FAULTS)} differs" in result.output.splitlines()[-1]


def test_a_server_without_a_limit_is_told(app: Flask, words: list[str]) -> None:
    def unlimited(request: Request, answer: Response, body: dict[str, Any]) -> None:
        if answer.status_code == 429:
            answer.status_code = 200

    with served(spoiled(app, unlimited)) as url:
        result = typed("conformance", url, *words)
    last = lines(result.output)["GET /guests?limit=1 (more than 100 a minute)"]
    assert last == "differs: 201 requests at once and no 429"
    assert result.exit_code == 1


def test_a_server_that_forgets_who_may_is_told(
    app: Flask, words: list[str], member: Person
) -> None:
    def lenient(request: Request, answer: Response, body: dict[str, Any]) -> None:
        if answer.status_code == 403:
            answer.status_code = 201
            body.clear()
            body.update(success=True, data={})

    with served(spoiled(app, lenient)) as url:
        told = lines(typed("conformance", url, *words).output)
    for call in ("POST /staff", "PUT /settings/hotel"):
        assert told[f"{call} (not as an administrator)"].startswith("differs: status 201, not 403")


def test_where_nothing_answers_it_stops_soon() -> None:
    result = typed("conformance", f"http://127.0.0.1:{free_port()}", "--token", "x")
    assert result.exit_code == 1
    assert "no answer: " in result.output
    assert result.output.splitlines()[-1] == "Stopped: 3 calls had no answer."


def test_what_is_no_json_at_all_is_told_and_not_tripped_over() -> None:
    @Request.application
    def page(request: Request) -> Response:
        return Response("<h1>Welcome</h1>", mimetype="text/html")

    with served(page) as url:
        result = typed("conformance", url, "--token", "x")
    assert result.exit_code == 1
    assert lines(result.output)["GET /guests"].startswith("differs: Content-Type is text/html")
    assert " 0 ok" in f" {result.output.splitlines()[-1]}"


def test_the_codes_are_those_of_the_table_of_the_reference() -> None:
    assert ERRORS[429] == "RATE_LIMITED"
    assert set(ERRORS) == {400, 401, 403, 404, 429}
