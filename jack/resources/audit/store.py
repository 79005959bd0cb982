"""Reading the audit log. It is written by `jack.core.audit`, with each change."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypedDict

import orjson

from jack.core.actors import SYSTEM
from jack.core.paging import Listed, Page
from jack.core.query import Query, where
from jack.resources.actors import store as actors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jack.core.db import Database
    from jack.core.reader import Params
    from jack.resources.actors.store import Actor


class StoredEntry(TypedDict):
    """A row of the log; `changed` is a JSON array."""

    seq: int
    at: str
    actor_id: str | None
    actor_name: str | None
    action: str
    subject_type: str
    subject_id: str | None
    changed: str
    ip: str | None
    request_id: str | None


class Subject(TypedDict):
    """What something was done to."""

    type: str
    id: str | None


class EntryRow(TypedDict):
    """A row as it is answered."""

    id: str
    at: str
    actor: Actor
    action: str
    subject: Subject
    changed: list[str]
    ip: str | None
    request_id: str | None


class Following(NamedTuple):
    """Rows in the order they were written; the cursor that leads on, and whether there is more."""

    rows: list[EntryRow]
    cursor: str
    has_more: bool


# Only the subject has an index, because every change would pay for one; the others are looked for from the newest row on.
FILTERS = {
    "actor": "actor_id = :actor",
    "system": "actor_id IS NULL",
    "action": "action = :action",
    "actions": "action >= :actions AND action < :actions_end",
    "subject": "subject_id = :subject",
    "since": "at >= :since",
    "until": "at <= :until",
}

COLUMNS = f"""
    seq, at, actor_id, {actors.NAME} AS actor_name, action, subject_type, subject_id, changed, ip, request_id"""


def search(db: Database, *, page: Page, **filters: str) -> Listed[EntryRow]:
    """A page of the log, newest first. `filters`: actor, action (`task.*` for several), subject, since, until."""
    conditions, params = _conditions(filters)
    listing = Query[StoredEntry](
        f"SELECT {COLUMNS} FROM audit {where(conditions)} ORDER BY seq DESC LIMIT :limit OFFSET :offset"
    )
    rows = db.all(listing, {**params, "limit": page.limit, "offset": page.offset})
    found = [_answered(row) for row in rows]
    if page.number == 1 and len(rows) < page.limit:
        return Listed(found, len(rows), page)  # all there is: it need not be looked for once more
    total = db.cached_count(f"SELECT count(*) FROM audit {where(conditions)}", params)
    return Listed(found, total, page)


def after(db: Database, seq: int, limit: int, **filters: str) -> Following:
    """Up to `limit` rows written after `seq`, oldest first."""
    conditions, params = _conditions(filters)
    listing = Query[StoredEntry](
        f"SELECT {COLUMNS} FROM audit {where(['seq > :after', *conditions])} ORDER BY seq LIMIT :limit"
    )
    rows = db.all(listing, {**params, "after": seq, "limit": limit + 1})
    found = rows[:limit]
    cursor = found[-1]["seq"] if found else seq
    return Following([_answered(row) for row in found], str(cursor), len(rows) > limit)


def parts(db: Database, limit: int, **filters: str) -> Iterator[list[EntryRow]]:
    """All rows, oldest first, up to `limit` at a time."""
    found = after(db, 0, limit, **filters)
    while found.rows:
        yield found.rows
        found = after(db, int(found.cursor), limit, **filters)


def _conditions(filters: Params) -> tuple[list[str], dict[str, object]]:
    """The conditions of these filters, and what stands in them."""
    params: dict[str, object] = dict(filters)
    if params.get("actor") == SYSTEM:
        params["system"] = params.pop("actor")
    action = str(params.get("action", ""))
    if action.endswith("*"):
        del params["action"]
        beginning = action.removesuffix("*")
        params |= {"actions": beginning, "actions_end": beginning + "\x7f"}
    return [condition for name, condition in FILTERS.items() if name in params], params


def _answered(row: StoredEntry) -> EntryRow:
    return {
        "id": f"audit-{row['seq']:012d}",
        "at": row["at"],
        "actor": actors.answered(row["actor_id"], row["actor_name"]),
        "action": row["action"],
        "subject": {"type": row["subject_type"], "id": row["subject_id"]},
        "changed": orjson.loads(row["changed"]),
        "ip": row["ip"],
        "request_id": row["request_id"],
    }
