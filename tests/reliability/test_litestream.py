"""Beside Litestream: a machine that is destroyed comes back by its replica, and what was erased leaves the disk."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.reliability import litestream
from tests.reliability.client import LOST, Client
from tests.reliability.invariants import assert_whole, rows
from tests.reliability.server import PATIENCE, Server
from tests.reliability.test_backup import jack

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(
        litestream.PROGRAM is None,
        reason=f"no litestream on PATH nor in JACK_LITESTREAM: {litestream.BUILT_BY}",
    ),
]

WRITERS = 4
SECONDS = 8.0  # of writing before the machine is destroyed
BAR = 5.0  # seconds: everything that was answered longer before is in the replica
WORDS = b"what-Ada-once-wrote"


class Writers:
    """Note tasks until the server is gone; keep when each was answered."""

    def __init__(self, server: Server, admin: Client) -> None:
        self._server, self._admin = server, admin
        self.answered: dict[str, float] = {}

    def run(self, until: Callable[[], None]) -> None:
        threads = [threading.Thread(target=self._write, daemon=True) for _ in range(WRITERS)]
        for thread in threads:
            thread.start()
        until()
        for thread in threads:
            thread.join()

    def _write(self) -> None:
        body = {"title": "Towels", "department": "housekeeping"}
        with suppress(*LOST):
            while True:
                answer = self._admin.post("/tasks", body)
                assert answer.status == 201, answer.body
                self.answered[answer.data["id"]] = time.monotonic()


def test_a_destroyed_machine_comes_back_without_the_last_moments(
    new_server: Callable[..., Server], folder: Path, figure: Callable[[str], None]
) -> None:
    server = new_server(folder=folder / "first")
    writers = Writers(server, server.sign_in())
    replica = litestream.Replica(server, folder)
    with replica.kept() as process:

        def destroy() -> None:
            time.sleep(SECONDS)
            process.kill()
            server.kill()

        writers.run(destroy)
        ended = time.monotonic()
    shutil.rmtree(server.instance)

    copy, second = folder / "copy.db", Server(folder / "second")
    second.folder.mkdir()
    took = replica.restore(server.database, copy)
    restored = jack(second.instance, "restore", str(copy))
    assert restored.returncode == 0, restored.stdout + restored.stderr
    verified = jack(second.instance, "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert_whole(second.database)

    there = {row["id"] for row in rows(second.database, "SELECT id FROM tasks")}
    lost = sorted(when for id, when in writers.answered.items() if id not in there)
    kept = [when for id, when in writers.answered.items() if id in there]
    assert len(kept) > 100
    window = ended - lost[0] if lost else 0.0
    assert window < BAR
    figure(
        f"litestream: {len(writers.answered) / SECONDS:.0f} writes a second, machine destroyed, restored in {took:.1f} s: "
        f"{len(lost)} of {len(writers.answered)} acknowledged writes lost, those of the last {window:.1f} s"
    )


def test_a_restored_hotel_is_copied_again(new_server: Callable[..., Server], folder: Path) -> None:
    """What Litestream keeps in the file it copies comes back with it, and stands in nobody's way."""
    server = new_server(folder=folder / "first")
    server.sign_in().post("/guests", {"name": "Ada"})
    first = litestream.Replica(server, folder)
    with first.kept():
        server.stop()
    first.restore(server.database, folder / "copy.db")

    second = Server(folder / "second")
    second.folder.mkdir()
    assert jack(second.instance, "restore", str(folder / "copy.db")).returncode == 0
    second.start()
    try:
        other = folder / "other"
        other.mkdir()
        again = litestream.Replica(second, other)
        with again.kept():
            made = second.sign_in().post("/guests", {"name": "Grace"})
            assert made.status == 201
            _until(lambda: _names(again, second, other) == {"Ada", "Grace"}, again)
    finally:
        second.kill()
    assert second.complaints() == []


def test_what_was_erased_leaves_the_disk_when_litestream_has_moved_the_log(
    new_server: Callable[..., Server], folder: Path, figure: Callable[[str], None]
) -> None:
    server = new_server(folder=folder / "first")
    admin = server.sign_in()
    replica = litestream.Replica(server, folder)
    with replica.kept():
        guest = admin.post("/guests", {"name": "Ada", "notes": WORDS.decode() * 20}).data["id"]
        for number in range(20):
            admin.post("/tasks", {"title": f"Task {number}", "department": "concierge"})
        assert admin.call("DELETE", f"/guests/{guest}").status == 200
        began = time.monotonic()
        assert WORDS in _on_disk(server), "Litestream keeps the log: else this shows nothing"
        _until(lambda: WORDS not in _on_disk(server) and not _notes(server), replica)
        figure(
            f"litestream, moving the log every {litestream.OFTEN}: "
            f"what was erased had left the disk after {time.monotonic() - began:.0f} s"
        )
        # It still copies what comes: the log was not cut under it.
        admin.post("/guests", {"name": "Grace"})
        _until(lambda: _names(replica, server, folder) == {"Grace"}, replica)
    assert server.complaints() == []
    server.stop()
    assert_whole(server.database)


def _on_disk(server: Server) -> bytes:
    return server.database.read_bytes() + Path(f"{server.database}-wal").read_bytes()


def _notes(server: Server) -> list[Path]:
    return list(server.instance.glob("jack.remains-*"))


def _names(replica: litestream.Replica, server: Server, folder: Path) -> set[str]:
    """The guests in what the replica has by now."""
    copy = folder / f"look-{time.monotonic_ns()}.db"
    replica.restore(server.database, copy)
    return {row["name"] for row in rows(copy, "SELECT name FROM guests")}


def _until(is_so: Callable[[], bool], replica: litestream.Replica) -> None:
    deadline = time.monotonic() + PATIENCE + 30
    while not is_so():
        assert time.monotonic() < deadline, replica.said()
        time.sleep(0.5)
