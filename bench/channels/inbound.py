"""Signed webhooks from many guests, as fast as they are answered: each a message of its own, some of them twice."""

import json
import subprocess
import time
from pathlib import Path
from statistics import median

from bench.client import request
from bench.report import Bar, Section, table
from bench.servers import Server
from bench.settings import BENCH, HOOKS, SECONDS, BenchError, say
from jack.core.db import Database, transaction
from tests.peers.meta import MetaPeer

SLOWEST = 100.0
LEAST = 300.0
CONNECTIONS = 8
THREADS = 2
GUESTS = 200
COMMITS = 200
AGAIN = 10  # every tenth webhook comes a second time


def measure(server: Server, meta: MetaPeer, folder: Path) -> Section:
    """Rate and tail of the webhook, over three times a cell's length."""
    path = folder / "webhooks.txt"
    distinct = write(meta, path)
    say(f"{HOOKS:,} signed webhooks of {GUESTS} guests ...")
    found = run(server, path, SECONDS * 3)
    if found["refused"] or found["broken"]:
        raise BenchError(f"webhooks: {found['refused']} not 2xx, {found['broken']} broke")
    if found["requests"] > HOOKS:
        raise BenchError(f"{HOOKS} webhooks are not enough: set BENCH_HOOKS higher")
    check(server, int(found["requests"]), distinct)
    return section(found, bare_commit(folder / "bare.db"))


def write(meta: MetaPeer, path: Path) -> int:
    """The webhooks, signed beforehand; how many of them are distinct."""
    guests = [meta.guest(f"52155{number:08}", f"Guest {number}") for number in range(GUESTS)]
    lines: list[str] = []
    with meta.caller.holding() as held:
        for number in range(HOOKS * AGAIN // (AGAIN + 1)):
            hook = guests[number % GUESTS].says(f"Hola {number}, ¿a qué hora es el desayuno?")
            line = f"{hook.headers['X-Hub-Signature-256']}\t{hook.body.decode()}"
            lines += [line, line] if number % AGAIN == 0 else [line]
            held.clear()
    path.write_text("\n".join(lines) + "\n")
    return len(set(lines))


def run(server: Server, path: Path, seconds: float) -> dict[str, float]:
    """What wrk counted."""
    command = ["wrk", f"-t{THREADS}", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "10s"]
    command += ["-s", str(BENCH / "channels" / "webhooks.lua"), server.url, "--"]
    command += [str(path), str(THREADS)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=seconds + 60
    )
    for line in done.stdout.splitlines():
        if line.startswith("RESULT "):
            return dict(json.loads(line.removeprefix("RESULT ")))
    raise BenchError(f"wrk gave no result: {done.stdout}{done.stderr}")


def check(server: Server, answered: int, distinct: int) -> None:
    """Every guest is there once: what was answered was stored, and stored once."""
    answer = request(server, "GET", "/api/v1/conversations?channel=whatsapp&limit=1")
    total = answer.json["meta"]["total"]
    if total != min(GUESTS, distinct):
        raise BenchError(f"{answered} webhooks of {GUESTS} guests made {total} conversations")


def bare_commit(path: Path) -> float:
    """Milliseconds of a commit with nothing around it: what the disk alone takes, and no webhook can be faster."""
    db, times = Database(path), []
    try:
        db.run("CREATE TABLE bare (number INTEGER) STRICT")
        for number in range(COMMITS):
            begun = time.perf_counter()
            with transaction(db):
                db.run("INSERT INTO bare (number) VALUES (:number)", {"number": number})
            times.append(time.perf_counter() - begun)
    finally:
        db.close()
    return median(times) * 1000


def section(found: dict[str, float], commit: float) -> Section:
    """The figures."""
    rate = found["requests"] / found["seconds"]
    row = [f"{rate:,.0f}", *(f"{found[name]:.1f} ms" for name in ("p50", "p99", "max"))]
    lines = [
        f"`POST /webhooks/whatsapp`, {CONNECTIONS} connections: signature, dedupe, guest, conversation, message and event,",
        f"answered after the commit. {GUESTS} guests; every {AGAIN}th webhook comes twice. A bare commit takes {commit:.1f} ms on",
        "this disk at this time; commits are one after another, so that is the least a webhook can take.",
        "",
        *table(["", "webhooks/s", "p50", "p99", "longest"], [["inbound", *row]]),
    ]
    bars = [
        Bar("webhooks a second", f"≥ {LEAST:.0f}", f"{rate:,.0f}", rate >= LEAST),
        Bar(
            "p99 of a webhook",
            f"≤ {SLOWEST:.0f} ms",
            f"{found['p99']:.1f} ms",
            found["p99"] <= SLOWEST,
        ),
    ]
    return Section("Webhooks", lines, bars)
