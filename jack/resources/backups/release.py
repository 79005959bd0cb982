"""Tokens that let one administrator download one backup for a while, after they have given their password again."""

from __future__ import annotations

import hashlib
import hmac
import re

SECONDS = 600
TOKEN = re.compile(r"([0-9]{1,12})\.([0-9a-f]{64})")


def token(secret: str, backup_id: str, staff_id: str, until: int) -> str:
    """A token that is valid until `until` (epoch seconds)."""
    return f"{until}.{_signature(secret, backup_id, staff_id, until)}"


def is_valid(secret: str, backup_id: str, staff_id: str, given: str, now: float) -> bool:
    """Whether a token was made for this backup and this person, and is not over."""
    match = TOKEN.fullmatch(given)
    if match is None:
        return False
    expected = _signature(secret, backup_id, staff_id, int(match[1]))
    return hmac.compare_digest(expected, match[2]) and now <= int(match[1])


def _signature(secret: str, backup_id: str, staff_id: str, until: int) -> str:
    text = f"backup\0{backup_id}\0{staff_id}\0{until}"
    return hmac.new(secret.encode(), text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
