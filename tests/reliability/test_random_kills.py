"""SIGKILL at random, of one process or of the whole family, while staff, guests and providers are busy; then all is recounted.

What happens is drawn from a seed, which is printed: `JACK_SEED=…` draws the same again (when each process gets its turn is
the machine's own affair). `make attack` kills more often.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sized
from contextlib import suppress

import pytest

from tests.reliability.invariants import assert_whole, look, rows
from tests.reliability.model import Model
from tests.reliability.seeds import seed
from tests.reliability.server import PATIENCE, ROOT, Server, clean_environment
from tests.reliability.traffic import PUBLIC_URL, Traffic, hotel

pytestmark = pytest.mark.system

KILLS = {False: 4, True: 80}  # and twice the family in the end
LONG_AGO = "2000-01-01T00:00:00.000Z"


class Killer:
    """Kills when so many more deeds were answered, and sees to it that there is a server again."""

    def __init__(self, server: Server, traffic: Traffic, chance: random.Random) -> None:
        self.server, self.traffic, self.chance = server, traffic, chance
        self.kills: Counter[str] = Counter()
        self.given_up = 0

    def kill(self) -> None:
        """One process mostly, now and then all of them at once, or the whole family."""
        wanted = self.chance.choice(["one process", "one process", "all processes", "the family"])
        self._until(self.traffic.model.promises, self.chance.randrange(15, 60))
        if self.chance.random() < 0.5:
            self._until(self.traffic.model.taken, 1, patience=3.0)  # while a provider answers
        else:
            time.sleep(self.chance.uniform(0, 0.01))
        if wanted == "the family":
            self.kill_family()
        else:
            self._kill_processes(all_of_them=wanted == "all processes")
            self.kills[wanted] += 1

    def _until(self, noted: Sized, more: int, patience: float = 4 * PATIENCE) -> None:
        """Wait until the model has noted so many more. Providers may be sent nothing for a while, others fail."""
        deadline, enough = time.monotonic() + patience, len(noted) + more
        while len(noted) < enough:
            assert self.traffic.refused == []
            if time.monotonic() > deadline:
                assert noted is self.traffic.model.taken, self.server.said()
                return
            self.tend()
            time.sleep(0.002)

    def _kill_processes(self, *, all_of_them: bool) -> None:
        processes = self.server.children()
        for pid in processes if all_of_them else processes[: self.chance.randrange(2) + 1][-1:]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def tend(self) -> None:
        """Start it again when it has given up, as systemd would: granian does when one process dies twice in 5.5 seconds."""
        if self.server.process is not None and self.server.process.poll() is not None:
            self.given_up += 1
            self._start_again()

    def kill_family(self) -> None:
        """Everything at once. What was being sent is nobody's then: its lease is ended, as a minute would end it."""
        self.kills["the family"] += 1
        self._start_again()

    def _start_again(self) -> None:
        self.server.kill()
        db = look(self.server.database)
        db.run("UPDATE outbox SET lease_until = :ago WHERE owner IS NOT NULL", {"ago": LONG_AGO})
        db.close()
        self.server.start()


def settle(server: Server) -> None:
    """Wait until nothing is left to be sent."""
    deadline = time.monotonic() + 4 * PATIENCE
    while rows(server.database, "SELECT 1 AS one FROM outbox LIMIT 1"):
        assert time.monotonic() < deadline, server.said()
        time.sleep(0.1)


def verified(server: Server) -> str:
    """What `bin/jack verify` has against it."""
    command = [sys.executable, "-m", "jack", "verify"]
    environment = clean_environment(JACK_INSTANCE=str(server.instance))
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.parametrize("program", ["granian", "gunicorn"])
def test_everything_is_there_once_after_random_kills(
    new_server: Callable[..., Server], figure: Callable[[str], None], long: bool, program: str
) -> None:
    drawn = seed()
    server = new_server(program=program, settings={"JACK_PUBLIC_URL": PUBLIC_URL})
    model = Model()
    with hotel(server, model, drawn) as traffic:
        killer = Killer(server, traffic, random.Random(drawn))
        traffic.begin()
        for _ in range(KILLS[long]):
            killer.kill()
            killer.tend()
        killer.kill_family()
        traffic.end()
        killer.kill_family()
        settle(server)
        traffic.meta.settled()
        traffic.twilio.settled()
        recount(server, traffic)
    fates = Counter(row["status"] for row in rows(server.database, OUTBOUND))
    figure(
        f"random kills, {program}, seed {drawn}: {killer.kills.total()} ({dict(killer.kills)}, given up {killer.given_up} "
        f"times) while {len(model.promises)} deeds were answered "
        f"and {len(traffic.events)} events followed; messages {dict(fates)}; clients met {dict(traffic.met)}; "
        "0 lost, 0 twice, 0 untrue"
    )


OUTBOUND = "SELECT status FROM messages WHERE direction = 'outbound' AND status IS NOT NULL"


def recount(server: Server, traffic: Traffic) -> None:
    """Compare the database, the API and the providers with what the model says."""
    model = traffic.model
    assert traffic.refused == []
    assert model.wrong(server.database) == []
    assert model.untrue(server.database) == []
    assert_whole(server.database)
    assert verified(server) == ""
    for kind, path in (("task", "/tasks"), ("finished", "/tasks?status=completed")):
        assert traffic.admin.get(path).json()["meta"]["total"] == len(model.begun[kind])
    followed = traffic.events
    there = rows(server.database, "SELECT seq, type, subject_id FROM events ORDER BY seq")
    assert followed == [tuple(row.values()) for row in there][: len(followed)]
    assert {row["type"] for row in there[len(followed) :]} <= {"conversation.message.status"}
    assert server.complaints() == []
