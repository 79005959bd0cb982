"""Providers' own words for an error, made fit for the staff: they may repeat numbers, tokens and links."""

from __future__ import annotations

import re
from typing import Any

from jack.channels import payload

LONGEST = 200
# A link; a token or an id; a number of somebody.
TELLING = re.compile(r"https?://\S+|[A-Za-z0-9_\-|.+/=]{20,}|\+?[0-9][0-9 ().-]{5,}[0-9]")


def scrubbed(said: Any) -> str:
    """The words, in one line, with a dot at the end; empty when there are none."""
    plain = TELLING.sub("…", payload.line(said) or "")[:LONGEST].strip(" .")
    return f"{plain}." if plain else ""
