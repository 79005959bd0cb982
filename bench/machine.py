"""On what the figures were taken."""

import os
import platform
import subprocess
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import apsw

from bench import native
from bench.settings import PEERS_VENV

OURS = (
    "Flask",
    "flask-smorest",
    "marshmallow",
    "Flask-Limiter",
    "Flask-JWT-Extended",
    "gunicorn",
    "granian",
)
THEIRS = ("fastapi", "pydantic", "uvicorn", "uvloop", "Django", "djangorestframework", "gunicorn")
PARSER = ("gunicorn_h1c",) if find_spec("gunicorn_h1c") else ()
ASK = "import sys; from importlib.metadata import version; print(*map(version, sys.argv[1:]))"


def describe() -> list[str]:
    """The machine and what Jack runs on, as a Markdown list."""
    return [
        f"- machine: {cpu()}, {os.cpu_count()} cores, {memory()}, {platform.system()} "
        f"{platform.release()} {platform.machine()}",
        f"- Python {platform.python_version()}, SQLite {apsw.sqlite_lib_version()}, {wrk()}",
        f"- Jack: {', '.join(f'{name} {version(name)}' for name in (*OURS, *PARSER))}",
    ]


def others() -> list[str]:
    """What the other stacks run on."""
    lacking = native.missing()
    names = [native.version(name) for name in native.TOOLS if name not in lacking]
    return [
        f"- hello and naive as Jack; the other peers: SQLite {peers_sqlite()}, {', '.join(peers_versions())}",
        *([f"- of other languages: {', '.join(names)}"] if names else ()),
    ]


def cpu() -> str:
    """The model's name."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def memory() -> str:
    """How much there is."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return f"{pages / 2**30:.0f} GiB of memory"


def wrk() -> str:
    """wrk's version, as it says it."""
    said = subprocess.run(["wrk", "-v"], capture_output=True, text=True, check=False)
    return " ".join((said.stdout + said.stderr).split()[:2])


def peers_sqlite() -> str:
    """The SQLite that the standard library brings."""
    return ask("-c", "import sqlite3; print(sqlite3.sqlite_version)")


def peers_versions() -> list[str]:
    """Names with versions."""
    found = ask("-c", ASK, *THEIRS).split()
    return [f"{name} {number}" for name, number in zip(THEIRS, found, strict=True)]


def ask(*arguments: str) -> str:
    """What the peers' Python prints."""
    python = str(PEERS_VENV / "bin" / "python")
    return subprocess.run(
        [python, *arguments], capture_output=True, text=True, check=True
    ).stdout.strip()
