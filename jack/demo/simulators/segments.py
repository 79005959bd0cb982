"""How many messages of a telephone network a text takes, as Twilio counts them in `num_segments`."""

from __future__ import annotations

BASIC = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
DOUBLE = set("^{}\\[~]|€\f")


def segments(text: str) -> int:
    """At least one."""
    if set(text) <= BASIC | DOUBLE:
        return _fitted([2 if one in DOUBLE else 1 for one in text], 160, 153)
    return _fitted([2 if ord(one) > 0xFFFF else 1 for one in text], 70, 67)


def _fitted(sizes: list[int], alone: int, each: int) -> int:
    """How many pieces, none of which breaks a character apart."""
    if sum(sizes) <= alone:
        return 1
    pieces, left = 1, each
    for size in sizes:
        if size > left:
            pieces, left = pieces + 1, each
        left -= size
    return pieces
