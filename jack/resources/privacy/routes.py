"""`/privacy`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.http.access import ADMIN
from jack.http.blueprint import Blueprint
from jack.http.context import get_db
from jack.http.schema import Loaded
from jack.http.scopes import NOT_FOR_KEYS
from jack.resources.privacy import retention
from jack.resources.privacy.schemas import DueErasure, DueFilters

if TYPE_CHECKING:
    from jack.core.paging import Listed
    from jack.resources.privacy.retention import DueRow

blp = Blueprint(
    "privacy",
    __name__,
    under="/privacy",
    description="Guests who are erased by themselves",
    scope=NOT_FOR_KEYS,
)


@blp.get("/due")
@blp.access(ADMIN)
@blp.arguments(DueFilters, location="query")
@blp.response(200, DueErasure(many=True))
def list_due_erasures(filters: Loaded) -> Listed[DueRow]:
    """List who is erased by themselves within the next seven days

    By the setting `privacy`, whose `eraseGuestsAfterMonths` says how long after the last message or departure; null: nobody is. Everybody is
    listed for a week before they go. Who is at the hotel or expected, has an open conversation or an open task is never due.
    """
    return retention.due(get_db(), **filters)
