"""gunicorn told to use threads, against the advice: slower, and just as right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from tests.reliability.client import Answer, Client, at_once
from tests.reliability.invariants import assert_whole, rows
from tests.reliability.server import Server

pytestmark = [pytest.mark.system, pytest.mark.alone]

THREADED = ("--worker-class", "gthread", "--threads", "8")


def mixed(client: Client, conversation: str, number: int) -> Callable[[], list[Answer]]:
    """A caller who reads and writes a bit of everything."""
    task = {"title": f"task {number}", "department": "housekeeping"}

    def work() -> list[Answer]:
        found = []
        for turn in range(12):
            key = {"Idempotency-Key": f"{number}-{turn}"}
            found += [
                client.post("/tasks", task, key),
                client.post("/tasks", task, key),
                client.get("/tasks?limit=5"),
                client.post(f"/conversations/{conversation}/messages", {"content": f"{number}"}),
                client.get("/guests?search=web"),
            ]
        return found

    return work


def test_threads_share_no_connection(new_server: Callable[..., Server]) -> None:
    server = new_server(workers=2, options=THREADED)
    admin = server.sign_in()
    conversation = server.conversation(admin)
    answers = sum(at_once([mixed(admin, conversation, n) for n in range(16)]), [])
    assert Counter(answer.status for answer in answers) == {201: 3 * 192, 200: 2 * 192}
    tasks = rows(server.database, "SELECT id FROM tasks")
    assert len(tasks) == 192
    assert {a.data["id"] for a in answers if b'"task-' in a.body and a.status == 201} == {
        row["id"] for row in tasks
    }
    assert_whole(server.database)
    assert server.complaints() == []
    assert server.stop() == 0


def test_threads_share_the_limits(new_server: Callable[..., Server]) -> None:
    server = new_server(workers=2, options=THREADED, settings={"JACK_RATE_LIMIT": "5/day"})
    member = server.insider()
    answers = at_once([lambda: member.get("/guests")] * 40)
    assert Counter(answer.status for answer in answers) == {200: 5, 429: 35}
