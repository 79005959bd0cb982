"""The database's files are deleted or replaced while a server runs: what it acknowledges is never lost, and it says so."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.reliability.client import LOST, Client
from tests.reliability.invariants import assert_whole, rows
from tests.reliability.server import PATIENCE, Server

pytestmark = pytest.mark.system


def write(admin: Client, kept: list[str], name: str) -> int:
    """Make a guest; those that were acknowledged are noted. 0: no whole answer."""
    try:
        status = admin.post("/guests", {"name": name}).status
    except LOST:
        return 0
    if status == 201:
        kept.append(name)
    return status


def stored(server: Server) -> set[str]:
    return {row["name"] for row in rows(server.database, "SELECT name FROM guests")}


def until_not_ready(server: Server) -> None:
    probe = Client(server.port, prefix="")
    deadline = time.monotonic() + PATIENCE
    while probe.get("/readyz").status == 200:
        assert time.monotonic() < deadline, "it still says that it is ready"
        time.sleep(0.02)
    assert probe.get("/readyz").status == 503
    assert probe.get("/healthz").status == 200


@pytest.mark.parametrize("ends", [("-wal",), ("-wal", "-shm")], ids="".join)
def test_what_is_acknowledged_outlives_the_deletion_of_the_log(
    new_server: Callable[..., Server], ends: tuple[str, ...]
) -> None:
    server = new_server()
    admin = server.sign_in()
    kept: list[str] = []
    for number in range(10):
        assert write(admin, kept, f"before {number}") == 201
    for end in ends:
        Path(f"{server.database}{end}").unlink()
    answers = {write(admin, kept, f"after {number}") for number in range(10)}
    assert answers == {503}
    until_not_ready(server)
    refused = admin.get("/guests")
    assert (refused.status, refused.code) == (503, "UNAVAILABLE")
    # One of its processes dies and is replaced: the new one goes on with new files, and the old one stays out of the way.
    time.sleep(0.3)  # the worker's thread has looked as well
    server.kill_one(server.children()[0])
    for number in range(40):
        write(admin, kept, f"replaced {number}")
        time.sleep(0.02)
    server.stop()
    assert f"jack.db{ends[0]}" in server.said()
    assert "stop Jack and start it again" in server.said()
    assert_whole(server.database)
    server.start()
    again = server.sign_in()
    assert write(again, kept, "restarted") == 201
    assert set(kept) <= stored(server)


def test_a_database_put_in_its_place_is_not_mixed_with_the_old_one(
    new_server: Callable[..., Server], tmp_path: Path
) -> None:
    server = new_server()
    admin = server.sign_in()
    kept: list[str] = []
    assert write(admin, kept, "first") == 201
    server.stop()
    shutil.copyfile(server.database, tmp_path / "copy.db")
    server.start()
    assert write(admin, kept, "second") == 201
    (tmp_path / "copy.db").replace(server.database)
    assert write(admin, kept, "third") == 503
    until_not_ready(server)
    server.stop()
    assert stored(server) == {"first"}
    assert_whole(server.database)
    copies = list((server.instance / "backups").glob("replaced-*.db"))
    assert len(copies) == 1
    assert {row["name"] for row in rows(copies[0], "SELECT name FROM guests")} == {
        "first",
        "second",
    }
    server.start()
    assert server.sign_in().get("/guests").status == 200


def test_a_deleted_lock_makes_the_worker_take_the_new_one(
    new_server: Callable[..., Server],
) -> None:
    server = new_server(settings={"JACK_WORKER": "1"})
    admin = server.sign_in()
    conversation = server.conversation(admin)
    (server.instance / "worker.lock").unlink()
    (server.instance / "jack.gate").unlink()
    probe = Client(server.port, prefix="")
    deadline = time.monotonic() + PATIENCE
    while not (server.instance / "worker.lock").exists() or probe.get("/readyz").status != 200:
        assert time.monotonic() < deadline, "no worker took the new lock"
        time.sleep(0.05)
    assert admin.post(f"/conversations/{conversation}/messages", {"content": "Hola"}).status == 201
    while rows(server.database, "SELECT 1 AS one FROM outbox"):
        assert time.monotonic() < deadline, "nothing is sent"
        time.sleep(0.05)
    assert server.complaints() == []
