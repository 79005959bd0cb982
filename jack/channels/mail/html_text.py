"""A mail in HTML as plain text: paragraphs stay apart, lists keep their numbers, quotations are marked, nothing hidden is shown."""

from __future__ import annotations

import re

from jack.channels.mail.html_hidden import Visibility, hidden_classes
from jack.channels.mail.html_tokens import Tag, tokens

LONGEST = 3_000_000
DEEPEST = 20
LONGEST_ROW = 200  # characters of a table's row on one line; so many lines are no row

DATA = re.compile(r"""data:image/[^"'\s>]*+""")  # a picture inside the HTML itself
BLANKS = re.compile(r"[ \t\r\n\f]+")
BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "caption",
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
        "td",
        "th",
        "tr",
        "ul",
    ]
)
PARAGRAPHS = frozenset(
    ["blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "ol", "p", "pre", "table", "ul"]
)
CELLS = ("td", "th")


def text_of(source: str) -> str:
    """The text of a mail in HTML, of its first three million characters."""
    source = DATA.sub("", source)[:LONGEST]
    classes = hidden_classes(source)
    visibility = Visibility(classes, styles=True)
    text = _text(source, visibility)
    if not text and visibility.has_hidden:  # all of it, by the style of a wrapper, say
        return _text(source, Visibility(classes, styles=False))
    return text


def _text(source: str, visibility: Visibility) -> str:
    builder = _TextBuilder()
    for token in tokens(source):
        if isinstance(token, Tag):
            visibility.follow(token)
            builder.tag(token, hidden=visibility.hidden)
        elif not visibility.hidden:
            builder.add_text(token)
    return re.sub(r"\n{3,}", "\n\n", builder.text()).strip("\n")


class _TextBuilder:
    """The lines so far, each with the depth of its quotation."""

    def __init__(self) -> None:
        self._lines: list[tuple[int, str]] = []
        self._line: list[str] = []
        self._quoted = self._verbatim = 0
        self._link, self._link_start = "", 0
        self._lists: list[int | None] = []  # the number of the last item, or None for bullets
        self._marker = ""  # of the item whose text is still to come
        self._rows: list[list[int]] = []  # of each open table, where the cells of the row begin

    def text(self) -> str:
        """All lines, quotations marked."""
        self._end_link()
        self._end_line()
        while self._rows:
            self._end_row(self._rows.pop())
        return "\n".join(
            ("> " * min(depth, DEEPEST) + line).rstrip() for depth, line in self._lines
        )

    def add_text(self, text: str) -> None:
        """Add the text between two tags: blanks count as one, except in `pre`."""
        if not self._verbatim:
            self._add(BLANKS.sub(" ", text))
            return
        first, *others = text.split("\n")
        self._add(first)
        for other in others:
            self._end_line(keep_empty=True)
            self._add(other)

    def tag(self, tag: Tag, *, hidden: bool) -> None:
        """Apply a tag to the lines; a hidden one only where it begins or ends what is around."""
        name, closing = tag.name, tag.closing
        if hidden and not closing:
            return
        self._block(name)
        if name == "blockquote":
            self._quoted = max(0, self._quoted + (-1 if closing else 1))
        elif name == "pre":
            self._verbatim = max(0, self._verbatim + (-1 if closing else 1))
        elif name in ("ol", "ul", "li"):
            self._list(tag)
        elif name in ("table", "tr", *CELLS):
            self._table(name, closing)
        else:
            self._inline(tag)

    def _inline(self, tag: Tag) -> None:
        if tag.name == "br":
            self._end_line(keep_empty=True)
        elif tag.name == "img":
            self._add(_picture_sign(tag))
        elif tag.name == "a":
            self._end_link()
            self._link = "" if tag.closing else _link_target(tag)

    def _block(self, name: str) -> None:
        """A line of its own for a block, and an empty one before a paragraph (not in a list)."""
        if name in BLOCKS:
            self._end_line()
        in_list = self._marker or (self._lists and name in ("ol", "p", "ul"))
        if name in PARAGRAPHS and not in_list and self._lines and self._lines[-1][1]:
            self._lines.append((self._quoted, ""))

    def _end_line(self, *, keep_empty: bool = False) -> None:
        """Begin a new line, if there is anything on this one."""
        text = "".join(self._line).replace("\xa0", " ").rstrip()
        if text or keep_empty:
            self._lines.append((self._quoted, text))
        self._line, self._link_start = [], 0

    def _list(self, tag: Tag) -> None:
        if tag.name != "li":
            self._marker = ""
            if tag.closing:
                del self._lists[-1:]
            elif len(self._lists) < DEEPEST:
                start = _number(tag, "start", 1) - 1
                self._lists.append(start if tag.name == "ol" else None)
        elif not tag.closing:
            self._marker = "- "
            if self._lists and (last := self._lists[-1]) is not None:
                self._lists[-1] = number = _number(tag, "value", last + 1)
                self._marker = f"{number}. "

    def _table(self, name: str, closing: bool) -> None:
        """Where rows and cells begin and end; an end need not be there."""
        if name == "table" and not closing:
            self._rows.append([])
        elif self._rows and name == "table":
            self._end_row(self._rows.pop())
        elif self._rows and name == "tr":
            self._end_row(self._rows[-1])
            self._rows[-1] = []
        elif self._rows and not closing:
            self._rows[-1].append(len(self._lines))
        elif not self._rows and closing and name in CELLS:
            self._add(" ")

    def _end_row(self, starts: list[int]) -> None:
        """A row whose cells have a line each becomes one line."""
        if len(starts) < 2 or len(self._lines) - starts[0] > LONGEST_ROW:
            return
        ends = [*starts[1:], len(self._lines)]
        cells = [
            [line for line in self._lines[start:end] if line[1]]
            for start, end in zip(starts, ends, strict=True)
        ]
        texts = [cell[0][1] for cell in cells if cell]
        if len(texts) < 2 or any(len(cell) > 1 for cell in cells) or sum(map(len, texts)) > LONGEST_ROW:  # fmt: skip
            return
        row = texts[0]
        for text in texts[1:]:
            row += f" {text}" if row.endswith(":") else f" | {text}"
        self._lines[starts[0] :] = [(next(cell[0][0] for cell in cells if cell), row)]

    def _add(self, text: str) -> None:
        begun = bool(self._line) and not self._line[-1].endswith(" ")
        if kept := text if begun or self._verbatim else text.lstrip(" "):
            if self._marker:
                indent = "  " * (len(self._lists) - 1)
                self._line.append(f"{indent}{self._marker}")
                self._marker, self._link_start = "", 1
            self._line.append(kept)

    def _end_link(self) -> None:
        text = "".join(self._line[self._link_start :]).strip()
        if self._link and text and text not in self._link:
            self._line.append(f" ({self._link})")
        self._link, self._link_start = "", len(self._line)


def _number(tag: Tag, name: str, default: int) -> int:
    value = tag.attributes().get(name, "").strip() if name in tag.source.lower() else ""
    return int(value) if re.fullmatch(r"[0-9]{1,9}", value) else default


def _picture_sign(tag: Tag) -> str:
    """A picture that stands for a sign, such as 😀 (webmail sends them so)."""
    text = tag.attributes().get("alt", "")
    return text if len(text) <= 8 and any(ord(sign) > 0x2000 for sign in text) else ""


def _link_target(tag: Tag) -> str:
    """The address of a link when it is http or https; else empty."""
    address = tag.attributes().get("href", "").strip()
    return address if address.lower().startswith(("https://", "http://")) else ""
