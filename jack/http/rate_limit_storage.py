"""Counts shared by all processes: a file of fixed size in shared memory."""

from __future__ import annotations

import fcntl
import functools
import hashlib
import mmap
import os
import struct
import threading
import time
from pathlib import Path

from limits.storage import Storage

from jack.core.config import LONGEST_WINDOW

SLOT = struct.Struct("<16sIxxxxd")  # hash of the key, count, when it expires (epoch seconds)
SLOTS_IN_BUCKET = 8
BUCKETS = 8192
BUCKET_SIZE = SLOT.size * SLOTS_IN_BUCKET
FILE_SIZE = BUCKET_SIZE * BUCKETS
CLOCK_STEP = 3_600  # a clock set back by less leaves every count as it is


class SharedStorage(Storage):
    """Fixed windows in a memory-mapped file: a key hashes to a bucket of eight slots, locked while it is counted.

    Every method raises OSError when the file cannot be used.
    """

    STORAGE_SCHEME = ["jack+mmap"]

    def __init__(
        self, uri: str, wrap_exceptions: bool = False, **options: float | str | bool
    ) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions, **options)
        self._path = Path(uri.partition("://")[2])
        self._lock = threading.Lock()
        self._mapped: tuple[int, int, mmap.mmap] | None = None

    @property
    def base_exceptions(self) -> type[Exception]:
        """What the library is to expect of this storage."""
        return OSError

    def increment(self, key: str, window: int, amount: int = 1) -> tuple[int, float]:
        """Add `amount` to the count of a key in its window of so many seconds; the count, and when the window ends (epoch seconds)."""
        digest, start = _place(key)
        with self._lock:
            file, memory = self._file()
            fcntl.lockf(file, fcntl.LOCK_EX, BUCKET_SIZE, start)
            try:
                return _count(memory, start, digest, window, amount, time.time())
            finally:
                fcntl.lockf(file, fcntl.LOCK_UN, BUCKET_SIZE, start)

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """As `increment`, under the library's name for it; the count only."""
        return self.increment(key, expiry, amount)[0]

    def get(self, key: str) -> int:
        """The count, without counting."""
        return self.increment(key, 1, 0)[0]

    def get_expiry(self, key: str) -> float:
        """When the window ends, in epoch seconds."""
        return self.increment(key, 1, 0)[1]

    def check(self) -> bool:
        """Whether the file can be used."""
        try:
            self.increment("check", 1)
        except OSError:
            return False
        return True

    def clear(self, key: str) -> None:
        """Forget a key."""
        self.increment(key, 1, -(2**32))

    def reset(self) -> int | None:
        """Forget every key."""
        with self._lock:
            _, memory = self._file()
            memory[:] = bytes(FILE_SIZE)
        return None

    def _file(self) -> tuple[int, mmap.mmap]:
        """The descriptor and the mapping of the file, opened in this process: a fork shares mappings, but not locks."""
        if self._mapped is not None and self._mapped[0] == os.getpid():
            _, file, memory = self._mapped
            info = os.fstat(file)
            if info.st_nlink and info.st_size >= FILE_SIZE:
                return file, memory
            # Deleted: other processes count in a new file. Cut short: reading what is mapped would be SIGBUS.
            self._mapped = None
            memory.close()
            os.close(file)
        file, memory = _opened(self._path)
        self._mapped = (os.getpid(), file, memory)
        return file, memory


@functools.lru_cache(maxsize=4096)
def _place(key: str) -> tuple[bytes, int]:
    """The hash that stands for a key in the file, and the offset of its bucket in bytes."""
    digest = hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=16).digest()
    return digest, int.from_bytes(digest[:4], "little") % BUCKETS * BUCKET_SIZE


def _opened(path: Path) -> tuple[int, mmap.mmap]:
    """The file with all its blocks allocated, and its mapping: a write into a hole on a full disk would be SIGBUS."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if os.fstat(file).st_size < FILE_SIZE:
            os.posix_fallocate(file, 0, FILE_SIZE) if hasattr(
                os, "posix_fallocate"
            ) else os.ftruncate(file, FILE_SIZE)
        return file, mmap.mmap(file, FILE_SIZE)
    except BaseException:
        os.close(file)
        raise


def _count(
    memory: mmap.mmap, start: int, digest: bytes, window: int, amount: int, now: float
) -> tuple[int, float]:
    """Add `amount` in the key's slot, else in a free one, else in the one that expires first; the count, and when it expires."""
    free, soonest = start, float("inf")
    for offset in range(start, start + BUCKET_SIZE, SLOT.size):
        held, count, expires = SLOT.unpack_from(memory, offset)
        alive = now < expires <= now + LONGEST_WINDOW + CLOCK_STEP
        if held == digest and alive:
            count = min(max(0, count + amount), 2**32 - 1)
            SLOT.pack_into(memory, offset, digest, count, expires)
            return count, expires
        if (expires if alive else 0) < soonest:
            free, soonest = offset, expires if alive else 0
    if amount <= 0:
        return 0, now
    SLOT.pack_into(memory, free, digest, amount, now + window)
    return amount, now + window
