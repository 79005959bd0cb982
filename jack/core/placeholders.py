r"""Texts with places to fill in: `Dear {guest_name}`. `\{` and `\}` are braces; any other brace belongs to a place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# What Jack fills in by itself; the hotel's own ones are in the setting `variables`.
BUILT_IN = (
    "guest_name",
    "first_name",
    "room_number",
    "check_in_date",
    "check_out_date",
    "nights",
    "confirmation",
    "hotel_name",
    "staff_name",
)
NAME = re.compile("[a-z][a-z0-9_]{0,39}")

# A brace that is meant as one, a place, a brace that is neither, other text.
PIECES = re.compile(
    rf"\\(?P<brace>[{{}}])|{{(?P<name>{NAME.pattern})}}|(?P<stray>[{{}}])|[^\\{{}}]+|\\"
)


def names(text: str) -> list[str]:
    """The names of the places in a text, each once, in order. Raises ValueError, with the text from there on, for a brace of none."""
    found: dict[str, None] = {}
    for piece in _pieces(text):
        if piece["stray"]:
            raise ValueError(text[piece.start() :][:20])
        if piece["name"]:
            found[piece["name"]] = None
    return list(found)


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its values; a place without one stays as it is."""
    return "".join(_filled(piece, values) for piece in _pieces(text))


def _filled(piece: re.Match[str], values: Mapping[str, str]) -> str:
    if piece["name"]:
        return values.get(piece["name"], piece[0])
    return piece["brace"] or piece[0]


def _pieces(text: str) -> Iterator[re.Match[str]]:
    return PIECES.finditer(text)
