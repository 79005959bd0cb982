"""A mail in HTML as plain text: paragraphs stay apart, quotations are marked, nothing hidden is shown.

Read with regular expressions and not with the standard parser, which needs minutes for 200 kB of certain malformed input.
"""

from __future__ import annotations

import html
import re

LONGEST = 1_000_000
DEEPEST = 20

# `*+` is possessive: without it, a tag that never ends is scanned again from each of its characters.
TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*+)([^<>]*+)>|<[!?/][^<>]*+>")
HREF = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
HUGE_REFERENCE = re.compile(
    r"&#[xX]?[0-9a-fA-F]{8,};?"
)  # above every code point; int() refuses long numbers
BLANKS = re.compile(r"[ \t\r\n\f]+")

BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tr",
        "ul",
    ]
)
PARAGRAPHS = frozenset(
    ["blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "pre", "table", "ul"]
)
HIDDEN = frozenset(["head", "noscript", "script", "style", "template", "title"])


def text_of(source: str) -> str:
    """The text of a mail in HTML, of its first million characters."""
    source = _without_comments(source[:LONGEST])
    builder, read = _TextBuilder(), 0
    for tag in TAG.finditer(source):
        builder.add_text(source[read : tag.start()])
        read = tag.end()
        if tag[2]:
            builder.tag(tag[2].lower(), closing=bool(tag[1]), attributes=tag[3])
    builder.add_text(source[read:])
    builder.end_line()
    return re.sub(r"\n{3,}", "\n\n", "\n".join(builder.lines)).strip("\n")


def _without_comments(source: str) -> str:
    kept, read = [], 0
    while (start := source.find("<!--", read)) >= 0:
        kept.append(source[read:start])
        end = source.find("-->", start + 4)
        read = len(source) if end < 0 else end + 3
    return "".join([*kept, source[read:]])


class _TextBuilder:
    """The lines so far. `_hidden` are the open elements that are not shown, `_quoted` is the depth of quotations."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._line: list[str] = []
        self._hidden: list[str] = []
        self._quoted = self._verbatim = 0
        self._link, self._link_start = "", 0

    def add_text(self, source: str) -> None:
        """Add the text between two tags: blanks count as one, except in `pre`."""
        if self._hidden or not source:
            return
        text = html.unescape(HUGE_REFERENCE.sub("", source))
        if not self._verbatim:
            self._add(BLANKS.sub(" ", text))
            return
        first, *others = text.split("\n")
        self._add(first)
        for other in others:
            self.end_line(keep_empty=True)
            self._add(other)

    def tag(self, name: str, *, closing: bool, attributes: str) -> None:
        """Apply a tag to the lines."""
        self._hide(name, closing)
        if name in BLOCKS:
            self.end_line()
        if name in PARAGRAPHS and self.lines and self.lines[-1].strip("> "):
            self.lines.append(self._quote_marks().rstrip())
        if name == "blockquote":
            self._quoted = max(0, self._quoted + (-1 if closing else 1))
        elif name == "pre":
            self._verbatim = max(0, self._verbatim + (-1 if closing else 1))
        elif name == "a":
            self._end_link()
            self._link = "" if closing else _link_target(attributes)
        elif not self._hidden:
            self._inline(name, closing)

    def end_line(self, *, keep_empty: bool = False) -> None:
        """Begin a new line, if there is anything on this one."""
        text = "".join(self._line).replace("\xa0", " ").rstrip()
        if text or keep_empty:
            self.lines.append((self._quote_marks() + text).rstrip())
        self._line, self._link_start = [], 0

    def _inline(self, name: str, closing: bool) -> None:
        if name == "br":
            self.end_line(keep_empty=True)
        elif name == "li" and not closing:
            self._add("- ")
        elif name in ("td", "th") and closing:
            self._add(" ")

    def _hide(self, name: str, closing: bool) -> None:
        if name == "body":
            self._hidden = []  # a head need not be closed
        elif name in HIDDEN and not closing and len(self._hidden) < DEEPEST:
            self._hidden.append(name)
        elif closing and name in self._hidden:
            del self._hidden[self._hidden.index(name) :]

    def _add(self, text: str) -> None:
        begun = bool(self._line) and not self._line[-1].endswith(" ")
        if kept := text if begun or self._verbatim else text.lstrip(" "):
            self._line.append(kept)

    def _quote_marks(self) -> str:
        return "> " * min(self._quoted, DEEPEST)

    def _end_link(self) -> None:
        text = "".join(self._line[self._link_start :]).strip()
        if self._link and text and text not in self._link:
            self._line.append(f" ({self._link})")
        self._link, self._link_start = "", len(self._line)


def _link_target(attributes: str) -> str:
    """The address of a link when it is http or https; else empty."""
    found = HREF.search(attributes)
    address = found[1] or found[2] or found[3] or "" if found else ""
    address = html.unescape(HUGE_REFERENCE.sub("", address)).strip()
    return address if address.lower().startswith(("https://", "http://")) else ""
