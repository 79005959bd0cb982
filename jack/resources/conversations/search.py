"""Finding conversations by what was said in them, by their subject and by the name of their guest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from jack.core import fulltext
from jack.core.db import as_json
from jack.core.paging import Found
from jack.resources.guests import search as guests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from jack.core.db import Database
    from jack.core.paging import Page

# Where it is looked for. What a message is called in its index begins with its conversation.
PLACES = {
    "messages": """
        SELECT DISTINCT rowid >> 32 FROM message_search
        WHERE message_search MATCH :terms LIMIT :most""",
    "subjects": """
        SELECT rowid FROM subject_search
        WHERE subject_search MATCH :words LIMIT :most""",
    "guests": """
        SELECT theirs.seq
        FROM guest_search
        JOIN guests AS named ON named.seq = guest_search.rowid
        JOIN conversations AS theirs ON theirs.guest_id = named.id
        WHERE guest_search MATCH :long
          AND (:parts = '[]' OR NOT EXISTS (
            SELECT 1 FROM json_each(:parts) AS part WHERE instr(named.search_text, part.value) = 0))
        LIMIT :most""",
}

# The same, looked for in some conversations only: those from `first` to `last`, and those of `seqs`.
HERE = {
    "messages": """
        SELECT DISTINCT rowid >> 32 FROM message_search
        WHERE message_search MATCH :terms AND rowid BETWEEN :first << 32 AND (:last + 1 << 32) - 1""",
    "subjects": """
        SELECT rowid FROM subject_search
        WHERE subject_search MATCH :words AND rowid BETWEEN :first AND :last""",
    "guests": """
        SELECT theirs.seq
        FROM json_each(:seqs) AS one
        CROSS JOIN conversations AS theirs ON theirs.seq = one.value
        JOIN guests AS named ON named.id = theirs.guest_id
        WHERE EXISTS (
            SELECT 1 FROM json_each(:ways) AS way
            WHERE NOT EXISTS (
                SELECT 1 FROM json_each(way.value) AS part WHERE instr(named.search_text, part.value) = 0))""",
}

THESE = "conversations.seq IN (SELECT value FROM json_each(:seqs))"
IN_ORDER = "SELECT seq FROM conversations {} ORDER BY active_at DESC, seq DESC"
STEP = 2_000  # how many conversations are looked through at first

# A word that is typed may be the beginning of others. The index is much quicker to find a few whole words than a beginning.
NEXT_TERM = "SELECT term FROM message_terms WHERE term >= :first AND term < :last LIMIT 1"
FEW_TERMS = 8


class Asked(NamedTuple):
    """What is looked for, and among which conversations: conditions on them, and what stands in these."""

    params: dict[str, Any]
    places: tuple[str, ...]
    conditions: Sequence[str]

    def where(self, *more: str) -> str:
        """The conditions as SQL."""
        every = [*self.conditions, *more]
        return IN_ORDER.format(f"WHERE {' AND '.join(every)}" if every else "")


def find(
    db: Database, search: str, conditions: Sequence[str], params: dict[str, Any], page: Page
) -> Found:
    """The conversations that fit, newest activity first, up to beyond the page."""
    words, ways = fulltext.distinct_words(search), guests.long_words(search)
    places = (("messages", "subjects") if words else ()) + (("guests",) if ways else ())
    long, parts = guests.long_query(search)
    given = {
        "words": fulltext.words(search),
        "long": long,
        "parts": as_json(parts),
        "ways": as_json(ways),
    }
    asked = Asked({**params, **given, "most": page.counted + 1}, places, conditions)
    key = asked.params | {"end": page.end}
    return db.cached(lambda *_: _found(db, asked, words, page), asked.where(), key)


def _found(db: Database, asked: Asked, words: Sequence[str], page: Page) -> Found:
    """Few are put in order; of many, the newest are met on the way through the conversations in their order."""
    asked.params["terms"] = " AND ".join(_terms(db, word) for word in words)
    met = {place: db.column(PLACES[place], asked.params) for place in asked.places}
    many = [place for place, seqs in met.items() if len(seqs) > page.counted]
    known = {seq for place, seqs in met.items() if place not in many for seq in seqs}
    if not many:
        seqs = db.column(asked.where(THESE), asked.params | {"seqs": as_json(list(known))})
        return Found(seqs, len(seqs))
    return _met(db, asked, page, lambda seqs: known.union(*_here(db, asked, many, seqs)))


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


def _here(
    db: Database, asked: Asked, places: Sequence[str], seqs: list[int]
) -> Iterator[list[int]]:
    """What is found in each of these places within some conversations, and perhaps in others between them."""
    params = asked.params | {"first": min(seqs), "last": max(seqs), "seqs": as_json(seqs)}
    for place in places:
        yield db.column(HERE[place], params)


def _met(
    db: Database, asked: Asked, page: Page, matching: Callable[[list[int]], set[int]]
) -> Found:
    """Those that match among the conversations in their order, until the page is full and another one is known of."""
    found: list[int] = []
    gone, step = 0, STEP
    while True:
        bounds = {"limit": step, "offset": gone}
        seqs = db.column(f"{asked.where()} LIMIT :limit OFFSET :offset", asked.params | bounds)
        if seqs:
            hits = matching(seqs)
            found += [seq for seq in seqs if seq in hits]
        if len(seqs) < step:
            return Found(found, len(found))
        gone, step = gone + step, step * 2
        if len(found) > page.end:
            least = len(found) if asked.conditions else page.counted
            return Found(found, min(least, page.counted), at_least=True)
