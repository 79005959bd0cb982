"""Another program holds the write lock: reading goes on as if nothing were, writing waits, or says 503 in time."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from tests.reliability.client import LOST, Answer, Client, milliseconds, percentile
from tests.reliability.invariants import assert_whole, look
from tests.reliability.server import ROOT, Server, clean_environment

pytestmark = [pytest.mark.system, pytest.mark.alone]

HELD = 2.0
TASK = {"title": "Extra towels", "department": "housekeeping"}
READS = ("/conversations", "/tasks", "/guests?search=ana", "/auth/me")


@contextmanager
def held(server: Server, seconds: float) -> Iterator[float]:
    """Another program has the write lock for so long; gives the moment when it let go at the earliest."""
    command = [sys.executable, "-m", "tests.reliability.holder", str(server.database), str(seconds)]
    holder = subprocess.Popen(command, cwd=ROOT, env=clean_environment(), stdout=subprocess.PIPE)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        yield time.monotonic() + seconds
        assert holder.wait(seconds + 20) == 0
    finally:
        holder.kill()
        holder.wait()
        assert holder.stdout is not None
        holder.stdout.close()


def read_for(client: Client, seconds: float) -> list[Answer]:
    """Read this and that for a while."""
    found = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found.extend(client.get(path) for path in READS)
    return found


def test_reading_does_not_notice(
    new_server: Callable[..., Server], figure: Callable[[str], None]
) -> None:
    server = new_server(workers=4)
    admin = server.sign_in()
    server.conversation(admin)
    server.ready_children()
    before = read_for(admin, HELD)
    writes: list[Answer] = []

    def write() -> None:
        writes.append(admin.post("/tasks", TASK))

    with held(server, HELD):
        writers = [threading.Thread(target=write, daemon=True) for _ in range(2)]
        for writer in writers:
            writer.start()
        during = read_for(admin, HELD - 0.2)
    for writer in writers:
        writer.join()
    usual, slow = (percentile([a.seconds for a in found], 99) for found in (before, during))
    figure(
        f"write lock held {HELD:.0f} s by another program: reads p99 {milliseconds(slow)} "
        f"({milliseconds(usual)} before it), writes answered after "
        f"{', '.join(f'{w.seconds:.2f} s' for w in writes)}"
    )
    assert {answer.status for answer in during} == {200}
    # The first one waits; who comes behind it is told so, and leaves a process to those who read.
    assert {answer.status for answer in writes} <= {201, 503}
    assert max(writes, key=lambda answer: answer.seconds).status == 201
    assert slow < max(3 * usual, 0.25)
    assert max(answer.seconds for answer in during) < HELD / 2
    assert_whole(server.database)
    assert server.complaints() == []


def test_reading_has_a_process_left_however_many_write(
    new_server: Callable[..., Server], figure: Callable[[str], None]
) -> None:
    """The usual two processes, and six who write: they must not all stand in the way of the readers."""
    server = new_server()
    admin = server.sign_in()
    server.ready_children()
    writes: list[Answer] = []
    ended = threading.Event()

    def write() -> None:
        while not ended.is_set():
            writes.append(admin.post("/tasks", TASK))
            if writes[-1].status == 503:
                time.sleep(0.2)

    with held(server, HELD):
        writers = [threading.Thread(target=write, daemon=True) for _ in range(6)]
        for writer in writers:
            writer.start()
        time.sleep(0.3)
        during = read_for(admin, HELD - 0.7)
    time.sleep(0.3)
    ended.set()
    for writer in writers:
        writer.join()
    slow = percentile([answer.seconds for answer in during], 99)
    told = Counter(answer.status for answer in writes)
    figure(
        f"write lock held, 6 writers at 2 processes: reads p99 {milliseconds(slow)}; writes {dict(told)}"
    )
    assert {answer.status for answer in during} == {200}
    assert set(told) <= {201, 503}
    assert slow < 0.25
    stored = admin.get("/tasks").json()["meta"]["total"]
    assert stored == told[201]
    assert server.complaints() == []


def test_reading_does_not_wait_to_note_who_was_here(new_server: Callable[..., Server]) -> None:
    """Once in five minutes a member's request is written down; the lock must not make that one slow."""
    server = new_server()
    admin = server.sign_in()
    db = look(server.database)
    db.run("UPDATE staff SET last_seen_at = '2026-01-01T00:00:00.000Z'")
    db.close()
    with held(server, HELD):
        found = [admin.get("/auth/me") for _ in range(4)]
    assert {answer.status for answer in found} == {200}
    assert max(answer.seconds for answer in found) < HELD / 2
    assert server.complaints() == []


def test_a_process_that_starts_meanwhile_comes_up(new_server: Callable[..., Server]) -> None:
    """One that does not would take the whole of gunicorn with it."""
    server = new_server(workers=3, settings={"JACK_WRITE_DEADLINE": "1"})
    admin = server.sign_in()
    victim = server.ready_children()[0]
    ended = threading.Event()

    def write() -> None:
        while not ended.is_set():
            with suppress(*LOST):
                admin.post("/tasks", TASK)

    writers = [threading.Thread(target=write, daemon=True) for _ in range(2)]
    with held(server, 6.0):
        for writer in writers:
            writer.start()
        time.sleep(0.3)
        server.kill_one(victim)
        time.sleep(5.0)
    ended.set()
    for writer in writers:
        writer.join()
    assert len(server.ready_children()) == 3
    assert admin.post("/tasks", TASK).status == 201
    assert server.complaints() == []


def test_a_visitor_reads_on(new_server: Callable[..., Server]) -> None:
    """What the visitor is shown counts as delivered, which is a write, for which reading must not wait."""
    server = new_server(settings={"JACK_WRITE_DEADLINE": "1"})
    admin, visitor = server.sign_in(), server.visitor()
    visitor.post("/webchat/messages", {"content": "Hola", "clientMessageId": "1"})
    conversation = admin.get("/conversations").json()["data"][0]["id"]
    admin.post(f"/conversations/{conversation}/messages", {"content": "Buenas"})
    with held(server, HELD):
        shown = visitor.get("/webchat/messages?after=0")
    assert [message["content"] for message in shown.data] == ["Hola", "Buenas"]
    assert shown.seconds < HELD / 2
    visitor.get(f"/webchat/messages?after={shown.json()['meta']['cursor']}")
    stored = admin.get(f"/conversations/{conversation}/messages").data
    assert stored[-1]["status"] == "delivered"


def test_who_cannot_wait_longer_is_told_so(new_server: Callable[..., Server]) -> None:
    server = new_server(workers=4, settings={"JACK_WRITE_DEADLINE": "1"})
    admin = server.sign_in()
    server.ready_children()
    with held(server, 4.0):
        refused = admin.post("/tasks", TASK, {"Idempotency-Key": "again"})
        assert admin.get("/tasks").data == []
        told_at_once = [admin.post("/tasks", TASK) for _ in range(3)]
    assert {answer.status for answer in told_at_once} == {503}
    assert (
        max(answer.seconds for answer in told_at_once) < 0.7
    )  # a process that waits answers nobody who reads
    assert (refused.status, refused.code) == (503, "UNAVAILABLE")
    assert int(refused.headers["Retry-After"]) > 0
    assert refused.seconds < 3.0
    again = admin.post("/tasks", TASK, {"Idempotency-Key": "again"})
    assert (again.status, again.headers["Idempotency-Replayed"]) == (201, None)
    assert_whole(server.database)
    assert server.complaints() == []
