"""`/knowledge`."""

from __future__ import annotations

from jack.core.paging import Listed, Walked
from jack.http.access import MANAGER
from jack.http.arguments import load
from jack.http.blueprint import Blueprint
from jack.http.bulk import BulkMeta, bulk_of, each
from jack.http.context import caller, get_db
from jack.http.responses import Series
from jack.http.schema import Deleted, DeletedRow, Loaded
from jack.resources.knowledge import store
from jack.resources.knowledge.schemas import Entry, EntryBulk, EntryCreate, EntryFilters, EntryPatch
from jack.resources.knowledge.store import KnowledgeRow

blp = Blueprint(
    "knowledge",
    __name__,
    under="/knowledge",
    description="What the hotel tells its guests",
    scope="knowledge",
)


@blp.get("")
@blp.arguments(EntryFilters, location="query")
@blp.response(200, Entry(many=True), walked=True)
def list_entries(filters: Loaded) -> Listed[KnowledgeRow] | Walked[KnowledgeRow]:
    """List entries

    Newest first; with `search` the best match first: entries that have every word, or if none has, any of them.
    """
    return store.search(get_db(), **filters)


@blp.post("")
@blp.access(MANAGER)
@blp.arguments(EntryCreate)
@blp.response(201, Entry, location="/knowledge/{id}")
def create_entry(new: Loaded) -> KnowledgeRow:
    """Create an entry"""
    return store.create(get_db(), by=caller().id, **new)


@blp.post("/bulk")
@blp.access(MANAGER)
@blp.bulk
@blp.arguments(EntryBulk)
@blp.response(200, bulk_of(Entry), meta=BulkMeta)
def create_entries(new: Loaded) -> Series:
    """Create up to 500 entries; each item succeeds or fails by itself"""
    db, by, shape = get_db(), caller().id, EntryCreate()
    return each(db, new["items"], lambda item: store.create(db, by=by, **load(shape, item)))


@blp.get("/<entry_id>")
@blp.response(200, Entry)
def get_entry(entry_id: str) -> KnowledgeRow:
    """Get an entry"""
    return store.get(get_db(), entry_id)


@blp.put("/<entry_id>")
@blp.access(MANAGER)
@blp.arguments(EntryPatch)
@blp.response(200, Entry, current=store.get)
def change_entry(changes: Loaded, entry_id: str) -> KnowledgeRow:
    """Change an entry

    What is left out stays as it is.
    """
    return store.change(get_db(), entry_id, by=caller().id, **changes)


@blp.delete("/<entry_id>")
@blp.access(MANAGER)
@blp.response(200, Deleted, current=store.get, of=Entry)
def delete_entry(entry_id: str) -> DeletedRow:
    """Delete an entry"""
    store.delete(get_db(), entry_id, by=caller().id)
    return {"id": entry_id, "deleted": True}
