"""granian gives up when one of its processes dies twice within 5.5 seconds: Jack serves all the same."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.reliability.client import LOST
from tests.reliability.server import PATIENCE, ROOT, Server

pytestmark = pytest.mark.system

SCRIPT = ROOT / "deploy" / "granian_server.py"
# The same program, which thinks that it has served for long enough when it ends.
HASTY = """
import runpy, sys
sys.path.insert(0, {folder!r})
main = runpy.run_path({script!r})["main"]
main.__globals__["SERVED"] = 0.0
main()
"""


@dataclass
class Hasty(Server):
    """One that need not have served for ten seconds before it starts again."""

    program: str = "granian"

    @property
    def command(self) -> list[str]:
        program = HASTY.format(folder=str(ROOT / "deploy"), script=str(SCRIPT))
        return [sys.executable, "-c", program]


def kill_until(server: Server, said: str, but: int | None = None) -> None:
    """Kill its processes, but for one, as soon as they are there, until it says that."""
    deadline = time.monotonic() + PATIENCE
    while said not in server.said():
        assert time.monotonic() < deadline, server.said()
        if server.process is None or server.process.poll() is not None:
            return
        for pid in set(server.children()) - {but}:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.2)


def answers(server: Server) -> bool:
    with suppress(*LOST):
        return server.nobody().get("/auth/me").status == 401
    return False


@pytest.fixture
def hasty(folder: Path) -> Hasty:
    return Hasty(folder)


def test_it_starts_again_by_itself(hasty: Hasty) -> None:
    try:
        hasty.start()
        kill_until(hasty, "Starting again ...")
        deadline = time.monotonic() + PATIENCE
        while not answers(hasty):
            assert time.monotonic() < deadline, hasty.said()
            time.sleep(0.05)
    finally:
        assert hasty.stop() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_one_that_is_told_to_end_while_it_gives_up_ends(
    hasty: Hasty, number: signal.Signals
) -> None:
    try:
        hasty.start()
        held = hasty.ready_children()[0]
        os.kill(held, signal.SIGSTOP)  # so that giving up takes a while
        kill_until(hasty, "crash loop detected", but=held)
        os.kill(hasty.pid, number)
        os.kill(held, signal.SIGCONT)
        assert hasty.process is not None
        hasty.process.wait(PATIENCE)
        assert "Starting again" not in hasty.said()
    finally:
        hasty.kill()


def test_one_that_has_hardly_served_ends(new_server: Callable[..., Server]) -> None:
    """What cannot start must say so, and not try for ever."""
    server = new_server(program="granian")
    kill_until(server, "crash loop detected")
    assert server.process is not None
    assert server.process.wait(PATIENCE) == 1
