"""How long a text is in the units of a channel, and where it is split."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENSION = frozenset("\f^{}\\[~]|€")
# Where a text is best cut, best first: between paragraphs, after a sentence, between words.
BREAKS = (
    re.compile(r"\n[^\S\n]*\n\s*|\n"),
    re.compile(r"[.!?…][\"'”’»)]*\s+|[。！？]\s*"),
    re.compile(r"\s+"),
)
LONGEST_CLUSTER = 64
# UTF-16 units of a text that leaves as one message by SMS; the carrier takes it apart and the telephone puts it together.
LONGEST_SMS = 1500  # Twilio takes 1600


def encoding(text: str) -> Literal["GSM-7", "UCS-2"]:
    """How an SMS carries this text: one character outside the small alphabet (á, í, ó, ú!) halves its capacity."""
    return "GSM-7" if all(char in GSM_BASIC or char in GSM_EXTENSION for char in text) else "UCS-2"


def segments(text: str) -> int:
    """How many SMS are paid for: 160 septets or 70 UTF-16 units in one, 153 or 67 in each of several."""
    if encoding(text) == "GSM-7":
        costs, alone, joined = [2 if char in GSM_EXTENSION else 1 for char in text], 160, 153
    else:
        costs, alone, joined = [_utf16_units(char) for char in text], 70, 67
    if sum(costs) <= alone:
        return 1
    count, used = 1, 0
    for cost in costs:
        if used + cost > joined:  # a character that takes two is never split
            count, used = count + 1, 0
        used += cost
    return count


def segments_paid(text: str, *, files: bool) -> int:
    """How many SMS a whole message costs, however long it is. What has files leaves as one MMS, and the rest of its text as SMS."""
    first, *others = split(text, LONGEST_SMS)
    return (1 if files else segments(first)) + sum(map(segments, others))


def utf16_length(text: str) -> int:
    """The length of a text in UTF-16 units: the larger of the two ways providers count."""
    return len(text) + sum(char > "\uffff" for char in text)


def split(text: str, limit: int) -> list[str]:
    """The text in parts of at most `limit` UTF-16 units, at least one, cut between paragraphs, sentences or words if it can be."""
    parts, rest = [], text
    while utf16_length(rest) > limit:
        cut = _cut(rest, limit)
        part, rest = rest[:cut].rstrip(), rest[cut:].lstrip()
        if part:
            parts.append(part)
    return parts + [rest] if rest or not parts else parts


def _cut(text: str, limit: int) -> int:
    """Where to cut: at the last of the best breaks in the second half of the part, else between any two characters."""
    size = _prefix_length(text, limit)
    for pattern in BREAKS:
        ends = [found.end() for found in pattern.finditer(text, 0, size + 1)]
        if ends and ends[-1] >= size // 2:
            return ends[-1]
    return _cluster_boundary(text, size)


def _prefix_length(text: str, limit: int) -> int:
    """How many characters from the beginning fit into so many units."""
    used = 0
    for index, char in enumerate(text):
        used += _utf16_units(char)
        if used > limit:
            return max(index, 1)
    return len(text)


def _cluster_boundary(text: str, size: int) -> int:
    """The last place up to `size` that separates no accent or joined emoji from what it modifies."""
    for cut in range(size, max(0, size - LONGEST_CLUSTER), -1):
        if not _continues(text[cut]) and text[cut - 1] != "\u200d":
            return cut
    return size


def _continues(char: str) -> bool:
    """Whether a character modifies the one before it."""
    joins = char == "\u200d" or "\U0001f3fb" <= char <= "\U0001f3ff"
    return joins or unicodedata.category(char) in ("Mn", "Mc", "Me")


def _utf16_units(char: str) -> int:
    return 2 if char > "\uffff" else 1
