"""Passwords: Argon2id, 12 to 128 characters, none of the commonest, no other rule."""

from __future__ import annotations

import ctypes
import functools
from contextlib import suppress
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from jack.core.errors import DetailCode, Invalid

MIN, MAX = 12, 128
M_MMAP_THRESHOLD = -3  # malloc.h
COMMON_FILE = Path(__file__).with_name("common_passwords.txt")

# Verified for an unknown account, so that it takes as long as a known one.
DUMMY_HASH = (
    "$argon2id$v=19$m=19456,t=2,p=1$URDLtbZDTLu9Y09q6TjI6w$Vg5czu"
    "AwRTacsDwtMo6UYPreFSRnDnMzXSWa2+Cmw7A"
)
# OWASP's second choice for Argon2id: 19 MiB, two passes, one lane. Small enough for a front-desk PC.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


@functools.cache
def _release_memory() -> None:
    """Have glibc return the 19 MiB of each hash to the system, instead of keeping them in the process. Elsewhere: nothing."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, 1024 * 1024)


@functools.cache
def _common() -> frozenset[str]:
    return frozenset(COMMON_FILE.read_text(encoding="utf-8").splitlines())


def check(password: str, field: str = "password") -> None:
    """Raise Invalid for a password that is too short, too long, or among the commonest."""
    if not MIN <= len(password) <= MAX:
        code: DetailCode = "too_short" if len(password) < MIN else "too_long"
        raise Invalid.field(field, code, f"Must have {MIN} to {MAX} characters.")
    if password.casefold() in _common() or len(set(password)) < 4:
        raise Invalid.field(
            field, "common_password", "This is one of the commonest passwords. Choose another."
        )


def hashed(password: str) -> str:
    """The hash to store."""
    _release_memory()
    return _hasher.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether the password is the stored one; always False without one, after the same work."""
    _release_memory()
    try:
        _hasher.verify(stored or DUMMY_HASH, password)
    except (VerificationError, InvalidHashError):
        return False
    return bool(stored)
