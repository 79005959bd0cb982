"""A hotel in which nothing happens costs nothing: no disk is written to, and no processor is woken more than once a second."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.reliability.client import Client
from tests.reliability.server import Server

SETTLED = 8.0  # seconds after which a start has nothing more to do
SECONDS = 25.0
WAKE_UPS = 1.0  # a second, all processes and threads together


def wake_ups(pids: list[int]) -> int:
    """How often the threads of these processes have gone to sleep of their own accord, and so been woken."""
    return sum(
        int(line.split()[1])
        for pid in pids
        for status in Path(f"/proc/{pid}/task").glob("*/status")
        for line in status.read_text().splitlines()
        if line.startswith("voluntary_ctxt_switches")
    )


def written(pids: list[int]) -> int:
    """How many bytes these processes have had written to a disk."""
    lines = [line for pid in pids for line in Path(f"/proc/{pid}/io").read_text().splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith("write_bytes"))


@pytest.mark.skipif(not os.access("/proc/self/io", os.R_OK), reason="/proc of Linux is needed")
@pytest.mark.parametrize("program", ["granian", "gunicorn"])
def test_an_idle_hotel_costs_nothing(
    new_server: Callable[..., Server], figure: Callable[[str], None], program: str
) -> None:
    server = new_server(workers=2, program=program)
    family = [server.pid, *server.ready_children()]
    pause = threading.Event().wait
    pause(SETTLED)
    began, before, bytes_before = time.monotonic(), wake_ups(family), written(family)
    pause(SECONDS)
    rate = (wake_ups(family) - before) / (time.monotonic() - began)
    figure(f"{program}, idle: {rate:.2f} wake-ups a second")
    assert written(family) == bytes_before
    assert rate <= WAKE_UPS
    assert Client(server.port, prefix="").get("/readyz").status == 200
