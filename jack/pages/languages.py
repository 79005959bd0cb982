"""The language a request is answered in."""

from __future__ import annotations

from flask import request

from jack.core import translations


def language(usual: str | None = None) -> str:
    """The language to answer this request in: the browser's first that is here, else the hotel's, else English."""
    wanted = [tag.lower() for tag, quality in request.accept_languages if quality > 0]
    candidates = [name for tag in wanted for name in (tag, tag.partition("-")[0])]
    return next(
        (
            name
            for name in (*candidates, usual or translations.DEFAULT)
            if name in translations.TEXTS
        ),
        translations.DEFAULT,
    )
