"""A full disk: writes are refused whole, reads go on, and nothing has to be restarted once there is space again."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from jack.core.db import Database, transaction
from jack.core.errors import Unavailable
from jack.core.migrations import migrate
from tests.builders import make_task
from tests.reliability.client import Answer, Client
from tests.reliability.disk import MIB, fill, small_disk
from tests.reliability.invariants import assert_whole, rows
from tests.reliability.server import ADMIN, Server

pytestmark = pytest.mark.system

TRIES = 400
READS = ("/conversations", "/guests?search=ana", "/tasks", "/staff", "/auth/me", "/events")


@dataclass
class Workload:
    """A server that is written to and read from while its disk is full, and what it answered."""

    server: Server
    admin: Client
    visitor: Client
    conversation: str
    kept: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @classmethod
    def opened(cls, server: Server) -> Workload:
        admin = server.sign_in()
        visitor = server.visitor(name="Ana")
        visitor.post("/webchat/messages", {"content": "Hola", "clientMessageId": "1"})
        conversation = admin.get("/conversations").json()["data"][0]["id"]
        return cls(server, admin, visitor, conversation)

    def write(self, text: str) -> None:
        """One write of each kind; each is done, or refused in the envelope."""
        notes = "n" * 2000
        answers = {
            f"task {text}": self.admin.post(
                "/tasks", {"title": f"task {text}", "department": "housekeeping", "notes": notes}
            ),
            f"guest {text}": self.admin.post("/guests", {"name": f"guest {text}", "notes": notes}),
            f"answer {text}": self.admin.post(
                f"/conversations/{self.conversation}/messages", {"content": f"answer {text}"}
            ),
            f"inbound {text}": self.visitor.post(
                "/webchat/messages", {"content": f"inbound {text}", "clientMessageId": text}
            ),
        }
        for name, answer in answers.items():
            self._sort(name, answer)

    def _sort(self, name: str, answer: Answer) -> None:
        if answer.status == 201:
            self.kept.append(name)
            return
        assert (answer.status, answer.code) == (503, "UNAVAILABLE"), answer.body
        assert int(answer.headers["Retry-After"]) > 0
        self.refused.append(name)

    def until_refused(self) -> None:
        """Write until nothing fits any more."""
        for number in range(TRIES):
            before = len(self.kept)
            self.write(f"full-{number}")
            if len(self.kept) == before:
                return
        pytest.fail("the disk never got full")

    def read(self) -> None:
        """Everything can be read, by staff and by the visitor."""
        paths = [*READS, f"/conversations/{self.conversation}/messages?limit=100"]
        found = {path: self.admin.get(path).status for path in paths}
        found["the visitor's"] = self.visitor.get("/webchat/messages?after=0").status
        assert set(found.values()) == {200}, found

    def stored(self) -> set[str]:
        """The names of what was written, as the database has them."""
        found = rows(
            self.server.database,
            "SELECT title AS name FROM tasks UNION SELECT name FROM guests UNION SELECT content FROM messages",
        )
        return {row["name"] for row in found}

    def check(self) -> None:
        """What was acknowledged is there, what was refused is not, and nothing is there by half."""
        stored = self.stored()
        assert set(self.kept) - stored == set()
        assert set(self.refused) & stored == set()
        assert_whole(self.server.database)
        assert self.server.complaints() == []

    def until_sent(self) -> None:
        """The worker goes on as well: nothing stays queued."""
        deadline = time.monotonic() + 30
        while rows(self.server.database, "SELECT 1 AS one FROM outbox"):
            assert time.monotonic() < deadline, "the worker has not recovered"
            time.sleep(0.2)


@pytest.fixture
def disk(folder: Path) -> Iterator[Path]:
    with small_disk(folder / "disk", 24 * MIB) as place:
        yield place


def test_a_full_disk_refuses_writes_and_nothing_else(
    new_server: Callable[..., Server], program: str, disk: Path, figure: Callable[[str], None]
) -> None:
    server = new_server(program=program, disk=disk / "instance")
    workload = Workload.opened(server)
    workload.write("before")
    ballast = fill(disk)
    workload.until_refused()
    for _ in range(5):
        workload.read()
        workload.write(f"still full {len(workload.refused)}")
    assert server.nobody().post("/auth/login", ADMIN).status in (200, 503)
    ballast.unlink()
    refused = len(workload.refused)
    workload.write("space again")
    assert len(workload.refused) == refused
    workload.until_sent()
    workload.read()
    workload.check()
    figure(f"disk full: {refused} writes refused with 503, every read answered, back at once")


def test_a_change_that_outgrows_the_disk_is_undone(disk: Path) -> None:
    """The disk is full in the middle of a transaction: SQLite has rolled it back before we can."""
    db = Database(disk / "jack.db")
    migrate(db)
    db.script("PRAGMA cache_size = 10")
    make_task(db, title="before")
    ballast = fill(disk, leave=MIB)
    with pytest.raises(Unavailable) as refused:
        _make_many(db)
    assert refused.value.reason == "disk_full"
    assert not db.in_transaction
    assert [row["title"] for row in db.all("SELECT title FROM tasks")] == ["before"]
    ballast.unlink()
    make_task(db, title="after")
    db.close()
    assert_whole(disk / "jack.db")


def _make_many(db: Database) -> None:
    with transaction(db):
        for _ in range(5000):
            make_task(db, notes="n" * 2000)


def test_a_file_that_may_not_grow_is_treated_the_same(
    new_server: Callable[..., Server], program: str
) -> None:
    """The second way a write can fail, EFBIG, for which nobody has to be root."""
    server = new_server(program=program)
    workload = Workload.opened(server)
    workload.write("before")
    log = Path(f"{server.database}-wal")
    limit = max(log.stat().st_size, server.database.stat().st_size) + 100_000
    for pid in server.children():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    workload.until_refused()
    workload.read()
    for pid in server.children():
        resource.prlimit(
            pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        )
    refused = len(workload.refused)
    workload.write("space again")
    assert len(workload.refused) == refused
    workload.until_sent()
    workload.check()


def test_without_its_counters_the_api_goes_on_and_sign_in_is_closed(
    new_server: Callable[..., Server],
    program: str,
) -> None:
    """limits.bin cannot be opened at all: here a folder has its name."""
    server = new_server(program=program)
    admin = server.sign_in()
    server.stop()
    (server.instance / "limits.bin").unlink()
    (server.instance / "limits.bin").mkdir()
    server.start()
    answer = admin.get("/guests")
    assert answer.status == 200
    assert int(answer.headers["X-RateLimit-Remaining"]) < int(answer.headers["X-RateLimit-Limit"])
    refused = server.nobody().post("/auth/login", ADMIN)
    assert (refused.status, refused.code) == (503, "UNAVAILABLE")
    assert int(refused.headers["Retry-After"]) > 0
    (server.instance / "limits.bin").rmdir()
    assert server.nobody().post("/auth/login", ADMIN).status == 200
    assert server.complaints() == []


def test_without_room_for_its_counters_it_leaks_nothing(
    new_server: Callable[..., Server], program: str, disk: Path
) -> None:
    """limits.bin was deleted, and there is no space for a new one although the database still has some."""
    server = new_server(program=program, disk=disk / "instance", settings={"JACK_WORKER": "0"})
    admin = server.sign_in()
    server.stop()
    (server.instance / "limits.bin").unlink()
    ballast = fill(disk, leave=MIB)
    server.start()
    server.ready_children()
    for _ in range(10):
        assert admin.get("/guests").status == 200
    before = server.descriptors()
    for _ in range(60):
        assert admin.get("/guests").status == 200
        assert server.nobody().post("/auth/login", ADMIN).status == 503
    assert server.descriptors() <= before + 2
    ballast.unlink()
    assert server.nobody().post("/auth/login", ADMIN).status == 200
    assert server.complaints() == []
