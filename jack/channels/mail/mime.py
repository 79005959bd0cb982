"""Raw mail as a tree of parts, within bounds: no mail may take the house's time or memory by the way it is made."""

from __future__ import annotations

from email.message import Message
from email.parser import BytesHeaderParser, BytesParser
from typing import TYPE_CHECKING, Any

from jack.channels.mail.headers import LONGEST

if TYPE_CHECKING:
    from jack.channels.mail.headers import Mail

MOST_PARTS = 100
MOST_LINES = 1_000_000  # a mail of 25 MB has a third of that
HEADERS_IN = 100_000  # bytes that headers are looked for in, when the whole is unreadable


class UnreadableMail(Exception):
    """Nobody writes a mail like that; the text says why."""


class Part(Message):
    """A mail or a part of one. No header is longer than 20,000 characters: reading parameters takes its square."""

    def set_raw(self, name: str, value: Any) -> None:
        """What the parser calls for each header it finds."""
        super().set_raw(name, value[:LONGEST])


def parsed(raw: bytes) -> Mail:
    """The mail. Raises UnreadableMail for more parts or lines than any real one has."""
    if raw.count(b"\n") + raw.count(b"\r") > 2 * MOST_LINES:
        raise UnreadableMail("It has more than a million lines.")
    made = 0

    def part(**options: Any) -> Part:
        nonlocal made
        made += 1
        if made > MOST_PARTS + 2:  # one is the mail itself, one the parser makes to try us
            raise UnreadableMail(f"It has more than {MOST_PARTS} parts.")
        return Part(**options)

    return BytesParser(part).parsebytes(raw)


def headers_of(raw: bytes) -> Mail:
    """The headers of a mail and nothing else."""
    return BytesHeaderParser(Part).parsebytes(raw[:HEADERS_IN])
