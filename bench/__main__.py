"""`make bench`: every measurement, one after another, and bench/RESULTS.md from them.

All of it takes about fifteen minutes. `make bench ARGS="start memory"` takes only some (speed, nginx, start, memory, growth, search, channels, webhooks) and
prints them without writing the file. BENCH_ROUNDS, BENCH_SECONDS and the other names in settings.py set how
much is done.
"""

import os
import signal
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from bench import (
    behind_nginx,
    channels,
    growth,
    machine,
    memory,
    speed,
    startup,
    webhooks,
    worst_search,
)
from bench.report import Section, bars_section, render
from bench.settings import (
    CONNECTIONS,
    GUESTS,
    RESULTS,
    ROOT,
    ROUNDS,
    SECONDS,
    WORKERS,
    BenchError,
    say,
)
from bench.venv import need_peers
from bench.wrk import need_wrk

QUIET = 0.5
PEERED = {"speed", "memory"}  # the parts that compare Jack with other stacks

PARTS: dict[str, Callable[[Path], list[Section]]] = {
    "speed": speed.measure,
    "nginx": behind_nginx.measure,
    "start": startup.measure,
    "memory": memory.measure,
    "growth": growth.measure,
    "search": worst_search.measure,
    "channels": channels.measure,
    "webhooks": webhooks.measure,
}


def main(wanted: list[str]) -> int:
    """Measure what is wanted; the exit status."""
    unknown = [name for name in wanted if name not in PARTS]
    if unknown:
        say(f"There is no part {unknown[0]!r}; the parts are: {', '.join(PARTS)}")
        return 2
    parts = wanted or list(PARTS)
    try:
        sections = measure(parts)
    except BenchError as error:
        say(f"\nStopped: {error}")
        return 1
    document = render("How fast Jack is", introduction(parts), [bars_section(sections), *sections])
    say(document)
    if not wanted:
        RESULTS.write_text(document)
        say(f"Written to {RESULTS.relative_to(ROOT)}")
    return 0


def measure(parts: list[str]) -> list[Section]:
    """The sections of these parts, measured in a folder that is gone afterwards."""
    need_wrk()
    if PEERED & set(parts):
        need_peers()
    busy = os.getloadavg()[0]
    if busy > QUIET:
        say(f"The machine is busy (load {busy:.1f}): the figures will be worse than they could be.")
    sections: list[Section] = []
    with tempfile.TemporaryDirectory(prefix="jack-bench-") as folder:
        for part in parts:
            sections += PARTS[part](Path(folder))
    return sections


def introduction(parts: list[str]) -> list[str]:
    """What was measured, where and how."""
    return [
        f"Taken on {datetime.now(UTC):%Y-%m-%d} by `make bench`.",
        "",
        *machine.describe(),
        *(compared() if PEERED & set(parts) else ()),
    ]


def compared() -> list[str]:
    """How Jack was measured against others."""
    return [
        *machine.others(),
        f"- {ROUNDS} rounds of {SECONDS} s a cell, wrk with 2 threads and {CONNECTIONS} connections on "
        f"loopback; each round goes through all servers. {GUESTS:,} guests; {WORKERS} processes each",
        "",
        "GET one is `GET /api/v1/guests/<id>`, the list `GET /api/v1/guests?limit=20` with tags and total,",
        "POST is `POST /api/v1/tasks`. Every server checks the token, its session row and the input,",
        "answers in the same envelope, and stores with WAL and `synchronous=FULL`. Jack's and naive's rate",
        "limiter are on; the others have none. With every task Jack also records an event and a line of its audit",
        "log. Fastify and Go have a guest's tags as JSON in the row, as Jack has; PocketBase answers by its own",
        "paths and refuses less. Fastify runs as a cluster of two; Go and PocketBase are one process that uses",
        "both cores. An answer that is not 2xx makes an error, not a figure.",
    ]


if __name__ == "__main__":
    # So that whoever stops the benchmark stops the servers as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main(sys.argv[1:]))
