"""How long from starting Jack to its first answer."""

import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from bench import jack_up
from bench.report import Bar, Section
from bench.servers import stop, wait_until_up
from bench.settings import ROUNDS, say_over

SLOWEST = 0.8


def measure(folder: Path) -> list[Section]:
    """The first start in an empty folder, then starts with everything in place."""
    instance = folder / "started"
    instance.mkdir()
    first = seconds_to_answer(folder, instance)
    found = []
    for turn in range(ROUNDS):
        say_over(f"cold start {turn + 1} of {ROUNDS} ...")
        found.append(seconds_to_answer(folder, instance))
    say_over("")
    return [section(first, found)]


def seconds_to_answer(folder: Path, instance: Path) -> float:
    """From the start of the process to 200 on /healthz."""
    with ExitStack() as running:
        begun = time.perf_counter()
        server = jack_up.spawn_jack(folder, instance)
        running.callback(stop, server)
        wait_until_up(server, "/healthz", pause=0.002)
        return time.perf_counter() - begun


def section(first: float, found: list[float]) -> Section:
    """The figures."""
    middle = median(found)
    lines = [
        f"From starting gunicorn to 200 on `/healthz`: **{middle:.2f} s** "
        f"({min(found):.2f} to {max(found):.2f} s, {len(found)} starts).",
        f"The very first start, which makes the database and the administrator: {first:.2f} s.",
    ]
    bar = Bar(
        "cold start to the first answer", f"≤ {SLOWEST} s", f"{middle:.2f} s", middle <= SLOWEST
    )
    return Section("Start", lines, [bar])
