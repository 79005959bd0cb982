"""The worker's rest: what ends it, and what it does where nobody can ring."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jack.core import bell, clock
from jack.core.databases import Databases
from jack.core.db import Database
from jack.core.file_locks import is_locked
from jack.resources.conversations import messages, scheduled
from jack.worker import heartbeat, loop, next_due, rest
from jack.worker.bell import DEAF, Listener, Watch
from jack.worker.loop import Worker
from tests.builders import make_conversation, make_member
from tests.conftest import Clock
from tests.worker.test_loop import PATIENCE, Recorder, queue, status, until

LONG = 600.0


@pytest.fixture(autouse=True)
def _nothing_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that nobody wakes sleeps longer than any of these tests."""
    monkeypatch.setattr(loop, "TICK", 0.01)
    monkeypatch.setattr(loop, "HEARTBEAT", LONG)
    monkeypatch.setattr(rest, "LONGEST", LONG)
    monkeypatch.setattr(rest, "WARM", 0.0)


Start = Callable[..., Worker]


@pytest.fixture
def start(db: Database, clock: Clock, tmp_path: Path) -> Iterator[Start]:
    """Starts workers, each with connections of its own, which are stopped in the end."""
    started: list[tuple[Worker, threading.Thread]] = []

    def one(recorder: Recorder) -> Worker:
        databases = Databases(db.path, time=clock)
        made = Worker(databases, tmp_path / "worker.lock", {"web": recorder})
        started.append((made, threading.Thread(target=made.run, daemon=True)))
        started[-1][1].start()
        return made

    yield one
    for made, thread in started:
        made.stop()
        thread.join(PATIENCE)
        assert not thread.is_alive()


def is_resting(worker: Worker) -> bool:
    return worker._rest._resting


@pytest.fixture
def resting(start: Start) -> tuple[Worker, Recorder]:
    """A worker that has nothing to do."""
    recorder = Recorder()
    worker = start(recorder)
    until(lambda: is_resting(worker))
    return worker, recorder


def test_what_is_written_wakes_it(db: Database, resting: tuple[Worker, Recorder]) -> None:
    message = queue(db)
    until(lambda: status(db, message) == "sent")


def test_what_another_connection_writes_wakes_it_as_well(
    db: Database, clock: Clock, resting: tuple[Worker, Recorder]
) -> None:
    other = Database(db.path, time=clock)
    message = queue(other)
    other.close()
    until(lambda: status(db, message) == "sent")


def test_what_is_rolled_back_does_not(db: Database, resting: tuple[Worker, Recorder]) -> None:
    worker, _ = resting
    db.begin()
    make_member(db)
    db.end("ROLLBACK")
    threading.Event().wait(0.05)
    assert is_resting(worker)
    assert not worker._rest.news.is_set()


def test_it_wakes_when_the_next_thing_is_due(db: Database, tmp_path: Path) -> None:
    recorder = Recorder()
    worker = Worker(Databases(db.path), tmp_path / "worker.lock", {"web": recorder})
    own = Database(db.path)  # by the real time
    message = queue(own)
    own.run("UPDATE outbox SET due_at = :at", {"at": clock.stamp(time.time() + 0.4)})
    own.close()
    thread = threading.Thread(target=worker.run, daemon=True)
    thread.start()
    until(lambda: is_resting(worker))
    assert recorder.sent == []
    until(lambda: status(db, message) == "sent")
    worker.stop()
    thread.join(PATIENCE)


def test_where_nobody_can_ring_it_looks_by_itself(
    db: Database, start: Start, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "worker.sock").mkdir()  # no socket can be here
    start(Recorder())
    message = queue(db)
    until(lambda: status(db, message) == "sent")
    assert caplog.text.count("ten times a second") == 1


def test_a_bell_that_was_deleted_is_hung_up_again(
    db: Database, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "HEARTBEAT", 0.0)
    monkeypatch.setattr(rest, "LONGEST", 0.01)
    start(Recorder())
    until((tmp_path / "worker.sock").exists)
    (tmp_path / "worker.sock").unlink()
    until((tmp_path / "worker.sock").exists)


def test_who_waits_for_the_lock_has_it_at_once(
    db: Database, start: Start, tmp_path: Path, resting: tuple[Worker, Recorder]
) -> None:
    first, heard = resting
    second = Recorder()
    successor = start(second)
    until(lambda: successor._rest._watch._line is not None)
    first.stop()
    until(lambda: is_locked(tmp_path / "worker.lock") and is_resting(successor))
    message = queue(db)
    until(lambda: status(db, message) == "sent")
    assert (heard.sent, second.sent) == ([], ["Hello"])


def test_it_is_alive_while_it_rests(resting: tuple[Worker, Recorder], tmp_path: Path) -> None:
    assert heartbeat.heartbeat_age(tmp_path / "worker.lock", PATIENCE) == 0


def test_one_that_is_stuck_is_as_old_as_its_round(tmp_path: Path) -> None:
    listener = Listener(tmp_path / "worker.sock", lambda: None, lambda: 17.5)
    assert heartbeat.heartbeat_age(tmp_path / "worker.lock", PATIENCE) == 17.5
    listener.hide()
    listener.close()
    assert heartbeat.heartbeat_age(tmp_path / "worker.lock") is None


def test_one_that_does_not_answer_ages(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as door:
        bell.at(tmp_path / "worker.sock", door.bind)
        door.listen()
        first = heartbeat.heartbeat_age(tmp_path / "worker.lock", 0.01)
        second = heartbeat.heartbeat_age(tmp_path / "worker.lock", 0.05)
    assert first is not None
    assert second is not None
    assert second > first


def test_two_slow_answers_are_no_silence(tmp_path: Path) -> None:
    """The one before was half a minute ago; the worker has answered everybody else meanwhile."""
    path = tmp_path / "worker.sock"

    def answer() -> None:
        lines = [door.accept()[0] for _ in range(2)]
        lines[1].recv(64)
        lines[1].sendall(b"0.000\n")
        for line in lines:
            line.close()

    with socket.socket(socket.AF_UNIX) as door:
        bell.at(path, door.bind)
        door.listen()
        answering = threading.Thread(target=answer)
        answering.start()
        heartbeat._silent_since[path] = time.monotonic() - 30
        assert heartbeat.heartbeat_age(tmp_path / "worker.lock", 0.05) == 0
        answering.join()


def test_a_folder_may_have_a_long_name(tmp_path: Path) -> None:
    path = tmp_path / ("a" * 200) / "worker.sock"
    path.parent.mkdir()
    heard = threading.Event()
    listener = Listener(path, heard.set, lambda: 0.0)
    rung = bell.Bell(path.with_name("jack.db"))
    rung.ring()
    assert heard.wait(PATIENCE)
    rung.close()
    listener.hide()
    listener.close()


def test_many_rings_are_heard_as_few(tmp_path: Path) -> None:
    heard: list[float] = []
    listener = Listener(tmp_path / "worker.sock", lambda: heard.append(time.monotonic()), float)
    rung = bell.Bell(tmp_path / "jack.db")
    began = last = time.monotonic()
    while last < began + 0.35:
        last = time.monotonic()
        rung.ring()
    until(lambda: heard[-1] >= last)
    assert 2 <= len(heard) <= 2 + (heard[-1] - began) / DEAF
    rung.close()
    listener.hide()
    listener.close()


def test_a_bell_rings_at_the_worker_that_is_there_now(tmp_path: Path) -> None:
    rung = bell.Bell(tmp_path / "jack.db")
    rung.ring()  # at nobody
    for _ in range(2):
        heard = threading.Event()
        listener = Listener(tmp_path / "worker.sock", heard.set, lambda: 0.0)
        rung.ring()
        assert heard.wait(PATIENCE)
        listener.hide()
        listener.close()
    rung.ring()
    rung.close()


def test_a_watch_ends_when_it_is_told_to(tmp_path: Path) -> None:
    listener = Listener(tmp_path / "worker.sock", lambda: None, lambda: 0.0)
    watch = Watch()
    done: list[bool] = []
    thread = threading.Thread(
        target=lambda: done.append(watch.wait(tmp_path / "worker.sock", LONG, lambda: False))
    )
    thread.start()
    until(lambda: watch._line is not None)
    watch.end()
    thread.join(PATIENCE)
    assert done == [True]
    listener.hide()
    listener.close()
    assert watch.wait(tmp_path / "worker.sock", LONG, lambda: False) is False


def test_the_next_thing_due_is_the_first_of_all(db: Database, clock: Clock) -> None:
    assert next_due.seconds(db) is None
    message = queue(db)
    assert next_due.seconds(db) == 0
    for channel in ("email", "sms", "web", "whatsapp"):
        db.run("UPDATE outbox SET channel = :channel", {"channel": channel})
        db.run("UPDATE outbox SET due_at = :at", {"at": _later(db, 30)})
        assert next_due.seconds(db) == 30, channel
    lease = {"at": _later(db, 60)}
    db.run("UPDATE outbox SET owner = 'somebody', lease_until = :at, claimed_at = :at", lease)
    assert next_due.seconds(db) == 60
    db.run("DELETE FROM outbox WHERE message_id = :id", {"id": message})
    conversation = make_conversation(db)
    by = make_member(db)["id"]
    messages.send(db, conversation["id"], content="Later", by=by, send_at=_later(db, 300))
    assert scheduled.due(db) == []
    assert next_due.seconds(db) == 300
    db.run(
        "UPDATE conversations SET status = 'pending', snoozed_until = :at WHERE id = :id",
        {"at": _later(db, 120), "id": conversation["id"]},
    )
    assert next_due.seconds(db) == 120


def _later(db: Database, seconds: float) -> str:
    return clock.later(db.now(), seconds=seconds)


def test_every_step_to_the_next_thing_due_is_in_an_index(db: Database) -> None:
    plan = [row["detail"] for row in db.all(f"EXPLAIN QUERY PLAN {next_due.NEXT}")]
    small = tuple(
        f"SCAN {table}"
        for table in (
            "CONSTANT ROW",
            "automations",
            "notification_preferences",
            "push_place",
            "push_subscriptions",
        )
    )
    assert [line for line in plan if line.startswith("SCAN") and not line.startswith(small)] == []
