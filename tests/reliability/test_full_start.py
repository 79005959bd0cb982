"""Jack starts on a full disk: reads work, writes are 503, and with space again it goes on without another start."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from jack.core import disk_reserve
from jack.core.config import read
from jack.core.db import Database
from jack.core.errors import Unavailable
from jack.core.migrations import migrate
from jack.operations.bootstrap import prepare
from tests.builders import make_guest
from tests.ports import free_port
from tests.reliability.client import LOST, Client
from tests.reliability.disk import MIB, fill, small_disk
from tests.reliability.invariants import assert_whole
from tests.reliability.server import ADMIN, NO_LIMITS, PATIENCE, ROOT, clean_environment

pytestmark = pytest.mark.system


@pytest.fixture
def disk(folder: Path) -> Iterator[Path]:
    with small_disk(folder / "disk", 24 * MIB) as place:
        yield place


@contextmanager
def running(instance: Path, server: str) -> Iterator[Client]:
    """Jack as `make run` starts it, with its log on the disk that is full; a client of nobody's."""
    port = free_port()
    env = clean_environment(
        JACK_INSTANCE=str(instance),
        JACK_SERVER=server,
        PORT=str(port),
        JACK_ADMIN_EMAIL=ADMIN["email"],
        JACK_ADMIN_PASSWORD=ADMIN["password"],
        **NO_LIMITS,
    )
    with (instance.parent / "jack.log").open("ab") as log:
        program = subprocess.Popen(
            [sys.executable, "-m", "jack", "run"], cwd=ROOT, env=env, stdout=log, stderr=log
        )
    try:
        _until_up(program, Client(port, prefix=""))
        yield Client(port)
    finally:
        program.send_signal(signal.SIGTERM)
        program.wait(PATIENCE)


def _until_up(program: subprocess.Popen[bytes], probe: Client) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        with suppress(*LOST):
            if probe.get("/healthz").status == 200:
                return
        assert program.poll() is None, "it did not start"
        assert time.monotonic() < deadline, "it does not answer"
        time.sleep(0.05)


@pytest.mark.parametrize("server", ["granian", "gunicorn"])
def test_it_starts_on_a_full_disk(disk: Path, server: str) -> None:
    instance = disk / "instance"
    with running(instance, server) as nobody:
        answer = nobody.post("/auth/login", ADMIN)
        token = answer.data["token"]
        assert Client(nobody.port, token).post("/guests", {"name": "before"}).status == 201
    fill(disk).rename(disk / "first")
    with running(instance, server) as nobody:
        fill(disk)  # what the start has left of its reserve
        admin = Client(nobody.port, token)
        for _ in range(6):  # by both of its processes
            found = admin.get("/guests")
            assert (found.status, [row["name"] for row in found.data]) == (200, ["before"])
            refused = admin.post("/guests", {"name": "n", "notes": "n" * 2000})
            assert (refused.status, refused.code) == (503, "UNAVAILABLE")
            assert refused.json()["error"]["reason"] == "disk_full"
        assert Client(nobody.port, prefix="").get("/readyz").status == 503
        assert nobody.post("/auth/login", ADMIN).status == 503
        (disk / "ballast").unlink()
        (disk / "first").unlink()
        assert admin.post("/guests", {"name": "after"}).status == 201
        assert nobody.post("/auth/login", ADMIN).status == 200
    assert_whole(instance / "jack.db")


def test_it_may_be_started_many_times(disk: Path) -> None:
    """Each opening takes a little of the reserve, if what the one before has freed is gone."""
    config = read({"JACK_INSTANCE": str(disk / "instance")})
    config.instance.mkdir()
    db = Database(config.database)
    prepare(config, db)
    make_guest(db, name="before")
    db.close()
    reserve = config.instance / disk_reserve.NAME
    assert reserve.stat().st_size == disk_reserve.SIZE
    assert reserve.stat().st_mode & 0o777 == 0o600
    for number in range(disk_reserve.SIZE // disk_reserve.SLICE // 2):
        fill(disk).rename(disk / f"ballast-{number}")
        db = Database(config.database)
        prepare(config, db)
        assert db.value("SELECT name FROM guests") == "before"
        with pytest.raises(Unavailable):
            make_guest(db, notes="n" * 200_000)
        db.close()
    reserve.unlink()
    fill(disk).rename(disk / "last")
    with pytest.raises(Unavailable, match="The disk is full"):
        Database(config.database)
    for ballast in [*disk.glob("ballast-*"), disk / "last"]:
        ballast.unlink()
    db = Database(config.database)
    prepare(config, db)
    db.close()
    assert reserve.stat().st_size == disk_reserve.SIZE


def test_on_a_small_disk_no_reserve_is_kept(folder: Path) -> None:
    with small_disk(folder / "tiny", 4 * MIB) as tiny:
        disk_reserve.keep(tiny)
        assert list(tiny.iterdir()) == []
        db = Database(tiny / "jack.db")
        migrate(db)
        db.close()
