"""`/guests`."""

from __future__ import annotations

from typing import Any

from jack.answers import Series
from jack.api import ADMIN, MANAGER, Blueprint, caller, get_db
from jack.bulk import BulkMeta, bulk_of, each
from jack.db import Row
from jack.fields import Deleted
from jack.guests import erasure, store
from jack.guests.schemas import Guest, GuestBulk, GuestCreate, GuestFilters, GuestPatch
from jack.paging import Listed
from jack.parsing import load

blp = Blueprint("guests", __name__, under="/guests", description="Guest profiles")


@blp.get("")
@blp.arguments(GuestFilters, location="query")
@blp.response(200, Guest(many=True))
def list_guests(filters: dict[str, Any]) -> Listed:
    """List guests

    Newest first. `search` finds any part of name, e-mail or phone digits, without regard to case and accents.
    """
    return store.search(get_db(), **filters)


@blp.post("")
@blp.arguments(GuestCreate)
@blp.response(201, Guest, location="/guests/{id}")
def create_guest(new: dict[str, Any]) -> Row:
    """Create a guest"""
    return store.create(get_db(), by=caller().id, **new)


@blp.post("/bulk")
@blp.access(MANAGER)
@blp.bulk
@blp.arguments(GuestBulk)
@blp.response(200, bulk_of(Guest), meta=BulkMeta)
def create_guests(new: dict[str, Any]) -> Series:
    """Create up to 500 guests; each item succeeds or fails by itself"""
    db, by, shape = get_db(), caller().id, GuestCreate()
    return each(db, new["items"], lambda item: store.create(db, by=by, **load(shape, item)))


@blp.get("/<guest_id>")
@blp.response(200, Guest)
def get_guest(guest_id: str) -> Row:
    """Get a guest"""
    return store.get(get_db(), guest_id)


@blp.patch("/<guest_id>")
@blp.arguments(GuestPatch)
@blp.response(200, Guest, current=store.get)
def change_guest(changes: dict[str, Any], guest_id: str) -> Row:
    """Change a guest"""
    return store.change(get_db(), guest_id, by=caller().id, **changes)


@blp.delete("/<guest_id>")
@blp.access(ADMIN)
@blp.response(200, Deleted, current=store.get, of=Guest)
def erase_guest(guest_id: str) -> Row:
    """Erase a guest

    Conversations, messages and tasks stay as records of work, without any of the guest's personal data.
    """
    erasure.erase(get_db(), guest_id, by=caller().id)
    return {"id": guest_id, "deleted": True}
