"""Programs of the machine that are asked, and processes as the kernel tells of them. What cannot be told is not known, and no finding."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

TIMEOUT = 5.0  # seconds
PROC = Path("/proc")


def said_by(program: str, *words: str) -> str | None:
    """What a program prints; None where it is not there, fails or hangs (as systemd's do where systemd does not run)."""
    path = shutil.which(program)
    if path is None:
        return None
    environment = {**os.environ, "LC_ALL": "C", "SYSTEMD_COLORS": "0", "SYSTEMD_PAGER": ""}
    try:
        done = subprocess.run(  # noqa: S603 (a program of the machine, with words of ours)
            [path, *words],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


class Process(NamedTuple):
    """A process: `name` is that of its program, `words` how it was called, `groups` all it is in."""

    number: int
    name: str
    parent: int
    user: int
    groups: frozenset[int]
    words: tuple[str, ...]


def process(number: int) -> Process | None:
    """A process of this machine; None where it has ended or is hidden."""
    try:
        lines = (PROC / str(number) / "status").read_text(errors="replace").splitlines()
        words = (PROC / str(number) / "cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return None
    told = dict(line.split(":", 1) for line in lines if ":" in line)
    # Of the four users and groups of a process, the second counts for what it may do.
    groups = {int(told["Gid"].split()[1]), *map(int, told.get("Groups", "").split())}
    user = int(told["Uid"].split()[1])
    called = tuple(words.removesuffix("\0").split("\0"))
    name, parent = told["Name"].strip(), int(told["PPid"])
    return Process(number, name, parent, user, frozenset(groups), called)


def processes() -> Iterator[Process]:
    """All that are not hidden; none where the operating system has no /proc."""
    numbers = [int(path.name) for path in PROC.glob("[0-9]*")]
    yield from filter(None, map(process, sorted(numbers)))


def user_name(number: int) -> str:
    """The name of a user of this machine."""
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"
