"""The bars in full: `python -m tests.reliability [kill outbox …]`, each word the name of a test file."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent


def main(words: list[str]) -> int:
    """Run the long versions of all tests, or of these; pytest's options pass through."""
    os.environ["JACK_LONG"] = "1"
    names = [str(FOLDER / f"test_{word}.py") for word in words if not word.startswith("-")]
    options = [word for word in words if word.startswith("-")]
    return int(pytest.main([*(names or [str(FOLDER)]), "-v", "--no-header", *options]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
