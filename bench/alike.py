"""Whether every server does the same work: the same answers, and the same refusals."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bench.calls import LIST, ONE, POST, call_of, rows_and_total
from bench.client import request
from bench.native import POCKETBASE
from bench.people import NEW_TASK
from bench.servers import Server
from bench.settings import GUESTS, BenchError

# Fields of a guest and of a task; who has more shows more.
GUEST = {"id", "name", "email", "phone", "tags", "notes", "language", "createdAt", "updatedAt"}
TASK = {"id", "title", "description", "department", "priority", "status", "guestId", "dueAt"}
RIGHT: dict[str, Callable[[Any], bool]] = {
    ONE: lambda data: set(data) >= GUEST and len(data["tags"]) > 0,
    POST: lambda data: set(data) >= TASK and bool(data["dueAt"]),
}

# A server that let one of these pass would be measured at less work.
BAD = (400, 422)
REFUSED = (
    ("GET", "/guests?limit=0", "", BAD),
    ("GET", "/guests?limit=101", "", BAD),
    ("GET", "/guests?colour=blue", "", BAD),
    ("GET", "/guests/guest-nobody", "", (404,)),
    ("POST", "/tasks", json.dumps({**NEW_TASK, "title": ""}), BAD),
    ("POST", "/tasks", json.dumps({**NEW_TASK, "colour": "blue"}), BAD),
    ("POST", "/tasks", json.dumps({**NEW_TASK, "priority": "soon"}), BAD),
    ("POST", "/tasks", json.dumps({**NEW_TASK, "guestId": "guest-nobody"}), (*BAD, 404)),
)


def check_alike(server: Server) -> None:
    """Raise BenchError unless the server answers and refuses as all of them must."""
    if server.name == "hello":
        return
    for name, right in RIGHT.items():
        call = call_of(server, name)
        answer = request(server, call.method, call.paths[0], call.body).json
        if not right(answer if server.name == POCKETBASE else answer["data"]):
            raise BenchError(f"{server.name}, {name}: not the same answer: {str(answer)[:500]}")
    check_list(server)
    if server.name == POCKETBASE:  # other paths, and a rule that hides what a token may not see
        return
    for method, path, body, statuses in REFUSED:
        status = request(server, method, f"/api/v1{path}", body).status
        if status not in statuses:
            raise BenchError(f"{server.name}: {method} {path} {body} gave {status}")
    check_token(server)


def check_list(server: Server) -> None:
    """Raise BenchError unless a page has 20 guests with their tags, and the total is told."""
    call = call_of(server, LIST)
    rows, total = rows_and_total(server, request(server, call.method, call.paths[0]).json)
    if len(rows) != 20 or total != GUESTS or not all(RIGHT[ONE](row) for row in rows):
        raise BenchError(f"{server.name}: not the same list: {total} in all, {str(rows)[:500]}")


def check_token(server: Server) -> None:
    """Raise BenchError unless a token with another signature is refused."""
    payload, _, signature = server.token.rpartition(".")
    forged = replace(server, token=f"{payload}.{signature[::-1]}")
    if request(forged, "GET", "/api/v1/guests").status not in (401, 422):
        raise BenchError(f"{server.name} does not check the token")
