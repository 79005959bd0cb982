"""The knowledge base: what the hotel tells its guests, and finding it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, Unpack, cast

from jack.core import events, fulltext
from jack.core.db import as_json, transaction
from jack.core.errors import NotFound
from jack.core.paging import Listed, Page, Place, Walked
from jack.core.query import Query, where
from jack.core.sqlite import UniqueViolation
from jack.core.walking import Wanted, walk
from jack.resources.external_ids import store as external_ids

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jack.core.db import Database
    from jack.core.reader import Params


class KnowledgeRow(TypedDict):
    """An entry as it is stored."""

    seq: int
    id: str
    title: str
    content: str
    category: str
    language: str | None
    external_id: str | None
    created_at: str
    updated_at: str


class KnowledgeChanges(TypedDict, total=False):
    """What of an entry may be changed."""

    title: str
    content: str
    category: str
    language: str | None
    external_id: str | None


# What an event names when it has changed.
FIELDS = ("title", "content", "category", "language", "external_id")

COLUMNS = "seq, id, title, content, category, language, external_id, created_at, updated_at"

GET = Query[KnowledgeRow](f"SELECT {COLUMNS} FROM knowledge WHERE id = :id")

BY_EXTERNAL_ID = "SELECT id FROM knowledge WHERE external_id = :external_id"

BY_SEQ = Query[KnowledgeRow](
    f"SELECT {COLUMNS} FROM knowledge WHERE seq IN (SELECT value FROM json_each(:seqs))"
)

# Each has an index that is in the order of the page, and so have category and language together.
FILTERS = {
    "category": "category = :category",
    "language": "language = :language",
    "external_id": "external_id = :external_id",
    "created_since": "created_at >= :created_since",
    "updated_since": "updated_at >= :updated_since",
}

SINCE = {"created_since", "updated_since"}

MATCHING = "seq IN (SELECT rowid FROM knowledge_search WHERE knowledge_search MATCH :query)"
CONTAINING = "(instr(search_title, :query) OR instr(search_content, :query))"

FOUND = "FROM knowledge_search JOIN knowledge ON knowledge.seq = knowledge_search.rowid {}"
FOUND_PAGE = f"""
    SELECT {COLUMNS} {FOUND}
    ORDER BY bm25(knowledge_search, 8.0, 1.0), seq DESC
    LIMIT :limit OFFSET :offset"""

# The number of an entry that was deleted is not given again: whoever has read the list up to it would miss the new one.
NEXT_SEQ = """1 + max(coalesce((SELECT max(seq) FROM knowledge), 0),
                      coalesce((SELECT seq FROM list_ends WHERE list = 'knowledge'), 0))"""

CREATE = Query[KnowledgeRow](f"""
    INSERT INTO knowledge (seq, id, title, content, category, language, external_id,
                           search_title, search_content, created_at, updated_at)
    VALUES ({NEXT_SEQ}, :id, :title, :content, :category, :language, :external_id,
            :search_title, :search_content, :now, :now)
    RETURNING {COLUMNS}""")

CHANGE = Query[KnowledgeRow](f"""
    UPDATE knowledge
    SET title = :title, content = :content, category = :category, language = :language, external_id = :external_id,
        search_title = :search_title, search_content = :search_content, updated_at = :now
    WHERE id = :id
    RETURNING {COLUMNS}""")

DELETE = "DELETE FROM knowledge WHERE id = :id"


def get(db: Database, entry_id: str) -> KnowledgeRow:
    """The entry, or NotFound."""
    row = db.one(GET, {"id": entry_id})
    if row is None:
        raise NotFound("Knowledge entry not found")
    return row


def by_external_id(db: Database, external_id: str) -> str | None:
    """The id of the entry that another program calls so."""
    found: str | None = db.value(BY_EXTERNAL_ID, {"external_id": external_id})
    return found


def search(
    db: Database, *, search: str | None = None, page: Page | Place, **filters: str | None
) -> Listed[KnowledgeRow] | Walked[KnowledgeRow]:
    """A part of all entries; a page is newest first, or with `search` best match first. `filters`: what `FILTERS` has."""
    equal = {name: value for name, value in filters.items() if value is not None}
    if isinstance(page, Place):
        return _walked(db, search, equal, page)
    if search is not None:
        return _found(db, search, equal, page)
    source = f"FROM knowledge {where([FILTERS[name] for name in equal])}"
    # The `+` keeps SQLite from going through all entries for the few that are of late.
    order = "+seq DESC" if SINCE & equal.keys() else "seq DESC"
    listing = f"SELECT {COLUMNS} {source} ORDER BY {order} LIMIT :limit OFFSET :offset"
    return _page(db, listing, f"SELECT count(*) {source}", equal, page)


def create(
    db: Database,
    *,
    title: str,
    content: str,
    category: str,
    language: str | None = None,
    external_id: str | None = None,
    id: str | None = None,
    by: str | None = None,
) -> KnowledgeRow:
    """A new entry. Raises Conflict for the external id of another."""
    wanted = {
        "id": id or db.new_id("kb"),
        "title": title,
        "content": content,
        "category": category,
        "language": language,
        "external_id": external_id,
        "now": db.now(),
        **_searchable(title, content),
    }
    with transaction(db):
        row = _write(db, CREATE, wanted)
        events.record(db, "knowledge.created", row["id"], by=by)
    return row


def change(
    db: Database, entry_id: str, *, by: str | None = None, **changes: Unpack[KnowledgeChanges]
) -> KnowledgeRow:
    """Change an entry; what is already so changes nothing. Raises NotFound, and as `create`."""
    with transaction(db):
        row = get(db, entry_id)
        if changes.items() <= row.items():
            return row
        before = row
        searchable = _searchable(
            changes.get("title", row["title"]), changes.get("content", row["content"])
        )
        row = _write(db, CHANGE, {**row, **changes, **searchable, "now": db.now()})
        changed = events.changed_fields(before, row, FIELDS)
        events.record(db, "knowledge.updated", entry_id, by=by, changed=changed)
    return row


def upsert(
    db: Database, external_id: str, sent: Mapping[str, object], *, by: str | None = None
) -> tuple[KnowledgeRow, bool]:
    """The entry that another program calls so, with the fields that were sent; and whether it is new.

    Raises Invalid for a new one without title, content or category.
    """
    fields = cast("KnowledgeChanges", sent)
    with transaction(db):
        known = by_external_id(db, external_id)
        if known is not None:
            return change(db, known, by=by, **fields), False
        external_ids.demand(fields, ("title", "content", "category"))
        wanted: KnowledgeChanges = {**fields, "external_id": external_id}
        return create(db, by=by, **wanted), True


def _write(
    db: Database, statement: Query[KnowledgeRow], columns: Mapping[str, object]
) -> KnowledgeRow:
    """Write an entry. Raises Conflict for the external id of another."""
    try:
        return db.row(statement, columns)
    except UniqueViolation:
        name = str(columns["external_id"])
        raise external_ids.taken(name, str(by_external_id(db, name))) from None


def delete(db: Database, entry_id: str, *, by: str | None = None) -> None:
    """Delete an entry. Raises NotFound."""
    with transaction(db):
        get(db, entry_id)
        db.run(DELETE, {"id": entry_id})
        events.record(db, "knowledge.deleted", entry_id, by=by)


def _found(db: Database, search: str, equal: Mapping[str, str], page: Page) -> Listed[KnowledgeRow]:
    """Entries with every word; failing that with any of them; failing that with the text as it stands."""
    others = [FILTERS[name] for name in equal]
    matching = where(["knowledge_search MATCH :query", *others])
    for query in _queries(search):
        counting = f"SELECT count(*) {FOUND.format(matching)}"
        params = {**equal, "query": query}
        found = _page(db, FOUND_PAGE.format(matching), counting, params, page)
        if found.total:
            return found
    query = fulltext.segmented(search)
    if not query:
        return Listed([], 0, page)
    source = f"FROM knowledge {where([CONTAINING, *others])}"
    listing = f"SELECT {COLUMNS} {source} ORDER BY seq DESC LIMIT :limit OFFSET :offset"
    return _page(db, listing, f"SELECT count(*) {source}", {**equal, "query": query}, page)


def _queries(search: str) -> list[str]:
    """The FTS5 queries for every word, and for any of them."""
    words = fulltext.terms(search)
    return list(dict.fromkeys((" ".join(words), " OR ".join(words)))) if words else []


def _walked(
    db: Database, search: str | None, equal: Mapping[str, str], place: Place
) -> Walked[KnowledgeRow]:
    """What comes after a place; with `search` the entries that a page would be of."""
    conditions = [FILTERS[name] for name in equal]
    params: dict[str, object] = dict(equal)
    if search is not None:
        matching, params["query"] = _matching(db, search, equal)
        conditions.append(matching)
    wanted = Wanted("knowledge", conditions, params)
    return walk(db, wanted, place, lambda seqs: db.all(BY_SEQ, {"seqs": as_json(seqs)}))


def _matching(db: Database, search: str, equal: Mapping[str, str]) -> tuple[str, str]:
    """The condition of a search, and its `query`: as `_found`, by what finds anything at all."""
    others = [FILTERS[name] for name in equal]
    for query in _queries(search):
        sql = f"SELECT 1 FROM knowledge {where([MATCHING, *others])} LIMIT 1"
        if db.value(sql, {**equal, "query": query}):
            return MATCHING, query
    query = fulltext.segmented(search)
    return (CONTAINING if query else "0"), query


def _page(
    db: Database, listing: str, counting: str, params: Params, page: Page
) -> Listed[KnowledgeRow]:
    total = db.cached_count(counting, params)
    statement = Query[KnowledgeRow](listing)
    rows = (
        db.all(statement, {**params, "limit": page.limit, "offset": page.offset}) if total else []
    )
    return Listed(rows, total, page)


def _searchable(title: str, content: str) -> dict[str, str]:
    """The columns that the search index is made of."""
    return {
        "search_title": fulltext.segmented(title),
        "search_content": fulltext.segmented(content),
    }
