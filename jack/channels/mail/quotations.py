"""Separates what somebody has written in a mail from the mail they quote.

What programs write above a quotation is in `quotation_forms.py`. When in doubt everything is shown: a hidden reply is worse
than a shown quotation. So an attribution counts only with a date and an address, or with marked quotations below; a header
block only with a sender, a date and a subject.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from jack.channels.mail.quotation_forms import (
    ADDRESS,
    FORMS,
    LABEL,
    LABELS,
    ORIGINAL_MESSAGE,
    Form,
)


class Split(NamedTuple):
    """A text in two: what was written now, and the quotation (empty when none was found)."""

    own: str
    quoted: str


SIGNATURE = "-- "
LINES = 4  # of an attribution
BLOCK_LINES = 10  # of a header block
LONGEST = 450  # characters of an attribution
MOST_CANDIDATES = 200  # lines of a mail that are compared with all forms
SIGNATURE_LINES = 15

ENDS = re.compile(r".*(?:[:：][\s*\u200e\u200f\u202a-\u202e]*|-{4}\s*)")
MARKS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069*]")  # of direction, and of bold type
TIME = re.compile(r"(?<!\d)\d{1,2}\s?[:.h]\s?\d{2}(?!\d)|\d{1,2}\s?(?:[ap]\.?m|Uhr|時|시|点)", re.IGNORECASE)  # fmt: skip
FULL_DATE = re.compile(r"(?<!\d)(?:19|20|25)\d\d(?!\d)|\d{1,4}\s?[./-]\s?\d{1,2}\s?[./-]\s?\d{1,4}")
# The first person: who says so writes themselves.
PROSE = re.compile(
    r"(?:ich|wir|mein\w*|unser\w*|er|sie|man|ik|we|wij|mijn|onze?|hij|jag|vi|min|mitt|vår|han|hon|jeg|mine?|vår|vores|hun|ma|ég|"
    r"я|мы|мой|моя|ми|аз|ние|ja|my|moj\w*|mi|io|yo|mi|eu|meu|minha|je|nous|mon|ma)\b|.*?\b(?:I|we|my|our|he|she|they)\b(?!\.)",
)
RULE = re.compile(rf"\s*[>*\s]*-{{2,}}\s*\*?\s*(?:{ORIGINAL_MESSAGE})\s*\*?\s*-{{2,}}\s*\*?\s*", re.IGNORECASE)  # fmt: skip
LINE = re.compile(r"\s*(?:_{5,}|-{5,}|={5,}|\*{5,})\s*")
RUBBISH = re.compile(
    r"\s*(?:[-*#~=_+]{2,}|ᐧ)\s*"
)  # lines that are drawn, and what a tracker leaves


def split(text: str) -> Split:
    """What was written and what is quoted. A text that is only a quotation, or has replies inside one, is all `own`."""
    lines = text.split("\n")
    cut, is_attribution = _start(lines)
    rest = lines[cut:]
    if is_attribution and _has_inline_replies(rest):
        return _answer_below(lines, cut) or Split(text.strip("\n"), "")
    if cut == len(lines):
        cut = _before_trailing_signature(lines)
    while cut and (_is_quoted_or_blank(lines[cut - 1]) or RUBBISH.fullmatch(lines[cut - 1])):
        cut -= 1
    own, quoted = "\n".join(lines[:cut]).strip("\n"), "\n".join(lines[cut:]).strip("\n")
    return Split(own, quoted) if own.strip() else Split(text.strip("\n"), "")


def _start(lines: list[str]) -> tuple[int, bool]:
    """The line where the quotation starts (or the end), and whether it starts with an attribution."""
    attributions = _attributions(lines)
    for n, line in enumerate(lines):
        if n in attributions:
            return n, True
        if line == SIGNATURE or RULE.fullmatch(line) or _is_header_block(lines, n):
            return n, False
    return len(lines), False


def _is_header_block(lines: list[str], n: int) -> bool:
    """A sender, a date and a subject or recipient in one language, below a blank or drawn line: prose may begin "From:"."""
    drawn = LINE.fullmatch(lines[n]) is not None
    if drawn:
        n = next((m for m in range(n + 1, min(n + 3, len(lines))) if lines[m].strip()), n)
    elif n and lines[n - 1].strip() and not LINE.fullmatch(lines[n - 1]):
        return False
    first = LABEL.match(lines[n])
    if first is None:
        return False
    block = [line for line in lines[n : n + BLOCK_LINES] if line.strip()]
    found = [
        (label[1].strip().casefold(), label[2]) for line in block if (label := LABEL.match(line))
    ]
    return any(_is_block_in(labels, found, drawn=drawn) for labels in LABELS)


def _is_block_in(labels: dict[str, str], found: list[tuple[str, str]], *, drawn: bool) -> bool:
    """Whether the (label, value) pairs are those of a mail, by the labels of one language."""
    values: dict[str, str] = {}
    for label, value in found:
        if kind := labels.get(label):
            values.setdefault(kind, value)
    first = labels.get(found[0][0])
    if first is None or not {"from", "sent"} <= values.keys():
        return False
    complete = {"to", "subject"} <= values.keys() and "@" in values["from"]
    if not (first == "from" or drawn or complete):  # Hotmail and GMX begin with the date
        return False
    if "subject" not in values and "to" not in values:
        return False
    sender, sent = values["from"], values["sent"]
    is_date = FULL_DATE.search(sender) or TIME.search(sender)
    dated = FULL_DATE.search(sent) or TIME.search(sent)
    return bool(dated) and ("@" in sender or not is_date)


def _attributions(lines: list[str]) -> set[int]:
    """The first lines of what may be attributions."""
    ends = [n for n, line in enumerate(lines) if _may_end_one(lines, n, line)]
    if len(ends) > MOST_CANDIDATES:
        return set()
    found = (_attribution_before(lines, end) for end in ends)
    return {start for start in found if start is not None}


def _may_end_one(lines: list[str], n: int, line: str) -> bool:
    return ENDS.fullmatch(line) is not None or (
        _is_bare(line) and _marks_follow(lines[n + 1 :], "|")
    )


def _is_bare(line: str) -> bool:
    """Gmail of 2013: a date, a name and an address, and no more."""
    return line.rstrip().endswith(">") and line[:2] == "20" and ADDRESS.search(line) is not None


def _attribution_before(lines: list[str], end: int) -> int | None:
    """Where the attribution that ends with this line starts: the shortest that is one, since prose may stand above."""
    start, used = end, 1
    while True:
        joined = MARKS.sub("", " ".join(line.strip().lstrip(">|").strip() for line in lines[start : end + 1])).strip()  # fmt: skip
        if len(joined) > LONGEST:
            return None
        if _is_attribution(joined, lines, start, end):
            return start
        above = start - 1
        if above >= 0 and not lines[above].strip() and lines[start].lstrip().startswith("<"):
            above -= 1  # an address on a paragraph of its own
        if above < 0 or used > LINES + 1 or not lines[above].strip():
            return None
        start, used = above, used + 1


def _is_attribution(joined: str, lines: list[str], start: int, end: int) -> bool:
    below = lines[end + 1 :]
    marked = _marks_follow(below, ">")
    addressed = ADDRESS.search(joined) is not None
    if not (marked or addressed) or not any(sign.isdigit() or sign == "@" for sign in joined):
        return False
    if _is_bare(joined):
        return _marks_follow(below, "|")
    apart = start == 0 or not lines[start - 1].strip()
    exact = FULL_DATE.search(joined) is not None and TIME.search(joined) is not None
    if marked and addressed and exact:
        return not joined.startswith("<")  # whatever the language
    return any(
        _matches(form, joined, marked=marked, addressed=addressed, exact=exact) for form in FORMS
        if marked or (apart and addressed and form.worded)
    )  # fmt: skip


def _matches(form: Form, joined: str, *, marked: bool, addressed: bool, exact: bool) -> bool:
    found = form.pattern.fullmatch(joined)
    if found is None or (not form.opens and joined.startswith("<")) or PROSE.match(found["who"]):
        return False
    if not form.dated:  # "Ana <ana@guest.example> wrote:"
        return marked and ADDRESS.fullmatch(found["who"][found["who"].find("<") :]) is not None
    if not form.worded:
        return exact and addressed
    told = ADDRESS.sub("", joined)
    if not form.opens and not FULL_DATE.search(told):
        return False
    return any(sign.isdigit() for sign in told) or (marked and addressed)


def _marks_follow(below: list[str], mark: str) -> bool:
    return next((line for line in below if line.strip()), "").lstrip().startswith(mark)


def _has_inline_replies(rest: list[str]) -> bool:
    """Whether something was written after or between the quoted lines that follow an attribution."""
    first = next((n for n, line in enumerate(rest) if line.startswith(">")), None)
    if first is None or not _opens_with_marks(rest, first):
        return False
    after = rest[first:]
    end = next((n for n, line in enumerate(after) if line.rstrip() == "--"), len(after))
    if len(after) - end > SIGNATURE_LINES and after[end] != SIGNATURE:
        end = len(after)
    return any(line.strip() and not line.startswith(">") for line in after[:end])


def _opens_with_marks(rest: list[str], first: int) -> bool:
    """Whether the first quoted line is right below the attribution."""
    return first == 0 or ENDS.fullmatch(next(line for line in reversed(rest[:first]) if line.strip())) is not None  # fmt: skip


def _answer_below(lines: list[str], cut: int) -> Split | None:
    """The answer below one whole quotation that the mail begins with; None where it is another way."""
    if any(line.strip() for line in lines[:cut]):
        return None
    marked = [n for n, line in enumerate(lines) if line.startswith(">")]
    last = marked[-1]
    above = [line for line in lines[cut : marked[0]] if line.strip()]
    if len(above) > LINES + 1 or sum(ENDS.fullmatch(line) is not None for line in above) != 1:
        return None
    if any(line.strip() and not line.startswith(">") for line in lines[marked[0] : last]):
        return None
    own, quoted = "\n".join(lines[last + 1 :]).strip("\n"), "\n".join(lines[: last + 1]).strip("\n")
    return Split(own, quoted) if own.strip() else None


def _before_trailing_signature(lines: list[str]) -> int:
    """The end, or where a signature below quoted lines begins."""
    for n in range(len(lines) - 1, max(-1, len(lines) - SIGNATURE_LINES), -1):
        if lines[n].rstrip() == "--":
            above = next((line for line in reversed(lines[:n]) if line.strip()), "")
            return n if above.startswith(">") else len(lines)
    return len(lines)


def _is_quoted_or_blank(line: str) -> bool:
    return not line.strip() or line.startswith(">")
