"""A little of the disk, kept for opening the database on a full one: SQLite needs 32 KiB for its -shm, or nothing can be read.

The file `reserve.bin` holds nothing. Whoever cannot open the database makes it shorter and tries again; the first start with
enough space makes it whole.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

NAME = "reserve.bin"
SIZE = 1024 * 1024
# What one opening needs; where the file system rounds up, two of them.
SLICE = 32 * 1024
# Where less than this is free, the rest is left to the database.
ENOUGH = 8 * SIZE


def keep(folder: Path) -> None:
    """Make the reserve whole, unless it is or the disk is almost full."""
    path = folder / NAME
    with suppress(OSError):
        if path.exists() and path.stat().st_size == SIZE or shutil.disk_usage(folder).free < ENOUGH:
            return
        # By a name of this process's own: several start at once, and none may find half of it.
        partial = folder / f"{NAME}.{os.getpid()}"
        try:
            file = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            try:
                os.write(
                    file, os.urandom(SIZE)
                )  # random, because some file systems store zeros as nothing
            finally:
                os.close(file)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)


def give_up_a_slice(folder: Path) -> bool:
    """Free a part of the reserve. Returns whether there was any."""
    path = folder / NAME
    try:
        size = path.stat().st_size
        os.truncate(path, max(0, size - SLICE))
    except OSError:
        return False
    return size > 0
