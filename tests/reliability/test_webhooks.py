"""Events arrive at a webhook's receiver at least once, however workers die; what comes twice is known by its id."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from jack.core.db import Database
from jack.core.migrations import migrate
from jack.resources.tasks import store as tasks
from jack.resources.webhooks import store as webhooks
from jack.worker.webhooks import AT_ONCE
from tests.reliability.invariants import assert_whole
from tests.reliability.server import PATIENCE, ROOT, clean_environment

pytestmark = pytest.mark.system

EVENTS = {False: 150, True: 2000}
KILLS = {False: 5, True: 40}


@dataclass
class Sending:
    """A hotel with one webhook; its receiver and its worker are processes of their own."""

    folder: Path
    db: Database
    log: Path
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> subprocess.Popen[bytes]:
        """Another worker, once it works."""
        errors = (self.folder / "worker.log").open("ab")
        worker = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.reliability.work",
                str(self.folder),
                "1",
                "60",
                "worker.lock",
                "once",
            ],
            cwd=ROOT,
            env=clean_environment(),
            stdout=subprocess.PIPE,
            stderr=errors,
        )
        errors.close()
        self.workers.append(worker)
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"working\n", (self.folder / "worker.log").read_text()
        return worker

    def received(self) -> list[dict[str, Any]]:
        """What the receiver has written down, whole lines only."""
        text = self.log.read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]

    def until(self, done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 8 * PATIENCE
        while not done():
            assert time.monotonic() < deadline, (self.folder / "worker.log").read_text()
            time.sleep(0.005)

    def waiting(self) -> int:
        sql = "SELECT count(*) FROM webhook_deliveries WHERE status <> 'delivered'"
        return int(self.db.value(sql))

    def close(self) -> None:
        for worker in self.workers:
            worker.kill()
            worker.wait()
            assert worker.stdout is not None
            worker.stdout.close()
        self.db.close()


@contextmanager
def receiving(log: Path) -> Iterator[int]:
    """A receiver in a process of its own; its port."""
    log.touch()
    program = subprocess.Popen(
        [sys.executable, "-m", "tests.peers.receiver", str(log), "0.01"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )
    assert program.stdout is not None
    try:
        yield int(program.stdout.readline())
    finally:
        program.kill()
        program.wait()
        program.stdout.close()


@pytest.fixture
def sending(folder: Path) -> Iterator[Sending]:
    log = folder / "received.log"
    with receiving(log) as port:
        db = Database(folder / "jack.db")
        migrate(db)
        url = f"http://127.0.0.1:{port}/"
        webhooks.create(db, url=url, events=["task.created"], hosts=["127.0.0.1"])
        made = Sending(folder, db, log)
        yield made
        made.close()


def test_killed_workers_lose_no_event_and_repeat_under_the_same_id(
    sending: Sending, figure: Callable[[str], None], long: bool
) -> None:
    count = EVENTS[long]
    for number in range(count):
        tasks.create(sending.db, title=f"Task {number}", department="housekeeping")
    step = count * 8 // 10 // KILLS[long]
    seen = 0
    for _ in range(KILLS[long]):
        worker = sending.start()
        wanted = min(seen + random.randint(step // 2, step), count)
        sending.until(lambda wanted=wanted: len(sending.received()) >= wanted)
        time.sleep(random.uniform(0, 0.015))
        worker.kill()
        worker.wait()
        seen = len(sending.received())
    sending.start()
    sending.until(lambda: not sending.waiting())
    got = sending.received()
    by_seq, bodies = defaultdict(set), defaultdict(set)
    for one in got:
        by_seq[one["seq"]].add(one["id"])
        bodies[one["id"]].add(one["body"])
    told = sending.db.column("SELECT seq FROM events WHERE type = 'task.created'")
    lost = set(told) - by_seq.keys()
    repeated = len(got) - len(by_seq)
    figure(
        f"webhooks: {count} deliveries to a real receiver, {KILLS[long]} × kill -9: {len(lost)} lost, "
        f"{repeated} repeated under the same webhook-id and with the same body"
    )
    assert lost == set()
    assert len(by_seq) == count
    assert max(Counter(map(len, by_seq.values()))) == 1
    assert max(Counter(map(len, bodies.values()))) == 1
    assert repeated <= KILLS[long] * AT_ONCE
    assert_whole(sending.db.path)
