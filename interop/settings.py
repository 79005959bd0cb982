"""Where things are, and which versions of the tools are used that no lock file beside this one names."""

from __future__ import annotations

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
BUILD = ROOT / ".interop"  # everything that is installed, generated or compiled; may be deleted
VENV = BUILD / "venv"
DOCUMENT = "openapi.json"
# https://openapi-generator.tech, from Maven Central
GENERATOR = "7.25.0"
PATIENCE = float(os.environ.get("INTEROP_PATIENCE", "900"))  # seconds for one command


class InteropError(Exception):
    """Why a tool was not tried to the end, or what it had against the description."""


def say(text: str) -> None:
    """Print now, also into a pipe."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
