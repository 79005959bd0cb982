"""Numbers as the providers see them, and ids as they make them."""

from __future__ import annotations

import itertools
import re
import secrets

BSUID = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}")
_COUNT = itertools.count(1)


def digits(text: str) -> str:
    """Only the digits of a number."""
    return re.sub(r"\D", "", text)


def wa_id(number: str) -> str:
    """The number as WhatsApp calls it: Mexican mobiles with 521, Argentinian ones with 549."""
    found = digits(number)
    if re.fullmatch(r"52[2-9]\d{9}", found):
        return "521" + found[2:]
    if re.fullmatch(r"54[1-8]\d{9}", found):
        return "549" + found[2:]
    return found


def one_person(number: str) -> str:
    """A form that is equal for all the ways to write one person's number, the Brazilian ninth digit included."""
    found = wa_id(number)
    return found[:4] + found[5:] if re.fullmatch(r"55\d{2}9\d{8}", found) else found


def wamid() -> str:
    """The id of a WhatsApp message."""
    return f"wamid.HBg{next(_COUNT):08d}{secrets.token_hex(8).upper()}"


def sid(prefix: str) -> str:
    """An id of Twilio's: two letters, 32 hexadecimal digits; later ones sort after earlier ones."""
    return f"{prefix}{next(_COUNT):08x}{secrets.token_hex(12)}"
