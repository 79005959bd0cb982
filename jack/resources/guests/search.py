"""Finding guests by what is known of their name, e-mail, phone and tags."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from jack.core import fulltext
from jack.core.db import as_json
from jack.core.paging import Found
from jack.resources.guests import phone_input

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jack.core.db import Database, Params
    from jack.core.paging import Page

# A search is a walk down one index, newest first; which one depends on what was asked. What a guest is called in it:
SEQ = {
    "guest_search": "guest_search.rowid",
    "guest_grams": "guest_grams.rowid",
    "guest_tags": "guest_tags.guest_seq",
}
HAS_TAG = """
    EXISTS (SELECT 1 FROM guest_tags AS other NOT INDEXED WHERE other.tag_key = :tag{} AND other.guest_seq = {})"""

TAGGED = "SELECT coalesce((SELECT guests FROM tag_counts WHERE tag_key = :tag), 0)"

# Of those met on the way, who has the tags and the parts of words that the index was not asked for. Each is looked at.
MET = "SELECT value FROM json_each(:seqs) WHERE {} ORDER BY value DESC"
HAS_PART = "instr((SELECT search_text FROM guests WHERE seq = value), :part{})"
LOOKED_AT = 300

LIKE_A_PHONE = re.compile(r"[+()./\s0-9\-]+")
RARE_ENOUGH = 5  # characters, of an e-mail address
BEGINNING = 4  # characters, of one word among several


def find(db: Database, search: str | None, tags: Sequence[str], page: Page) -> Found:
    """Who has every word of `search` in name, e-mail or phone, and every tag: newest first, up to beyond the page."""
    queries, parts = _wanted(search) if search is not None else ({}, [])
    if search is not None and not queries:
        return Found([], 0)
    walk, besides = statements(next(iter(queries), ""), len(parts), len(tags))
    params: dict[str, Any] = {**queries, "end": page.end}
    params |= {f"part{n}": part for n, part in enumerate(parts)}
    keys = [fulltext.folded(name) for name in tags]
    if not queries:
        keys.sort(
            key=lambda key: db.cached_count(TAGGED, {"tag": key})
        )  # the walk is down the rarest
    params |= {f"tag{n}": key for n, key in enumerate(keys)}
    return db.cached(lambda walk, params: _found(db, walk, besides, params, page), walk, params)


def _found(db: Database, walk: str, besides: str, params: Params, page: Page) -> Found:
    """Who is met on the way: so many, or as many more as it takes to fill the page and to know of another one."""
    alone = "tag0" not in params and not besides
    most = page.counted if alone else min(page.counted, LOOKED_AT)
    while True:
        seqs = db.column(walk, {**params, "limit": most + 1})
        more = len(seqs) > most
        seqs = seqs[:most]
        if besides and seqs:
            seqs = db.column(besides, {**params, "seqs": as_json(seqs)})
        if not more or len(seqs) > page.end:
            return Found(seqs, len(seqs), more)
        most *= 4


def statements(kind: str, parts: int, tags: int) -> tuple[str, str]:
    """The walk down the index of words (`long`), of their parts (`short`) or of tags; and what it leaves to be checked."""
    source = {"long": "guest_search", "short": "guest_grams", "": "guest_tags"}[kind]
    seq = SEQ[source]
    wanted = [f"{source} MATCH :{kind}"] if kind else ["guest_tags.tag_key = :tag0"]
    wanted += [HAS_TAG.format(n, seq) for n in range(1, 0 if kind else tags)]
    besides = [HAS_PART.format(n) for n in range(parts)]
    besides += [HAS_TAG.format(n, "value") for n in range(tags if kind else 0)]
    return (
        f"SELECT {seq} FROM {source} WHERE {' AND '.join(wanted)} ORDER BY {seq} DESC LIMIT :limit",
        MET.format(" AND ".join(besides)) if besides else "",
    )


def long_query(search: str) -> tuple[str, list[str]]:
    """The FTS5 query for the words of three letters and more, empty when there are none; and what has to be checked besides."""
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
        # A number may also stand in a name (Room 12 3), where it is written just so.
        return [[digits], long if len(long) == len(words) else [fulltext.folded(search)]]
    return [long] if long else []


def _wanted(search: str) -> tuple[dict[str, str], list[str]]:
    """The FTS5 query of a search, `long` or `short`, and what the text must have in it besides.

    The index is asked for the part that few others have: of a number the last seven digits, of a word as `narrowed` says.
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
    """The FTS5 query for what few others have of these words, and the words of which it does not ask for all.

    Of an e-mail address that is what is just before the @, and of one word among several its beginning.
    """
    rare = [_rare(word, alone=len(words) == 1) for word in words]
    return " AND ".join(map(_quoted, rare)), [word for word in words if word not in rare]


def _rare(word: str, *, alone: bool) -> str:
    before, at, _ = word.partition("@")
    if at and len(before) > 2:
        return (before + at)[-RARE_ENOUGH:]
    return word if alone else word[:BEGINNING]


def _quoted(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'
