"""Providers' own error texts without what the staff must not see: they may repeat numbers, tokens and links."""

from __future__ import annotations

import re

from jack.channels import payload

LONGEST = 200
# A link; a token or an id; a phone number.
SENSITIVE = re.compile(r"https?://\S+|[A-Za-z0-9_\-|.+/=]{20,}|\+?[0-9][0-9 ().-]{5,}[0-9]")


def scrubbed(text: object) -> str:
    """The text in one line of at most 200 characters and a full stop; empty when there is none."""
    plain = SENSITIVE.sub("…", payload.line(text) or "")[:LONGEST].strip(" .")
    return f"{plain}." if plain else ""
