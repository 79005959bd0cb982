"""The headers of a mail, read so that none of them can make a mail unreadable.

Mails are parsed under the `compat32` policy: the newer ones raise on headers that real programs send.
"""

from __future__ import annotations

import re
from email.errors import HeaderParseError
from email.header import decode_header
from email.utils import getaddresses
from typing import TYPE_CHECKING

from jack.channels.mail.charsets import decoded
from jack.core.patterns import FORBIDDEN

if TYPE_CHECKING:
    from email.message import Message

    Mail = Message[str, str]

LONGEST = 20_000  # characters of a header that are looked at
LONGEST_LINE = 500  # of a subject, a name, a file name
LONGEST_ID = 900  # no line of a mail is longer than 998
MOST_IDS = 100

MESSAGE_ID = re.compile(rf"<[!-;=?-~]{{1,{LONGEST_ID}}}>")  # visible ASCII
ADDRESS = re.compile(r"[^\s@<>\"(),:;\[\]\\]{1,64}@[^\s@<>\"(),:;\[\]\\/?#%]{1,189}")
NAMED = re.compile(rf'(?:"((?:[^"\\]|\\.)*)"\s*|([^<>"]*))<({ADDRESS.pattern})>')


def clean(text: str) -> str:
    """Text that can be stored: `\n` as line end, no other control characters than tabs."""
    return FORBIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0c", "\n"))


def raw(mail: Mail, name: str) -> list[str]:
    """All headers of a name, undecoded but unfolded, each up to 20,000 characters."""
    wanted = name.lower()
    return [
        re.sub(r"\r?\n(?=[ \t])|[\r\n]", "", str(value)[:LONGEST])
        for key, value in mail.raw_items()
        if key.lower() == wanted
    ]


def first(mail: Mail, name: str) -> str:
    """The first header of a name, undecoded; empty when there is none."""
    return next(iter(raw(mail, name)), "")


def display_text(value: str, longest: int = LONGEST_LINE) -> str:
    """A header to show to people: encoded words and bare bytes decoded, on one line of at most `longest` characters."""
    try:
        chunks = decode_header(_from_bytes(value))
    except (HeaderParseError, ValueError):
        chunks = [(_from_bytes(value), None)]
    text = "".join(_chunk_text(*chunk) for chunk in chunks)
    return " ".join(clean(text).split())[:longest]


def _chunk_text(chunk: str | bytes, charset: str | None) -> str:
    if isinstance(chunk, str):
        return chunk
    if charset is None:  # `decode_header` returns what is between encoded words in this encoding
        return chunk.decode("raw-unicode-escape", "replace")
    return decoded(chunk, charset)


def _from_bytes(value: str) -> str:
    """Bare 8-bit bytes, which the parser keeps as surrogates, decoded."""
    if value.isascii():
        return value
    return decoded(value.encode("utf-8", "surrogateescape"), None)


def ids(value: str) -> list[str]:
    """The message ids in a header, each once, in their order."""
    return list(dict.fromkeys(MESSAGE_ID.findall(value)))[-MOST_IDS:]


def addresses(value: str) -> list[tuple[str, str]]:
    """The (name, address) pairs in a header; anything else in it is ignored."""
    value = clean(_from_bytes(value))
    try:
        pairs = getaddresses([value])
    except RecursionError:
        pairs = []
    found = [(display_text(name), address) for name, address in pairs if ADDRESS.fullmatch(address)]
    return found or [("", address) for address in ADDRESS.findall(value)]


def sender(value: str) -> tuple[str, str] | None:
    """The (name, address) of a sender. The address in angle brackets counts: names may look like addresses."""
    if found := NAMED.match(clean(_from_bytes(value)).strip()):
        return display_text(re.sub(r"\\(.)", r"\1", found[1] or found[2] or "")), found[3]
    return next(iter(addresses(value)), None)
