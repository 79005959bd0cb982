"""What Jack takes in memory: the proportional share (PSS) of its processes, at rest and after load."""

from contextlib import ExitStack
from pathlib import Path

from bench import jack_up
from bench.calls import CALLS, call_of
from bench.report import Bar, Section, table
from bench.servers import Server
from bench.settings import SECONDS, WORKERS, say
from bench.wrk import load

MOST = 100.0

Shares = tuple[float, float]


def measure(folder: Path) -> list[Section]:
    """At rest, then after some seconds of every call."""
    if not Path("/proc/self/smaps_rollup").exists():
        return [Section("Memory", ["Not measured: this system does not tell a process's PSS."])]
    with ExitStack() as running:
        jack = jack_up.start_filled(folder, running)
        for _ in range(4):  # so that every worker has checked a password, which takes memory
            jack_up.sign_in(jack)
        rest = shares(jack)
        say("Loading Jack, to see its memory afterwards ...")
        for name in CALLS:
            load(jack, call_of(jack, name), seconds=SECONDS)
        return [section(rest, shares(jack))]


def shares(server: Server) -> Shares:
    """Megabytes of the first process, and of its workers together."""
    master = server.process.pid
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    return pss(master), sum(pss(int(child)) for child in children)


def pss(pid: int) -> float:
    """The proportional set size of a process in megabytes (2^20 bytes)."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def section(rest: Shares, loaded: Shares) -> Section:
    """The figures. The bar is for the workers after load."""
    rows = [
        [when, *(f"{megabytes:.1f} MB" for megabytes in (workers, master, workers + master))]
        for when, (master, workers) in (("at rest", rest), ("after load", loaded))
    ]
    lines = table(["", f"{WORKERS} workers", "master", "together"], rows)
    lines += [
        "",
        "PSS: memory of its own, and its part of what is shared. The bar is for the workers.",
    ]
    name = f"memory of {WORKERS} workers after load (PSS)"
    bar = Bar(name, f"≤ {MOST:.0f} MB", f"{loaded[1]:.1f} MB", loaded[1] <= MOST)
    return Section("Memory", lines, [bar])
