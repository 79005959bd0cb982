"""A long queue at a provider that takes its time, and what reading the API is like meanwhile."""

import time
from pathlib import Path
from statistics import median

from bench import jack_up
from bench.channels.latency import conversations
from bench.client import request
from bench.report import Bar, Section, table
from bench.servers import Server
from bench.settings import DRAIN_SECONDS, QUEUED, BenchError, say
from jack.core.db import Database, transaction
from jack.resources.conversations import messages
from jack.resources.staff import store as staff
from tests.peers.meta import MetaPeer

RATE = 20  # messages a second, Jack's default for WhatsApp
ANSWERS_AFTER = 0.2
BATCH = 100
SLACK = 0.9
BURST = 1.05  # what had gathered before the watch began
SLOWER = 1.5
READS = 20  # a second
READ = "/api/v1/guests?limit=20"


def measure(server: Server, meta: MetaPeer, instance: Path) -> Section:
    """Reads alone, then a queue, then reads while it drains."""
    idle = reads(server, DRAIN_SECONDS / 2)
    meta.latency = ANSWERS_AFTER
    fill(server, instance)
    before, began, length = len(meta.received), time.monotonic(), waiting(server)
    say(f"{length:,} messages wait; watching them leave for {DRAIN_SECONDS} s ...")
    busy = reads(server, DRAIN_SECONDS)
    rate = (len(meta.received) - before) / (time.monotonic() - began)
    return section(length, rate, idle, busy)


def fill(server: Server, instance: Path) -> None:
    """Queue messages behind the API's back, a hundred in a transaction: to ask for each would take minutes."""
    say(f"Queueing {QUEUED:,} messages ...")
    ids = conversations(server, QUEUED)
    db = Database(instance / "jack.db", deadline=60)
    try:
        by = staff.id_of(db, jack_up.EMAIL)
        for first in range(0, QUEUED, BATCH):
            with transaction(db):
                for number, id in enumerate(ids[first : first + BATCH], first):
                    messages.send(db, id, content=f"¡Buenos días! Hoy es el día {number}.", by=by)
    finally:
        db.close()


def waiting(server: Server) -> int:
    """How many messages wait, as Jack says."""
    answer = request(server, "GET", "/api/v1/channels")
    for channel in answer.json["data"]:
        if channel["channel"] == "whatsapp":
            return int(channel["queueLength"])
    raise BenchError("Jack does not list WhatsApp")


def reads(server: Server, seconds: float) -> list[float]:
    """Milliseconds of each of some reads a second."""
    found, give_up = [], time.monotonic() + seconds
    while (begun := time.monotonic()) < give_up:
        answer = request(server, "GET", READ)
        if answer.status != 200:
            raise BenchError(f"a read was answered {answer.status}")
        took = time.monotonic() - begun
        found.append(took * 1000)
        time.sleep(max(0.0, 1 / READS - took))
    return sorted(found)


def section(length: int, rate: float, idle: list[float], busy: list[float]) -> Section:
    """The figures; what was not waited for is reckoned, and said to be."""
    whole = length / rate / 60 if rate else float("inf")
    rows = [
        [name, *(f"{value:.1f} ms" for value in (median(times), tail(times), times[-1]))]
        for name, times in (("nothing to send", idle), ("while it drains", busy))
    ]
    lines = [
        f"{length:,} messages to 100 guests, a provider that answers after {ANSWERS_AFTER * 1000:.0f} ms, the account's limit {RATE} a second.",
        f"Watched for {DRAIN_SECONDS} s: **{rate:.1f} a second** left. The whole queue would take {whole:.1f} minutes (reckoned, not waited for).",
        "",
        *table([f"`GET {READ}`, {READS} a second", "median", "p99", "longest"], rows),
    ]
    slower = median(busy) / median(idle)
    bars = [
        Bar(
            "a slow provider's queue drains at the limit",
            f"{RATE * SLACK:.0f} to {RATE * BURST:.0f}/s",
            f"{rate:.1f}/s",
            RATE * SLACK <= rate <= RATE * BURST,
        ),
        Bar(
            "reads while it drains, median",
            f"≤ {SLOWER} × idle",
            f"{slower:.2f} ×",
            slower <= SLOWER,
        ),
    ]
    return Section("A long queue", lines, bars)


def tail(times: list[float]) -> float:
    """The slowest hundredth."""
    return times[min(len(times) - 1, len(times) * 99 // 100)]
