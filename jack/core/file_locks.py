"""Locks on files between processes: the house's own, and those by which SQLite says that a database is open."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Where SQLite keeps its locks in a file (PENDING_BYTE and the 511 bytes after it): whoever has it open holds some.
LOCK_BYTE, LOCK_LENGTH = 0x40000000, 512


class Locked(Exception):
    """Another process holds the lock; the message is the one the caller gave."""


@contextmanager
def flocked(path: Path, otherwise: str) -> Iterator[None]:
    """Hold one of the house's own locks. Raises Locked when another process does."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Locked(otherwise) from None
        yield
    finally:
        os.close(handle)


def held(path: Path) -> bool:
    """Whether a process holds one of the house's own locks."""
    if not path.exists():
        return False
    try:
        with flocked(path, "held"):
            return False
    except Locked:
        return True


@contextmanager
def claimed(path: Path, otherwise: str) -> Iterator[None]:
    """Hold SQLite's own locks on a file without asking SQLite. Raises Locked when somebody has it open.

    They are this process's until it closes any descriptor of the file. Of a file it may not write there are none.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except PermissionError:
        yield
        return
    try:
        try:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB, LOCK_LENGTH, LOCK_BYTE)
        except OSError:
            raise Locked(otherwise) from None
        yield
    finally:
        os.close(handle)
