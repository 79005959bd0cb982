"""What the pages say, in every language there is a file for in `texts/`. A new language is a copy of `en.json`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from flask import request

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = Path(__file__).with_name("texts")
USUAL = "en"

TEXTS: Mapping[str, Mapping[str, Any]] = {
    path.stem: orjson.loads(path.read_bytes()) for path in sorted(FOLDER.glob("*.json"))
}


def spoken(tag: str | None) -> str:
    """The language there are texts in that is nearest to a tag such as `es-MX`, else English."""
    wanted = (tag or "").lower()
    return next((name for name in (wanted, wanted.partition("-")[0]) if name in TEXTS), USUAL)


def language(usual: str | None = None) -> str:
    """The language to answer this request in: the browser's first that is here, else the hotel's, else English."""
    wanted = [tag.lower() for tag, quality in request.accept_languages if quality > 0]
    candidates = [name for tag in wanted for name in (tag, tag.partition("-")[0])]
    return next((name for name in (*candidates, usual or USUAL) if name in TEXTS), USUAL)
