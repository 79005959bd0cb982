"""Files written atomically: under a temporary name, fsynced, then renamed, or deleted."""

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
# Bytes of the disk that are kept free for the database.
SPARE = 64 * MIB


class AtomicFile:
    """`with AtomicFile(folder, limit) as file:` deletes the file when the block fails, or ends without `keep`."""

    def __init__(self, folder: Path, limit: int) -> None:
        """Create a file in a folder, which is made if need be. `limit` is in bytes. Raises Unavailable when the disk is full."""
        self.size = 0
        self._limit = limit
        self._hash = hashlib.sha256()
        self._folder = folder
        self.path = folder / f"{PARTIAL}{secrets.token_hex(16)}"
        with _disk_errors():
            make_folder(folder)
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
        with _disk_errors():
            self._file.write(data)

    def fsync(self) -> None:
        """Write the content to the disk and close the file. It takes a while: done before any transaction."""
        if not self._file.closed:
            with _disk_errors():
                self._file.flush()
                os.fsync(self._file.fileno())
                self._file.close()

    def keep(self, name: str) -> None:
        """Rename the file to its name below the folder."""
        self.fsync()
        target = self._folder / name
        with _disk_errors():
            make_folder(target.parent)
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
def _disk_errors() -> Iterator[None]:
    """Raise Unavailable for every OSError."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            message = "The disk is full. Nothing was changed."
            raise Unavailable(message, reason="disk_full", retry_after=60) from error
        message = "The file cannot be written. Nothing was changed."
        raise Unavailable(message, retry_after=60) from error


def make_folder(folder: Path, mode: int = 0o700) -> None:
    """Make a folder unless it is there, and those above it (with the usual mode); the names of new ones survive a power cut."""
    if not folder.is_dir():
        make_folder(folder.parent, 0o777)
        folder.mkdir(mode=mode, exist_ok=True)
        with suppress(PermissionError):  # one that may be written to and not be read
            sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Fsync a folder, so that its new names survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
