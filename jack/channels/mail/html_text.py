"""A mail in HTML as plain text: paragraphs stay apart, quotations are marked, nothing hidden is shown.

Read with two plain patterns and not with the standard parser, which needs minutes for 200 kB of the right rubbish.
"""

from __future__ import annotations

import html
import re

LONGEST = 1_000_000
DEEPEST = 20

# `*+`: what has been read is not given back, or a tag that never ends is read again from each of its letters.
TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*+)([^<>]*+)>|<[!?/][^<>]*+>")
HREF = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
ENDLESS = re.compile(
    r"&#[xX]?[0-9a-fA-F]{8,};?"
)  # no character has such a number, and int() refuses long ones
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
SILENT = frozenset(["head", "noscript", "script", "style", "template", "title"])


def text_of(source: str) -> str:
    """The text of a mail in HTML, of its first million characters."""
    source = _without_comments(source[:LONGEST])
    page, read = _Page(), 0
    for tag in TAG.finditer(source):
        page.words(source[read : tag.start()])
        read = tag.end()
        if tag[2]:
            page.tag(tag[2].lower(), closing=bool(tag[1]), attributes=tag[3])
    page.words(source[read:])
    page.end_line()
    return re.sub(r"\n{3,}", "\n\n", "\n".join(page.lines)).strip("\n")


def _without_comments(source: str) -> str:
    kept, read = [], 0
    while (start := source.find("<!--", read)) >= 0:
        kept.append(source[read:start])
        end = source.find("-->", start + 4)
        read = len(source) if end < 0 else end + 3
    return "".join([*kept, source[read:]])


class _Page:
    """The lines so far. `silent` are the open elements that are not shown, `quoted` how many quotations we are in."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._line: list[str] = []
        self._silent: list[str] = []
        self._quoted = self._verbatim = 0
        self._link, self._link_words = "", 0

    def words(self, source: str) -> None:
        """Text between two tags: blanks count as one, but in `pre`."""
        if self._silent or not source:
            return
        text = html.unescape(ENDLESS.sub("", source))
        if not self._verbatim:
            self._add(BLANKS.sub(" ", text))
            return
        first, *others = text.split("\n")
        self._add(first)
        for other in others:
            self.end_line(keep_empty=True)
            self._add(other)

    def tag(self, name: str, *, closing: bool, attributes: str) -> None:
        """What a tag does to the lines."""
        self._hide(name, closing)
        if name in BLOCKS:
            self.end_line()
        if name in PARAGRAPHS and self.lines and self.lines[-1].strip("> "):
            self.lines.append(self._marks().rstrip())
        if name == "blockquote":
            self._quoted = max(0, self._quoted + (-1 if closing else 1))
        elif name == "pre":
            self._verbatim = max(0, self._verbatim + (-1 if closing else 1))
        elif name == "a":
            self._end_link()
            self._link = "" if closing else _followable(attributes)
        elif not self._silent:
            self._small(name, closing)

    def end_line(self, *, keep_empty: bool = False) -> None:
        """Begin a new line, if there is anything on this one."""
        text = "".join(self._line).replace("\xa0", " ").rstrip()
        if text or keep_empty:
            self.lines.append((self._marks() + text).rstrip())
        self._line, self._link_words = [], 0

    def _small(self, name: str, closing: bool) -> None:
        if name == "br":
            self.end_line(keep_empty=True)
        elif name == "li" and not closing:
            self._add("- ")
        elif name in ("td", "th") and closing:
            self._add(" ")

    def _hide(self, name: str, closing: bool) -> None:
        if name == "body":
            self._silent = []  # a head need not be closed
        elif name in SILENT and not closing and len(self._silent) < DEEPEST:
            self._silent.append(name)
        elif closing and name in self._silent:
            del self._silent[self._silent.index(name) :]

    def _add(self, words: str) -> None:
        begun = bool(self._line) and not self._line[-1].endswith(" ")
        if kept := words if begun or self._verbatim else words.lstrip(" "):
            self._line.append(kept)

    def _marks(self) -> str:
        return "> " * min(self._quoted, DEEPEST)

    def _end_link(self) -> None:
        words = "".join(self._line[self._link_words :]).strip()
        if self._link and words and words not in self._link:
            self._line.append(f" ({self._link})")
        self._link, self._link_words = "", len(self._line)


def _followable(attributes: str) -> str:
    """The address of a link, when it is one a reader could follow."""
    found = HREF.search(attributes)
    address = found[1] or found[2] or found[3] or "" if found else ""
    address = html.unescape(ENDLESS.sub("", address)).strip()
    return address if address.lower().startswith(("https://", "http://")) else ""
