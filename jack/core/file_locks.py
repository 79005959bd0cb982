"""Locks on files between processes: Jack's own (flock), and those SQLite holds on a database that is open (fcntl)."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# The bytes of a file SQLite locks while it is open: PENDING_BYTE and the 511 after it (sqlite.org/fileformat).
LOCK_BYTE, LOCK_LENGTH = 0x40000000, 512


class Locked(Exception):
    """Another process holds the lock. The message is the caller's."""


@contextmanager
def file_lock(path: Path, message: str) -> Iterator[None]:
    """Hold a lock of Jack's own. Raises Locked with this message when another process holds it."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Locked(message) from None
        yield
    finally:
        os.close(handle)


def is_locked(path: Path) -> bool:
    """Whether a process holds this lock of Jack's own."""
    if not path.exists():
        return False
    try:
        with file_lock(path, "held"):
            return False
    except Locked:
        return True


@contextmanager
def sqlite_lock(path: Path, message: str) -> Iterator[None]:
    """Hold SQLite's locks on a file without SQLite. Raises Locked with this message when a program has it open.

    They end when this process closes any descriptor of the file. A file it may not write is not locked.
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
            raise Locked(message) from None
        yield
    finally:
        os.close(handle)
