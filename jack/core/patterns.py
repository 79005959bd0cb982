"""Rules of text that the API, the channels and the command line share."""

from __future__ import annotations

import re
import unicodedata

# NUL, other control characters than tab and line feed, and lone surrogates are refused or taken out:
# SQLite's functions stop at NUL and UTF-8 cannot carry surrogates.
FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
# Labels parted by single dots; how long a domain may be is the length of the whole, 254.
EMAIL = re.compile(
    r"[^\s@\"(),:;<>\[\]\\]{1,64}@[^\s@\"(),:;<>\[\]\\/?#%.]{1,63}(\.[^\s@\"(),:;<>\[\]\\/?#%.]{1,63})*"
)
# Characters that turn the direction of what stands after them (Unicode's explicit formatting): a name must not hide itself.
TURNING = "\u202a-\u202e\u2066-\u2069"
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
# What another program calls a record of its own; of guests also `source:id`.
MAX_EXTERNAL_ID = 128
EXTERNAL_ID = re.compile(f"[A-Za-z0-9._:~-]{{1,{MAX_EXTERNAL_ID}}}")
EXTERNAL_SOURCE = re.compile(r"[A-Za-z0-9._~-]{1,40}")
# The reference's examples were published with their addresses hidden like this, and its examples work as printed.
HIDDEN_EMAIL = "[email protected]"

_TURNS = re.compile(f"[{TURNING}]")


def plain_line(text: str) -> str:
    """A name or label as it is stored: composed (NFC), and without characters that turn the direction of the text."""
    if text.isascii():
        return text
    return _TURNS.sub("", unicodedata.normalize("NFC", text))


def email_key(address: str) -> str:
    """The form in which e-mail addresses are compared: case folded, and an international domain as people write it.

    `Info@XN--MLLER-KVA.de` and `info@müller.de` are the same (IDNA 2008 with the mapping of UTS 46); what is no such domain
    stays as it is.
    """
    folded = address.casefold()
    if address.isascii() and "xn--" not in folded:
        return folded
    import idna  # here, because its tables cost every process memory and most addresses need none

    local, at, domain = address.rpartition("@")
    if not at:
        return folded
    try:
        return f"{local.casefold()}@{idna.decode(idna.encode(domain, uts46=True))}"
    except (idna.IDNAError, UnicodeError):
        return folded


def email_forms(address: str) -> tuple[str, ...]:
    """The forms in which an address may stand in a text, case folded: its key, and where that differs the one with its domain in ASCII."""
    key = email_key(address)
    if key.isascii() or "@" not in key:
        return (key,)
    import idna

    local, _, domain = key.rpartition("@")
    try:
        return tuple(dict.fromkeys((key, f"{local}@{idna.encode(domain).decode()}")))
    except (idna.IDNAError, UnicodeError):
        return (key,)
