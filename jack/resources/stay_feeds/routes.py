"""`/stay-feeds`: the calendars of booking sites that stays are read from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.http.blueprint import Blueprint
from jack.http.context import get_db
from jack.http.schema import Loaded
from jack.resources.stay_feeds import store
from jack.resources.stay_feeds.schemas import StayFeed, StayFeedFilters

if TYPE_CHECKING:
    from jack.core.paging import Listed
    from jack.resources.stay_feeds.store import FeedRow

blp = Blueprint(
    "stay-feeds",
    __name__,
    under="/stay-feeds",
    description="Calendars of booking sites that stays are read from",
    scope="stays",
)


@blp.get("")
@blp.arguments(StayFeedFilters, location="query")
@blp.response(200, StayFeed(many=True))
def list_stay_feeds(filters: Loaded) -> Listed[FeedRow]:
    """List the calendars that stays are read from

    Those of the setting `stays.feeds`, in its order. The worker reads each every 15 minutes, a new one at once. A booking that is
    missing twice in a row is cancelled.
    """
    return store.search(get_db(), **filters)
