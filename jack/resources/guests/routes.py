"""`/guests`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

from jack.core.paging import Listed, Walked
from jack.http.access import ADMIN, MANAGER
from jack.http.arguments import load
from jack.http.blueprint import Blueprint
from jack.http.bulk import BulkMeta, bulk_of, each
from jack.http.context import caller, get_db
from jack.http.link_fields import checked_external_id, existing
from jack.http.responses import Series, Status
from jack.http.schema import Deleted, DeletedRow, Loaded
from jack.resources.exports import store as exports
from jack.resources.guests import duplicates, external_ids, merge, store, upsert
from jack.resources.guests.schemas import (
    Consents,
    Duplicate,
    DuplicateMeta,
    Guest,
    GuestBulk,
    GuestCreate,
    GuestFilters,
    GuestMerge,
    GuestPatch,
    GuestUpsert,
    GuestUpsertItem,
    GuestUpsertOptions,
    GuestUpserts,
    Merge,
    Unmerged,
)
from jack.resources.privacy import erasure, guest_export

if TYPE_CHECKING:
    from jack.core.db import Database
    from jack.core.query import AnyRow
    from jack.resources.guests.consents import ConsentRow
    from jack.resources.guests.merge import MergeResult, UnmergeResult
    from jack.resources.guests.rows import GuestRow

blp = Blueprint("guests", __name__, under="/guests", description="Guest profiles", scope="guests")


@blp.get("")
@blp.arguments(GuestFilters, location="query")
@blp.response(200, Guest(many=True), walked=True)
def list_guests(filters: Loaded) -> Listed[GuestRow] | Walked[GuestRow]:
    """List guests

    Newest first unless `sort` says otherwise. `search` finds any part of name, e-mail or phone digits, without regard to case and accents.
    """
    return store.search(get_db(), **filters)


@blp.post("")
@blp.arguments(GuestCreate)
@blp.response(201, Guest, location="/guests/{id}")
def create_guest(new: Loaded) -> GuestRow:
    """Create a guest"""
    return store.create(get_db(), by=caller().id, **new)


def by_external_id(db: Database, external_id: str) -> GuestRow:
    """The guest with this external id, for `If-Match`: of one who is not there nobody has read a version."""
    return store.shown(db, existing(external_ids.find(db, checked_external_id(external_id))))


@blp.post("/bulk")
@blp.access(MANAGER)
@blp.bulk
@blp.arguments(GuestBulk)
@blp.response(200, bulk_of(Guest), meta=BulkMeta)
def create_guests(new: Loaded) -> Series:
    """Create up to 500 guests; each item succeeds or fails by itself"""
    db, by, shape = get_db(), caller().id, GuestCreate()
    return each(db, new["items"], lambda item: store.create(db, by=by, **load(shape, item)))


@blp.put("/by-external-id")
@blp.access(MANAGER)
@blp.bulk
@blp.arguments(GuestUpserts)
@blp.arguments(GuestUpsertOptions, location="query")
@blp.response(200, bulk_of(Guest), meta=BulkMeta)
def put_guests_by_external_id(sent: Loaded, options: Loaded) -> Series:
    """Create or change up to 500 guests by their external ids; each item succeeds or fails by itself

    What is left out of an item stays as it is; one that changes nothing is answered as it was.
    """
    db, by, shape, chosen = get_db(), caller().id, GuestUpsertItem(), upsert.Options(**options)

    def put(item: object) -> GuestRow:
        fields = load(shape, item)
        name = fields.pop("external_id")
        return upsert.put(db, name, fields, options=chosen, by=by)[0]

    return each(db, sent["items"], put)


@blp.put("/by-external-id/<external_id>")
@blp.arguments(GuestUpsert)
@blp.arguments(GuestUpsertOptions, location="query")
@blp.response(200, Guest, location="/guests/{id}", current=by_external_id)
@blp.alt_response(201, schema=Guest, description="It is new", success=True)
def put_guest_by_external_id(sent: Loaded, options: Loaded, external_id: str) -> Status:
    """Create or change a guest by the id that another program has for them

    What is left out stays as it is; a new guest needs a `name`. `source:id` is the id of that source. Who has the same e-mail
    or phone and no id of this source yet is the same guest (`onMatch=error`: 409). After a merge both ids lead to the guest who
    stays; the id of a guest who was erased is 409 with `reason` `erased`, unless `recreate=true`.
    """
    row, new = upsert.put(
        get_db(),
        checked_external_id(external_id),
        sent,
        options=upsert.Options(**options),
        by=caller().id,
    )
    return Status(201 if new else 200, row)


@blp.get("/<guest_id>")
@blp.response(200, Guest)
def get_guest(guest_id: str) -> GuestRow:
    """Get a guest"""
    return store.shown(get_db(), guest_id)


@blp.patch("/<guest_id>")
@blp.arguments(GuestPatch)
@blp.response(200, Guest, current=store.shown)
def change_guest(changes: Loaded, guest_id: str) -> GuestRow:
    """Change a guest"""
    return store.change(get_db(), guest_id, by=caller().id, **changes)


@blp.delete("/<guest_id>")
@blp.access(ADMIN)
@blp.not_for_keys
@blp.response(200, Deleted, current=store.shown, of=Guest)
def erase_guest(guest_id: str) -> DeletedRow:
    """Erase a guest

    Conversations, messages and tasks stay as records of work, without any of the guest's personal data. That they have
    opted out of messages stays as well, under a hash of their address: if they write again, they are still opted out.
    """
    erasure.erase(get_db(), guest_id, by=caller().id)
    return {"id": guest_id, "deleted": True}


@blp.get("/<guest_id>/export")
@blp.access(ADMIN)
@blp.not_for_keys
@blp.bulk
@blp.download([guest_export.ZIP])
def export_guest(guest_id: str) -> AnyRow:
    """Export all that is known of a guest

    A ZIP with `guest.json` (profile, consents, addresses, conversations with notes, tasks, stays, what else names them) and their
    files: what an erasure would remove, and nothing of anybody else. At once up to 2,000 messages and 16 MiB of files; more is 409
    with `reason: "use_export_job"`: `POST /exports` with `what: "guest"` then.
    """
    found = guest_export.at_once(get_db(), guest_id)
    if request.method != "HEAD":
        exports.note(get_db(), exports.GUEST, guest_id, by=caller().id)
    return found


@blp.get("/<guest_id>/consents")
@blp.response(200, Consents)
def get_consents(guest_id: str) -> dict[str, ConsentRow]:
    """Get what a guest has said of messages, by channel

    As in `consents` of the guest, which is where they are written. `withdrawn` where they have written STOP, until they write START,
    or as is noted of them: sending there is 409 `opted_out`.
    """
    return store.get(get_db(), guest_id)["consents"]


@blp.get("/<guest_id>/duplicates")
@blp.response(200, Duplicate(many=True), meta=DuplicateMeta)
def list_duplicates(guest_id: str) -> Series:
    """List who may be the same guest

    Up to ten, the likeliest first, with the reasons: the same name, a number that is the same or ends alike, an e-mail
    given in the web chat without proof. `evidence` has them in words, with what is not proven. Nothing is merged by itself.
    """
    found = duplicates.search(get_db(), guest_id)
    return Series(found, {"total": len(found)})


@blp.post("/<guest_id>/merge")
@blp.access(MANAGER)
@blp.arguments(GuestMerge)
@blp.response(200, Merge, current=store.shown, of=Guest)
def merge_guests(other: Loaded, guest_id: str) -> MergeResult:
    """Merge another guest into this one

    Conversations, addresses, tasks, web chats and tags of the other become this guest's, and so does what this profile
    lacks. The other is gone then; with the `mergeId` that is undone for 30 days. Visitors of the web chat go on seeing what
    was said in their own chat, and nothing of the other's.
    """
    return merge.merge(get_db(), guest_id, other["guest_id"], by=caller().id)


def kept(db: Database, guest_id: str, merge_id: str) -> GuestRow:  # noqa: ARG001 (as in the path)
    """The guest who stays, by the arguments of `undo_merge`: for its `If-Match`."""
    return store.shown(db, guest_id)


@blp.post("/<guest_id>/merges/<merge_id>/undo")
@blp.access(MANAGER)
@blp.response(200, Unmerged, current=kept, of=Guest)
def undo_merge(guest_id: str, merge_id: str) -> UnmergeResult:
    """Undo a merge

    Within 30 days. The other guest is there again, with what was theirs; what came since stays with the one who stayed.
    """
    return merge.undo(get_db(), guest_id, merge_id, by=caller().id)
