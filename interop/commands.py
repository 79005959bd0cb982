"""A command of a tool, at its end: what it printed, or InteropError with the last of it."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from interop.settings import BUILD, PATIENCE, VENV, InteropError

COLOURS = re.compile(r"\x1b\[[0-9;]*m")
# Tools of these ask nobody over the network how they are used.
QUIET = {
    "CI": "true",
    "NO_COLOR": "1",
    "DO_NOT_TRACK": "1",
    "REDOCLY_TELEMETRY": "off",
    "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true",
    "SCARF_ANALYTICS": "false",
    "GOFLAGS": "-mod=readonly",
    "GOTOOLCHAIN": "local",
}


def run(
    *words: str | Path,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    may_fail: bool = False,
) -> str:
    """What a command prints, errors as well, without colours."""
    path = (
        f"{VENV / 'bin'}{os.pathsep}{BUILD / 'node_modules/.bin'}{os.pathsep}{os.environ['PATH']}"
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JACK_")}
    try:
        done = subprocess.run(
            [str(word) for word in words],
            cwd=cwd,
            env={**kept, "PATH": path, **QUIET, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise InteropError(f"{shown(words)}: not done in {PATIENCE:.0f} s") from None
    printed = COLOURS.sub("", done.stdout)
    if done.returncode and not may_fail:
        raise InteropError(f"{shown(words)} failed ({done.returncode}):\n{printed[-4000:]}")
    return printed


def shown(words: Sequence[str | Path]) -> str:
    """The beginning of a command, for messages."""
    return " ".join(Path(str(word)).name for word in words[:4])
