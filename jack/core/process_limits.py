"""What the system lets a process have: open files and memory. Raised as far as it allows, and refused where that is too little.

Measured with the servers of `deploy/` (Linux, glibc): a process has 35 files open when nobody asks anything, and every
connection is one more; it reserves 460 MiB of address space, and every thread that calls a provider up to 72 MiB more, little of which it uses.

The servers in `deploy/` run this file by itself: it imports nothing of Jack's.
"""

from __future__ import annotations

import resource
from contextlib import suppress
from typing import NamedTuple

MIB = 1024 * 1024


class LimitTooLow(Exception):
    """The system lets a process have less than Jack needs; the message says how much, and what to do."""


class Limit(NamedTuple):
    """A limit of the system, its name where it is set, and how much of it Jack needs and has use for, in `unit`s."""

    number: int
    what: str
    unit: int
    needed: int
    wanted: int
    ulimit: str  # what is typed in a shell, with the number of `needed`
    service: str  # the same in systemd's unit


LIMITS = (
    # Enough for a few hundred callers who stay connected; wanted is what granian takes (`--backpressure`), twice.
    Limit(resource.RLIMIT_NOFILE, "open files", 1, 512, 16_384, "ulimit -n 512", "LimitNOFILE=512"),
    Limit(
        resource.RLIMIT_AS,
        "MiB of address space",
        MIB,
        *(1024, 1024),
        *("ulimit -v 1048576", "LimitAS=1G"),
    ),
    Limit(
        resource.RLIMIT_DATA,
        "MiB of data",
        MIB,
        *(512, 512),
        *("ulimit -d 524288", "LimitDATA=512M"),
    ),
)


def ensure() -> None:
    """Raise this process's limits, and with them those of its children, to what Jack has use for.

    Raises LimitTooLow, in one line, where one of them cannot be what Jack needs.
    """
    for limit in LIMITS:
        granted = _raised(limit)
        if granted < limit.needed:
            raise LimitTooLow(
                f"Jack needs {limit.needed} {limit.what} in each process and may have only {granted}. "
                f"In a new terminal type `{limit.ulimit}`, then start it; in a service, set {limit.service}."
            )


def _raised(limit: Limit) -> int:
    """What the process may have of it now, in its units; a limit that is `wanted` or more already is left alone."""
    soft, hard = (_in_units(value, limit) for value in resource.getrlimit(limit.number))
    if soft >= limit.wanted:
        return soft
    for goal in (min(hard, limit.wanted), min(hard, limit.needed)):
        # macOS has bounds of its own below the hard limit.
        with suppress(ValueError, OSError):
            kept = resource.getrlimit(limit.number)[1]
            resource.setrlimit(limit.number, (goal * limit.unit, kept))
            return goal
    return soft


def _in_units(value: int, limit: Limit) -> int:
    """A value of the system's in the limit's units; none is more than anybody asks for."""
    return limit.wanted if value == resource.RLIM_INFINITY else value // limit.unit
