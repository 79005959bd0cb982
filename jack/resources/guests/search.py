"""Searching guests by parts of name, e-mail and phone, and by tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from jack.core import fulltext
from jack.core.db import as_json
from jack.core.paging import Found
from jack.resources.guests import phone_input, phone_search

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jack.core.db import Database, Params
    from jack.core.paging import Page

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
ENOUGH = 500  # of a search that finds fewer nothing has to be counted


class Statements(NamedTuple):
    """What scans one index, what checks the rest of the conditions (empty when there are none), and what counts all matches."""

    scan: str
    check: str
    total: str


TAIL = 7  # digits of a number that the index is asked for
EMAIL_PART = 5  # characters of an e-mail address that the index is asked for
BEGINNING = 4  # characters of a word among several that it is asked for


def find(db: Database, search: str | None, tags: Sequence[str], page: Page) -> Found:
    """The guests with every word of `search` in name, e-mail or phone, and every tag: newest first, to beyond the page."""
    queries, parts = _wanted(search) if search is not None else ({}, [])
    if search is not None and not queries:
        return Found([], 0)
    wanted = statements(next(iter(queries), ""), len(parts), len(tags))
    params: dict[str, object] = dict(queries)
    params |= {f"part{n}": part for n, part in enumerate(parts)}
    keys = [fulltext.folded(name) for name in tags]
    if not queries:
        # The scan is of the rarest tag.
        keys.sort(key=lambda key: db.cached_count(TAGGED, {"tag": key}))
    params |= {f"tag{n}": key for n, key in enumerate(keys)}
    key = params | {"end": page.end}
    return db.cached(lambda *_: _found(db, wanted, params, page), wanted.scan, key)


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
            return Found(seqs, db.cached_count(wanted.total, params))
        most *= 4


def statements(kind: str, parts: int, tags: int) -> Statements:
    """The statements of a search with so many parts to check, and so many tags.

    `kind` is the index: of words (`long`), of words of one or two letters (`short`), or of tags (empty).
    """
    source = {"long": "guest_search", "short": "guest_grams", "": "guest_tags"}[kind]
    seq = SEQ[source]
    wanted = [f"{source} MATCH :{kind}"] if kind else ["guest_tags.tag_key = :tag0"]
    wanted += [HAS_TAG.format(n, seq) for n in range(1, 0 if kind else tags)]
    checked = tags if kind else 0

    def check(found: str) -> list[str]:
        with_parts = [HAS_PART.format(found, n) for n in range(parts)]
        return with_parts + [HAS_TAG.format(n, found) for n in range(checked)]

    return Statements(
        f"SELECT {seq} FROM {source} WHERE {' AND '.join(wanted)} ORDER BY {seq} DESC LIMIT :limit",
        CHECKED.format(" AND ".join(check("value"))) if check("") else "",
        f"SELECT count(*) FROM {source} WHERE {' AND '.join([*wanted, *check(seq)])}",
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


def _wanted(search: str) -> tuple[dict[str, str], list[str]]:
    """The FTS5 query of a search, `long` or `short`, and the parts to check besides.

    The index is asked for the rarest part: of a number the last seven digits, of a word as `narrowed` says.
    """
    words = fulltext.folded(search).split()
    numbers = phone_search.spellings(search)
    if numbers and (len(numbers) > 1 or search.strip().removeprefix("+") != numbers[0]):
        return {"long": long_query(search)[0]}, []
    if numbers:
        return {"long": _quoted(numbers[0][-TAIL:])}, [numbers[0]][: len(numbers[0]) > TAIL]
    long, short = (
        [word for word in words if len(word) > 2],
        [word for word in words if len(word) < 3],
    )
    if not long:
        return {"short": " AND ".join(map(_quoted, words))} if words else {}, []
    query, parts = narrowed(long)
    return {"long": query}, list(dict.fromkeys([*parts, *short]))


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
