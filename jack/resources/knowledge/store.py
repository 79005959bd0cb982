"""The knowledge base: what the hotel tells its guests, and finding it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, Unpack

from jack.core import events, fulltext
from jack.core.db import transaction
from jack.core.errors import NotFound
from jack.core.paging import Listed, Page
from jack.core.query import Query

if TYPE_CHECKING:
    from jack.core.db import Database, Params


class KnowledgeRow(TypedDict):
    """An entry as it is stored."""

    id: str
    title: str
    content: str
    category: str
    language: str | None
    created_at: str
    updated_at: str


class KnowledgeChanges(TypedDict, total=False):
    """What of an entry may be changed."""

    title: str
    content: str
    category: str
    language: str | None


# What an event names when it has changed.
FIELDS = ("title", "content", "category", "language")

COLUMNS = "id, title, content, category, language, created_at, updated_at"

GET = Query[KnowledgeRow](f"SELECT {COLUMNS} FROM knowledge WHERE id = :id")

# By which filters are given: each has an index that is in the order of the page.
WHERE = {
    (): "",
    ("category",): "WHERE category = :category",
    ("language",): "WHERE language = :language",
    ("category", "language"): "WHERE category = :category AND language = :language",
}

FOUND = """
    FROM knowledge_search JOIN knowledge ON knowledge.seq = knowledge_search.rowid
    WHERE knowledge_search MATCH :query
      AND (:category IS NULL OR category = :category)
      AND (:language IS NULL OR language = :language)"""

FOUND_PAGE = Query[KnowledgeRow](f"""
    SELECT {COLUMNS} {FOUND}
    ORDER BY bm25(knowledge_search, 8.0, 1.0), seq DESC
    LIMIT :limit OFFSET :offset""")

FOUND_COUNT = f"SELECT count(*) {FOUND}"

CONTAINING = """
    FROM knowledge
    WHERE (instr(search_title, :query) OR instr(search_content, :query))
      AND (:category IS NULL OR category = :category)
      AND (:language IS NULL OR language = :language)"""

CONTAINING_PAGE = Query[KnowledgeRow](f"""
    SELECT {COLUMNS} {CONTAINING}
    ORDER BY seq DESC
    LIMIT :limit OFFSET :offset""")

CONTAINING_COUNT = f"SELECT count(*) {CONTAINING}"

CREATE = Query[KnowledgeRow](f"""
    INSERT INTO knowledge (id, title, content, category, language, search_title, search_content, created_at, updated_at)
    VALUES (:id, :title, :content, :category, :language, :search_title, :search_content, :now, :now)
    RETURNING {COLUMNS}""")

CHANGE = Query[KnowledgeRow](f"""
    UPDATE knowledge
    SET title = :title, content = :content, category = :category, language = :language,
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


def search(
    db: Database,
    *,
    category: str | None = None,
    language: str | None = None,
    search: str | None = None,
    page: Page,
) -> Listed[KnowledgeRow]:
    """A page of entries: newest first, or with `search` best match first."""
    filters = {"category": category, "language": language}
    if search is not None:
        return _found(db, search, filters, page)
    given = {name: value for name, value in filters.items() if value is not None}
    where = WHERE[tuple(given)]
    listing = Query[KnowledgeRow](
        f"SELECT {COLUMNS} FROM knowledge {where} ORDER BY seq DESC LIMIT :limit OFFSET :offset"
    )
    return _page(db, listing, f"SELECT count(*) FROM knowledge {where}", given, page)


def create(
    db: Database,
    *,
    title: str,
    content: str,
    category: str,
    language: str | None = None,
    id: str | None = None,
    by: str | None = None,
) -> KnowledgeRow:
    """A new entry."""
    wanted = {
        "id": id or db.new_id("kb"),
        "title": title,
        "content": content,
        "category": category,
        "language": language,
        "now": db.now(),
        **_searchable(title, content),
    }
    with transaction(db):
        row = db.row(CREATE, wanted)
        events.record(db, "knowledge.created", row["id"], by=by)
    return row


def change(
    db: Database, entry_id: str, *, by: str | None = None, **changes: Unpack[KnowledgeChanges]
) -> KnowledgeRow:
    """Change an entry; what is already so changes nothing. Raises NotFound."""
    with transaction(db):
        row = get(db, entry_id)
        if changes.items() <= row.items():
            return row
        before = row
        searchable = _searchable(
            changes.get("title", row["title"]), changes.get("content", row["content"])
        )
        row = db.row(CHANGE, {**row, **changes, **searchable, "now": db.now()})
        changed = events.changed_fields(before, row, FIELDS)
        events.record(db, "knowledge.updated", entry_id, by=by, changed=changed)
    return row


def delete(db: Database, entry_id: str, *, by: str | None = None) -> None:
    """Delete an entry. Raises NotFound."""
    with transaction(db):
        get(db, entry_id)
        db.run(DELETE, {"id": entry_id})
        events.record(db, "knowledge.deleted", entry_id, by=by)


def _found(db: Database, search: str, filters: Params, page: Page) -> Listed[KnowledgeRow]:
    """Entries with every word; failing that with any of them; failing that with the text as it stands."""
    words = fulltext.terms(search)
    for query in dict.fromkeys((" ".join(words), " OR ".join(words)) if words else ()):
        found = _page(db, FOUND_PAGE, FOUND_COUNT, {**filters, "query": query}, page)
        if found.total:
            return found
    query = fulltext.segmented(search)
    if not query:
        return Listed([], 0, page)
    return _page(db, CONTAINING_PAGE, CONTAINING_COUNT, {**filters, "query": query}, page)


def _page(
    db: Database, listing: Query[KnowledgeRow], counting: str, params: Params, page: Page
) -> Listed[KnowledgeRow]:
    total = db.cached_count(counting, params)
    rows = db.all(listing, {**params, "limit": page.limit, "offset": page.offset}) if total else []
    return Listed(rows, total, page)


def _searchable(title: str, content: str) -> dict[str, str]:
    """The columns that the search index is made of."""
    return {
        "search_title": fulltext.segmented(title),
        "search_content": fulltext.segmented(content),
    }
