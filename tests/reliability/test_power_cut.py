"""The power fails at any moment: what was answered is on the disk, whole, and what has left does not leave again.

A library for LD_PRELOAD keeps a journal of everything Jack writes and syncs while it works (`power_cut.c`). From it come
disks as they may be after a cut at any point (`crash_disk.py`): of what was not synced any sectors are there or not.
`JACK_SEED=…` draws the same cuts of another run. `make attack` cuts more often.
"""

from __future__ import annotations

import random
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from jack.core.db import Database
from jack.core.migrations import latest_version, migrate
from tests.reliability.conftest import empty_folder
from tests.reliability.crash_disk import Damage, Disk, Record, compiled, compiler, read
from tests.reliability.invariants import assert_whole, look, rows, wrong
from tests.reliability.model import Model
from tests.reliability.seeds import seed
from tests.reliability.server import PATIENCE, Server
from tests.reliability.test_random_kills import settle
from tests.reliability.traffic import PUBLIC_URL, Traffic, hotel

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(
        compiler() is None, reason="needs Linux and a C compiler; see test_torn_copies"
    ),
]

CUTS = {False: 30, True: 300}
KEY = "secret.key"
EARLY = 6  # every so many cuts, one falls into the first start
DEEDS = {False: 150, True: 600}


@dataclass
class Run:
    """What a server did until its end: its journal, and what it had promised when the journal was how long."""

    server: Server
    journal: Path
    model: Model
    begun: int
    seed: int = field(default_factory=seed)

    @property
    def root(self) -> Path:
        """The folder that has the instance in it."""
        return self.server.instance.parent


@pytest.fixture(scope="module")
def run(long: bool) -> Iterator[Run]:
    """A server from its first start on, busy for so many deeds, and ended."""
    with empty_folder() as folder:
        (folder / "disk").mkdir()
        journal = folder / "journal"
        settings = {
            "JACK_PUBLIC_URL": PUBLIC_URL,
            "LD_PRELOAD": str(compiled(folder)),
            "JACK_CUT_FOLDER": str(folder / "disk"),
            "JACK_CUT_JOURNAL": str(journal),
        }
        server = Server(
            folder, program="granian", disk=folder / "disk" / "instance", settings=settings
        )
        server.start()
        made = Run(server, journal, Model(lambda: journal.stat().st_size), journal.stat().st_size)
        try:
            with hotel(server, made.model, made.seed) as traffic:
                work(traffic, DEEDS[long])
                assert server.stop() == 0  # the log of the database is written back and deleted
                yield made
        finally:
            server.kill()


def work(traffic: Traffic, deeds: int) -> None:
    """Let everybody work until so many deeds are answered."""
    traffic.begin()
    deadline = time.monotonic() + 4 * PATIENCE
    while len(traffic.model.promises) < deeds:
        assert traffic.refused == []
        assert time.monotonic() < deadline, traffic.server.said()
        time.sleep(0.01)
    traffic.end()
    assert traffic.refused == []


def moments(run: Run, records: list[Record], count: int, chance: random.Random) -> list[int]:
    """Where in the journal to cut: anywhere in the traffic, some in the first start."""
    borders = [record.end for record in records]
    early = [end for end in borders if end <= run.begun]
    late = [end for end in borders if end > run.begun]
    early_count = count // EARLY
    return sorted(
        chance.choices(early, k=early_count) + chance.choices(late, k=count - early_count)
    )


def cuts(run: Run, folder: Path, count: int) -> Iterator[tuple[int, Path]]:
    """Disks after a cut, each with its moment; gone when the next one is made."""
    chance, disk, records = random.Random(run.seed), Disk(run.root), list(read(run.journal))
    place, done = folder / "cut", 0
    for moment in moments(run, records, count, chance):
        while done < len(records) and records[done].end <= moment:
            disk.follow(records[done])
            done += 1
        disk.cut(place, Damage.drawn(chance))
        yield moment, place / "instance"
        shutil.rmtree(place)


def test_nothing_that_was_answered_is_lost(
    run: Run, folder: Path, long: bool, figure: Callable[[str], None]
) -> None:
    assert_faithful(run, folder)
    promised: Counter[str] = Counter()
    for moment, instance in cuts(run, folder, CUTS[long]):
        where = f"JACK_SEED={run.seed}, cut at {moment}"
        opened(instance)
        if moment <= run.begun:
            promised["in the first start"] += 1
            continue
        assert run.model.wrong(instance / "jack.db", until=moment) == [], where
        assert (instance / KEY).read_bytes() == (run.server.instance / KEY).read_bytes(), where
        promised["amid traffic"] += 1
        promised["promises checked"] += sum(p.moment <= moment for p in run.model.promises)
    figure(
        f"power cuts, seed {run.seed}: {CUTS[long]} disks from a journal of {run.journal.stat().st_size / 1e6:.0f} MB, "
        f"{dict(promised)}; 0 lost, 0 torn, 0 to leave twice"
    )


def opened(instance: Path) -> None:
    """Jack starts on this disk, and all of its database is well."""
    instance.mkdir(exist_ok=True)
    db = Database(instance / "jack.db")
    try:
        assert migrate(db) == latest_version()
        assert wrong(db) == []
    finally:
        db.close()


def assert_faithful(run: Run, folder: Path) -> None:
    """With everything that was written, the disk from the journal is the real one: no way to write is overlooked."""
    disk, whole = Disk(run.root), folder / "whole"
    for record in read(run.journal):
        disk.follow(record)
    disk.cut(whole, Damage(random.Random(0), 1, False))
    names = {path.relative_to(run.root) for path in run.root.rglob("*") if path.is_file()}
    for name in names:
        if name.name not in ("jack.db-shm", "limits.bin"):  # memory that processes share
            assert (whole / name).read_bytes() == (run.root / name).read_bytes(), name
    assert disk.syncs > len(run.model.promises)


def test_it_serves_again_and_repeats_nothing(
    run: Run, folder: Path, new_server: Callable[..., Server]
) -> None:
    """On the disk of a cut the server starts, and what a provider had taken before it is not sent again."""
    disks = cuts(run, folder, 5)
    for _ in range(5):
        moment, instance = next(disks)
    before = {id for id, taken in run.model.taken if taken <= moment}
    already = len(run.model.taken)
    end_leases(instance / "jack.db")
    garble_memory(instance / "limits.bin", run)
    server = new_server(program="granian", disk=instance, settings={"JACK_PUBLIC_URL": PUBLIC_URL})
    settle(server)
    again = {id for id, _ in run.model.taken[already:]}
    assert before & again == set()
    admin = server.sign_in()
    files = [p for p in run.model.promises if p.kind == "file" and p.moment <= moment]
    for file in files:
        assert admin.get(f"/attachments/{file.id}").status == 200
    server.kill()
    assert_whole(server.database)
    fates = rows(server.database, "SELECT id, status FROM messages WHERE direction = 'outbound'")
    assert {row["status"] for row in fates if row["id"] in before} <= {
        "sent",
        "delivered",
        "unknown",
    }


def garble_memory(path: Path, run: Run) -> None:
    """Memory that processes share, in a file of its real size: a cut leaves anything."""
    size = (run.server.instance / "limits.bin").stat().st_size
    path.write_bytes(random.Random(run.seed).randbytes(size))


def end_leases(path: Path) -> None:
    """What a minute does to what was being sent."""
    db = look(path)
    db.run("UPDATE outbox SET lease_until = '2000-01-01T00:00:00.000Z' WHERE owner IS NOT NULL")
    db.close()
