"""Ports for programs that tests start: `free_port()`.

What the system gives away for port 0 it may give away again the moment it is let go, to the next test or to any outgoing
connection of this machine. These lie below the range both are taken from, each is given once, and each of the processes
pytest runs side by side has numbers of its own.
"""

from __future__ import annotations

import os
import random
import re
import socket
from collections.abc import Iterator

FIRST, LAST = 20_000, 32_000  # Linux gives away 32768 and up by itself, macOS 49152 and up
PROCESSES = 12


def _numbers(worker: str) -> Iterator[int]:
    """The numbers of one process of pytest's (`gw3`; without a name, those of the first), from anywhere in the middle on."""
    found = re.search(r"\d+", worker)
    share = (LAST - FIRST) // PROCESSES
    first = FIRST + share * (int(found[0]) % PROCESSES if found else 0)
    begun = random.randrange(share)
    for number in range(share):
        yield first + (begun + number) % share


_left = _numbers(os.environ.get("PYTEST_XDIST_WORKER", ""))


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on and no test has been given before."""
    for port in _left:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise RuntimeError("every port of this process of the tests has been given away")
