"""A file on its way onto the disk: written under a name nobody looks for, then given its own in one step, or gone."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import shutil
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Self

from jack.core.errors import PayloadTooLarge, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PARTIAL = "incoming-"
MIB = 1024 * 1024
# Of the disk, what files never take: the database needs room to write.
SPARE = 64 * MIB


class AtomicFile:
    """`with Draft(folder, limit) as draft:` leaves nothing behind when the block fails, or ends without `keep`."""

    def __init__(self, folder: Path, limit: int) -> None:
        """Begin a file in a folder, made if need be. `limit` is in bytes. Raises Unavailable when there is no room."""
        self.size = 0
        self._limit = limit
        self._hash = hashlib.sha256()
        self._folder = folder
        self.path = folder / f"{PARTIAL}{secrets.token_hex(16)}"
        with explained():
            _made(folder)
            if shutil.disk_usage(folder).free < SPARE:
                raise OSError(errno.ENOSPC, "kept free")
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            self._file = os.fdopen(os.open(self.path, flags, 0o600), "wb")
        self._kept = False

    @property
    def digest(self) -> str:
        """SHA-256 of what has been written, in hex."""
        return self._hash.hexdigest()

    def write(self, data: bytes) -> None:
        """Add to the file. Raises PayloadTooLarge beyond the limit, Unavailable when the disk is full."""
        self.size += len(data)
        if self.size > self._limit:
            raise PayloadTooLarge(f"The file is larger than {self._limit // MIB} MiB.")
        self._hash.update(data)
        with explained():
            self._file.write(data)

    def settle(self) -> None:
        """On the disk for good. It takes a while: done before any transaction."""
        if not self._file.closed:
            with explained():
                self._file.flush()
                os.fsync(self._file.fileno())
                self._file.close()

    def keep(self, name: str) -> None:
        """Give the file its name below the folder."""
        self.settle()
        target = self._folder / name
        with explained():
            _made(target.parent)
            os.replace(self.path, target)
            self.path, self._kept = target, True
            sync_folder(target.parent)

    def discard(self) -> None:
        """Remove the file, also one that has been kept."""
        with suppress(OSError):  # a full disk may refuse what was still to be written
            self._file.close()
        self.path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None or not self._kept:
            self.discard()


@contextmanager
def explained() -> Iterator[None]:
    """What the disk has against a file, as callers are told it. Nothing is changed then."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            says = "The disk is full. Nothing was changed."
            raise Unavailable(says, reason="disk_full", retry_after=60) from error
        says = "The file cannot be written. Nothing was changed."
        raise Unavailable(says, retry_after=60) from error


def _made(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(mode=0o700, exist_ok=True)
        sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make a new name in this folder last through a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
