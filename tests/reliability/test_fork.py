"""A connection is never carried over a fork: whoever was promised something finds it, in parent and child."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from jack.core.databases import Databases
from jack.core.db import Database
from jack.core.migrations import migrate
from tests.builders import make_task
from tests.reliability.invariants import assert_whole, rows
from tests.reliability.server import ROOT, clean_environment

pytestmark = pytest.mark.system

# Parent and child write at once; each says what it was promised. The parent goes first, the child writes on.
FORKING = """
    import os, sys, time
    from pathlib import Path
    from jack.core.databases import Databases
    from jack.core.migrations import migrate
    from tests.builders import make_task

    databases = Databases(Path(sys.argv[1]))
    migrate(databases.get())
    make_task(databases.get(), title="before")
    mine = databases.get()
    child = os.fork()
    who = "parent" if child else "child"
    db = databases.get()
    assert (db is mine) == bool(child), who
    for number in range(60 if child else 120):
        make_task(db, title=f"{who} {number}")
        os.write(1, f"{who} {number}\\n".encode())
    if child:
        databases.close()
        os.waitpid(child, 0)
"""


def run(program: str, *arguments: str) -> str:
    """What a Python program says."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), *arguments],
        cwd=ROOT,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    ).stdout


def test_both_keep_what_they_promised(folder: Path) -> None:
    path = folder / "jack.db"
    promised = run(FORKING, str(path)).splitlines()
    assert len(promised) == 180
    stored = {row["title"] for row in rows(path, "SELECT title FROM tasks")}
    assert set(promised) - stored == set()
    assert_whole(path)


def test_a_child_says_by_locks_that_it_is_in_the_database(folder: Path) -> None:
    """Else the last one to leave takes the log away from under it, and a COMMIT that was acknowledged is gone."""
    path = folder / "jack.db"
    program = """
        import os, sys
        from pathlib import Path
        from jack.core.databases import Databases
        from jack.core.migrations import migrate
        from tests.builders import make_task

        path = Path(sys.argv[1])
        databases = Databases(path)
        migrate(databases.get())
        told, tell = os.pipe()
        wait, go = os.pipe()
        if os.fork() == 0:
            db = databases.get()
            db.value("SELECT count(*) FROM tasks")
            os.write(tell, b"x")
            os.read(wait, 1)
            make_task(db, title="promised")
            os.write(1, b"promised\\n")
            os.kill(os.getpid(), 9)
        os.read(told, 1)
        databases.close()  # the last connection, as far as locks can tell
        assert Path(f"{path}-wal").exists(), "the log was taken away"
        os.write(go, b"x")
        os.wait()
    """
    assert run(program, str(path)) == "promised\n"
    assert [row["title"] for row in rows(path, "SELECT title FROM tasks")] == ["promised"]
    assert_whole(path)


def test_a_second_connection_of_a_process_does_not_end_the_locks_of_the_first(folder: Path) -> None:
    """Closing any descriptor of a file ends all locks its process has on it: nobody may open the file by the way."""
    databases = Databases(folder / "jack.db")
    migrate(databases.get())
    make_task(databases.get())
    other = threading.Thread(
        target=lambda: (databases.get().value("SELECT 1"), databases.close()), daemon=True
    )
    other.start()
    other.join()
    Database(folder / "jack.db").close()
    assert not _nobody_is_in(folder / "jack.db")
    databases.close()
    assert _nobody_is_in(folder / "jack.db")


def _nobody_is_in(path: Path) -> bool:
    """Whether another process finds no lock of SQLite's on the file."""
    program = """
        import fcntl, os, sys
        file = os.open(sys.argv[1], os.O_RDWR)
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 512, 0x40000000)
        except OSError:
            print("in use")
    """
    return run(program, str(path)) == ""


def test_the_gate_is_nobody_elses_after_a_fork(folder: Path) -> None:
    """The writers' turn belongs to a descriptor: a child with one of its own has to wait for it like anybody."""
    db = Database(folder / "jack.db")
    migrate(db)
    db.begin()
    other = os.open(folder / "jack.gate", os.O_RDWR)
    try:
        with pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        db.end("COMMIT")
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        os.close(other)
        db.close()
