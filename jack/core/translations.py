"""The texts of pages and e-mails, by language: `pages/texts/*.json`. A new language is a copy of `en.json`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = Path(__file__).resolve().parents[1] / "pages" / "texts"
DEFAULT = "en"

TEXTS: Mapping[str, Mapping[str, Any]] = {
    path.stem: orjson.loads(path.read_bytes()) for path in sorted(FOLDER.glob("*.json"))
}


def nearest_language(tag: str | None) -> str:
    """The language with texts that is nearest to a tag such as `es-MX`, else English."""
    wanted = (tag or "").lower()
    return next((name for name in (wanted, wanted.partition("-")[0]) if name in TEXTS), DEFAULT)
