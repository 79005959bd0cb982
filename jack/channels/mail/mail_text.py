"""The text of a mail twice, as plain text and as simple HTML: the message, the signature, and what it answers quoted below."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from jack.channels.mail.headers import clean

if TYPE_CHECKING:
    from jack.channels.types import OutboundMessage

# Mail programs know a signature by this line, and leave it out of their answers. RFC 3676, 4.3.
SIGNATURE = "-- "
ADDRESS = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?'()\[\]]")
BAR = "margin: 0; padding-inline-start: 1em; border-inline-start: 2px solid #ccc; color: #555"


def as_plain(message: OutboundMessage) -> str:
    """The plain part."""
    parts = [clean(message.text)]
    if message.signature:
        parts.append(f"{SIGNATURE}\n{clean(message.signature)}")
    if message.quoted:
        lines = clean(message.quoted.text).split("\n")
        below = "\n".join(_deeper(line) for line in lines)
        parts.append(f"{clean(message.quoted.heading)}\n{below}")
    return "\n\n".join(parts)


def as_html(message: OutboundMessage) -> str:
    """The HTML part: its texts as they were written, addresses of the web as links, nothing that has to be loaded."""
    parts = [f'<div dir="auto">{_markup(message.text)}</div>']
    if message.signature:
        signature = _markup(message.signature)
        parts.append(
            f'<br>\n<div dir="auto" style="color: #555">{SIGNATURE}<br>\n{signature}</div>'
        )
    if message.quoted:
        heading, below = _markup(message.quoted.heading), _markup(message.quoted.text)
        quotation = f'<blockquote type="cite" dir="auto" style="{BAR}">{below}</blockquote>'
        parts.append(f'<br>\n<div dir="auto">{heading}</div>\n{quotation}')
    body = "\n".join(parts)
    return f'<!DOCTYPE html>\n<html>\n<head><meta charset="utf-8"></head>\n<body>\n{body}\n</body>\n</html>\n'


def _deeper(line: str) -> str:
    """A line as it is quoted: what was quoted already only gets another mark."""
    return f">{line}" if line.startswith(">") else f"> {line}".rstrip()


def _markup(text: str) -> str:
    """A text as HTML: as many lines and blanks as there are, and no markup of its own."""
    text, made, end = clean(text), [], 0
    for found in ADDRESS.finditer(text):
        url = escape(found[0])
        made += [_words(text[end : found.start()]), f'<a href="{url}">{url}</a>']
        end = found.end()
    return "".join([*made, _words(text[end:])])


def _words(text: str) -> str:
    spaced = re.sub(r"^ | (?= )", "\N{NO-BREAK SPACE}", escape(text), flags=re.MULTILINE)
    return spaced.replace("\n", "<br>\n")
