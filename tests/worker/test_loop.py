"""The background loop: one at a time, however often it fails, until it is stopped."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jack.channels import types as face
from jack.channels.results import Accepted, Result, Unknown
from jack.channels.types import Account, OutboundMessage
from jack.core.databases import Databases
from jack.core.db import Database
from jack.core.errors import Unavailable
from jack.core.file_locks import is_locked
from jack.worker import cleanup, loop
from jack.worker.heartbeat import heartbeat_age
from jack.worker.loop import Worker
from jack.worker.worker_lock import WorkerLock
from tests.builders import make_conversation, make_guest, make_member
from tests.conftest import Clock

PATIENCE = 10.0


def until(ready: Callable[[], object]) -> None:
    """Wait for what another thread does."""
    deadline = time.monotonic() + PATIENCE
    while not ready():
        assert time.monotonic() < deadline, "it never happened"
        threading.Event().wait(0.005)


class Recorder:
    """A channel that notes what it is given, one after the other."""

    REPEATABLE = False
    INSTANT = True

    def __init__(self, result: Result = Accepted()) -> None:  # noqa: B008 (never changed)
        self.result = result
        self.sent: list[str] = []

    def account(self, settings: Mapping[str, Any], public_url: str) -> Account:
        return Account("web", "web", settings, public_url)

    def send(self, account: Account, message: OutboundMessage) -> Result:
        self.sent.append(message.text)
        return self.result

    def test(self, account: Account, report: object) -> face.Tested:
        return face.Tested(True, "It works.")


@pytest.fixture(autouse=True)
def _no_idling(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TICK", "LOCK_RETRY"):
        monkeypatch.setattr(loop, name, 0.001)


@pytest.fixture
def databases(db: Database, clock: Clock) -> Databases:
    return Databases(db.path, time=clock)


Start = Callable[..., Worker]


@pytest.fixture
def start(databases: Databases, tmp_path: Path) -> Iterator[Start]:
    """Starts workers, which are stopped in the end."""
    started: list[tuple[Worker, threading.Thread]] = []

    def one(**channels: Recorder) -> Worker:
        made = Worker(databases, tmp_path / "worker.lock", channels)
        started.append((made, threading.Thread(target=made.run, daemon=True)))
        started[-1][1].start()
        return made

    yield one
    for made, thread in started:
        made.stop()
        thread.join(PATIENCE)
        assert not thread.is_alive()


def queue(db: Database, content: str = "Hello") -> str:
    """A message that waits to be sent."""
    from jack.resources.conversations import messages

    conversation = make_conversation(db)
    sent = messages.send(db, conversation["id"], content=content, by=make_member(db)["id"])
    return str(sent["id"])


def status(db: Database, message_id: str) -> str:
    return str(db.value("SELECT status FROM messages WHERE id = :id", {"id": message_id}))


def test_it_sends_what_is_due(db: Database, start: Start) -> None:
    message, recorder = queue(db), Recorder()
    start(web=recorder)
    until(lambda: status(db, message) == "sent")
    assert recorder.sent == ["Hello"]


def test_what_is_queued_in_order_is_sent_in_order(db: Database, start: Start) -> None:
    last = [queue(db, f"{n}") for n in range(30)][-1]
    recorder = Recorder()
    start(web=recorder)
    until(lambda: status(db, last) == "sent")
    assert recorder.sent == [f"{n}" for n in range(30)]


def test_an_unsure_sending_is_not_repeated(db: Database, start: Start) -> None:
    message, recorder = queue(db), Recorder(Unknown("the line broke"))
    start(web=recorder)
    until(lambda: status(db, message) == "unknown")
    other = queue(db, "another")
    until(lambda: status(db, other) == "unknown")
    assert recorder.sent == ["Hello", "another"]


def test_only_one_of_two_works(db: Database, start: Start, tmp_path: Path) -> None:
    lock = os.open(tmp_path / "worker.lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    recorder = Recorder()
    start(web=recorder)
    message = queue(db)
    threading.Event().wait(0.05)
    assert (recorder.sent, status(db, message)) == ([], "queued")
    os.close(lock)
    until(lambda: status(db, message) == "sent")


def test_when_one_ends_another_takes_over(db: Database, start: Start) -> None:
    recorders = [Recorder(), Recorder()]
    workers = [start(web=recorder) for recorder in recorders]
    first = queue(db, "one")
    until(lambda: status(db, first) == "sent")
    busy = next(number for number, recorder in enumerate(recorders) if recorder.sent)
    workers[busy].stop()
    second = queue(db, "two")
    until(lambda: status(db, second) == "sent")
    assert "two" in recorders[1 - busy].sent + recorders[busy].sent


def test_when_the_lock_is_deleted_the_worker_takes_the_new_one(
    db: Database, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else another process would lock a new file, and two would work."""
    monkeypatch.setattr(loop, "HEARTBEAT", 0.0)
    start(web=Recorder())
    until((tmp_path / "worker.lock").exists)
    (tmp_path / "worker.lock").unlink()
    until((tmp_path / "worker.lock").exists)
    until(lambda: is_locked(tmp_path / "worker.lock"))
    message_id = queue(db, "after")
    until(lambda: status(db, message_id) == "sent")


def test_a_lock_that_cannot_be_opened_is_waited_for(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lock = WorkerLock(tmp_path / "not yet" / "worker.lock")
    assert (lock.acquire(), lock.acquire()) == (False, False)
    assert len(caplog.messages) == 1
    (tmp_path / "not yet").mkdir()
    assert lock.acquire()
    assert lock.touch()
    lock.release()


def test_a_failure_is_logged_without_what_it_worked_on_and_it_goes_on(
    db: Database,
    start: Start,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    failed: list[str] = []
    turn = Worker.turn

    def fail(self: Worker, db: Database) -> bool:
        if not failed:
            failed.append("once")
            self._stopped.wait = lambda seconds: False  # type: ignore[assignment, misc]
            raise RuntimeError("Zach" + "arias")
        return turn(self, db)

    monkeypatch.setattr(Worker, "turn", fail)
    message, recorder = queue(db), Recorder()
    start(web=recorder)
    until(lambda: status(db, message) == "sent")
    assert "the worker failed with RuntimeError" in caplog.text
    assert "Zacharias" not in caplog.text


def test_a_busy_database_is_waited_for(
    db: Database, start: Start, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    refused: list[str] = []
    turn = Worker.turn

    def busy(self: Worker, db: Database) -> bool:
        if not refused:
            refused.append("once")
            self._stopped.wait = lambda seconds: False  # type: ignore[assignment, misc]
            raise Unavailable("The database is busy.")
        return turn(self, db)

    monkeypatch.setattr(Worker, "turn", busy)
    message = queue(db)
    start(web=Recorder())
    until(lambda: status(db, message) == "sent")
    assert "the worker waits: The database is busy." in caplog.text


def test_it_shows_life(db: Database, databases: Databases, tmp_path: Path) -> None:
    lock = tmp_path / "worker.lock"
    assert heartbeat_age(lock) is None
    lock.touch()
    os.utime(lock, (0, 0))
    assert (heartbeat_age(lock) or 0) > 1_000_000
    Worker(databases, lock).turn(db)
    assert (heartbeat_age(lock) or 9) < 5


def test_a_message_over_a_channel_nobody_serves_fails(db: Database, databases: Databases) -> None:
    message = queue(db)
    Worker(databases, Path("unused"), {}).send_due(db)
    assert status(db, message) == "failed"


def test_a_process_whose_worker_is_elsewhere_starts_none(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []
    monkeypatch.setattr(Worker, "start", lambda self: started.append("one"))
    for wanted in (False, True):
        config = SimpleNamespace(
            worker=wanted,
            worker_lock=Path("x"),
            base_url="http://x",
            webhook_hosts=(),
            push_hosts=(),
            backup_command=None,
            backup_recipients=(),
            metrics=None,
        )
        home = SimpleNamespace(config=config, databases=None, secret="s")
        loop.start_in(SimpleNamespace(extensions={"jack": home}))  # type: ignore[arg-type]
    assert len(started) == 1


def test_cleanup_deletes_what_has_expired(db: Database, clock: Clock) -> None:
    from jack.resources.auth import sessions
    from jack.resources.webchat import store as webchat

    member = make_member(db)["id"]
    make_guest(db)
    sessions.begin_session(db, member, hours=24)
    sessions.invite(db, member)
    webchat.create_session(db)
    clock.move(38 * 86_400)
    make_guest(db)
    cleanup.delete_expired(db)
    left = {
        name: db.value(f"SELECT count(*) FROM {name}")
        for name in ("events", "sessions", "invites", "webchat_sessions")
    }
    assert left == {"events": 1, "sessions": 0, "invites": 0, "webchat_sessions": 0}


def test_cleanup_leaves_what_is_still_of_use(db: Database, clock: Clock) -> None:
    from jack.resources.auth import sessions
    from jack.resources.webchat import store as webchat

    member = make_member(db)["id"]
    sessions.begin_session(db, member, hours=24)
    sessions.invite(db, member)
    webchat.create_session(db)
    clock.move(6 * 86_400)
    cleanup.delete_expired(db)
    for name in ("events", "sessions", "invites", "webchat_sessions"):
        assert db.value(f"SELECT count(*) FROM {name}") == 1, name
