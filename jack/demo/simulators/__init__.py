"""The demo's simulated providers, and guests who write through them: a program of its own, which the demo starts.

The tests use the same providers, by the name `tests.peers`. What serves a hotel never imports them.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from jack.core.places import PACKAGE
from jack.operations.terminal import CommandRefused
from jack.resources.settings.values import JsonObject

PROGRAM = (sys.executable, "-m", "jack.demo.simulators")
TIMEOUT = 10.0  # seconds


class Simulators:
    """The program while it runs."""

    def __init__(self, program: subprocess.Popen[bytes]) -> None:
        self._program = program

    def accounts(self) -> dict[str, JsonObject]:
        """The settings of the simulated accounts, by key. Raises CommandRefused when the program did not start."""
        out = self._program.stdout
        try:
            settings = json.loads(out.readline() if out else b"")
        except ValueError:
            raise CommandRefused(
                "The simulated providers did not start; their output is above."
            ) from None
        return dict(settings)


@contextmanager
def running(url: str, environment: dict[str, str]) -> Iterator[Simulators]:
    """Run the program for the length of the block, with Jack at `url`.

    It ends when its standard input is closed, so also when this process is killed.
    """
    pipe = subprocess.PIPE
    program = subprocess.Popen(  # noqa: S603 (our own)
        (*PROGRAM, "--jack", url),
        cwd=PACKAGE.parent,
        env=environment,
        stdin=pipe,
        stdout=pipe,
        process_group=0,
    )
    try:
        yield Simulators(program)
    finally:
        program.terminate()
        try:
            program.communicate(timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            program.kill()
            program.communicate()
