"""Twenty requests a second for a long time: nothing fails, and nothing grows but the database."""

from __future__ import annotations

import itertools
import os
import random
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field

import pytest

from jack.core.db import transaction
from tests.builders import make_conversation, make_entry, make_guest, make_task
from tests.reliability.client import Answer, Client, milliseconds, percentile
from tests.reliability.invariants import assert_whole, look
from tests.reliability.server import Server

pytestmark = [pytest.mark.system, pytest.mark.alone]

RATE = 20
SECONDS = {False: 30, True: 1800}
# The short run is over before everything that is loaded once has been.
GROWTH = {False: 1.10, True: 1.05}
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass
class Day:
    """What happens in a hotel, at so many requests a second."""

    server: Server
    admin: Client
    visitor: Client
    conversations: list[str]
    tasks: list[str]
    answers: list[tuple[int, float]] = field(default_factory=list)
    numbers: itertools.count[int] = field(default_factory=itertools.count)

    def anything(self) -> Answer:
        """One request of the day's mixture: seven of ten read."""
        kind = random.choices(list(self.mixture), list(self.mixture.values()))[0]
        return kind()

    def __post_init__(self) -> None:
        self.mixture: dict[Callable[[], Answer], int] = {
            self.list_something: 25,
            self.search: 10,
            self.read_one: 20,
            self.poll: 15,
            self.answer: 8,
            self.be_a_guest: 8,
            self.note_task: 5,
            self.finish_task: 4,
            self.go_wrong: 4,
            self.sign_in: 1,
        }

    def list_something(self) -> Answer:
        path = random.choice(["/conversations", "/tasks?status=open", "/guests", "/knowledge"])
        return self.admin.get(f"{path}{'&' if '?' in path else '?'}page={random.randint(1, 5)}")

    def search(self) -> Answer:
        word = "".join(random.choices(LETTERS, k=3))
        path = random.choice(["/guests", "/conversations", "/knowledge"])
        return self.admin.get(f"{path}?search={word}")

    def read_one(self) -> Answer:
        return self.admin.get(f"/conversations/{random.choice(self.conversations)}/messages")

    def poll(self) -> Answer:
        return random.choice(
            [
                lambda: self.visitor.get("/webchat/messages"),
                lambda: self.admin.get("/events?limit=20"),
            ]
        )()

    def answer(self) -> Answer:
        path = f"/conversations/{random.choice(self.conversations)}/messages"
        return self.admin.post(path, {"content": f"Of course. {next(self.numbers)}"})

    def be_a_guest(self) -> Answer:
        text = f"May I ask? {next(self.numbers)}"
        return self.visitor.post("/webchat/messages", {"content": text, "clientMessageId": text})

    def note_task(self) -> Answer:
        body = {"title": f"Towels {next(self.numbers)}", "department": "housekeeping"}
        return self.admin.post("/tasks", body, {"Idempotency-Key": body["title"]})

    def finish_task(self) -> Answer:
        return self.admin.patch(f"/tasks/{random.choice(self.tasks)}", {"status": "completed"})

    def go_wrong(self) -> Answer:
        return random.choice(
            [
                lambda: self.admin.get("/guests?unknown=1"),
                lambda: self.admin.post("/tasks", {"title": ""}),
                lambda: self.server.nobody().get("/tasks"),
                lambda: self.admin.get(f"/guests/guest-{os.urandom(4).hex()}"),
            ]
        )()

    def sign_in(self) -> Answer:
        return Client(self.server.port, self.server.sign_in().token).post("/auth/logout")

    def go_on(self, until: float) -> None:
        """Twenty requests a second, from four callers, each with its share."""
        callers = [
            threading.Thread(target=self._share, args=(until,), daemon=True) for _ in range(4)
        ]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()

    def _share(self, until: float) -> None:
        pause = 4 / RATE
        due = time.monotonic() + random.uniform(0, pause)
        while due < until:
            time.sleep(max(0.0, due - time.monotonic()))
            answer = self.anything()
            self.answers.append((answer.status, answer.seconds))
            due += pause


def furnished(server: Server) -> Day:
    """A hotel with a past: more rows than the page cache holds, so that the cache is full before it counts."""
    db = look(server.database)
    with transaction(db):
        for number in range(3000):
            make_guest(db, name=f"{random.choice(LETTERS)}na Novák {number}", notes="n" * 2000)
        conversations = [make_conversation(db)["id"] for _ in range(200)]
        tasks = [make_task(db, notes="n" * 2000)["id"] for _ in range(3000)]
        for _ in range(50):
            make_entry(db)
    db.close()
    admin, visitor = server.sign_in(), server.visitor()
    visitor.post("/webchat/messages", {"content": "Hola", "clientMessageId": "first"})
    return Day(server, admin, visitor, conversations, tasks)


def warm(day: Day) -> None:
    """Everything has been used in every process, and has read what it can keep."""
    for pid in day.server.ready_children():
        # Each of granian's has a socket of its own: who came to one that is held would wait.
        alone = day.server.program == "gunicorn"
        with day.server.only(pid) if alone else nullcontext():
            for _ in range(1 if alone else 2):
                use_everything(day)


def use_everything(day: Day) -> None:
    for page in range(1, 31):
        day.admin.get(f"/guests?limit=100&page={page}")
        day.admin.get(f"/tasks?limit=100&page={page}")
    for kind in day.mixture:
        for _ in range(5):
            kind()


def test_nothing_fails_and_nothing_grows(
    new_server: Callable[..., Server], program: str, figure: Callable[[str], None], long: bool
) -> None:
    server = new_server(program=program)
    day = furnished(server)
    warm(day)
    began, seconds = time.monotonic(), SECONDS[long]
    day.go_on(began + seconds * 0.2)
    files, memory = server.descriptors(), server.memory()
    samples = []
    for part in range(1, 9):
        day.go_on(began + seconds * (0.2 + 0.1 * part))
        samples.append((server.descriptors(), server.memory()))
    statuses = Counter(status for status, _ in day.answers)
    times = [seconds for _, seconds in day.answers]
    growth = statistics.median(sample[1] for sample in samples[-3:]) / memory
    figure(
        f"soak: {len(day.answers)} requests in {seconds} s, statuses {dict(sorted(statuses.items()))}; "
        f"p50 {milliseconds(percentile(times, 50))}, p99 {milliseconds(percentile(times, 99))}; descriptors "
        f"{files} → {samples[-1][0]}; memory {memory / 1e6:.1f} → {samples[-1][1] / 1e6:.1f} MB ({growth - 1:+.1%})"
    )
    assert [status for status in statuses if status >= 500] == []
    assert len(day.answers) > 0.9 * RATE * seconds
    assert max(sample[0] for sample in samples) <= files + 4
    assert growth < GROWTH[long]
    assert server.complaints() == []
    assert_whole(server.database)
