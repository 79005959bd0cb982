"""Phone numbers as providers write them, and texts in the pieces a phone takes.

A provider's own word for somebody (`5215512345678`, `whatsapp:+5215512345678`, `MX.1349`) is kept and replied to; the key
made of it here is only for comparing. No tables of numbering plans: what comes in is never refused for its number.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

from jack.channels.types import Address

# Meta's name for somebody who need not show a number; ENT: the same person for all portfolios of a business.
USER_ID = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}")
PHONE = re.compile(r"\+?[0-9]{5,20}")
PREFIX = "whatsapp:"

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")

# Where a text is best cut, best first: between paragraphs, after a sentence, between words.
BREAKS = (
    re.compile(r"\n[^\S\n]*\n\s*|\n"),
    re.compile(r"[.!?…][\"'”’»)]*\s+|[。！？]\s*"),
    re.compile(r"\s+"),
)
LONGEST_CLUSTER = 64


def is_user_id(text: str) -> bool:
    """Whether this is a business-scoped user id and no number."""
    return USER_ID.fullmatch(text) is not None


def whatsapp_address(text: str) -> Address | None:
    """Whom WhatsApp means by this, whichever provider says it; None when it is neither a number nor a user id."""
    bare = text.removeprefix(PREFIX)
    if is_user_id(bare):
        return Address(bare, text)
    return Address(match_key(bare), text) if PHONE.fullmatch(bare) else None


def sms_address(text: str) -> Address | None:
    """Who sent an SMS: a number as it is, a short code, or a name (`HOTELBANK`), which cannot be replied to."""
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


# ------------------------------------------------------------------------------------------------ segments


def encoding(text: str) -> Literal["GSM-7", "UCS-2"]:
    """How an SMS carries this text: one character outside the small alphabet (á, í, ó, ú!) halves its capacity."""
    return "GSM-7" if all(sign in BASIC or sign in EXTENSION for sign in text) else "UCS-2"


def segments(text: str) -> int:
    """How many SMS are paid for: 160 septets or 70 UTF-16 units in one, 153 or 67 in each of several."""
    if encoding(text) == "GSM-7":
        costs, alone, joined = [2 if sign in EXTENSION else 1 for sign in text], 160, 153
    else:
        costs, alone, joined = [_units(sign) for sign in text], 70, 67
    if sum(costs) <= alone:
        return 1
    count, used = 1, 0
    for cost in costs:
        if used + cost > joined:  # a sign of two places never straddles
            count, used = count + 1, 0
        used += cost
    return count


# ------------------------------------------------------------------------------------------------ long texts


def width(text: str) -> int:
    """The length of a text in UTF-16 units: the larger of the two ways providers count."""
    return len(text) + sum(sign > "\uffff" for sign in text)


def split(text: str, limit: int) -> list[str]:
    """The text in parts of at most `limit` UTF-16 units, at least one, cut where a reader would pause."""
    parts, rest = [], text
    while width(rest) > limit:
        cut = _cut(rest, limit)
        part, rest = rest[:cut].rstrip(), rest[cut:].lstrip()
        if part:
            parts.append(part)
    return parts + [rest] if rest or not parts else parts


def _cut(text: str, limit: int) -> int:
    """Where to cut: at the last good place that leaves no part less than half full, else between any two characters."""
    size = _fitting(text, limit)
    for place in BREAKS:
        ends = [found.end() for found in place.finditer(text, 0, size + 1)]
        if ends and ends[-1] >= size // 2:
            return ends[-1]
    return _between_characters(text, size)


def _fitting(text: str, limit: int) -> int:
    """How many signs from the beginning fit into so many units."""
    used = 0
    for place, sign in enumerate(text):
        used += _units(sign)
        if used > limit:
            return max(place, 1)
    return len(text)


def _between_characters(text: str, size: int) -> int:
    """The last place up to `size` that does not tear accents or joined emoji from what they belong to."""
    for cut in range(size, max(0, size - LONGEST_CLUSTER), -1):
        if not _belongs(text[cut]) and text[cut - 1] != "\u200d":
            return cut
    return size


def _belongs(sign: str) -> bool:
    joins = sign == "\u200d" or "\U0001f3fb" <= sign <= "\U0001f3ff"
    return joins or unicodedata.category(sign) in ("Mn", "Mc", "Me")


def _units(sign: str) -> int:
    return 2 if sign > "\uffff" else 1
