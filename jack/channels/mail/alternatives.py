"""Which of the forms of one text is what was written: the plain one, unless it says nothing."""

from __future__ import annotations

import re

# Signs that show nothing: of no width, fillers, blanks of every kind.
INVISIBLE = re.compile("[\\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0]+")  # fmt: skip
REFERENCE = re.compile(r"&(?:nbsp|zwnj|zwj|shy|#\d{1,5}|#x[0-9a-f]{1,4});", re.IGNORECASE)
# What programs put where they have no plain text: pictures' names, and a hint.
PLACEHOLDER = re.compile(
    r"\[(?:image|cid|inline image|imagen|bild|afbeelding)\s*[:_][^\]]*\]", re.I
)
HINT = re.compile(
    r"html|browser|navegador|navigateur|navigatore|navegador|przegl[aą]dar|браузер|view (?:this|it) (?:e-?mail |message )?online|"
    r"mail (?:client|program|reader|app)|cliente de correo|client de messagerie|e-?mail-?programm|mailprogramma|"
    r"ver (?:este|en l[ií]nea)|voir (?:ce|en ligne)|online (?:ansehen|bekijken|version)|multi-?part|mime",
    re.IGNORECASE,
)
WORD = re.compile(r"\w{2,}")
LONGEST_HINT = 60  # words


def says_something(text: str) -> bool:
    """Whether anything of a text is to be seen."""
    return bool(INVISIBLE.sub("", PLACEHOLDER.sub("", REFERENCE.sub("", text))))


def best(texts: list[tuple[str, str]]) -> str:
    """Of (type, text) pairs the plain text; the HTML where the plain one says nothing or is but a hint to the HTML."""
    shown = [(kind, text) for kind, text in texts if says_something(text)]
    if not shown:
        return next((text for _, text in texts if text.strip()), "") if texts else ""
    kind, text = shown[0]
    rich = next((other for kind, other in shown if kind == "text/html"), "")
    return rich if kind == "text/plain" and rich and _is_hint(text, rich) else text


def _is_hint(plain: str, rich: str) -> bool:
    """Whether a short plain text says something else than the HTML, which says more."""
    words = set(WORD.findall(plain.lower()))
    others = set(WORD.findall(rich.lower()))
    if len(words) > LONGEST_HINT or len(others) <= 1:
        return False
    shared = len(words & others) / max(1, len(words))
    if HINT.search(plain):
        return shared < 0.6
    return shared < 0.3 and len(others) > 3 * len(words)
