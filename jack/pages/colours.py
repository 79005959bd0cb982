"""From the one colour a hotel chooses, those its chat is drawn in, so that everything on and in it can be read.

Contrast is WCAG's: 4.5 for text, 3 for what is only seen.
"""

from __future__ import annotations

import re

COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
WHITE, BLACK = "#ffffff", "#000000"
# The grounds text stands on in `chat/chat.css`: the darkest of the light ones, the lightest of the dark ones.
LIGHT, DARK = "#eef1ee", "#232b28"
INK = "#e5ebe8"  # of the dark ones
TEXT, SEEN = 4.6, 3.0
STEPS = 50

SHEET = """\
:root {{ --head: {head}; --on-head: {on_head}; --brand: {head}; --on-brand: {on_head}; --accent: {light}; \
--accent-strong: {light_strong}; --mine: {mine_light} }}
@media (prefers-color-scheme: dark) {{
:root {{ --brand: {dark_brand}; --on-brand: {on_dark_brand}; --accent: {dark}; --accent-strong: {dark_strong}; \
--mine: {mine_dark} }}
}}
"""


def sheet(colour: str) -> str:
    """The style sheet that puts a colour (`#rrggbb`) in the place of the usual one."""
    light, dark = towards(colour, BLACK, LIGHT, TEXT), towards(colour, WHITE, DARK, TEXT)
    dark_brand = towards(colour, WHITE, DARK, SEEN)
    return SHEET.format(
        head=colour,
        on_head=ink(colour),
        light=light,
        light_strong=mixed(light, BLACK, 0.25),
        mine_light=mixed(colour, WHITE, 0.86),
        dark_brand=dark_brand,
        on_dark_brand=ink(dark_brand),
        dark=dark,
        dark_strong=mixed(dark, WHITE, 0.25),
        mine_dark=towards(mixed(colour, "#1b2220", 0.6), BLACK, INK, 8),
    )


def ink(colour: str) -> str:
    """Black or white, whichever is better read on a colour: one of them always is, with 4.5 and more."""
    return max((WHITE, BLACK), key=lambda text: contrast(text, colour))


def towards(colour: str, end: str, ground: str, least: float) -> str:
    """The colour itself, or as little as possible towards black or white until it stands out from the ground."""
    steps = (mixed(colour, end, step / STEPS) for step in range(STEPS + 1))
    return next((found for found in steps if contrast(found, ground) >= least), end)


def mixed(colour: str, other: str, share: float) -> str:
    """A colour with so much of another in it, 0 to 1."""
    pairs = zip(_parts(colour), _parts(other), strict=True)
    return "#" + "".join(f"{round(one + (two - one) * share):02x}" for one, two in pairs)


def contrast(one: str, two: str) -> float:
    """How far apart two colours are, 1 to 21."""
    dark, light = sorted((_luminance(one), _luminance(two)))
    return (light + 0.05) / (dark + 0.05)


def _parts(colour: str) -> list[int]:
    return [int(colour[place : place + 2], 16) for place in (1, 3, 5)]


def _luminance(colour: str) -> float:
    parts = (part / 255 for part in _parts(colour))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
