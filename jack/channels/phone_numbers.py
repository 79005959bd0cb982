"""Phone numbers as providers write them, and the keys they are compared by.

A provider's own form of an address (`5215512345678`, `whatsapp:+5215512345678`, `MX.1349`) is kept and replied to; the key
made of it here is only for comparing. No tables of numbering plans: what comes in is never refused for its number.
"""

from __future__ import annotations

import re

from jack.channels.types import Address

# Meta's id of a user who may hide their number (BSUID); ENT: the same for all portfolios of a business.
USER_ID = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}")
PHONE = re.compile(r"\+?[0-9]{5,20}")
PREFIX = "whatsapp:"


def is_user_id(text: str) -> bool:
    """Whether this is a business-scoped user id and no number."""
    return USER_ID.fullmatch(text) is not None


def whatsapp_address(text: str) -> Address | None:
    """The address in a WhatsApp number or user id, in either provider's form; None when it is neither."""
    bare = text.removeprefix(PREFIX)
    if is_user_id(bare):
        return Address(bare, text)
    return Address(match_key(bare), text) if PHONE.fullmatch(bare) else None


def sms_address(text: str) -> Address | None:
    """The sender of an SMS: a number as it is, a short code, or a name (`HOTELBANK`), which cannot be replied to."""
    bare = text.strip()
    return Address(bare.casefold(), text) if 0 < len(bare) <= 64 else None


def match_key(number: str) -> str:
    """The form in which WhatsApp numbers are compared: `+` and the digits as they are dialled.

    Mexico's old mobile 1 and Argentina's 9 are taken out, Brazil's ninth digit is put in where it is missing. (An
    Argentine landline with the same digits becomes the same key; WhatsApp has one account for both.)
    """
    digits = re.sub("[^0-9]", "", number)
    if len(digits) == 12 and digits.startswith("55") and digits[4] in "6789":
        return f"+{digits[:4]}9{digits[4:]}"
    return "+" + short_form(digits)


def short_form(digits: str) -> str:
    """A Mexican or Argentine mobile number without the digit that says mobile; others as they are."""
    if len(digits) == 13 and digits.startswith(("521", "549")):
        return digits[:2] + digits[3:]
    return digits
