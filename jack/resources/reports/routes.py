"""`/reports`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.http.access import MANAGER
from jack.http.blueprint import Blueprint
from jack.http.context import get_db
from jack.http.responses import AsFile
from jack.http.schema import Loaded
from jack.resources.reports import store, table
from jack.resources.reports.schemas import Overview, OverviewFilters

if TYPE_CHECKING:
    from jack.resources.reports.store import Overview as OverviewRow

blp = Blueprint(
    "reports", __name__, under="/reports", description="What there was to do", scope="reports"
)


@blp.get("/overview")
@blp.access(MANAGER)
@blp.arguments(OverviewFilters, location="query")
@blp.response(200, Overview)
@blp.also_download("text/csv")
def get_overview(asked: Loaded) -> OverviewRow | AsFile:
    """Get the figures of a period

    Conversations, messages, waiting times and tasks of whole days by the hotel's clock, and the same of the period before.
    Everything is counted from the rows that are there: what is erased of a guest leaves its numbers.
    """
    format = asked.pop("format")
    found = store.overview(get_db(), **asked)
    return AsFile(table.file_of(found)) if format == "csv" else found
