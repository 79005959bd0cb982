"""Ids of rows: a prefix and a UUIDv7 (RFC 9562)."""

from __future__ import annotations

import secrets


def new_id(prefix: str, seconds: float) -> str:
    """The prefix and a UUIDv7 of a time in seconds since 1970."""
    number = int(seconds * 1000) << 80 | 0x7000 << 64 | 0x8000 << 48 | _random_bits()
    digits = f"{number:032x}"
    return f"{prefix}-{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _random_bits() -> int:
    """74 random bits, where RFC 9562 has them: 12 before the variant, 62 after it."""
    bits = secrets.randbits(74)
    return (bits >> 62) << 64 | bits & (1 << 62) - 1
