"""`/audit`: who did what, when and from where; for administrators."""

from __future__ import annotations

from jack.core.paging import Listed, Page
from jack.http.access import ADMIN
from jack.http.blueprint import Blueprint
from jack.http.context import get_db
from jack.http.responses import Series
from jack.http.schema import Loaded
from jack.resources.audit import store
from jack.resources.audit.schemas import AuditEntry, AuditFilters, AuditMeta
from jack.resources.audit.store import EntryRow

blp = Blueprint("audit", __name__, under="/audit", description="Who did what, and from where")


@blp.get("")
@blp.access(ADMIN)
@blp.not_for_keys
@blp.arguments(AuditFilters, location="query")
@blp.response(200, AuditEntry(many=True), meta=AuditMeta)
def list_audit_entries(filters: Loaded) -> Listed[EntryRow] | Series:
    """List lines of the audit log, the newest first

    Sign-ins (good, refused and throttled ones), and every change by staff, API keys, automations and commands on the machine:
    ids and names of fields, never values. Nobody can change a line; it is kept for the days of the setting `audit`.
    To copy the log elsewhere begin with an empty `cursor`, then pass on `meta.cursor`: the order is then that of writing.
    """
    page: Page = filters.pop("page")
    seq: int | None = filters.pop("cursor", None)
    if seq is None:
        return store.search(get_db(), page=page, **filters)
    found = store.after(get_db(), seq, page.limit, **filters)
    meta = {"limit": page.limit, "cursor": found.cursor, "hasMore": found.has_more}
    return Series(found.rows, meta)
