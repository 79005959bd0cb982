"""How long a text is in the units of a channel, and where it is split."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

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
