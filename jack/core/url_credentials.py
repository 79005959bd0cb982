"""Addresses with credentials in them, `https://user:password@host` or `?token=…`: found, and shown without."""

from __future__ import annotations

import re

MASK = "********"
# Wide on purpose: a value masked by mistake can still be replaced, a secret shown by mistake has leaked.
SECRET_NAME = re.compile(
    r"secret(?!ar)|pass(word|wd|phrase|code)?s?\d*$|pwd|token(?!i)|credential|authori[sz]ation"
    r"|(api|access|private|signing|encryption|auth|account|master)[_-]?keys?",
    re.IGNORECASE,
)
USER = re.compile(r"(?<=://)[^/\s?#@]*(?:@[^/\s?#@]*)*(?=@)")
PARAMETER = re.compile(r"(?<=[?&;#])([^=&;#\s]+)=([^&;#\s]+)")


def without_credentials(text: str) -> str:
    """The text with a mask for whatever signs somebody in at one of its addresses; the same text when there is none."""
    if "://" not in text:
        return text
    return PARAMETER.sub(_parameter, USER.sub(lambda found: found[0] and MASK, text))


def _parameter(found: re.Match[str]) -> str:
    return f"{found[1]}={MASK}" if SECRET_NAME.search(found[1]) else found[0]
