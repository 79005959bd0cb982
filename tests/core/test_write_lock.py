"""The lock of writers: who waits is woken, and nobody waits for ever."""

import multiprocessing
import os
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from jack.core.errors import Unavailable
from jack.core.write_lock import WriteLock, files, remove_files

WRITERS = 4
TURNS = 200


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Where a database would be; the lock needs none."""
    return tmp_path / "jack.db"


@pytest.fixture
def lock(database: Path) -> Iterator[WriteLock]:
    """A lock of this process."""
    with_files = WriteLock(database)
    yield with_files
    with_files.close()


def count_up(database: Path, counter: Path) -> None:
    """Add one to the number in a file, over and over, under the lock."""
    lock = WriteLock(database)
    for _ in range(TURNS):
        lock.acquire(20)
        counter.write_text(str(int(counter.read_text()) + 1))
        lock.release()
    lock.close()


def wait_for_it(database: Path, line: Connection) -> None:
    """Say when the lock was got."""
    lock = WriteLock(database)
    line.send("waiting")
    lock.acquire(20)
    line.send(time.monotonic())
    lock.close()


def hold(database: Path, line: Connection) -> None:
    """Say that the lock is held, and keep it."""
    WriteLock(database).acquire(20)
    line.send("held")
    time.sleep(60)


def waiter(database: Path) -> tuple[multiprocessing.process.BaseProcess, Connection]:
    """A process that waits for the lock, and the line it talks on."""
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe()
    process = context.Process(target=wait_for_it, args=(database, there))
    process.start()
    assert here.recv() == "waiting"
    time.sleep(0.05)
    return process, here


def test_one_at_a_time_and_each_gets_its_turn(database: Path, tmp_path: Path) -> None:
    counter = tmp_path / "counter"
    counter.write_text("0")
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=count_up, args=(database, counter)) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
        assert writer.exitcode == 0
    assert counter.read_text() == str(WRITERS * TURNS)


def test_who_waits_does_not_look_all_the_time(database: Path, lock: WriteLock) -> None:
    lock.acquire(1)
    begun = time.process_time()
    other = WriteLock(database)
    with pytest.raises(Unavailable):
        other.acquire(0.5)
    assert time.process_time() - begun < 0.05
    other.close()


def test_a_release_wakes_who_waits(
    database: Path, lock: WriteLock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jack.core.write_lock.LOOK_AGAIN", 10_000)
    lock.acquire(1)
    process, line = waiter(database)
    assert not line.poll()
    released = time.monotonic()
    lock.release()
    assert line.recv() - released < 2
    process.join(10)


def test_the_lock_of_who_is_killed_is_got_soon(database: Path) -> None:
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe()
    holder = context.Process(target=hold, args=(database, there))
    holder.start()
    assert here.recv() == "held"
    process, line = waiter(database)
    holder.kill()  # no byte goes into the pipe
    holder.join(10)
    assert line.poll(2)
    process.join(10)


def test_a_full_pipe_stops_nobody(lock: WriteLock) -> None:
    assert os.write(lock._pipe, bytes(2**20)) < 2**20
    for _ in range(3):
        lock.acquire(1)
        lock.release()


@pytest.mark.parametrize("what", ["folder", "file"])
def test_without_a_pipe_it_is_looked(database: Path, what: str) -> None:
    pipe = files(database)[1]
    pipe.mkdir() if what == "folder" else pipe.write_text("not a pipe")
    lock, other = WriteLock(database), WriteLock(database)
    lock.acquire(1)
    with pytest.raises(Unavailable):
        other.acquire(0.05)
    lock.release()
    other.acquire(1)
    lock.close()
    other.close()


def test_its_files_are_removed_together(database: Path, lock: WriteLock) -> None:
    assert sorted(path.name for path in database.parent.iterdir()) == ["jack.gate", "jack.wake"]
    remove_files(database)
    remove_files(database)
    assert not list(database.parent.iterdir())
