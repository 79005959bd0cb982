"""Where the program's files are, and what its commands are called: in a checkout, and installed from a wheel."""

from __future__ import annotations

import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
# What a wheel has of the files beside the package (pyproject.toml), such as schema.sql.
_PACKED = PACKAGE / "program"
IS_INSTALLED = _PACKED.is_dir()

# The folder of schema.sql, wsgi.py and deploy/. It may be read-only.
ROOT = _PACKED if IS_INSTALLED else PACKAGE.parent
# A service that starts a program below this folder is this Jack.
INSTALLATION = Path(sys.prefix) if IS_INSTALLED else ROOT
EXECUTABLE = INSTALLATION / "bin" / "jack"

# What a person types.
COMMAND = "jack" if IS_INSTALLED else "bin/jack"
START = "jack run" if IS_INSTALLED else "make run"
DEMO = "jack demo" if IS_INSTALLED else "make demo"


def home() -> Path:
    """The folder of `.env`, and of the hotel's files unless JACK_INSTANCE says otherwise: the checkout, or where one is."""
    return Path.cwd() if IS_INSTALLED else ROOT
