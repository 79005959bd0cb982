"""Names of files as they are shown: never part of a path, and without characters that mislead readers."""

from __future__ import annotations

import re
import unicodedata

from jack.resources.attachments.mime_types import ENDINGS

MAX_LENGTH = 120  # characters
NAMELESS = "file"
# Separators and what some systems cannot have in a name.
RESERVED = re.compile(r'[<>:"/\\|?*]')
# Invisible and direction-changing characters hide the ending of a name (`invoice` U+202E `fdp.exe`); emoji need joiners.
HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
JOINERS = frozenset("\u200c\u200d")


def cleaned(claimed: str | None, mime: str) -> str:
    """A name to show and to save under: one line of up to 120 characters, with an ending that fits its media type."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", (claimed or "")[-4096:]))[-1]
    plain = "".join(" " if char.isspace() else char for char in last if _visible(char))
    name = RESERVED.sub("_", " ".join(plain.split())).strip(". ")
    endings = ENDINGS.get(mime, ())
    stem, ending = _split(name)
    if endings and ending.lower() not in endings:
        stem, ending = name, endings[0]
    stem = stem[: MAX_LENGTH - len(ending)].strip(". \u200c\u200d")
    return f"{stem or NAMELESS}{ending}"


def _visible(char: str) -> bool:
    return char in JOINERS or char.isspace() or unicodedata.category(char) not in HIDDEN


def _split(name: str) -> tuple[str, str]:
    """`plan.dwg` → `plan`, `.dwg`. An ending has up to nine characters after its dot."""
    stem, dot, ending = name.rpartition(".")
    if not dot or not stem or len(ending) > 10 or " " in ending:
        return name, ""
    return stem, dot + ending
