"""The tags and the text of a mail in HTML, in time that grows with its length alone.

No tree is built. Parsers that build one as browsers do (measured: lexbor, by selectolax) need 14 s for 400 kB of nested
`<div>` and cannot be stopped; Python's own needs minutes for other malformed input.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

# `*+` is possessive: without it, a tag that never ends is scanned again from each of its characters.
TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]*+)|<[!?/][^<>]*+>")
# A sign in quotation marks ends no tag; a `<` outside of them does.
ATTRIBUTES = re.compile(r"""(?:[^<>"'=]++|=\s*+"[^"]*+"|=\s*+'[^']*+'|["'=])*+""")
SIMPLE_ATTRIBUTES = re.compile(r"[^<>]*+")
ATTRIBUTE = re.compile(r"""([a-z-]+)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'>]++)))?""", re.I)
# Above every code point, and int() refuses long numbers.
HUGE_REFERENCE = re.compile(r"&#[xX]?[0-9a-fA-F]{8,};?")
WASTE = 4  # times the length of the source that may be read in vain, looking for ends of tags


class Tag(NamedTuple):
    """A tag; `source` is what stands between its name and its end."""

    name: str
    closing: bool
    source: str

    def attributes(self) -> dict[str, str]:
        """Its attributes, the first of each name."""
        found: dict[str, str] = {}
        for match in ATTRIBUTE.finditer(self.source):
            found.setdefault(match[1].lower(), unescaped(match[2] or match[3] or match[4] or ""))
        return found


def tokens(source: str) -> Iterator[str | Tag]:
    """The tags, and the text between them with its references resolved."""
    source = _without_comments(source)
    read = start = 0
    waste = WASTE * len(source)
    while (found := TAG.search(source, start)) is not None:
        if not found[2]:  # such as <!DOCTYPE html>
            end = found.end()
        else:
            attributes = ATTRIBUTES if waste > 0 else SIMPLE_ATTRIBUTES
            end = attributes.match(source, found.end()).end()  # type: ignore[union-attr]  # it matches nothing too
            if source[end : end + 1] != ">":
                waste -= end - found.end()
                end = SIMPLE_ATTRIBUTES.match(source, found.end()).end()  # type: ignore[union-attr]
            if source[end : end + 1] != ">":
                start = found.end()
                continue
            end += 1
        if found.start() > read:
            yield unescaped(source[read : found.start()])
        if found[2]:
            yield Tag(found[2].lower(), bool(found[1]), source[found.end() : end - 1])
        read = start = end
    if read < len(source):
        yield unescaped(source[read:])


def unescaped(source: str) -> str:
    """Text with its character references resolved."""
    return html.unescape(HUGE_REFERENCE.sub("", source)) if "&" in source else source


def _without_comments(source: str) -> str:
    kept, read = [], 0
    while (start := source.find("<!--", read)) >= 0:
        kept.append(source[read:start])
        end = source.find("-->", start + 2)
        read = len(source) if end < 0 else end + 3
    return "".join([*kept, source[read:]])
