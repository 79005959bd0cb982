"""A power cut where there is no C compiler: all processes stop, the files are copied, and what was not synced is torn.

Of the write-ahead log that is what comes after the last commit: it is cut off, or becomes garbage. `test_power_cut.py` knows
of each write whether it was synced, and so tears more.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import struct
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.reliability.crash_disk import SECTOR
from tests.reliability.model import Model
from tests.reliability.seeds import seed
from tests.reliability.server import PATIENCE, Server
from tests.reliability.test_power_cut import opened
from tests.reliability.traffic import PUBLIC_URL, hotel

pytestmark = pytest.mark.system

COPIES = {False: 8, True: 60}
# Of a write-ahead log, in bytes: https://www.sqlite.org/fileformat2.html#the_write_ahead_log
WAL_HEADER, FRAME_HEADER, PAGE = 32, 24, 4096
FRAME = FRAME_HEADER + PAGE


def stopped_copy(server: Server, target: Path) -> int:
    """Copy its instance while no process of it runs; returns the moment before, in ns of the monotonic clock."""
    moment = time.monotonic_ns()
    os.killpg(server.pid, signal.SIGSTOP)
    try:
        until_stopped(server)
        shutil.copytree(server.instance, target, ignore=shutil.ignore_patterns("*.sock"))
    finally:
        os.killpg(server.pid, signal.SIGCONT)
    return moment


def until_stopped(server: Server) -> None:
    """SIGSTOP does not wait; a process may still be in a system call."""
    deadline = time.monotonic() + PATIENCE
    pids = (server.pid, *server.children()) if Path("/proc/self").exists() else ()
    for pid in pids:
        while Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "TZX":
            assert time.monotonic() < deadline, "a process does not stop"
            time.sleep(0.001)


def committed(log: bytes) -> int:
    """Where the last commit of a write-ahead log ends: its frames have the log's salts, older ones have others."""
    salts, end = log[16:24], WAL_HEADER
    for start in range(WAL_HEADER, len(log) - FRAME + 1, FRAME):
        (pages,) = struct.unpack_from(">I", log, start + 4)
        if log[start + 8 : start + 16] != salts:
            break
        if pages:
            end = start + FRAME
    return end


def tear(instance: Path, chance: random.Random) -> int:
    """Damage what was not synced; returns how many bytes were there after the last commit."""
    for name in ("jack.db-shm", "limits.bin"):
        (instance / name).write_bytes(chance.randbytes(chance.choice([0, 32 * 1024])))
    path = instance / "jack.db-wal"
    log = path.read_bytes()
    end = committed(log)
    tail = bytearray(log[end:])
    for start in range(0, len(tail), SECTOR):
        if chance.random() < 0.5:
            size = len(tail[start : start + SECTOR])
            tail[start : start + size] = chance.randbytes(size)
    unfinished = log[end - FRAME : end - chance.randrange(FRAME)] if end > WAL_HEADER else b""
    path.write_bytes(
        log[:end] + chance.choice([b"", bytes(tail), unfinished, chance.randbytes(9000)])
    )
    return len(tail)


def test_a_copy_with_a_torn_tail_has_all_that_was_answered(
    new_server: Callable[..., Server],
    folder: Path,
    figure: Callable[[str], None],
    long: bool,
) -> None:
    drawn = seed()
    chance = random.Random(drawn)
    server = new_server(settings={"JACK_PUBLIC_URL": PUBLIC_URL})
    model, torn, checked = Model(time.monotonic_ns), 0, 0
    with hotel(server, model, drawn) as traffic:
        traffic.begin()
        for number in range(COPIES[long]):
            more, deadline = len(model.promises) + chance.randrange(3, 12), time.monotonic() + 120
            while len(model.promises) < more:
                assert traffic.refused == []
                assert time.monotonic() < deadline, server.said()
                time.sleep(0.001)
            copy = folder / f"copy-{number}"
            moment = stopped_copy(server, copy)
            torn += tear(copy, chance)
            opened(copy)
            assert model.wrong(copy / "jack.db", until=moment) == [], f"JACK_SEED={drawn}"
            checked += sum(promise.moment <= moment for promise in model.promises)
            shutil.rmtree(copy)
        traffic.end()
    assert server.complaints() == []
    figure(
        f"torn copies, seed {drawn}: {COPIES[long]} amid traffic, {torn} bytes after the last commits, "
        f"{checked} promises checked; 0 lost, 0 torn"
    )
