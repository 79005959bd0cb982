"""An upgrade that is killed at any moment starts again; a newer file is refused."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from jack.core.db import Database, transaction
from jack.core.integrity import problems
from jack.core.migrations import latest_version, migrate, version
from jack.core.sqlite import DatabaseError
from tests.builders import make_task
from tests.reliability.invariants import look
from tests.reliability.server import ROOT, clean_environment

pytestmark = pytest.mark.system

KILLS = {False: 6, True: 60}
FIRST = latest_version() + 1
NEWEST = FIRST + 3
TASKS = 2000
STEP = """
    CREATE TABLE step_{n} (n INTEGER PRIMARY KEY, title TEXT NOT NULL) STRICT;
    INSERT INTO step_{n} SELECT seq, title || {n} FROM tasks;
    SELECT count(*) FROM step_{n};
    ALTER TABLE tasks ADD COLUMN added_{n} TEXT;
    UPDATE tasks SET added_{n} = title;
    CREATE INDEX tasks_added_{n} ON tasks (added_{n});
"""


@pytest.fixture
def steps(folder: Path) -> Path:
    """A folder of migrations that all have something to do."""
    made = folder / "migrations"
    made.mkdir()
    for number in range(FIRST, NEWEST + 1):
        (made / f"{number:04}_step.sql").write_text(STEP.format(n=number), encoding="utf-8")
    return made


@pytest.fixture
def today(folder: Path) -> Path:
    """A database of today, with something in it: more than a backup copies in one go."""
    path = folder / "first" / "jack.db"
    path.parent.mkdir()
    db = Database(path)
    migrate(db)
    with transaction(db):
        for _ in range(TASKS):
            make_task(db, notes="n" * 1500)
    db.close()
    return path


def upgrading(path: Path, steps: Path) -> subprocess.Popen[bytes]:
    """A process that is about to upgrade."""
    command = [sys.executable, "-m", "tests.reliability.migrating", str(path), str(steps)]
    program = subprocess.Popen(
        command,
        cwd=ROOT,
        env=clean_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert program.stdout is not None
    assert program.stdout.readline() == b"ready\n"
    return program


def begin(program: subprocess.Popen[bytes]) -> None:
    """Let it upgrade."""
    assert program.stdin is not None
    program.stdin.write(b"\n")
    program.stdin.flush()


def fresh(today: Path, place: Path) -> Path:
    """A copy of it to work on."""
    place.mkdir()
    return Path(shutil.copy(today, place / "jack.db"))


def state(path: Path) -> int:
    """The version of the file, all of whose steps are there whole, and none of a later one."""
    db = look(path)
    try:
        found = version(db)
        tables = {row["name"] for row in db.all("SELECT name FROM sqlite_schema")}
        for number in range(FIRST, NEWEST + 1):
            there = number <= found
            assert (f"step_{number}" in tables) is there
            assert (f"tasks_added_{number}" in tables) is there
            assert not there or db.value(f"SELECT count(*) FROM step_{number}") == TASKS
        assert db.value("SELECT count(*) FROM tasks") == TASKS
        assert problems(db) == []
        return found
    finally:
        db.close()


def backups(path: Path) -> list[int]:
    """The versions of the copies made before an upgrade; each is whole."""
    found = []
    for copy in sorted((path.parent / "backups").glob("*.db")):
        found.append(state(copy))
        assert copy.name.startswith(f"before-upgrade-from-{found[-1]}-")
    return found


def test_killed_at_any_moment_it_starts_again(
    folder: Path, today: Path, steps: Path, figure: Callable[[str], None], long: bool
) -> None:
    whole = fresh(today, folder / "whole")
    program = upgrading(whole, steps)
    began = time.monotonic()
    begin(program)
    out, _ = program.communicate()
    took = time.monotonic() - began
    assert out == f"{NEWEST}\n".encode()
    reached: Counter[int] = Counter()
    for number in range(KILLS[long]):
        path = fresh(today, folder / f"killed-{number}")
        program = upgrading(path, steps)
        begin(program)
        time.sleep(random.uniform(0, took))
        program.kill()
        program.communicate()
        reached[state(path)] += 1
        db = Database(path)
        assert migrate(db, folder=steps) == NEWEST
        db.close()
        assert state(path) == NEWEST
        assert latest_version() in backups(path)
        shutil.rmtree(path.parent)
    figure(
        f"upgrade: {KILLS[long]} × kill -9 left versions "
        f"{', '.join(f'{found} (×{times})' for found, times in sorted(reached.items()))}, each of them whole; "
        "all started again"
    )


def test_of_several_processes_at_once_one_upgrades(folder: Path, today: Path, steps: Path) -> None:
    """gunicorn starts several: one backup, of the version it says."""
    path = fresh(today, folder / "several")
    programs = [upgrading(path, steps) for _ in range(4)]
    for program in programs:
        begin(program)
    told = [program.communicate() for program in programs]
    assert [(out, err) for out, err in told] == [(f"{NEWEST}\n".encode(), b"")] * 4
    assert [program.returncode for program in programs] == [0] * 4
    assert state(path) == NEWEST
    assert backups(path) == [latest_version()]


def test_an_older_program_refuses_a_newer_file(folder: Path, today: Path, steps: Path) -> None:
    path = fresh(today, folder / "newer")
    db = Database(path)
    migrate(db, folder=steps)
    (steps / f"{NEWEST:04}_step.sql").unlink()
    with pytest.raises(DatabaseError, match="newer Jack"):
        migrate(db, folder=steps)
    db.close()
    assert state(path) == NEWEST
    assert backups(path) == [latest_version()]
