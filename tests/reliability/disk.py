"""A disk that can be filled: a small tmpfs of the test's own."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

MIB = 1024 * 1024


@contextmanager
def small_disk(place: Path, size: int) -> Iterator[Path]:
    """A tmpfs of so many bytes, mounted at `place`. Skips where that is not allowed; CI may not skip."""
    place.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
    made = subprocess.run(["mount", *options], capture_output=True, text=True, check=False)
    if made.returncode:
        say = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        say("only root may mount a small disk; run these tests as root (or in a container as root)")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def fill(disk: Path, *, leave: int = 0) -> Path:
    """Use up what is free but for `leave` bytes; returns the file that does, to be deleted."""
    ballast = disk / "ballast"
    handle = os.open(ballast, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        for piece in (64 * 1024, 4096):
            _pour(handle, piece)
        os.ftruncate(handle, max(0, os.fstat(handle).st_size - leave))
    finally:
        os.close(handle)
    return ballast


def _pour(handle: int, piece: int) -> None:
    try:
        while True:
            os.write(handle, b"x" * piece)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
