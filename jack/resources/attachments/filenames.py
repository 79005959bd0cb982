"""What a file is called, for people's eyes: never part of a path, and nothing in it that misleads them."""

from __future__ import annotations

import re
import unicodedata

from jack.resources.attachments.mime_types import ENDINGS

MOST = 120
NAMELESS = "file"
# Separators and what some systems cannot have in a name.
ILL = re.compile(r'[<>:"/\\|?*]')
# Invisible and turning characters hide the ending of a name (`invoice` U+202E `fdp.exe`); joiners are left, emoji need them.
HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
JOINERS = frozenset("\u200c\u200d")


def cleaned(claimed: str | None, mime: str) -> str:
    """A name to show and to save under: one line of up to 120 characters, with an ending that fits what the file is."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", (claimed or "")[-4096:]))[-1]
    plain = "".join(" " if sign.isspace() else sign for sign in last if _visible(sign))
    tidy = ILL.sub("_", " ".join(plain.split())).strip(". ")
    endings = ENDINGS.get(mime, ())
    stem, ending = _parted(tidy)
    if endings and ending.lower() not in endings:
        stem, ending = tidy, endings[0]
    stem = stem[: MOST - len(ending)].strip(". \u200c\u200d")
    return f"{stem or NAMELESS}{ending}"


def _visible(sign: str) -> bool:
    return sign in JOINERS or sign.isspace() or unicodedata.category(sign) not in HIDDEN


def _parted(name: str) -> tuple[str, str]:
    """`plan.dwg` → `plan`, `.dwg`. What is long is no ending."""
    stem, dot, ending = name.rpartition(".")
    if not dot or not stem or len(ending) > 10 or " " in ending:
        return name, ""
    return stem, dot + ending
