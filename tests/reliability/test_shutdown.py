"""SIGTERM: what was begun is finished and answered, and nothing is done that nobody is told of."""

from __future__ import annotations

import itertools
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import pytest

from tests.reliability.client import LOST, Client
from tests.reliability.invariants import assert_whole, rows
from tests.reliability.server import Server
from tests.reliability.test_lock import held

pytestmark = [pytest.mark.system, pytest.mark.alone]

ROUNDS = 3


@dataclass
class Callers:
    """Eight callers who write without pause, and what they were told."""

    admin: Client
    told: list[str] = field(default_factory=list)
    lost: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)
    numbers: itertools.count[int] = field(default_factory=itertools.count)
    threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        self.threads = [threading.Thread(target=self._call, daemon=True) for _ in range(8)]
        for thread in self.threads:
            thread.start()

    def _call(self) -> None:
        while not self.stopped.is_set():
            title = f"t{next(self.numbers)}"
            try:
                answer = self.admin.post("/tasks", {"title": title, "department": "housekeeping"})
            except ConnectionRefusedError:
                time.sleep(0.01)
            except LOST:
                self.lost += 1
            else:
                assert answer.status == 201
                self.told.append(title)

    def end(self) -> None:
        self.stopped.set()
        for thread in self.threads:
            thread.join()


def titles(server: Server) -> list[str]:
    return sorted(row["title"] for row in rows(server.database, "SELECT title FROM tasks"))


def test_everything_that_is_done_is_answered(
    new_server: Callable[..., Server], program: str, figure: Callable[[str], None]
) -> None:
    """Under load, several times: exactly what the callers were told is there."""
    server = new_server(program=program)
    callers = Callers(server.sign_in())
    callers.start()
    seconds = []
    for _ in range(ROUNDS):
        time.sleep(0.5)
        began = time.monotonic()
        assert server.stop() == 0
        seconds.append(time.monotonic() - began)
        server.start()
    callers.end()
    assert titles(server) == sorted(callers.told)
    assert len(callers.told) > 50
    assert_whole(server.database)
    assert server.complaints() == []
    figure(
        f"SIGTERM under load, {ROUNDS} times: {len(callers.told)} writes, all of them answered; "
        f"ended within {max(seconds):.2f} s; {callers.lost} callers not yet let in were turned away"
    )


def test_a_new_start_by_sighup_turns_nobody_away(
    new_server: Callable[..., Server], program: str
) -> None:
    server = new_server(program=program)
    callers = Callers(server.sign_in())
    callers.start()
    old = set(server.ready_children())
    assert server.process is not None
    server.process.send_signal(signal.SIGHUP)
    while old & set(server.children()):
        time.sleep(0.05)
    callers.end()
    assert callers.lost == 0
    assert titles(server) == sorted(callers.told)
    assert server.complaints() == []


def test_who_is_waiting_for_the_database_is_still_answered(
    new_server: Callable[..., Server],
    program: str,
) -> None:
    server = new_server(program=program)
    admin = server.sign_in()
    server.ready_children()
    statuses: list[int] = []

    def write() -> None:
        task = {"title": "Extra towels", "department": "housekeeping"}
        statuses.append(admin.post("/tasks", task).status)

    threads = [threading.Thread(target=write, daemon=True) for _ in range(2)]
    with held(server, 2.0):
        for thread in threads:
            thread.start()
        time.sleep(0.7)
        server.terminate()
    for thread in threads:
        thread.join()
    assert sorted(statuses) in ([201, 201], [201, 503])
    assert server.stop() == 0


def test_told_again_and_again_it_still_ends_well(
    new_server: Callable[..., Server], program: str
) -> None:
    """To its last moment: whoever asks again, as people and supervisors do, cuts nothing off."""
    server = new_server(program=program)
    server.ready_children()
    assert server.process is not None
    while server.process.poll() is None:
        server.terminate()
        time.sleep(0.002)
    assert server.stop() == 0


def test_the_worker_leaves_nothing_in_doubt(
    new_server: Callable[..., Server], program: str
) -> None:
    """It ends after what it is sending, and says nothing of having been cut off."""
    server = new_server(program=program)
    admin = server.sign_in()
    conversation = server.conversation(admin)
    for _ in range(2):
        for number in range(30):
            admin.post(f"/conversations/{conversation}/messages", {"content": f"{number}"})
        assert server.stop() == 0
        assert rows(server.database, "SELECT seq FROM outbox WHERE owner IS NOT NULL") == []
        server.start()
    deadline = time.monotonic() + 20
    while rows(server.database, "SELECT seq FROM outbox"):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    statuses = {row["status"] for row in rows(server.database, "SELECT status FROM messages")}
    assert statuses == {"received", "sent"}
    assert server.complaints() == []
    assert "Traceback" not in server.said()


def test_another_process_does_the_background_work_when_the_first_dies(
    new_server: Callable[..., Server],
    program: str,
) -> None:
    server = new_server(program=program)
    admin = server.sign_in()
    conversation = server.conversation(admin)
    for _ in range(2):
        server.kill_one(server.ready_children()[0])
        with suppress(*LOST):
            admin.post(f"/conversations/{conversation}/messages", {"content": "Buenas"})
        deadline = time.monotonic() + 10
        while rows(server.database, "SELECT seq FROM outbox WHERE owner IS NULL"):
            assert time.monotonic() < deadline, "nobody sends"
            time.sleep(0.05)
    assert_whole(server.database)
