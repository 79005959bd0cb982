"""Searching guests by parts of name, e-mail and phone, and by tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from jack.core import fulltext
from jack.core.db import as_json
from jack.core.paging import Found
from jack.resources.guests import phone_input, phone_search

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jack.core.db import Database
    from jack.core.paging import Page
    from jack.core.reader import Params

# A search scans one index, newest first; which one depends on the filters. The column of the guest's `seq` in each:
SEQ = {
    "guest_search": "guest_search.rowid",
    "guest_grams": "guest_grams.rowid",
    "guest_tags": "guest_tags.guest_seq",
}
HAS_TAG = """
    EXISTS (SELECT 1 FROM guest_tags AS other NOT INDEXED WHERE other.tag_key = :tag{} AND other.guest_seq = {})"""

TAGGED = "SELECT coalesce((SELECT guests FROM tag_counts WHERE tag_key = :tag), 0)"

# Of the guests the scan has found, those with the tags and parts of words that the index was not asked for.
CHECKED = "SELECT value FROM json_each(:seqs) WHERE {} ORDER BY value DESC"
HAS_PART = "instr((SELECT search_text FROM guests WHERE guests.seq = {}), :part{})"
# The index of short words is read once for all of a block; without the `+` it would be asked anew for every guest.
HAS_GRAMS = """
    +{} IN (SELECT rowid FROM guest_grams WHERE guest_grams MATCH :grams AND rowid BETWEEN :first AND :last)"""
ENOUGH = 500  # of a search that finds fewer nothing has to be counted


class Statements(NamedTuple):
    """What scans one index, what checks the rest of the conditions (empty when there are none), and what counts all matches."""

    scan: str
    check: str
    total: str


class Asked(NamedTuple):
    """What a search asks the indexes for. `kind` is the index, of words (`long`) or of words of one or two letters (`short`).

    The newest guests are found by `query`, the rarest parts of the words, and `parts` are checked in their texts. The
    total is counted in the indexes, by whole words and `grams`: only the first `unindexed` parts are checked for it.
    """

    kind: str = ""
    query: str = ""
    parts: Sequence[str] = ()
    whole: str = ""
    grams: str = ""
    unindexed: int = 0


TAIL = 7  # digits of a number that the index is asked for
EMAIL_PART = 5  # characters of an e-mail address that the index is asked for
BEGINNING = 4  # characters of a word among several that it is asked for


def find(db: Database, search: str | None, tags: Sequence[str], page: Page) -> Found:
    """The guests with every word of `search` in name, e-mail or phone, and every tag: newest first, to beyond the page."""
    asked = _asked(search) if search is not None else Asked()
    if search is not None and not asked.kind:
        return Found([], 0)
    wanted = statements(asked, len(tags))
    params: dict[str, object] = {"query": asked.query, "whole": asked.whole, "grams": asked.grams}
    params |= {f"part{n}": part for n, part in enumerate(asked.parts)}
    keys = [fulltext.folded(name) for name in tags]
    if not asked.kind:
        # The scan is of the rarest tag.
        keys.sort(key=lambda key: db.cached_count(TAGGED, {"tag": key}))
    params |= {f"tag{n}": key for n, key in enumerate(keys)}
    key = params | {"end": page.end}
    statements_of = f"{wanted.scan};{wanted.check}"  # a word and a tag may be the same values of other statements
    return db.cached(lambda *_: _found(db, wanted, params, page), statements_of, key)


def _found(db: Database, wanted: Statements, params: Params, page: Page) -> Found:
    """Scan until the page is full; what then may be left is only counted, which is quicker."""
    most = max(page.end + 1, ENOUGH)
    while True:
        seqs = db.column(wanted.scan, {**params, "limit": most})
        is_all = len(seqs) < most
        if wanted.check and seqs:
            seqs = db.column(wanted.check, {**params, "seqs": as_json(seqs)})
        if is_all:
            return Found(seqs, len(seqs))
        if len(seqs) >= page.end:
            return Found(seqs, db.count_by_block("guests", wanted.total, params))
        most *= 4


def statements(asked: Asked, tags: int) -> Statements:
    """The statements of a search that asks for this, with so many tags; without words the index is that of tags."""
    source = {"long": "guest_search", "short": "guest_grams", "": "guest_tags"}[asked.kind]
    seq = SEQ[source]
    tagged = [HAS_TAG.format(n, seq) for n in range(0 if asked.kind else 1, tags)]
    found = [HAS_TAG.format(n, "value") for n in range(tags)] if asked.kind else []
    found += [HAS_PART.format("value", n) for n in range(len(asked.parts))]
    scanned = ["guest_tags.tag_key = :tag0", *tagged]
    counted = [*scanned, f"{seq} BETWEEN :first AND :last"]
    if asked.kind:
        scanned = [f"{source} MATCH :query"]
        counted = [f"{source} MATCH :whole", f"{seq} BETWEEN :first AND :last"]
        counted += [HAS_GRAMS.format(seq)] if asked.grams else []
        counted += [HAS_PART.format(seq, n) for n in range(asked.unindexed)] + tagged
    return Statements(
        f"SELECT {seq} FROM {source} WHERE {' AND '.join(scanned)} ORDER BY {seq} DESC LIMIT :limit",
        CHECKED.format(" AND ".join(found)) if found else "",
        f"SELECT count(*) FROM {source} WHERE {' AND '.join(counted)}",
    )


def search_text(name: str, email: str | None, phone: str | None) -> str:
    """The text a guest is found by: a line for each field, so that no search matches across two of them."""
    lines = [
        fulltext.folded(name),
        fulltext.folded(email or ""),
        phone or "",
        phone_input.digits_of(phone or ""),
    ]
    return "\n".join(dict.fromkeys(line for line in lines if line))


def long_query(search: str) -> tuple[str, list[str]]:
    """The FTS5 query for the words of three letters and more, empty when there are none; and the parts to check besides."""
    ways = long_words(search)
    if len(ways) == 1:
        return narrowed(ways[0])
    query = " OR ".join(f"({' AND '.join(map(_quoted, words))})" for words in ways)
    tails = {word[-TAIL:] for words in ways for word in words}
    # Different beginnings of one number: its end, which is rare, is looked for first.
    if len(tails) == 1 and min(len(words[-1]) for words in ways) > TAIL:
        return f"{_quoted(tails.pop())} AND ({query})", []
    return query, []


def long_words(search: str) -> list[list[str]]:
    """What a guest's text must have in it, in one of these ways; empty when the search has no long word."""
    words = fulltext.folded(search).split()
    long = [word for word in words if len(word) > 2]
    numbers = phone_search.spellings(search)
    if numbers:
        # Digits may also be part of a name (Room 12 3); there they are matched as they are written.
        written = long if len(long) == len(words) else [fulltext.folded(search)]
        return [*([digits] for digits in numbers), *([] if written[0] in numbers else [written])]
    return [long] if long else []


def _asked(search: str) -> Asked:
    """What a search asks for; nothing when there is no word in it.

    The index is asked for the rarest part: of a number the last seven digits, of a word as `narrowed` says.
    """
    words = fulltext.folded(search).split()
    numbers = phone_search.spellings(search)
    if numbers and (len(numbers) > 1 or search.strip().removeprefix("+") != numbers[0]):
        query = long_query(search)[0]
        return Asked("long", query, whole=query)
    if numbers:
        tail, parts = _quoted(numbers[0][-TAIL:]), [numbers[0]][: len(numbers[0]) > TAIL]
        return Asked("long", tail, parts, tail, unindexed=len(parts))
    if any(len(word) > 2 for word in words):
        return _long(list(dict.fromkeys(words)))
    query = " AND ".join(map(_quoted, words))
    return Asked("short", query, whole=query) if words else Asked()


def _long(words: Sequence[str]) -> Asked:
    """What is asked for when some of the words have more than two letters.

    An e-mail address is too long to be counted whole. Of other letters than these FTS5 may not know that they are some.
    """
    long, short = (
        [word for word in words if len(word) > 2],
        [word for word in words if len(word) < 3],
    )
    query, parts = narrowed(long)
    addresses = [word for word in parts if _rare(word, alone=True) != word]
    other = [word for word in short if not word.isascii()]
    first = [*addresses, *other]
    return Asked(
        "long",
        query,
        list(dict.fromkeys([*first, *parts, *short])),
        " AND ".join(_quoted(_rare(word, alone=True)) for word in long),
        " AND ".join(_quoted(word) for word in short if word.isascii()),
        len(first),
    )


def narrowed(words: Sequence[str]) -> tuple[str, list[str]]:
    """The FTS5 query for the rarest part of each of these words, and the words it does not ask for whole.

    Of an e-mail address that is what is just before the @, and of one word among several its beginning.
    """
    rare = [_rare(word, alone=len(words) == 1) for word in words]
    return " AND ".join(map(_quoted, rare)), [word for word in words if word not in rare]


def _rare(word: str, *, alone: bool) -> str:
    before, at, _ = word.partition("@")
    if at and len(before) > 2:
        return (before + at)[-EMAIL_PART:]
    return word if alone else word[:BEGINNING]


def _quoted(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'
