"""Parses raw mail into a tree of parts, with limits on what its structure may cost in time and memory."""

from __future__ import annotations

from email.message import Message
from email.parser import BytesHeaderParser, BytesParser
from typing import TYPE_CHECKING

from jack.channels.mail.headers import LONGEST

if TYPE_CHECKING:
    from email.policy import Policy

    from jack.channels.mail.headers import Mail

MOST_PARTS = 100
MOST_LINES = 1_000_000  # a mail of 25 MB has a third of that
HEADERS_IN = 100_000  # bytes that headers are looked for in, when the whole is unreadable


class UnreadableMail(Exception):
    """A mail beyond the limits; the text is the reason."""


class Part(Message):
    """A mail or a part of one. Headers are cut to 20,000 characters: parsing their parameters is quadratic."""

    def set_raw(self, name: str, value: str) -> None:
        """Called by the parser for each header."""
        super().set_raw(name, value[:LONGEST])


def parsed(raw: bytes) -> Mail:
    """The mail. Raises UnreadableMail for more parts or lines than any real one has."""
    if raw.count(b"\n") + raw.count(b"\r") > 2 * MOST_LINES:
        raise UnreadableMail("It has more than a million lines.")
    made = 0

    def part(**options: Policy) -> Part:
        nonlocal made
        made += 1
        if (
            made > MOST_PARTS + 2
        ):  # one is the mail itself, one the parser makes to test the factory
            raise UnreadableMail(f"It has more than {MOST_PARTS} parts.")
        return Part(**options)

    return BytesParser(part).parsebytes(raw)


def headers_of(raw: bytes) -> Mail:
    """The headers of a mail and nothing else."""
    return BytesHeaderParser(Part).parsebytes(raw[:HEADERS_IN])
