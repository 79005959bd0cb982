"""Who is outside the demo's hotel: stand-ins for the providers, and guests that write by them, as a program of its own.

They live with the tests, which need them as well; Jack itself never imports them.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from jack.core.config import ROOT
from jack.operations.terminal import CommandRefused

PROGRAM = (sys.executable, "-m", "tests.peers")
PATIENCE = 10.0


class Street:
    """The program, for as long as it runs."""

    def __init__(self, program: subprocess.Popen[bytes]) -> None:
        self._program = program

    def accounts(self) -> dict[str, dict[str, Any]]:
        """The settings that connect Jack with the stand-ins, by key. Raises CommandRefused when they did not start."""
        out = self._program.stdout
        try:
            told = json.loads(out.readline() if out else b"")
        except ValueError:
            raise CommandRefused(
                "The demo's guests did not start; what they said is above."
            ) from None
        return dict(told)


@contextmanager
def outside(url: str, environment: dict[str, str]) -> Iterator[Street]:
    """Everybody who writes to the hotel at `url`, for the length of the block.

    The program ends when its standard input is closed, so also with this process, however that ends.
    """
    pipe = subprocess.PIPE
    program = subprocess.Popen(  # noqa: S603 (our own)
        (*PROGRAM, "--jack", url),
        cwd=ROOT,
        env=environment,
        stdin=pipe,
        stdout=pipe,
        process_group=0,
    )
    try:
        yield Street(program)
    finally:
        program.terminate()
        try:
            program.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            program.kill()
            program.communicate()
