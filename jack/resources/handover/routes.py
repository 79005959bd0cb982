"""`/handover`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.http.blueprint import Blueprint
from jack.http.context import caller, get_db
from jack.http.schema import Loaded
from jack.http.scopes import NOT_FOR_KEYS
from jack.resources.handover import store
from jack.resources.handover.schemas import (
    Handover,
    HandoverCreate,
    HandoverFilters,
    SignedHandover,
)

if TYPE_CHECKING:
    from jack.resources.handover.store import HandoverRow, SignedRow

blp = Blueprint(
    "handover",
    __name__,
    under="/handover",
    description="What one shift tells the next",
    scope=NOT_FOR_KEYS,
)


@blp.get("")
@blp.arguments(HandoverFilters, location="query")
@blp.response(200, Handover)
def get_handover(asked: Loaded) -> HandoverRow:
    """Get what there is to hand over

    Who waits, tasks, notes since the last handover, what is out of order, and the last handover itself.
    """
    return store.get(get_db(), **asked)


@blp.post("")
@blp.arguments(HandoverCreate)
@blp.response(201, SignedHandover, location="/handover/{id}")
def sign_handover(new: Loaded) -> SignedRow:
    """Hand over

    Signed by who sends it. A text that names a guest is emptied with the guest's erasure.
    """
    return store.sign(get_db(), new["text"], by=caller().id)


@blp.get("/<handover_id>")
@blp.response(200, SignedHandover)
def get_signed_handover(handover_id: str) -> SignedRow:
    """Get a handover, and who has read it"""
    return store.get_signed(get_db(), handover_id)


@blp.post("/<handover_id>/read")
@blp.response(200, SignedHandover)
def mark_handover_read(handover_id: str) -> SignedRow:
    """Say that one has read a handover"""
    return store.mark_read(get_db(), handover_id, by=caller().id)
