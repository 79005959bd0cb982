"""`/stays`."""

from __future__ import annotations

from jack.core.db import Database
from jack.core.paging import Listed, Walked
from jack.http.access import MANAGER
from jack.http.arguments import load
from jack.http.blueprint import Blueprint
from jack.http.bulk import BulkMeta, bulk_of, each
from jack.http.context import caller, get_db
from jack.http.link_fields import UpsertOptions, checked_external_id, existing
from jack.http.responses import Series, Status
from jack.http.schema import Deleted, DeletedRow, Loaded
from jack.resources.stays import store
from jack.resources.stays.rows import StayRow
from jack.resources.stays.schemas import (
    Stay,
    StayBulk,
    StayBulkPatch,
    StayCreate,
    StayFilters,
    StayPatch,
    StayUpsert,
    StayUpsertItem,
    StayUpserts,
)

blp = Blueprint(
    "stays",
    __name__,
    under="/stays",
    description="Who is at the hotel, when and in which room",
    scope="stays",
)


@blp.get("")
@blp.arguments(StayFilters, location="query")
@blp.response(200, Stay(many=True), walked=True)
def list_stays(filters: Loaded) -> Listed[StayRow] | Walked[StayRow]:
    """List stays

    The latest arrival first, unless `sort` says otherwise. `on` is a night: who arrives that day or before and departs later.
    """
    return store.search(get_db(), **filters)


@blp.post("")
@blp.arguments(StayCreate)
@blp.response(201, Stay, location="/stays/{id}")
def create_stay(new: Loaded) -> StayRow:
    """Create a stay

    Without a guest it waits until one is named.
    """
    return store.create(get_db(), by=caller().id, **new)


def by_external_id(db: Database, external_id: str) -> StayRow:
    """What has this external id, for `If-Match`: of what is not there nobody has read a version."""
    return store.get(db, existing(store.by_external_id(db, checked_external_id(external_id))))


@blp.post("/bulk")
@blp.access(MANAGER)
@blp.bulk
@blp.arguments(StayBulk)
@blp.response(200, bulk_of(Stay), meta=BulkMeta)
def create_stays(new: Loaded) -> Series:
    """Create up to 500 stays; each item succeeds or fails by itself"""
    db, by, shape = get_db(), caller().id, StayCreate()
    return each(db, new["items"], lambda item: store.create(db, by=by, **load(shape, item)))


@blp.patch("/bulk")
@blp.access(MANAGER)
@blp.bulk
@blp.arguments(StayBulkPatch)
@blp.response(200, bulk_of(Stay), meta=BulkMeta)
def change_stays(change: Loaded) -> Series:
    """Make the same change to up to 500 stays; each succeeds or fails by itself"""
    db, by = get_db(), caller().id
    return each(
        db, change["ids"], lambda id: store.change(db, id, by=by, **change["changes"]), of="ids"
    )


@blp.put("/by-external-id")
@blp.access(MANAGER)
@blp.bulk
@blp.arguments(StayUpserts)
@blp.arguments(UpsertOptions, location="query")
@blp.response(200, bulk_of(Stay), meta=BulkMeta)
def put_stays_by_external_id(sent: Loaded, options: Loaded) -> Series:
    """Create or change up to 500 stays by their external ids; each item succeeds or fails by itself

    What is left out of an item stays as it is; one that changes nothing is answered as it was.
    """
    db, by, shape = get_db(), caller().id, StayUpsertItem()

    def put(item: object) -> StayRow:
        fields = load(shape, item)
        name = fields.pop("external_id")
        return store.upsert(db, name, fields, by=by, **options)[0]

    return each(db, sent["items"], put)


@blp.put("/by-external-id/<external_id>")
@blp.arguments(StayUpsert)
@blp.arguments(UpsertOptions, location="query")
@blp.response(200, Stay, location="/stays/{id}", current=by_external_id)
@blp.alt_response(201, schema=Stay, description="It is new", success=True)
def put_stay_by_external_id(sent: Loaded, options: Loaded, external_id: str) -> Status:
    """Create or change a stay by the id that another program has for it

    What is left out stays as it is; a new one needs `arrival` and `departure`. The id of one that was erased with its guest is 409 with `reason`
    `erased`, unless `recreate=true`.
    """
    row, new = store.upsert(
        get_db(), checked_external_id(external_id), sent, by=caller().id, **options
    )
    return Status(201 if new else 200, row)


@blp.get("/<stay_id>")
@blp.response(200, Stay)
def get_stay(stay_id: str) -> StayRow:
    """Get a stay"""
    return store.get(get_db(), stay_id)


@blp.patch("/<stay_id>")
@blp.arguments(StayPatch)
@blp.response(200, Stay, current=store.get)
def change_stay(changes: Loaded, stay_id: str) -> StayRow:
    """Change a stay

    Checking in and out are changes of its `status`. Any status may follow any.
    """
    return store.change(get_db(), stay_id, by=caller().id, **changes)


@blp.delete("/<stay_id>")
@blp.response(200, Deleted, current=store.get, of=Stay)
def delete_stay(stay_id: str) -> DeletedRow:
    """Delete a stay

    One that was entered by mistake. What is not to be after all is cancelled: `PATCH` with `status` `cancelled`.
    """
    store.delete(get_db(), stay_id, by=caller().id)
    return {"id": stay_id, "deleted": True}
