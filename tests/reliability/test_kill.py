"""kill -9 of everything while four writers write: what was acknowledged is there, and nothing is there by half."""

from __future__ import annotations

import itertools
import random
import statistics
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import pytest

from tests.reliability.client import LOST, Answer, Client
from tests.reliability.invariants import assert_whole, look
from tests.reliability.server import Server

pytestmark = [pytest.mark.system, pytest.mark.alone]

ROUNDS = {False: 6, True: 60}
BAR_OF_START = 2.0
# granian gives up at the second within 5.5 s, and starts again: test_giving_up.py.
KILLS = {"gunicorn": 2, "granian": 1}
EXISTS = {
    "messages": "SELECT content AS said FROM messages WHERE id = :id",
    "tasks": "SELECT title AS said FROM tasks WHERE id = :id",
    "guests": "SELECT name AS said FROM guests WHERE id = :id",
}


@dataclass
class Writers:
    """Four at once, each with its own kind of write, until the server is gone; and what they were promised."""

    server: Server
    admin: Client
    conversation: str
    promised: list[tuple[str, str, str]] = field(default_factory=list)
    unanswered: list[tuple[str, str]] = field(default_factory=list)
    refused: list[bytes] = field(default_factory=list)
    count: itertools.count[int] = field(default_factory=itertools.count)

    def run(self, stop: Callable[[], None]) -> None:
        """Write until `stop` has killed the server."""
        writers = (self.answer_guests, self.be_a_guest, self.note_tasks, self.register_guests)
        threads = [
            threading.Thread(target=self._until_lost, args=(write,), daemon=True)
            for write in writers
        ]
        for thread in threads:
            thread.start()
        stop()
        for thread in threads:
            thread.join()

    def _until_lost(self, write: Callable[[str], None]) -> None:
        with suppress(*LOST):
            while True:
                write(f"w{next(self.count)}")

    def _keep(self, table: str, text: str, answer: Answer) -> None:
        if answer.status in (200, 201):
            self.promised.append((table, str(answer.data["id"]), text))
        else:
            self.refused.append(answer.body)

    def answer_guests(self, text: str) -> None:
        path = f"/conversations/{self.conversation}/messages"
        self._keep("messages", text, self.admin.post(path, {"content": text}))

    def be_a_guest(self, text: str) -> None:
        """A new visitor's first message, another one, and a look at what was said."""
        visitor = self.server.visitor(name=text)
        for said in (text, f"{text} again"):
            body = {"content": said, "clientMessageId": said}
            self._keep("messages", said, visitor.post("/webchat/messages", body))
        visitor.get("/webchat/messages")

    def note_tasks(self, text: str) -> None:
        body = {"title": text, "department": "housekeeping"}
        try:
            answer = self.admin.post("/tasks", body, {"Idempotency-Key": text})
        except LOST:
            self.unanswered.append((text, "tasks"))
            raise
        self._keep("tasks", text, answer)

    def register_guests(self, text: str) -> None:
        self._keep("guests", text, self.admin.post("/guests", {"name": text, "notes": text * 50}))

    def try_again(self) -> None:
        """A client that got no answer repeats its request with the same key."""
        for text, _ in self.unanswered:
            body = {"title": text, "department": "housekeeping"}
            self._keep("tasks", text, self.admin.post("/tasks", body, {"Idempotency-Key": text}))
        self.unanswered.clear()


def lost(server: Server, promised: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """What was acknowledged and is not there, or is not what was acknowledged."""
    db = look(server.database)
    try:
        return [
            (table, id, text)
            for table, id, text in promised
            if db.value(EXISTS[table], {"id": id}) != text
        ]
    finally:
        db.close()


def twice(server: Server) -> list[str]:
    """Titles of tasks that a repeated request made a second time."""
    db = look(server.database)
    try:
        found = db.all("SELECT title FROM tasks GROUP BY title HAVING count(*) > 1")
        return [row["title"] for row in found]
    finally:
        db.close()


def test_a_kill_loses_nothing_and_tears_nothing(
    new_server: Callable[..., Server], program: str, figure: Callable[[str], None], long: bool
) -> None:
    server = new_server(program=program)
    admin = server.sign_in()
    writers = Writers(server, admin, server.conversation(admin))
    starts = []

    def stop() -> None:
        time.sleep(random.uniform(0.3, 0.9))
        server.kill()

    for _ in range(ROUNDS[long]):
        writers.run(stop)
        took = server.start(lambda: admin.get("/conversations").status)
        starts.append((took, max(0.0, took - server.kept_waiting())))
        assert_whole(server.database)
        assert lost(server, writers.promised) == []
        writers.try_again()
        assert twice(server) == []
    assert writers.refused == []
    assert len(writers.promised) > 20 * ROUNDS[long]
    assert server.complaints() == []
    by_clock, alone = ([start[place] for start in starts] for place in (0, 1))
    figure(
        f"kill -9: {ROUNDS[long]} rounds, {len(writers.promised)} acknowledged writes, 0 lost, 0 torn; "
        f"serving again after {statistics.median(by_clock):.2f} s (longest {max(by_clock):.2f} s), "
        f"without waiting for other programs {statistics.median(alone):.2f} s (longest {max(alone):.2f} s)"
    )
    assert max(alone) < BAR_OF_START


def test_a_killed_worker_process_takes_nobody_with_it(
    new_server: Callable[..., Server],
    program: str,
) -> None:
    """One process of several is killed while it writes: the server starts another, the rest goes on."""
    server = new_server(program=program)
    admin = server.sign_in()
    writers = Writers(server, admin, server.conversation(admin))
    stopped = threading.Event()

    def write() -> None:
        while not stopped.is_set():
            with suppress(*LOST):
                writers.note_tasks(f"w{next(writers.count)}")

    threads = [threading.Thread(target=write, daemon=True) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(KILLS[program]):
            server.kill_one(random.choice(server.ready_children()))
    finally:
        stopped.set()
        for thread in threads:
            thread.join()
    writers.try_again()
    assert lost(server, writers.promised) == []
    assert twice(server) == []
    assert_whole(server.database)
