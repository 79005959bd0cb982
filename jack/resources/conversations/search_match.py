"""Which message of a conversation a search has found, and the sentence in it with the words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypedDict

from jack.core import fulltext
from jack.core.db import as_json
from jack.core.query import Query
from jack.resources.conversations import search as conversation_search

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jack.core.db import Database
    from jack.resources.conversations.conversation_rows import ConversationRow, Match

LONGEST = 160  # characters of a snippet
LEAD = 40  # of these before the first word, where a sentence is longer
CUT = "…"
# So much of a message is looked at for the words: an e-mail may have a hundred thousand characters, and a page a hundred of them.
LOOKED_AT = 20_000
# The end of a sentence, with what stands after it; or of a line. No run of the same sign is gone through twice.
SENTENCE_END = re.compile(r"[.!?…][\"')\]»”’]*\s+|[。！？]|\n\s*")

# The latest message in each of these conversations. The rowid of a message in the index begins with the seq of its conversation.
LATEST = """
    SELECT max(rowid) FROM message_search
    WHERE message_search MATCH :terms
      AND rowid BETWEEN :first << 32 AND (:last + 1 << 32) - 1
      AND rowid >> 32 IN (SELECT value FROM json_each(:seqs))
    GROUP BY rowid >> 32"""


class FoundMessage(TypedDict):
    """A message in which the words are."""

    conversation_seq: int
    id: str
    content: str


AT = Query[FoundMessage]("""
    SELECT conversation_seq, id, content FROM messages
    WHERE seq IN (SELECT value & 0xFFFFFFFF FROM json_each(:places))""")


def show(db: Database, search: str, rows: Sequence[ConversationRow]) -> None:
    """Give these conversations, which a search has found, their `match`; it stays None where no message has all words."""
    terms = conversation_search.terms(db, search)
    if not rows or not terms:
        return
    by_seq = {row["seq"]: row for row in rows}
    bounds = {"first": min(by_seq), "last": max(by_seq)}
    within = {"terms": terms, "seqs": as_json(list(by_seq)), **bounds}
    places = db.cached(db.column, LATEST, within)
    words = [_words(db, word) for word in fulltext.distinct_words(search)]
    for message in db.all(AT, {"places": as_json(places)}):
        by_seq[message["conversation_seq"]]["match"] = _match(db, message, words)


def _match(db: Database, message: FoundMessage, words: Sequence[Sequence[str]]) -> Match:
    """The sentence of the first word that was found, or what of it is around that word, with the words in it."""
    content = message["content"][:LOOKED_AT]
    ranges = _ranges(db, content, words)
    return {"message_id": message["id"], **excerpt(content, ranges)}


class Excerpt(TypedDict):
    """A part of a text, and where the words stand in it."""

    snippet: str
    ranges: list[tuple[int, int]]


def excerpt(content: str, ranges: Sequence[tuple[int, int]]) -> Excerpt:
    """The sentence that begins with or has the first range, cut to about `LONGEST` characters, with the ranges in it."""
    first, last = ranges[0] if ranges else (0, 0)
    start, end = _sentence(content, first)
    before = after = ""
    if end - start > LONGEST and first - start > LEAD:
        before, start = CUT, _word_begin(content, first - LEAD, first)
    if end - start > LONGEST:
        after, end = CUT, max(start + LONGEST, last)
    moved = len(before) - start
    inside = [
        (left + moved, right + moved) for left, right in ranges if start <= left and right <= end
    ]
    return {"snippet": f"{before}{content[start:end]}{after}", "ranges": inside}


def _sentence(content: str, at: int) -> tuple[int, int]:
    """From where to where the sentence goes that a character is in, without the white space after it."""
    ends = [match.end() for match in SENTENCE_END.finditer(content)]
    start = max((end for end in ends if end <= at), default=0)
    end = min((end for end in ends if end > at), default=len(content))
    return start, start + len(content[start:end].rstrip())


def _word_begin(content: str, start: int, most: int) -> int:
    """The beginning of the first word from a place on."""
    space = content.find(" ", start, most)
    return start if space < 0 else space + 1


def _words(db: Database, text: str) -> list[str]:
    """A text as the words that the index has of it."""
    return [word for _, _, word in db.tokens(fulltext.plain(text))]


def _ranges(db: Database, content: str, words: Sequence[Sequence[str]]) -> list[tuple[int, int]]:
    """Where words, each of which may be several in the index, stand in a text; of the last one the beginning is enough."""
    places = [
        place for place, sign in enumerate(content) for _ in fulltext.plain(sign).encode()
    ]  # of each byte that is indexed: the index has some letters as two (ß as ss)
    tokens = db.tokens(fulltext.plain(content))
    found: list[tuple[int, int]] = []
    for at in range(len(tokens)):
        lengths = [len(word) for word in words if _stands(word, tokens, at)]
        if lengths:
            start, end = tokens[at][0], tokens[at + max(lengths) - 1][1]
            found.append((places[start], places[end - 1] + 1))
    return [
        one for one, before in zip(found, [(0, 0), *found], strict=False) if one[0] >= before[1]
    ]


def _stands(word: Sequence[str], tokens: Sequence[tuple[int, int, str]], at: int) -> bool:
    """Whether a word begins with this token of a text."""
    here = [token for _, _, token in tokens[at : at + len(word)]]
    return (
        bool(word)
        and here[:-1] == list(word[:-1])
        and here[-1].startswith(word[-1])
        and len(here) == len(word)
    )
