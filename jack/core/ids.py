"""Ids of rows: a prefix and a UUIDv7 (RFC 9562)."""

from __future__ import annotations

import secrets
import threading

BITS = 74
STEP = 48  # bits of what is added at the most, so that nobody guesses an id from the one before


class _RandomBits:
    """Random bits that grow within a millisecond (RFC 9562, 6.2, method 2): ids of a process are in their order."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0, 0  # the millisecond, and the bits

    def of(self, millisecond: int) -> int:
        """The next ones. The first of a millisecond leave half of the room for those that follow."""
        with self._lock:
            before, bits = self._last
            follows = before == millisecond
            bits = bits + 1 + secrets.randbits(STEP) if follows else secrets.randbits(BITS - 1)
            self._last = millisecond, bits
            return bits


_random = _RandomBits()


def new_id(prefix: str, seconds: float) -> str:
    """The prefix and a UUIDv7 of a time in seconds since 1970."""
    millisecond = int(seconds * 1000)
    bits = _placed(_random.of(millisecond))
    number = millisecond << 80 | 0x7000 << 64 | 0x8000 << 48 | bits
    digits = f"{number:032x}"
    return f"{prefix}-{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _placed(bits: int) -> int:
    """74 bits where RFC 9562 has them: 12 before the variant, 62 after it."""
    return (bits >> 62) << 64 | bits & (1 << 62) - 1
