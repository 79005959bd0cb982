"""The language a request is answered in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

from jack.core import translations

if TYPE_CHECKING:
    from jack.core.translations import Texts


def language(usual: str | None = None, among: Texts | None = None) -> str:
    """The language to answer this request in: the browser's first that is here, else the hotel's, else English."""
    here = translations.TEXTS if among is None else among
    wanted = [tag for tag, quality in request.accept_languages if quality > 0]
    found = (translations.find(tag, here) for tag in (*wanted, usual))
    return next((name for name in found if name), translations.DEFAULT)
