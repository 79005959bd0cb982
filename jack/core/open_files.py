"""Whether the files a connection has open are still those in the folder.

Who deletes `jack.db-wal` while Jack runs, or puts another file in the place of `jack.db`, takes nothing from the processes
that have them open: these would go on, with files that nobody finds again after they have ended. SQLite does not notice.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

# How the file of a database in WAL mode begins (sqlite.org/fileformat2.html), but for two bytes in between.
MAGIC = b"SQLite format 3\0"
WAL = b"\x02\x02"

Identity = tuple[int, int]


class Loss(NamedTuple):
    """What happened to the files."""

    name: str
    # Nothing else is in their place: what is open can still be written into the database.
    deleted_only: bool
    # The database is another file, or has been written over: the log that is open belongs to neither.
    database: bool
    # The database that is open is not the one in the folder, so that it can still be copied.
    copyable: bool


class OpenFiles:
    """The database, its -wal and its -shm, as a connection of this process has them open."""

    def __init__(self, path: Path) -> None:
        """Right after the connection has read something: only then are all three open."""
        self._paths = (str(path), f"{path}-wal", f"{path}-shm")
        opened = _descriptors()
        self._is_told = _identity(self._paths[0]) in opened
        # A descriptor of the database, for reading its header: one of our own could not be closed without ending locks.
        self._database = opened.get(_identity(self._paths[0]) or (0, 0), -1)
        # Of connections in one process all use the -shm of the first: what is in the folder is not what is open then.
        self._known = [
            found if (found := _identity(path)) in opened else None for path in self._paths
        ]
        self._written = (0, 0)
        # A power cut amid a checkpoint leaves a torn header, and the whole one in the log: such a file is not written over.
        self._was_whole = False
        info = _info(self._paths[0])
        if self._is_told and info is not None:
            self._is_overwritten(info)

    @property
    def number(self) -> int:
        """The number (inode) of the database that is open."""
        return (self._known[0] or (0, 0))[1]

    def loss(self) -> Loss | None:
        """What has been deleted or replaced; None while all is as it was. Takes 4 µs.

        Where the operating system does not tell which files are open, nothing is ever missed.
        """
        if not self._is_told:
            return None
        info = _info(self._paths[0])
        found = [_number(info), _identity(self._paths[1]), _identity(self._paths[2])]
        if found != self._known:
            return self._changed(found)
        if info is not None and self._is_overwritten(info):
            return Loss(Path(self._paths[0]).name, False, True, False)
        return None

    def _changed(self, found: list[Identity | None]) -> Loss:
        changed = [place for place in range(3) if found[place] != self._known[place]]
        names = " and ".join(Path(self._paths[place]).name for place in changed)
        replaced = any(found[place] is not None for place in changed)
        return Loss(names, not replaced and 0 not in changed, 0 in changed, 0 in changed)

    def _is_overwritten(self, info: os.stat_result) -> bool:
        """Whether the database was written by a program that does not know SQLite's locks, such as `cp`.

        Only what is certain counts: a file that is no database any more, or, as every backup of Jack's, one that is not in WAL mode.
        """
        written = (info.st_mtime_ns, info.st_size)
        if written == self._written:
            return False
        try:
            own = os.fstat(self._database)
            if (own.st_dev, own.st_ino) != self._known[0]:
                # It was another connection's, which has closed it.
                self._database = _descriptors().get(self._known[0] or (0, 0), -1)
            header = os.pread(self._database, 20, 0)
        except OSError:
            return False
        self._written = written
        if header[:16] == MAGIC and header[18:20] == WAL:
            self._was_whole = True
            return False
        return self._was_whole


def _info(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except OSError:
        return None


def _number(info: os.stat_result | None) -> Identity | None:
    return None if info is None else (info.st_dev, info.st_ino)


def _identity(path: str) -> Identity | None:
    """The device and number of a file; None where there is none."""
    return _number(_info(path))


def _descriptors() -> dict[Identity, int]:
    """The files this process has open, each with a descriptor of it; empty where that is not told."""
    found = {}
    try:
        numbers = [int(name) for name in os.listdir("/dev/fd")]
    except (OSError, ValueError):
        return {}
    for number in numbers:
        try:
            info = os.fstat(number)
        except OSError:
            continue  # the one that listed them
        found[info.st_dev, info.st_ino] = number
    return found
