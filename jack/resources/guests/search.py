"""Searching guests by parts of name, e-mail and phone, and by tags."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jack.core import fulltext
from jack.core.db import as_json
from jack.core.paging import Found
from jack.resources.guests import phone_input

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
HAS_PART = "instr((SELECT search_text FROM guests WHERE seq = value), :part{})"
MAX_CHECKED = 300

LIKE_A_PHONE = re.compile(r"[+()./\s0-9\-]+")
EMAIL_PART = 5  # characters of an e-mail address that the index is asked for
BEGINNING = 4  # characters of a word among several that it is asked for


def find(db: Database, search: str | None, tags: Sequence[str], page: Page) -> Found:
    """The guests with every word of `search` in name, e-mail or phone, and every tag: newest first, to beyond the page."""
    queries, parts = _wanted(search) if search is not None else ({}, [])
    if search is not None and not queries:
        return Found([], 0)
    scan, check = statements(next(iter(queries), ""), len(parts), len(tags))
    params: dict[str, object] = {**queries, "end": page.end}
    params |= {f"part{n}": part for n, part in enumerate(parts)}
    keys = [fulltext.folded(name) for name in tags]
    if not queries:
        # The scan is of the rarest tag.
        keys.sort(key=lambda key: db.cached_count(TAGGED, {"tag": key}))
    params |= {f"tag{n}": key for n, key in enumerate(keys)}
    return db.cached(lambda scan, params: _found(db, scan, check, params, page), scan, params)


def _found(db: Database, scan: str, check: str, params: Params, page: Page) -> Found:
    """Scan as far as a total is counted, and on until the page is full and one more is known."""
    alone = "tag0" not in params and not check
    most = page.counted if alone else min(page.counted, MAX_CHECKED)
    while True:
        seqs = db.column(scan, {**params, "limit": most + 1})
        more = len(seqs) > most
        seqs = seqs[:most]
        if check and seqs:
            seqs = db.column(check, {**params, "seqs": as_json(seqs)})
        if not more or len(seqs) > page.end:
            return Found(seqs, len(seqs), more)
        most *= 4


def statements(kind: str, parts: int, tags: int) -> tuple[str, str]:
    """The statement that scans one index, and the one that checks the rest of the conditions, empty when there are none.

    `kind` is the index: of words (`long`), of words of one or two letters (`short`), or of tags (empty).
    """
    source = {"long": "guest_search", "short": "guest_grams", "": "guest_tags"}[kind]
    seq = SEQ[source]
    wanted = [f"{source} MATCH :{kind}"] if kind else ["guest_tags.tag_key = :tag0"]
    wanted += [HAS_TAG.format(n, seq) for n in range(1, 0 if kind else tags)]
    check = [HAS_PART.format(n) for n in range(parts)]
    check += [HAS_TAG.format(n, "value") for n in range(tags if kind else 0)]
    return (
        f"SELECT {seq} FROM {source} WHERE {' AND '.join(wanted)} ORDER BY {seq} DESC LIMIT :limit",
        CHECKED.format(" AND ".join(check)) if check else "",
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
    return " OR ".join(f"({' AND '.join(map(_quoted, words))})" for words in ways), []


def long_words(search: str) -> list[list[str]]:
    """What a guest's text must have in it, in one of these ways; empty when the search has no long word."""
    words = fulltext.folded(search).split()
    long = [word for word in words if len(word) > 2]
    digits = phone_input.digits_of(search)
    if LIKE_A_PHONE.fullmatch(search) and len(digits) > 2:
        # Digits may also be part of a name (Room 12 3); there they are matched as they are written.
        return [[digits], long if len(long) == len(words) else [fulltext.folded(search)]]
    return [long] if long else []


def _wanted(search: str) -> tuple[dict[str, str], list[str]]:
    """The FTS5 query of a search, `long` or `short`, and the parts to check besides.

    The index is asked for the rarest part: of a number the last seven digits, of a word as `narrowed` says.
    """
    words = fulltext.folded(search).split()
    digits = phone_input.digits_of(search)
    if len(digits) > 2 and search.strip().removeprefix("+") == digits:
        return {"long": _quoted(digits[-7:])}, [digits][: len(digits) > 7]
    if LIKE_A_PHONE.fullmatch(search) and len(digits) > 2:
        return {"long": long_query(search)[0]}, []
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
