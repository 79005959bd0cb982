"""Text as it is indexed: case, accents and spacing folded, in any script; and quoted FTS5 queries."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

MAX_WORDS = 32

# Combining marks, and characters that are not visible (Unicode general categories).
DROPPED = frozenset({"Mn", "Me", "Cc", "Cf", "Cs"})
# The voiced marks of kana: they make another letter (ハ ha, バ ba).
KEPT = frozenset("\u3099\u309a")
# Curly apostrophes and the various hyphens, as phones type them; skin tones are to pictographs what accents are to letters.
ALIKE = {
    **str.maketrans("\u2018\u2019\u02bc\u2010\u2011", "'''--"),
    **dict.fromkeys(range(0x1F3FB, 0x1F400)),
}
# Letters that Unicode does not take apart, and people who have them on no key write so. The columns `search_content` and
# `search_subject` of schema.sql are made by the same table.
LETTERS = {
    "Æ": "ae", "æ": "ae", "Ð": "d", "ð": "d", "Đ": "d", "đ": "d", "Ħ": "h", "ħ": "h", "ı": "i", "Ł": "l", "ł": "l", "Ŋ": "n", "ŋ": "n",
    "Ø": "o", "ø": "o", "Œ": "oe", "œ": "oe", "ẞ": "ss", "ß": "ss", "Þ": "th", "þ": "th", "Ŧ": "t", "ŧ": "t",
}  # fmt: skip
PLAIN = str.maketrans(LETTERS)
# FTS5 reads a query up to NUL, and UTF-8 cannot carry lone surrogates.
NOT_IN_QUERIES = re.compile("[\0\ud800-\udfff]")
# Scripts written without spaces (Thai, Lao, Tibetan, Burmese, Khmer, kana, CJK), Hangul, whose particles follow their
# word without one, and pictographs.
ALONE = re.compile(
    "([\u0e00-\u109f\u1100-\u11ff\u1780-\u17ff\u2600-\u27bf\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u318f\u31a0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U0001f000-\U0001fbff\U00020000-\U0003ffff])"
)


def folded(text: str) -> str:
    """Case, accents, look-alikes, letters without parts and invisible characters folded away, words parted by single spaces."""
    if text.isascii() and text.isprintable():
        return " ".join(text.lower().split())
    return " ".join(unicodedata.normalize("NFC", _decomposed(_decomposed(text).casefold())).split())


def plain(text: str) -> str:
    """The text with `LETTERS` folded; the rest of it stays for the tokenizer."""
    return text if text.isascii() else text.translate(PLAIN)


def _decomposed(text: str) -> str:
    """Taken apart (NFKD), without marks and invisible characters; anything that parts words is a space."""
    signs = unicodedata.normalize("NFKD", text.translate(ALIKE).translate(PLAIN))
    return "".join(
        " " if sign.isspace() else sign for sign in signs if sign.isspace() or _is_indexed(sign)
    )


def _is_indexed(sign: str) -> bool:
    return sign in KEPT or unicodedata.category(sign) not in DROPPED


def segmented(text: str) -> str:
    """Folded, and every character of a script without spaces is a word of its own."""
    return " ".join(ALONE.sub(r" \1 ", folded(text)).split())


def terms(query: str) -> list[str]:
    """The quoted words of a query against `segmented` text, each meant as the beginning of a word.

    Characters that are words of their own are asked for in neighbouring pairs, or else 部屋 would find any text that
    has 部 here and 屋 there.
    """
    found: list[str] = []
    for word in folded(query).split():
        parts = segmented(word).split()
        found += [f"{left} {right}" for left, right in pairwise(parts)] or parts
    return [prefix(word) for word in dict.fromkeys(found)][:MAX_WORDS]


def words(query: str) -> str:
    """The FTS5 query for texts that have every word of this, or a word that begins with it; empty when there is none."""
    return " ".join(map(prefix, distinct_words(query)))


def distinct_words(query: str) -> list[str]:
    """The words of a query, with `LETTERS` folded as in the index, once each; at most `MAX_WORDS`."""
    return list(dict.fromkeys(NOT_IN_QUERIES.sub(" ", plain(query)).split()))[:MAX_WORDS]


def quoted(word: str) -> str:
    """A word as an FTS5 string, whatever characters it has."""
    return '"' + word.replace('"', '""') + '"'


def prefix(word: str) -> str:
    """The FTS5 prefix query of a word: texts with it, or with a word that begins with it."""
    return quoted(word) + "*"


def grams(text: str) -> str:
    """The one- and two-character parts of each word, once each, parted by spaces."""
    parts = (
        part
        for word in text.split()
        for part in (*word, *(left + right for left, right in pairwise(word)))
    )
    return " ".join(dict.fromkeys(parts))
