"""The statements that list and count guests, by the filters that are given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypedDict

from jack.core import fulltext
from jack.core.db import as_json
from jack.core.paging import Found, Listed, Page, Place, Walked
from jack.core.patterns import email_key
from jack.core.query import Query, where
from jack.core.walking import Wanted, walk
from jack.resources.guests import current_stay, external_ids, phone_input, profile
from jack.resources.guests.rows import SHOWN, GuestRow, ShownGuest
from jack.resources.guests.search import TAGGED as NUMBER_TAGGED
from jack.resources.guests.search import find, long_words
from jack.resources.settings import store as settings

if TYPE_CHECKING:
    from jack.core.db import Database

# The folded name, as `guests_by_name` has it.
NAME = "substr(search_text, 1, instr(search_text || char(10), char(10)) - 1)"

# Each has an index. `seq` is in the order of creation.
SORTS = {
    "name": f"{NAME}, seq",
    "-createdAt": "seq DESC",
    "-updatedAt": "updated_at DESC, seq DESC",
    "-lastMessageAt": "last_contact_at DESC, seq DESC",
}

FILTERS = {
    "email": "email_key = :email",
    "phone": "phone = :phone",
    "external_id": "id = :external_id",
    "created_since": "created_at >= :created_since",
    "updated_since": "updated_at >= :updated_since",
}

# Of these there is one guest at most.
UNIQUE = {"email", "phone", "external_id"}

HAS_TAG = (
    "EXISTS (SELECT 1 FROM guest_tags WHERE tag_key = :tag{} AND guest_tags.guest_seq = guests.seq)"
)

HAS_WORDS = """EXISTS (
    SELECT 1 FROM json_each(:ways) AS way WHERE NOT EXISTS (
        SELECT 1 FROM json_each(way.value) AS part WHERE instr(search_text, part.value) = 0))"""


IN_ROOM = "seq IN (SELECT value FROM json_each(:in_room))"


class Filters(TypedDict, total=False):
    """Which guests: with every word of `search` in name, e-mail or phone, every `tag`; the rest compares a column."""

    search: str | None
    tag: Sequence[str]
    email: str
    phone: str
    external_id: str
    created_since: str
    updated_since: str


ALL = Query[ShownGuest](f"SELECT {SHOWN} FROM guests ORDER BY seq DESC LIMIT :limit OFFSET :offset")

# The search index has a row for every guest, and its table of sizes is the narrowest there is to count.
COUNT = "SELECT count(*) FROM guest_search_docsize"

TAGGED = Query[ShownGuest](f"""
    SELECT {SHOWN} FROM guests
    WHERE seq IN (
        SELECT guest_seq FROM guest_tags WHERE tag_key = :tag ORDER BY guest_seq DESC LIMIT :limit OFFSET :offset)
    ORDER BY seq DESC""")

BY_SEQ = Query[ShownGuest](f"""
    SELECT {SHOWN} FROM guests
    WHERE seq IN (SELECT value FROM json_each(:seqs))
    ORDER BY seq DESC""")


def search(
    db: Database, filters: Filters, sort: str | None, page: Page | Place
) -> Listed[GuestRow] | Walked[GuestRow]:
    """A part of all guests. Raises Invalid for a bad phone."""
    search, tags = filters.get("search"), filters.get("tag", ())
    if isinstance(page, Place):
        return walk(db, _wanted(db, filters), page, lambda seqs: _by_seq(db, seqs))
    if FILTERS.keys() & filters.keys() or sort not in (None, "-createdAt"):
        return _sorted(db, _wanted(db, filters), sort or "-createdAt", page)
    if search is None and len(tags) < 2:
        return _listed(db, tags, page)
    found = _with_room(db, find(db, search, tags, page), search, tags)
    return Listed(_by_seq(db, found.on(page)), found.total, page)


def _with_room(db: Database, found: Found, search: str | None, tags: Sequence[str]) -> Found:
    """What was found, and the guests of the room of this name, in the same order."""
    room = current_stay.in_room(db, search) if search else []
    if not room:
        return found
    wanted = _wanted(db, {"search": search, "tag": tags}, in_room=())
    *others, has_words = wanted.conditions
    conditions = ["seq IN (SELECT value FROM json_each(:room))", *others, f"NOT {has_words}"]
    sql = f"SELECT seq FROM guests {where(conditions)}"
    more = db.column(sql, {**wanted.params, "room": as_json(room)})
    return Found(sorted({*found.seqs, *more}, reverse=True), found.total + len(more))


def _listed(db: Database, tag: Sequence[str], page: Page) -> Listed[GuestRow]:
    """A page of everybody, or of those with one tag."""
    bounds = {"limit": page.limit, "offset": page.offset}
    params = {"tag": fulltext.folded(tag[0])} if tag else {}
    rows = db.all(TAGGED if tag else ALL, {**params, **bounds})
    total = db.cached_count(NUMBER_TAGGED if tag else COUNT, params)
    return Listed(profile.shown(db, rows), total, page)


def _sorted(db: Database, of: Wanted, sort: str, page: Page) -> Listed[GuestRow]:
    """A page in another order, or by what has no index that is in order."""
    # The `+` keeps SQLite from going through everybody in their order for the few that a condition finds by its index.
    order = f"+{SORTS[sort]}" if of.conditions and sort == "-createdAt" else SORTS[sort]
    source = f"FROM guests {where(of.conditions)}"
    total = db.cached_count(f"SELECT count(*) {source}", of.params)
    listing = Query[ShownGuest](
        f"SELECT {SHOWN} {source} ORDER BY {order} LIMIT :limit OFFSET :offset"
    )
    rows = db.all(listing, {**of.params, "limit": page.limit, "offset": page.offset})
    return Listed(profile.shown(db, rows), total, page)


def _by_seq(db: Database, seqs: Sequence[int]) -> list[GuestRow]:
    """These guests, newest first."""
    return profile.shown(db, db.all(BY_SEQ, {"seqs": as_json(list(seqs))}))


def _wanted(db: Database, filters: Filters, in_room: Sequence[int] | None = None) -> Wanted:
    """The guests that pass these filters, wherever they stand; the condition of `search` is the last one.

    `in_room`: guests who pass `search` in any case, unless given those of the room of this name.
    """
    search, tags = filters.get("search"), filters.get("tag", ())
    params: dict[str, object] = {name: filters[name] for name in FILTERS if name in filters}  # type: ignore[literal-required]
    conditions = [FILTERS[name] for name in params]
    conditions += [HAS_TAG.format(number) for number in range(len(tags))]
    params |= {f"tag{number}": fulltext.folded(name) for number, name in enumerate(tags)}
    if "email" in filters:
        params["email"] = email_key(filters["email"])
    if "phone" in filters:
        country = settings.value(db, "hotel").get("country")
        params["phone"] = phone_input.normalised(filters["phone"], country)
    if "external_id" in filters:
        params["external_id"] = external_ids.find(db, filters["external_id"])
    if search is not None:
        words, ways = fulltext.folded(search).split(), long_words(search)
        # A number may be read in two ways; of anything else all words are looked for, short ones too.
        params["ways"] = as_json(ways if len(ways) > 1 else [words])
        has_words = HAS_WORDS if words else "0"
        room = current_stay.in_room(db, search) if in_room is None else in_room
        if room:
            params["in_room"] = as_json(list(room))
            has_words = f"({has_words} OR {IN_ROOM})"
        conditions.append(has_words)
    return Wanted("guests", conditions, params, few=bool(UNIQUE & filters.keys()))
