"""Search of conversations: in the text of their messages, in their subject, in the name and addresses of their guest."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from jack.core import fulltext
from jack.core.db import as_json
from jack.core.paging import Found
from jack.core.query import where
from jack.resources.guests import search as guest_search

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from jack.core.db import Database
    from jack.core.paging import Page

# The indexes that are searched. The rowid of a message in its index begins with the seq of its conversation.
EVERYWHERE = {
    "messages": """
        SELECT DISTINCT rowid >> 32 FROM message_search
        WHERE message_search MATCH :terms""",
    "subjects": """
        SELECT rowid FROM subject_search
        WHERE subject_search MATCH :words""",
    "guests": """
        SELECT matching.seq
        FROM guest_search
        JOIN guests AS named ON named.seq = guest_search.rowid
        JOIN conversations AS matching ON matching.guest_id = named.id
        WHERE guest_search MATCH :long
          AND (:parts = '[]' OR NOT EXISTS (
            SELECT 1 FROM json_each(:parts) AS part WHERE instr(named.search_text, part.value) = 0))""",
}

# The same in some conversations only: those from `first` to `last`, or those of `seqs`.
WITHIN = {
    "messages": """
        SELECT DISTINCT rowid >> 32 FROM message_search
        WHERE message_search MATCH :terms AND rowid BETWEEN :first << 32 AND (:last + 1 << 32) - 1""",
    "subjects": """
        SELECT rowid FROM subject_search
        WHERE subject_search MATCH :words AND rowid BETWEEN :first AND :last""",
    "guests": """
        SELECT matching.seq
        FROM json_each(:seqs) AS one
        CROSS JOIN conversations AS matching ON matching.seq = one.value
        JOIN guests AS named ON named.id = matching.guest_id
        WHERE EXISTS (
            SELECT 1 FROM json_each(:ways) AS way
            WHERE NOT EXISTS (
                SELECT 1 FROM json_each(way.value) AS part WHERE instr(named.search_text, part.value) = 0))""",
}

# All matches, each once; where there are conditions, those that fulfil them.
COUNT = "SELECT count(*) FROM ({})"
COUNT_SOME = "SELECT count(*) FROM conversations {}"

THESE = "conversations.seq IN (SELECT value FROM json_each(:seqs))"
IN_ORDER = "SELECT seq FROM conversations {} ORDER BY active_at DESC, seq DESC"
FEW = 500  # matches of an index that are read to be sorted
STEP = 2_000  # how many conversations are looked through first; twice as many each time

# A word matches every word that begins with it. The index finds a few whole words much quicker than a prefix.
NEXT_TERM = "SELECT term FROM message_terms WHERE term >= :first AND term < :last LIMIT 1"
FEW_TERMS = 8


class Request(NamedTuple):
    """A search: which indexes, conditions on the conversations, and the parameters of all statements."""

    params: dict[str, object]
    indexes: tuple[str, ...]
    conditions: Sequence[str]

    def ordered(self, *more: str) -> str:
        """SQL for the `seq` of the conversations that fulfil the conditions and `more`, newest activity first."""
        return IN_ORDER.format(where([*self.conditions, *more]))


def find(
    db: Database, search: str, conditions: Sequence[str], params: dict[str, object], page: Page
) -> Found:
    """The conversations that match, newest activity first, up to the end of the page or beyond."""
    request = _request(search, conditions, {**params, "most": FEW + 1})
    key = request.params | {"end": page.end}
    return db.cached(lambda *_: _search(db, request, search, page), request.ordered(), key)


def matcher(db: Database, search: str) -> Callable[[list[int]], set[int]]:
    """What tells which of some conversations, one at least, match."""
    request = _request(search, (), {})
    request.params["terms"] = terms(db, search)

    def matching(seqs: list[int]) -> set[int]:
        return set(seqs).intersection(set().union(*_within(db, request, request.indexes, seqs)))

    return matching


def terms(db: Database, search: str) -> str:
    """The query for messages with the words of a search; empty where it has none."""
    return " AND ".join(_terms(db, word) for word in fulltext.distinct_words(search))


def _request(search: str, conditions: Sequence[str], params: dict[str, object]) -> Request:
    """The indexes and parameters of a search, but for the terms, which are looked up."""
    words, ways = fulltext.distinct_words(search), guest_search.long_words(search)
    indexes = (("messages", "subjects") if words else ()) + (("guests",) if ways else ())
    long, parts = guest_search.long_query(search)
    given = {
        "words": fulltext.words(search),
        "long": long,
        "parts": as_json(parts),
        "ways": as_json(ways),
    }
    return Request({**params, **given}, indexes, conditions)


def _search(db: Database, request: Request, search: str, page: Page) -> Found:
    """A few matches are sorted; of many, the newest are found by going through the conversations in their order."""
    request.params["terms"] = terms(db, search)
    matches = {
        index: db.column(f"{EVERYWHERE[index]} LIMIT :most", request.params)
        for index in request.indexes
    }
    many = [index for index, seqs in matches.items() if len(seqs) > FEW]
    few = {seq for index, seqs in matches.items() if index not in many for seq in seqs}
    if not many:
        seqs = db.column(request.ordered(THESE), request.params | {"seqs": as_json(list(few))})
        return Found(seqs, len(seqs))
    return _scan(db, request, page, lambda seqs: few.union(*_within(db, request, many, seqs)))


def _count(db: Database, request: Request) -> int:
    """How many conversations match."""
    everywhere = " UNION ".join(EVERYWHERE[index] for index in request.indexes)
    statement = COUNT.format(everywhere)
    if request.conditions:
        matching = f"conversations.seq IN ({everywhere})"
        statement = COUNT_SOME.format(where([*request.conditions, matching]))
    return db.cached_count(statement, request.params)


def _terms(db: Database, word: str) -> str:
    """The query for the few whole words of messages that begin with this one; for its beginning where they are more."""
    if not (word.isascii() and word.isalnum()):
        return fulltext.prefix(word)
    first, last = word.lower(), word.lower() + "\U0010ffff"
    found: list[str] = []
    while len(found) < FEW_TERMS:
        term = db.value(NEXT_TERM, {"first": first, "last": last})
        if term is None:
            return (
                f"({' OR '.join(map(fulltext.quoted, found))})" if found else fulltext.prefix(word)
            )
        found.append(term)
        first = term + "\0"
    return fulltext.prefix(word)


def _within(
    db: Database, request: Request, indexes: Sequence[str], seqs: list[int]
) -> Iterator[list[int]]:
    """The matches of each of these indexes among some conversations, and perhaps of others between them."""
    params = request.params | {"first": min(seqs), "last": max(seqs), "seqs": as_json(seqs)}
    for index in indexes:
        yield db.column(WITHIN[index], params)


def _scan(
    db: Database, request: Request, page: Page, matching: Callable[[list[int]], set[int]]
) -> Found:
    """The conversations that match, found in their order until the page is full, and counted."""
    found: list[int] = []
    offset, step = 0, STEP
    while True:
        bounds = {"limit": step, "offset": offset}
        seqs = db.column(
            f"{request.ordered()} LIMIT :limit OFFSET :offset", request.params | bounds
        )
        if seqs:
            hits = matching(seqs)
            found += [seq for seq in seqs if seq in hits]
        if len(seqs) < step:
            return Found(found, len(found))
        offset, step = offset + step, step * 2
        if len(found) >= page.end:
            return Found(found, _count(db, request))
