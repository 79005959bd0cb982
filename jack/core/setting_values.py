"""Settings that take more than a line to read. Each raises ValueError, saying what to write."""

from __future__ import annotations

import re


def recipients(value: str) -> tuple[str, ...]:
    """Public keys of age."""
    found = tuple(re.findall(r"[^,\s]+", value))
    for one in found:
        import pyrage  # here, because few encrypt

        try:
            pyrage.x25519.Recipient.from_str(one)
        except pyrage.RecipientError:
            raise ValueError("write public keys of age, such as age1…, with commas") from None
    return found


def address(value: str) -> tuple[str, int] | None:
    """Where to listen: a host and a port; None where nothing is said."""
    match = re.fullmatch(r"(?:\[([0-9A-Fa-f:.]+)\]|([\w.-]+)):([0-9]{1,5})", value)
    if value and (match is None or not 0 < int(match[3]) < 65536):
        raise ValueError("write an address and a port, such as 127.0.0.1:9464")
    return (match[1] or match[2], int(match[3])) if match else None


def log_format(value: str) -> str:
    """How the log is written."""
    if value not in {"text", "json"}:
        raise ValueError("write text or json")
    return value
