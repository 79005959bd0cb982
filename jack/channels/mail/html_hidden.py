"""What of a mail in HTML nobody sees: heads, scripts, and elements hidden by their style, such as a newsletter's preheader."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jack.channels.mail.html_tokens import Tag

# Elements whose content is no text, and ends with their own end tag alone.
NO_TEXT = frozenset(["head", "noscript", "script", "style", "template", "title"])
IN_HEAD = frozenset(["base", "head", "html", "link", "meta"]) | NO_TEXT
VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]
)  # fmt: skip
# Elements that another of their kind ends, unless it is in a table or a list of its own.
ENDED_BY_THE_NEXT = {"dd": "dl", "dt": "dl", "li": "ul", "p": "p", "td": "table", "th": "table", "tr": "table"}  # fmt: skip
UNSEEN = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden|max-height\s*:\s*0(?:px)?\s*(?:!|;|$)|opacity\s*:\s*0(?:\.0+)?\s*(?:!|;|$))",
    re.IGNORECASE,
)
SHOWN = re.compile(r"(?:^|;)\s*display\s*:\s*(?!none)", re.IGNORECASE)
AT_RULE = re.compile(r"@[a-z-]++[^{};@]*+\{(?:[^{}@]++|\{[^{}@]*+\})*+\}", re.IGNORECASE)
HIDING_RULE = re.compile(r"([^{}]++)\{([^{}]*+)\}")
CLASS = re.compile(r"\s*[a-z0-9]*\.([\w-]+)\s*", re.IGNORECASE)
LONGEST_SHEETS = 100_000  # characters of style sheets that are read


def hidden_classes(source: str) -> frozenset[str]:
    """The classes that the mail's own style sheets hide everywhere (a rule for small screens alone does not count)."""
    sheets = AT_RULE.sub("", _style_sheets(source[:LONGEST_SHEETS]))
    rules = HIDING_RULE.findall(sheets)
    selectors = [name for names, rule in rules if UNSEEN.search(rule) for name in names.split(",")]
    return frozenset(found[1].lower() for name in selectors if (found := CLASS.fullmatch(name)))


def _style_sheets(source: str) -> str:
    sheets, lower, read = [], source.lower(), 0
    while (start := lower.find("<style", read)) >= 0:
        begin, end = lower.find(">", start), lower.find("</style", start)
        if begin < 0 or end < 0:
            break
        sheets.append(source[begin + 1 : end])
        read = end
    return "".join(sheets)


class Visibility:
    """Follows the tags of a mail and knows whether what comes next is seen."""

    def __init__(self, classes: frozenset[str], *, styles: bool) -> None:
        """`classes` are hidden ones; without `styles` nothing is hidden by its style."""
        self._classes, self._styles = classes, styles
        self._no_text: list[str] = []  # open elements without text
        self._root = ""  # the element whose style hides it
        self._inside: Counter[str] = Counter()  # open elements in it, itself too
        self._open: Counter[str] = Counter()  # open elements around it
        self.has_hidden = False  # anything by its style

    @property
    def hidden(self) -> bool:
        """Whether text that follows is not seen."""
        return bool(self._no_text or self._root)

    def follow(self, tag: Tag) -> None:
        """Take a tag into account."""
        if tag.name == "body":
            self._no_text = []  # a head need not be closed
        elif self._no_text:
            self._follow_without_text(tag)
        elif tag.name in NO_TEXT and not tag.closing:
            self._no_text = [tag.name]
        elif self._root:
            self._follow_inside(tag)
        elif tag.name not in VOID:
            self._follow_around(tag)

    def _follow_without_text(self, tag: Tag) -> None:
        inner = self._no_text[-1]
        if tag.closing and tag.name == inner:
            self._no_text.pop()
        elif inner == "head" and not tag.closing:
            if tag.name in NO_TEXT - {"head"}:
                self._no_text.append(tag.name)
            elif tag.name not in IN_HEAD and ":" not in tag.name and tag.name != "xml":
                self._no_text = []  # what belongs to the body ends a head that is not closed

    def _follow_inside(self, tag: Tag) -> None:
        if tag.name in VOID:
            return
        if not tag.closing:
            container = ENDED_BY_THE_NEXT.get(self._root)
            if tag.name == self._root and container and self._inside[container] <= (container == "p"):  # fmt: skip
                self._root = ""
                self._follow_around(tag)
                return
            self._inside[tag.name] += 1
        elif self._inside[tag.name]:
            self._inside[tag.name] -= 1
            if not self._inside[self._root]:
                self._root = ""
        elif self._open[tag.name]:  # the end of what it is in
            self._root = ""
            self._follow_around(tag)

    def _follow_around(self, tag: Tag) -> None:
        if tag.closing:
            self._open[tag.name] = max(0, self._open[tag.name] - 1)
        elif self._styles and self._is_unseen(tag):
            self._root, self._inside = tag.name, Counter([tag.name])
            self.has_hidden = True
        else:
            self._open[tag.name] += 1

    def _is_unseen(self, tag: Tag) -> bool:
        source = tag.source.lower()
        if "style" not in source and "hidden" not in source and "class" not in source:
            return False
        attributes = tag.attributes()
        style = attributes.get("style", "")
        if "hidden" in attributes or UNSEEN.search(style):
            return True
        names = attributes.get("class", "").lower().split()
        return not self._classes.isdisjoint(names) and not SHOWN.search(style)
