"""A backup made while others write, put into an empty folder: whole, and of one moment."""

from __future__ import annotations

import itertools
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from jack.core.db import Database, transaction
from jack.core.migrations import migrate
from tests.builders import make_task
from tests.reliability.client import Client
from tests.reliability.invariants import assert_whole, look, rows
from tests.reliability.server import ROOT, Server, clean_environment

pytestmark = pytest.mark.system

# More than is copied in one step, so that others write in between.
TASKS = 6000
TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'"


def jack(instance: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command of `bin/jack`."""
    return subprocess.run(
        [sys.executable, "-m", "jack", *arguments],
        cwd=ROOT,
        env=clean_environment(JACK_INSTANCE=str(instance)),
        capture_output=True,
        text=True,
        check=False,
    )


def fill(path: Path) -> None:
    db = look(path)
    with transaction(db):
        for _ in range(TASKS):
            make_task(db, notes="n" * 1500)
    db.close()


@contextmanager
def written(server: Server, admin: Client) -> Iterator[list[tuple[float, str]]]:
    """Three writers at work; gives the moments and ids of what was acknowledged."""
    kept: list[tuple[float, str]] = []
    stopped = threading.Event()
    conversation = server.conversation(admin)
    numbers = itertools.count()

    def write() -> None:
        visitor = server.visitor()
        while not stopped.is_set():
            text = f"{next(numbers)}"
            for answer in (
                admin.post(f"/conversations/{conversation}/messages", {"content": text}),
                visitor.post("/webchat/messages", {"content": text, "clientMessageId": text}),
            ):
                assert answer.status == 201
                kept.append((time.monotonic(), answer.data["id"]))

    threads = [threading.Thread(target=write, daemon=True) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        yield kept
    finally:
        stopped.set()
        for thread in threads:
            thread.join()


def counts(path: Path) -> dict[str, int]:
    """How many rows every table has."""
    names = [row["name"] for row in rows(path, TABLES)]
    return {name: rows(path, f"SELECT count(*) AS n FROM {name}")[0]["n"] for name in names}


def test_while_others_write(
    new_server: Callable[..., Server], folder: Path, figure: Callable[[str], None]
) -> None:
    server = new_server()
    admin = server.sign_in()
    fill(server.database)
    copy, empty = folder / "copy.db", folder / "empty"
    with written(server, admin) as kept:
        while len(kept) < 20:
            time.sleep(0.01)
        began = time.monotonic()
        made = jack(server.instance, "backup", str(copy))
        took = time.monotonic() - began
        during = sum(moment >= began for moment, _ in kept)
    assert made.returncode == 0, made.stderr
    assert during > 10
    put_back = jack(empty, "restore", str(copy))
    assert put_back.returncode == 0, put_back.stderr
    assert_whole(empty / "jack.db")
    stored = {row["id"] for row in rows(empty / "jack.db", "SELECT id FROM messages")}
    assert {id for moment, id in kept if moment < began} - stored == set()
    figure(
        f"backup: {copy.stat().st_size / 1e6:.0f} MB in {took:.1f} s beside {during} writes; "
        "restored into an empty folder it is whole"
    )


WRITING = """
import sys
from pathlib import Path
from jack.core.db import Database
from tests.builders import make_task

db = Database(Path(sys.argv[1]))
while True:
    make_task(db)
    print(flush=True)
"""


def test_a_copy_does_not_begin_anew_whenever_somebody_writes(folder: Path) -> None:
    """Else it would never end while the hotel is busy."""
    path = folder / "jack.db"
    db = Database(path)
    migrate(db)
    fill(path)
    command = [sys.executable, "-c", WRITING, str(path)]
    writer = subprocess.Popen(
        command, cwd=ROOT, env=clean_environment(), stdout=subprocess.PIPE, bufsize=0
    )
    assert writer.stdout is not None
    done: list[int] = []

    def progress(copied: int, total: int) -> None:
        assert not done or copied > done[-1]
        done.append(copied)
        assert writer.stdout is not None
        writer.stdout.readline()  # somebody writes between any two steps

    try:
        writer.stdout.readline()
        db.copy_to(folder / "copy.db", progress)
    finally:
        writer.kill()
        writer.wait()
        writer.stdout.close()
        db.close()
    assert len(done) > 1
    assert_whole(folder / "copy.db")


def test_of_a_quiet_database_every_row_is_there(
    new_server: Callable[..., Server], folder: Path
) -> None:
    """And the restored one serves."""
    server = new_server(settings={"JACK_WORKER": "0"})
    admin = server.sign_in()
    server.conversation(admin)
    copy, empty = folder / "copy.db", folder / "empty"
    assert jack(server.instance, "backup", str(copy)).returncode == 0
    assert jack(empty, "restore", str(copy)).returncode == 0
    assert counts(empty / "jack.db") == counts(server.database)
    other = new_server(disk=empty)
    assert other.sign_in().get("/conversations").json()["meta"]["total"] == 1


def test_a_killed_backup_leaves_none_or_a_whole_one(
    new_server: Callable[..., Server], folder: Path
) -> None:
    server = new_server()
    fill(server.database)
    for number in range(3):
        copy = folder / f"copy-{number}.db"
        command = [sys.executable, "-m", "jack", "backup", str(copy)]
        env = clean_environment(JACK_INSTANCE=str(server.instance))
        program = subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        partial = copy.with_name(f"{copy.name}.partial")
        while not partial.exists() and program.poll() is None:
            time.sleep(0.002)
        time.sleep(random.uniform(0, 0.3))
        program.kill()
        program.wait()
        if copy.exists():
            assert_whole(copy)
    assert_whole(server.database)
