"""`/knowledge`."""

from __future__ import annotations

from jack.core.db import Database
from jack.core.paging import Listed, Walked
from jack.http.access import MANAGER
from jack.http.arguments import load
from jack.http.blueprint import Blueprint
from jack.http.bulk import BulkMeta, bulk_of, each
from jack.http.context import caller, get_db
from jack.http.link_fields import checked_external_id, existing
from jack.http.responses import Series, Status
from jack.http.schema import Deleted, DeletedRow, Loaded
from jack.resources.knowledge import store
from jack.resources.knowledge.schemas import (
    Entry,
    EntryBulk,
    EntryCreate,
    EntryFilters,
    EntryPatch,
    EntryUpsert,
    EntryUpsertItem,
    EntryUpserts,
)
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


def by_external_id(db: Database, external_id: str) -> KnowledgeRow:
    """What has this external id, for `If-Match`: of what is not there nobody has read a version."""
    return store.get(db, existing(store.by_external_id(db, checked_external_id(external_id))))


@blp.post("/bulk")
@blp.access(MANAGER)
@blp.bulk
@blp.arguments(EntryBulk)
@blp.response(200, bulk_of(Entry), meta=BulkMeta)
def create_entries(new: Loaded) -> Series:
    """Create up to 500 entries; each item succeeds or fails by itself"""
    db, by, shape = get_db(), caller().id, EntryCreate()
    return each(db, new["items"], lambda item: store.create(db, by=by, **load(shape, item)))


@blp.put("/by-external-id")
@blp.access(MANAGER)
@blp.bulk
@blp.arguments(EntryUpserts)
@blp.response(200, bulk_of(Entry), meta=BulkMeta)
def put_entries_by_external_id(sent: Loaded) -> Series:
    """Create or change up to 500 entries by their external ids; each item succeeds or fails by itself

    What is left out of an item stays as it is; one that changes nothing is answered as it was.
    """
    db, by, shape = get_db(), caller().id, EntryUpsertItem()

    def put(item: object) -> KnowledgeRow:
        fields = load(shape, item)
        name = fields.pop("external_id")
        return store.upsert(db, name, fields, by=by)[0]

    return each(db, sent["items"], put)


@blp.put("/by-external-id/<external_id>")
@blp.access(MANAGER)
@blp.arguments(EntryUpsert)
@blp.response(200, Entry, location="/knowledge/{id}", current=by_external_id)
@blp.alt_response(201, schema=Entry, description="It is new", success=True)
def put_entry_by_external_id(sent: Loaded, external_id: str) -> Status:
    """Create or change an entry by the id that another program has for it

    What is left out stays as it is; a new one needs `title`, `content` and `category`.
    """
    row, new = store.upsert(get_db(), checked_external_id(external_id), sent, by=caller().id)
    return Status(201 if new else 200, row)


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
