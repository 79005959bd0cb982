"""How large and how long: every knob of the benchmark, with its default."""

import os
import sys
from pathlib import Path

BENCH = Path(__file__).resolve().parent
ROOT = BENCH.parent
PEERS = BENCH / "peers"
CACHE = BENCH / ".cache"
RESULTS = BENCH / "RESULTS.md"
PEERS_VENV = ROOT / ".venv-bench"
GUNICORN_CONF = ROOT / "deploy" / "gunicorn.conf.py"


class BenchError(Exception):
    """A measurement that cannot be made, or that would not be a figure."""


def number(name: str, default: int) -> int:
    """A whole number above zero from the environment."""
    text = os.environ.get(name, str(default))
    if not text.isdecimal() or int(text) < 1:
        raise SystemExit(f"{name}={text!r}: a whole number above zero is needed")
    return int(text)


ROUNDS = number("BENCH_ROUNDS", 5)
SECONDS = number("BENCH_SECONDS", 3)
GUESTS = number("BENCH_GUESTS", 10_000)
CONNECTIONS = number("BENCH_CONNECTIONS", 16)
WRITERS = number("BENCH_WRITERS", 8)
WORKERS = number("BENCH_WORKERS", 2)
LARGE = number("BENCH_LARGE", 100_000)
MANY = number("BENCH_MANY", 1_000_000)
SMALL = number("BENCH_SMALL", 1_000)
SAMPLES = number("BENCH_SAMPLES", 30)
PAIRS = number("BENCH_PAIRS", 3)
HOOKS = number("BENCH_HOOKS", 20_000)
MESSAGES = number("BENCH_MESSAGES", 60)
QUEUED = number("BENCH_QUEUED", 10_000)
DRAIN_SECONDS = number("BENCH_DRAIN_SECONDS", 20)


def say(line: str) -> None:
    """A line of progress, at once."""
    print(line, flush=True)


def say_over(line: str) -> None:
    """A line of progress that the next one replaces, where there is a terminal to do so."""
    if sys.stdout.isatty():
        print(f"\r\x1b[K{line}", end="", flush=True)
    else:
        say(line)
