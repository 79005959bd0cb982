"""Rate limits that all processes share: Flask-Limiter over a small memory-mapped file.

`limits` ships no storage that processes share without a server, and counting in each process would multiply every
limit by the number of processes. The file holds hashes and counts only, and may be lost or deleted at any time.
"""

from __future__ import annotations

import fcntl
import functools
import hashlib
import ipaddress
import logging
import math
import mmap
import os
import struct
import threading
import time
from pathlib import Path
from typing import NamedTuple, cast

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import RateLimitItem
from limits.storage import MemoryStorage, Storage

from jack.core.config import LONGEST_WINDOW
from jack.core.errors import RateLimited, Unavailable

log = logging.getLogger(__name__)

SLOT = struct.Struct("<16sIxxxxd")  # hash of the key, count, when it expires (epoch seconds)
SLOTS_IN_BUCKET = 8
BUCKETS = 8192
BUCKET_SIZE = SLOT.size * SLOTS_IN_BUCKET
FILE_SIZE = BUCKET_SIZE * BUCKETS
CLOCK_STEP = 3_600  # a clock set back by less leaves every count as it is


class Spent(NamedTuple):
    """What is left of a budget after a request: the limit, what remains, and when it is whole again (epoch seconds)."""

    limit: int
    remaining: int
    reset: int
    exceeded: bool


class SharedStorage(Storage):
    """Fixed windows in a memory-mapped file: a key hashes to a bucket of eight slots, locked for the moment it is counted."""

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
        """What may go wrong with a file."""
        return OSError

    def take(self, key: str, window: int, amount: int = 1) -> tuple[int, float]:
        """Count `amount` more for the key; returns the count and when its window ends (epoch seconds)."""
        digest, start = _place(key)
        with self._lock:
            file, memory = self._file()
            fcntl.lockf(file, fcntl.LOCK_EX, BUCKET_SIZE, start)
            try:
                return _count(memory, start, digest, window, amount, time.time())
            finally:
                fcntl.lockf(file, fcntl.LOCK_UN, BUCKET_SIZE, start)

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """As the library asks for it: the count only."""
        return self.take(key, expiry, amount)[0]

    def get(self, key: str) -> int:
        """The count, without counting."""
        return self.take(key, 1, 0)[0]

    def get_expiry(self, key: str) -> float:
        """When the window ends, in epoch seconds."""
        return self.take(key, 1, 0)[1]

    def check(self) -> bool:
        """Whether the file can be used."""
        try:
            self.take("check", 1)
        except OSError:
            return False
        return True

    def clear(self, key: str) -> None:
        """Forget a key."""
        self.take(key, 1, -(2**32))

    def reset(self) -> int | None:
        """Forget every key."""
        with self._lock:
            _, memory = self._file()
            memory[:] = bytes(FILE_SIZE)
        return None

    def _file(self) -> tuple[int, mmap.mmap]:
        """The file, opened in this process: a mapping is shared with a parent, but its locks are not."""
        if self._mapped is not None and self._mapped[0] == os.getpid():
            _, file, memory = self._mapped
            if os.fstat(file).st_nlink:
                return file, memory
            self._mapped = None  # deleted: who counted on in it would count alone
            memory.close()
            os.close(file)
        file, memory = _opened(self._path)
        self._mapped = (os.getpid(), file, memory)
        return file, memory


@functools.lru_cache(maxsize=4096)
def _place(key: str) -> tuple[bytes, int]:
    """What stands for a key in the file, and where its bucket begins."""
    digest = hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=16).digest()
    return digest, int.from_bytes(digest[:4], "little") % BUCKETS * BUCKET_SIZE


def _opened(path: Path) -> tuple[int, mmap.mmap]:
    """The file with all its room reserved, and its mapping: writing into a hole of a full disk would be the end."""
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
    """Find the key's slot, or one that is free, or the one soonest to be; add and write back."""
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


class Limits:
    """The budgets of the house, and the one way to spend from them."""

    def __init__(self, app: Flask, path: Path) -> None:
        self.limiter = Limiter(
            get_remote_address, storage_uri=f"jack+mmap://{path}", strategy="fixed-window"
        )
        # Known to the app beforehand, it leaves its own hooks out: `jack.lifecycle` counts each request once, by caller.
        app.extensions.setdefault("limiter", set()).add(self.limiter)
        self.limiter.init_app(app)
        self._fallback = MemoryStorage()

    def spend(self, item: RateLimitItem, key: str, amount: int = 1) -> Spent:
        """Take from a budget. Should the shared file fail, this process counts alone rather than stop the house."""
        try:
            return self._spent(item, key, amount)
        except OSError as error:
            log.warning("rate limits are counted by process: %s", error.strerror)
            full = item.key_for(key)
            count = self._fallback.incr(full, item.get_expiry(), amount)
            return _spent(item, count, self._fallback.get_expiry(full))

    def spend_or_refuse(self, item: RateLimitItem, key: str, message: str) -> None:
        """Take from a budget that guards a secret: 429 over it, 503 when it cannot be counted."""
        try:
            spent = self._spent(item, key, 1)
        except OSError:
            raise Unavailable("Signing in is not possible at the moment.", retry_after=30) from None
        if spent.exceeded:
            raise RateLimited(message, retry_after=wait(spent))

    def give_back(self, item: RateLimitItem, key: str) -> None:
        """Return what a success should not have cost. A success stays one when that cannot be written."""
        try:
            self._spent(item, key, -1)
        except OSError as error:
            log.warning("a budget was not given back: %s", error.strerror)

    def _spent(self, item: RateLimitItem, key: str, amount: int) -> Spent:
        storage = cast("SharedStorage", self.limiter.storage)
        count, expires = storage.take(item.key_for(key), item.get_expiry(), amount)
        return _spent(item, count, expires)


def _spent(item: RateLimitItem, count: int, expires: float) -> Spent:
    return Spent(item.amount, max(0, item.amount - count), math.ceil(expires), count > item.amount)


def ten_times(item: RateLimitItem) -> RateLimitItem:
    """The same window with ten times the room."""
    return type(item)(item.amount * 10, item.multiples)


def wait(spent: Spent) -> int:
    """Seconds until a spent budget is whole again."""
    return max(1, spent.reset - math.ceil(time.time()))


def address_key(address: str | None) -> str:
    """What an address is counted by: itself, or its /64 for IPv6, where one customer has as many as they like."""
    try:
        ip = ipaddress.ip_address(address or "")
    except ValueError:
        return "address:unknown"
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return f"address:{ip.ipv4_mapped}"
        return f"address:{ipaddress.ip_network((ip, 64), strict=False)}"
    return f"address:{ip}"
