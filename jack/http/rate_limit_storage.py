"""Counts shared by all processes: a file of fixed size in shared memory.

Where a key lies in it is a hash under the instance's secret, so that nobody can look for keys that crowd out another one. Counts
that guard a secret, such as failed sign-ins, have a part of the file to themselves, and none is dropped before it has run out.
"""

from __future__ import annotations

import errno
import fcntl
import functools
import hashlib
import hmac
import mmap
import os
import struct
import threading
import time
from pathlib import Path
from typing import NamedTuple

from limits.storage import Storage

from jack.core.config import LONGEST_WINDOW

SLOT = struct.Struct("<16sIxxxxd")  # hash of the key, count, when it expires (epoch seconds)
EMPTY = bytes(SLOT.size)
CLOCK_STEP = 3_600  # a clock set back by less leaves every count as it is


class Part(NamedTuple):
    """A part of the file: from where (bytes), how many buckets, how many slots in each."""

    start: int
    buckets: int
    slots: int

    @property
    def bucket_size(self) -> int:
        """Bytes of a bucket."""
        return self.slots * SLOT.size

    @property
    def end(self) -> int:
        """Where the next part begins, in bytes."""
        return self.start + self.buckets * self.bucket_size


# Where a bucket is full, a new count takes the place of the one that expires first.
BRIEF = Part(0, 8192, 8)
# Where a bucket is full, a new count is refused: 64 slots, so that none is before half of all are taken.
KEPT = Part(BRIEF.end, 2048, 64)
FILE_SIZE = KEPT.end


class SharedStorage(Storage):
    """Fixed windows in a memory-mapped file: a key hashes to a bucket of slots, locked while it is counted.

    `secret` is the instance's. Every method raises OSError when the file cannot be used.
    """

    STORAGE_SCHEME = ["jack+mmap"]

    def __init__(
        self,
        uri: str,
        wrap_exceptions: bool = False,
        *,
        secret: str,
        **options: float | str | bool,
    ) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions, **options)
        self._hash_key = hmac.digest(secret.encode(), b"rate limits", hashlib.sha256)
        self._path = Path(uri.partition("://")[2])
        self._lock = threading.Lock()
        self._mapped: tuple[int, int, mmap.mmap] | None = None

    @property
    def base_exceptions(self) -> type[Exception]:
        """What the library is to expect of this storage."""
        return OSError

    def increment(
        self, key: str, window: int, amount: int = 1, *, part: Part = BRIEF
    ) -> tuple[int, float]:
        """Add `amount` to the count of a key in its window of so many seconds; the count, and when the window ends (epoch seconds).

        In the part `KEPT` a count stays until its window ends; OSError (ENOSPC) when there is no room for another one.
        """
        digest, start = _place(self._hash_key, key, part)
        size = part.bucket_size
        with self._lock:
            file, memory = self._file()
            fcntl.lockf(file, fcntl.LOCK_EX, size, start)
            try:
                return _count(memory, range(start, start + size, SLOT.size), digest, window, amount)
            finally:
                fcntl.lockf(file, fcntl.LOCK_UN, size, start)

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
def _place(hash_key: bytes, key: str, part: Part) -> tuple[bytes, int]:
    """The hash that stands for a key in the file, and the offset of its bucket in bytes."""
    digest = hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=16, key=hash_key).digest()
    bucket = int.from_bytes(digest[:4], "little") % part.buckets
    return digest, part.start + bucket * part.bucket_size


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
    memory: mmap.mmap, bucket: range, digest: bytes, window: int, amount: int
) -> tuple[int, float]:
    """Add `amount` in the key's slot, else in one that is free, or may be taken; the count, and when it expires.

    `bucket` has the offsets of the slots. A count that has come down to nothing leaves its slot.
    """
    now = time.time()
    free, soonest = bucket.start, float("inf")
    for offset in bucket:
        held, count, expires = SLOT.unpack_from(memory, offset)
        alive = now < expires <= now + LONGEST_WINDOW + CLOCK_STEP
        if held == digest and alive:
            count = min(max(0, count + amount), 2**32 - 1)
            memory[offset : offset + SLOT.size] = (
                SLOT.pack(digest, count, expires) if count else EMPTY
            )
            return count, expires
        if (expires if alive else 0) < soonest:
            free, soonest = offset, expires if alive else 0
    if amount <= 0:
        return 0, now
    if soonest and bucket.start >= KEPT.start:
        raise OSError(errno.ENOSPC, "no room for another count")
    SLOT.pack_into(memory, free, digest, amount, now + window)
    return amount, now + window
