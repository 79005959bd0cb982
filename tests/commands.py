"""What the tests of the commands share: typing one, here or as a program of its own, and looking at what it left."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from click.testing import CliRunner, Result

from jack.cli import commands
from jack.core.db import Database
from jack.core.migrations import migrate

ROOT = Path(__file__).resolve().parent.parent
JACK = (sys.executable, "-m", "jack")
PASSWORD = "correct horse battery"
PATIENCE = 30.0


def typed(*words: str, stdin: str = "") -> Result:
    """A command, typed in this process; its settings are those of the environment."""
    result = CliRunner().invoke(commands, words, input=stdin)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def settings(**own: str) -> dict[str, str]:
    """An environment for a program: this one's without any of Jack's settings, and the given ones."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JACK_")}
    return kept | {"PYTHONPATH": str(ROOT)} | own


def started(*words: str, **options: Any) -> subprocess.Popen[str]:
    """A command as a program of its own."""
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [*JACK, *words], stdout=pipe, stderr=pipe, text=True, cwd=ROOT, **options
    )


def finished(*words: str, stdin: str = "", **options: Any) -> subprocess.CompletedProcess[str]:
    """A command as a program of its own, at its end."""
    plain = {"capture_output": True, "text": True, "timeout": PATIENCE, "check": False}
    return subprocess.run([*JACK, *words], input=stdin, **plain, **options)  # noqa: PLW1510 (above)


@contextmanager
def looked_at(path: Path) -> Iterator[Database]:
    """A database file by itself, whatever is in it."""
    db = Database(path, deadline=20)
    try:
        yield db
    finally:
        db.close()


@contextmanager
def database(instance: Path) -> Iterator[Database]:
    """The database of an instance, made if it is not there."""
    instance.mkdir(mode=0o700, exist_ok=True)
    db = Database(instance / "jack.db", deadline=20)
    try:
        migrate(db)
        yield db
    finally:
        db.close()


def until(ready: Callable[[], bool], what: str, *, every: float = 0.02) -> None:
    """Wait until something is so, looking every so many seconds."""
    deadline = time.monotonic() + PATIENCE
    while not ready():
        assert time.monotonic() < deadline, f"in {PATIENCE:.0f} seconds not: {what}"
        time.sleep(every)


def answers(port: int) -> bool:
    """Whether Jack answers on a port of this machine."""
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz").json() == {"status": "ok"}
    except (httpx.TransportError, ValueError):
        return False


WRITE = """
import sys
from pathlib import Path
from jack.resources.conversations import messages
from jack.core.db import Database, transaction
from jack.resources.guests import store as guests
db = Database(Path(sys.argv[1]), deadline=20)
number = 0
while True:
    with transaction(db):
        guest = guests.create(db, name=f"Writer {sys.argv[2]} guest {number}")
        messages.receive(
            db, guest_id=guest["id"], channel="sms", content="Hola " * 20, account="t", event_key=guest["id"]
        )
    number += 1
    if number == 20:
        print("writing", flush=True)
"""


@contextmanager
def writers(path: Path, count: int) -> Iterator[None]:
    """Programs that write to a database without a pause for the length of the block."""
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", WRITE, str(path), str(number)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for number in range(count)
    ]
    try:
        for program in programs:
            assert program.stdout is not None
            assert program.stdout.readline() == "writing\n"
        yield
    finally:
        for program in programs:
            program.kill()
            program.communicate()


def counts(db: Database) -> dict[str, int]:
    """How many rows every table has."""
    names = db.all("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'")
    tables = [row["name"] for row in names if not row["name"].startswith("sqlite_")]
    return {name: db.value(f"SELECT count(*) FROM {name}") for name in tables}
