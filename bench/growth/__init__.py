"""What a read costs in a large database, against a small one."""

import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

from bench.growth.fill import dataset
from bench.report import Bar, Section, table
from bench.servers import plain_environment
from bench.settings import LARGE, PAIRS, ROOT, SMALL, BenchError, say_over

MOST = 5.0

Times = dict[str, Any]


def measure(folder: Path) -> list[Section]:
    """Both datasets in turn, several times."""
    for size in (SMALL, LARGE):
        dataset(size, folder / str(size))
    pairs = []
    for turn in range(PAIRS):
        say_over(f"reading both datasets, {turn + 1} of {PAIRS} ...")
        pairs.append((probe(folder / str(SMALL)), probe(folder / str(LARGE))))
    say_over("")
    return [section(pairs)]


def probe(instance: Path) -> list[Times]:
    """The times of every read of one dataset."""
    command = [sys.executable, "-m", "bench.growth.probe", str(instance)]
    environment = plain_environment()
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BenchError(f"the reads failed:\n{done.stderr[-2000:]}")
    return list(json.loads(done.stdout))


def section(pairs: list[tuple[list[Times], list[Times]]]) -> Section:
    """Every read, and how many are within the bar."""
    found = [compared(pairs, index) for index in range(len(pairs[0][0]))]
    heads = [
        "",
        *(f"{what} {size:,}" for what in ("repeated", "after a change") for size in (SMALL, LARGE)),
    ]
    heads = [heads[0], *heads[1:3], "×", *heads[3:], "×"]
    lines = [
        f"{SMALL:,} guests, conversations and tasks with {SMALL * 10:,} messages, against {LARGE:,} with "
        f"{LARGE * 10:,}. Microseconds in process, medians: of the same read repeated, and of the first",
        "read after another process has changed something, when no remembered total holds.",
        "",
        *table(heads, [row(read) for read in found]),
    ]
    return Section("Cost against size", lines, [bar(found, "warm"), bar(found, "fresh")])


def compared(pairs: list[tuple[list[Times], list[Times]]], index: int) -> Times:
    """One read: median times, and the median of the ratios within each pair."""
    read = dict(pairs[0][0][index])
    for kind in ("warm", "fresh"):
        couples = [(small[index][kind], large[index][kind]) for small, large in pairs]
        read[kind] = tuple(median(side) for side in zip(*couples, strict=True))
        read[f"{kind} ratio"] = median(large / small for small, large in couples)
    return read


def row(read: Times) -> list[str]:
    """One line of the table."""
    cells = [f"`{read['shown']}`" + ("" if read["judged"] else " (outside the bar)")]
    for kind in ("warm", "fresh"):
        ratio = read[f"{kind} ratio"]
        text = f"**{ratio:.1f}**" if read["judged"] and ratio > MOST else f"{ratio:.1f}"
        cells += [*(f"{microseconds:,.0f}" for microseconds in read[kind]), text]
    return cells


def bar(found: list[Times], kind: str) -> Bar:
    """Whether every read is within the bar."""
    judged = [read for read in found if read["judged"]]
    over = [read for read in judged if read[f"{kind} ratio"] > MOST]
    worst = max(read[f"{kind} ratio"] for read in judged)
    when = "repeated" if kind == "warm" else "after a change"
    name = f"each of {len(judged)} reads, {when}: {LARGE:,} guests against {SMALL:,}"
    shown = f"{worst:.1f} ×" + (f", {len(over)} above" if over else "")
    return Bar(name, f"≤ {MOST:.0f} ×", shown, not over)
