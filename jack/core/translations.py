"""The texts of pages and e-mails, by language: `pages/texts/*.json`; what guests read in more languages: `pages/texts/guests/*.json`.

A new language of the staff is a copy of `en.json`, a new one of the guests a copy of one of theirs. The name of a file is the
language's tag in small letters; `ALIASES` are others that browsers have for it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    Texts = Mapping[str, Mapping[str, Any]]

FOLDER = Path(__file__).resolve().parents[1] / "pages" / "texts"
DEFAULT = "en"

# What guests read: their chat, the button on the hotel's site, the line above what a mail quotes.
FOR_GUESTS: Mapping[str, Collection[str] | None] = {
    "direction": None,
    "page": ("noscript",),
    "form": ("name", "email", "needEmail", "wait", "failed", "unreachable"),
    "problems": ("invalid",),
    "mail": None,
    "chat": None,
    "widget": None,
}
ALIASES = {
    "nb": "no",
    "nn": "no",
    "iw": "he",
    "zh": "zh-hans",
    "zh-hk": "zh-hant",
    "zh-mo": "zh-hant",
    "zh-tw": "zh-hant",
}


def _read(folder: Path) -> dict[str, Any]:
    return {path.stem: orjson.loads(path.read_bytes()) for path in sorted(folder.glob("*.json"))}


def for_guests(texts: Mapping[str, Any]) -> dict[str, Any]:
    """The texts of a language that guests read."""
    return {
        part: texts[part] if names is None else {name: texts[part][name] for name in names}
        for part, names in FOR_GUESTS.items()
    }


TEXTS: Texts = _read(FOLDER)
GUESTS: Texts = {
    **{name: for_guests(texts) for name, texts in TEXTS.items()},
    **_read(FOLDER / "guests"),
}


def names_of(tag: str | None) -> Iterator[str]:
    """The names a language may have here, the nearest first: `zh-hant-tw`, `zh-hant`, `zh-hans` for zh-Hant-TW."""
    parts = (tag or "").lower().replace("_", "-").split("-")
    for end in range(len(parts), 0, -1):
        name = "-".join(parts[:end])
        yield ALIASES.get(name, name)


def find(tag: str | None, among: Texts) -> str | None:
    """The language that is nearest to a tag such as `es-MX`; None when it has no texts."""
    return next((name for name in names_of(tag) if name in among), None)


def nearest_language(tag: str | None, among: Texts = TEXTS) -> str:
    """The language with texts that is nearest to a tag such as `es-MX`, else English."""
    return find(tag, among) or DEFAULT
