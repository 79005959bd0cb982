"""What the token of an API key looks like: `jack_`, 256 random bits in base62, and their CRC-32 in base62.

The prefix lets scanners for leaked secrets find one (`jack_[0-9A-Za-z]{49}`), the checksum tells a typo without a query. The form is
that of GitHub's tokens (https://github.blog/engineering/behind-githubs-new-authentication-token-formats/).
"""

from __future__ import annotations

import hashlib
import secrets
import zlib

PREFIX = "jack_"
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
RANDOM = 43  # characters for 256 bits
CHECKSUM = 6
LENGTH = len(PREFIX) + RANDOM + CHECKSUM
HINT = len(PREFIX) + 4


def new_token() -> str:
    """A token nobody has had."""
    random = _base62(secrets.randbits(256), RANDOM)
    return PREFIX + random + _checksum(random)


def is_well_formed(token: str) -> bool:
    """Whether a text can be a token: its length, its signs and its checksum are right."""
    if len(token) != LENGTH or not token.startswith(PREFIX) or not token.isascii():
        return False
    random = token[len(PREFIX) : -CHECKSUM]
    return token[-CHECKSUM:] == _checksum(random)


def hint_of(token: str) -> str:
    """The beginning of a token, by which a person recognises it: of 256 random bits 24."""
    return token[:HINT]


def hash_of(token: str) -> str:
    """What is stored of a token: its SHA-256, in hexadecimal digits. 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def _checksum(random: str) -> str:
    return _base62(zlib.crc32(random.encode()), CHECKSUM)


def _base62(number: int, length: int) -> str:
    found = ""
    for _ in range(length):
        number, digit = divmod(number, 62)
        found = DIGITS[digit] + found
    return found
