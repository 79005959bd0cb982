"""Requests a second on three calls, Jack and the peers in turn, and writes by several at once."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from bench import jack_up, peers_up
from bench.alike import check_alike
from bench.calls import CALLS, LIST, LONG, ONE, POST, call_of
from bench.jack_up import GRANIAN, GUNICORN
from bench.native import FASTIFY, GO
from bench.report import Bar, Section, table
from bench.servers import Server
from bench.settings import ROUNDS, SECONDS, WRITERS, say, say_over
from bench.wrk import Figure, load

WRITES = "writes"
JACKS = (GRANIAN, GUNICORN)

# The least a median ratio of Jack on gunicorn may be, call by call. Hello runs on gunicorn, as the customer deploys.
BARS = {
    "hello": (0.75, 0.55, 0.35),
    "FastAPI": (1.2, 1.5, 1.3),
    "DRF": (3.5, 4.5, 2.2),
    "naive": (2.0, 2.5, 1.6),
}
# Jack on granian against those of other languages: whose lists it has to beat.
AHEAD = (FASTIFY, GO)
SLOWEST_WRITE = 50.0

Rounds = dict[tuple[str, str], list[Figure]]


def measure(folder: Path) -> list[Section]:
    """Every round; the sections to print."""
    with ExitStack() as running:
        jacks = [jack_up.start_filled(folder, running, name) for name in JACKS]
        say("Starting the peers ...")
        servers = [*jacks, *peers_up.start_all(folder, running)]
        for server in servers:
            check_alike(server)
        return sections(all_rounds(servers))


def all_rounds(servers: list[Server]) -> Rounds:
    """Each round goes through all calls and all servers, beginning with another one each time."""
    found: Rounds = {}
    for turn in range(-1, ROUNDS):
        for name in (*CALLS, LONG, WRITES):
            for server in rotated(servers, turn):
                if not is_measured(server.name, name):
                    continue
                what = "warming up" if turn < 0 else f"round {turn + 1} of {ROUNDS}"
                say_over(f"{what}: {name}, {server.name} ...")
                figure = cell(server, name, warm_up=turn < 0)
                if turn >= 0:
                    found.setdefault((server.name, name), []).append(figure)
    say_over("")
    return found


def is_measured(server: str, name: str) -> bool:
    """Whether this server is asked this: hello writes nothing, and long lists are compared with the fastest."""
    if name == LONG:
        return server in (*JACKS, *AHEAD)
    return (server, name) != ("hello", WRITES)


def rotated(servers: list[Server], turn: int) -> list[Server]:
    """The servers, beginning with the next one."""
    first = turn % len(servers)
    return servers[first:] + servers[:first]


def cell(server: Server, name: str, *, warm_up: bool) -> Figure:
    """One server under one call."""
    seconds = 1 if warm_up else SECONDS
    if name == WRITES:
        return load(server, call_of(server, POST), connections=WRITERS, seconds=seconds)
    return load(server, call_of(server, name), seconds=seconds)


def ratio(found: Rounds, name: str, peer: str, jack: str = GUNICORN) -> float:
    """Jack against a peer: the median of the ratios within each round."""
    pairs = zip(found[jack, name], found[peer, name], strict=True)
    return median(jack.rate / other.rate for jack, other in pairs)


def sections(found: Rounds) -> list[Section]:
    """The tables, and which bars are met."""
    return [
        rates_section(found),
        ratios_section(found),
        languages_section(found),
        writes_section(found),
    ]


def measured(found: Rounds, name: str) -> list[str]:
    """The servers that were asked this, in the order of their start."""
    return [server for server, asked in found if asked == name]


def middle(figures: list[Figure], pick: Callable[[Figure], float]) -> float:
    """The median of one property."""
    return median(pick(figure) for figure in figures)


def rates_section(found: Rounds) -> Section:
    """Requests a second and the slowest hundredth."""
    rows = []
    for server in measured(found, ONE):
        cells = [found[server, name] for name in CALLS]
        rates = [f"{middle(cell, lambda f: f.rate):,.0f}" for cell in cells]
        tails = [f"{middle(cell, lambda f: f.p99):.1f} ms" for cell in cells]
        rows.append([server, *rates, *tails])
    heads = ["", *CALLS, *(f"p99 {name}" for name in CALLS)]
    note = "Hello answers a small constant to GET / in all three columns."
    return Section("Requests a second (medians)", table(heads, rows) + ["", note])


def ratios_section(found: Rounds) -> Section:
    """Jack divided by each peer."""
    rows, bars = [], []
    for peer, least in BARS.items():
        ratios = [ratio(found, name, peer) for name in CALLS]
        rows.append([f"{GUNICORN} / {peer}", *(f"{value:.2f}" for value in ratios)])
        for name, value, bar in zip(CALLS, ratios, least, strict=True):
            bars.append(Bar(f"{name} against {peer}", f"≥ {bar}", f"{value:.2f}", value >= bar))
    return Section(
        "Ratios (median of the ratios within each round)", table(["", *CALLS], rows), bars
    )


def languages_section(found: Rounds) -> Section:
    """Jack on granian, the server of `make run`, against gunicorn and against other languages."""
    rows, bars = [], []
    for peer in measured(found, ONE):
        if peer in JACKS[:1] or peer in BARS:
            continue
        names = [name for name in (*CALLS, LONG) if (peer, name) in found]
        ratios = {name: ratio(found, name, peer, GRANIAN) for name in names}
        cells = [f"{ratios[name]:.2f}" if name in ratios else "" for name in (*CALLS, LONG)]
        rows.append([f"{GRANIAN} / {peer}", *cells])
        for name in (LIST, LONG) if peer in AHEAD else ():
            value = ratios[name]
            bars.append(Bar(f"granian: {name} against {peer}", "≥ 1", f"{value:.2f}", value >= 1))
    lines = table(["", *CALLS, LONG], rows)
    return Section("granian, and other languages (as above)", lines, bars)


def writes_section(found: Rounds) -> Section:
    """Durable writes by several writers at once."""
    rows = []
    for server in measured(found, WRITES):
        cell = found[server, WRITES]
        times = [middle(cell, pick) for pick in (lambda f: f.p50, lambda f: f.p99, lambda f: f.max)]
        rate = middle(cell, lambda f: f.rate)
        rows.append([server, f"{rate:,.0f}", *(f"{value:.1f} ms" for value in times)])
    slowest = middle(found[GUNICORN, WRITES], lambda f: f.p99)
    name = f"p99 of a write, {WRITERS} concurrent writers"
    bar = Bar(name, f"≤ {SLOWEST_WRITE:.0f} ms", f"{slowest:.1f} ms", slowest <= SLOWEST_WRITE)
    heads = ["", "writes/s", "p50", "p99", "longest"]
    return Section(f"{WRITERS} concurrent writers (POST a task)", table(heads, rows), [bar])
