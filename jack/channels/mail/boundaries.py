"""Parts that a parser by the book loses: boundaries that are not announced, are announced wrongly, or end too early."""

from __future__ import annotations

import re
from email.message import Message
from typing import TYPE_CHECKING

from jack.channels.mail.mime import parsed

if TYPE_CHECKING:
    from jack.channels.mail.headers import Mail

# A line of dashes and a name, with a header of a part below it.
BOUNDARY = re.compile(
    r"^--([^\s][^\r\n]{0,200}?)[ \t]*\r?\n(?=Content-[A-Za-z-]+[ \t]*:)",
    re.MULTILINE | re.IGNORECASE,
)


def hidden_parts(text: str, kind: str) -> list[Mail]:
    """The parts in a text that was taken for one; none where it has no boundary. `kind` is the type they are parts of."""
    found = BOUNDARY.search(text)
    if found is None:
        return []
    boundary = found[1].replace("\\", "\\\\").replace('"', '\\"')
    before = text[: found.start()].strip()
    head = f'Content-Type: {kind}; boundary="{boundary}"\n\n'
    source = head + text[found.start() :]
    inside = parsed(source.encode("utf-8", "surrogateescape")).get_payload()
    if not isinstance(inside, list):
        return []
    parts = [part for part in inside if isinstance(part, Message)]
    return [*([_text_part(before)] if before else []), *parts]


def _text_part(text: str) -> Mail:
    return parsed(b"Content-Transfer-Encoding: 8bit\n\n" + text.encode("utf-8", "surrogateescape"))
