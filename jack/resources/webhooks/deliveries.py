"""Deliveries: an event for a webhook, from its transaction to the answer of the receiver.

Each is sent at least once. What a killed worker was sending is still `pending`, and is sent again with the same id and body.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import orjson

from jack.core import clock, events
from jack.core.db import as_json, transaction
from jack.core.errors import Conflict, NotFound
from jack.core.paging import Listed, Place, Walked
from jack.core.query import Query
from jack.core.walking import Wanted, walk
from jack.resources.webhooks import store
from jack.resources.webhooks.rows import (
    Attempt,
    DeliveryRow,
    DueRow,
    RequestRow,
    ResponseRow,
    StoredDelivery,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from jack.core.db import Database
    from jack.core.paging import Page


MINUTE, HOUR = 60.0, 3600.0
# Seconds from one attempt to the next, give or take a tenth.
PAUSES = (MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 24 * HOUR, 24 * HOUR, 24 * HOUR)
SPREAD = 0.1
LONGEST_WAIT = 24 * HOUR
# An endpoint that has failed for so long, and so often, without a success in between, is disabled.
FAILING_DAYS, FAILING_ATTEMPTS = 5, 20
KEPT_DAYS = 30
GONE = 410

COLUMNS = """seq, id, event, attempt, status, next_attempt_at, body, request_headers, response_status, response_body, error,
    duration_ms, created_at"""

GET = Query[StoredDelivery](f"""
    SELECT {COLUMNS} FROM webhook_deliveries WHERE id = :id AND webhook_id = :webhook_id""")

STATUSES = ("pending", "delivered", "failed")

_OF_STATUS = """
    SELECT {columns} FROM webhook_deliveries WHERE webhook_id = :webhook_id AND status = {status}"""
_PAGE = " ORDER BY seq DESC LIMIT :limit OFFSET :offset"

PAGE = Query[StoredDelivery](_OF_STATUS.format(columns=COLUMNS, status=":status") + _PAGE)

# Each status by its index, and merged: nothing is sorted.
PAGE_OF_ALL = Query[StoredDelivery](
    " UNION ALL ".join(_OF_STATUS.format(columns=COLUMNS, status=f"'{one}'") for one in STATUSES)
    + _PAGE
)

BY_SEQ = Query[StoredDelivery](
    f"SELECT {COLUMNS} FROM webhook_deliveries WHERE seq IN (SELECT value FROM json_each(:seqs))"
)

COUNT = """
    SELECT count(*) FROM webhook_deliveries
    WHERE webhook_id = :webhook_id AND status IN (SELECT value FROM json_each(:statuses))"""

AGAIN = """
    UPDATE webhook_deliveries SET status = 'pending', attempt = 0, next_attempt_at = :now
    WHERE webhook_id = :webhook_id AND id = :id"""

ALL_AGAIN = """
    UPDATE webhook_deliveries SET status = 'pending', attempt = 0, next_attempt_at = :now
    WHERE webhook_id = :webhook_id AND status = :status AND created_at >= :since"""

DUE_WEBHOOKS = """
    SELECT id FROM webhooks
    WHERE EXISTS (SELECT 1 FROM webhook_deliveries WHERE webhook_id = webhooks.id AND next_attempt_at <= :now)"""

DUE = Query[DueRow]("""
    SELECT seq, id, webhook_id, event_seq, event, attempt, body FROM webhook_deliveries
    WHERE webhook_id = :webhook_id AND next_attempt_at <= :now AND seq NOT IN (SELECT value FROM json_each(:begun))
    ORDER BY next_attempt_at, seq LIMIT :limit""")

SET_BODY = "UPDATE webhook_deliveries SET body = :body WHERE seq = :seq"

RECORD = """
    UPDATE webhook_deliveries
    SET status = :status, attempt = :attempt, next_attempt_at = :next_attempt_at, request_headers = :headers,
        response_status = :response_status, response_body = :response_body, error = :error, duration_ms = :duration_ms
    WHERE seq = :seq"""

SUCCEEDED = """
    UPDATE webhooks SET last_success_at = :now, failures = 0, failing_since = NULL WHERE id = :id"""

HAS_FAILED = """
    UPDATE webhooks
    SET last_failure_at = :now, failures = failures + 1, failing_since = coalesce(failing_since, :now) WHERE id = :id"""

EXISTS = "SELECT enabled FROM webhooks WHERE id = :id"

ANY = "SELECT max(seq) FROM webhook_deliveries"

ERASE = """
    UPDATE webhook_deliveries SET body = NULL, response_body = NULL
    WHERE event_seq IN (
        SELECT seq FROM events
        WHERE subject_id IN (SELECT value FROM json_each(:ids)) OR conversation_id IN (SELECT value FROM json_each(:ids)))"""

# `seq` is in order of time, so only the oldest rows are read.
DELETE_EXPIRED = """
    DELETE FROM webhook_deliveries
    WHERE seq < (SELECT min(seq) FROM webhook_deliveries) + :limit AND created_at < :before"""


def search(
    db: Database, webhook_id: str, *, status: str | None = None, page: Page | Place
) -> Listed[DeliveryRow] | Walked[DeliveryRow]:
    """A page of a webhook's deliveries, newest first, or those after a place, oldest first. Raises NotFound."""
    store.get(db, webhook_id)
    if isinstance(page, Place):
        return _walked(db, webhook_id, status, page)
    statuses = STATUSES if status is None else (status,)
    wanted = {"webhook_id": webhook_id, "status": status}
    rows = db.all(
        PAGE_OF_ALL if status is None else PAGE,
        wanted | {"limit": page.limit, "offset": page.offset},
    )
    total = db.cached_count(COUNT, {"webhook_id": webhook_id, "statuses": as_json(statuses)})
    return Listed([_answered(row) for row in rows], total, page)


def _walked(db: Database, webhook_id: str, status: str | None, place: Place) -> Walked[DeliveryRow]:
    conditions = ["webhook_id = :webhook_id", *(["status = :status"] if status else [])]
    params = {"webhook_id": webhook_id} | ({"status": status} if status else {})
    wanted = Wanted("webhook_deliveries", conditions, params)
    return walk(
        db, wanted, place, lambda seqs: map(_answered, db.all(BY_SEQ, {"seqs": as_json(seqs)}))
    )


def get(db: Database, webhook_id: str, delivery_id: str) -> DeliveryRow:
    """The delivery, or NotFound."""
    row = db.one(GET, {"id": delivery_id, "webhook_id": webhook_id})
    if row is None:
        raise NotFound("Delivery not found")
    return _answered(row)


def redeliver(db: Database, webhook_id: str, delivery_id: str) -> DeliveryRow:
    """Send one again, with the same id and body. Raises NotFound, and Conflict while the webhook is disabled."""
    with transaction(db):
        get(db, webhook_id, delivery_id)
        _check_enabled(db, webhook_id)
        db.run(AGAIN, {"webhook_id": webhook_id, "id": delivery_id, "now": db.now()})
        return get(db, webhook_id, delivery_id)


def redeliver_all(db: Database, webhook_id: str, *, since: str, status: str = "failed") -> int:
    """Send again whatever has this status and is not older than `since`; returns how many. Raises as `redeliver`."""
    with transaction(db):
        _check_enabled(db, webhook_id)
        wanted = {"webhook_id": webhook_id, "status": status, "since": since, "now": db.now()}
        return db.run(ALL_AGAIN, wanted)


def ping(db: Database, webhook_id: str, *, by: str | None = None) -> DeliveryRow:
    """Send a webhook, and no other one, the event `ping`. Raises as `redeliver`."""
    with transaction(db):
        _check_enabled(db, webhook_id)
        events.record(db, "ping", webhook_id, by=by)
        newest = "SELECT id FROM webhook_deliveries WHERE event_seq = (SELECT max(seq) FROM events)"
        return get(db, webhook_id, db.value(newest))


def due_webhooks(db: Database) -> list[str]:
    """The webhooks that something is to be sent to now."""
    return db.column(DUE_WEBHOOKS, {"now": db.now()})


def due(db: Database, webhook_id: str, limit: int, begun: Iterable[int]) -> list[DueRow]:
    """Up to `limit` deliveries of a webhook to be sent now, but for those `begun` (by `seq`)."""
    wanted = {"webhook_id": webhook_id, "now": db.now(), "limit": limit}
    return db.all(DUE, wanted | {"begun": as_json(list(begun))})


def set_body(db: Database, seq: int, body: str) -> None:
    """Store what is sent, before it is: every repeat is the same."""
    db.run(SET_BODY, {"seq": seq, "body": body})


def record(db: Database, row: DueRow, attempt: Attempt) -> None:
    """Write down how an attempt has ended: delivered, to be tried again, or given up. 410, and failing for long, disable the webhook."""
    webhook_id, now = row["webhook_id"], db.now()
    with transaction(db):
        enabled = db.value(EXISTS, {"id": webhook_id})
        if enabled is None:  # it has been deleted meanwhile
            return
        works = attempt.status is not None and 200 <= attempt.status < 300
        wait = None if works or not enabled else _pause(row["attempt"], attempt)
        _write(db, row, attempt, works=works, wait=wait)
        db.run(SUCCEEDED if works else HAS_FAILED, {"id": webhook_id, "now": now})
        if attempt.status == GONE:
            store.disable(db, webhook_id, store.GONE)
        elif not works and _has_failed_for_long(db, webhook_id, now):
            store.disable(db, webhook_id, store.FAILING)


def erase(db: Database, ids: Sequence[str]) -> None:
    """Empty the bodies of what tells of these resources or of these conversations. It reads the log of 30 days, if anything was sent."""
    if db.value(ANY) is not None:
        db.run(ERASE, {"ids": as_json(list(ids))})


def delete_expired(db: Database, limit: int = 10_000) -> int:
    """Delete deliveries of more than 30 days ago, up to `limit`; returns how many."""
    before = clock.later(db.now(), days=-KEPT_DAYS)
    return db.run(DELETE_EXPIRED, {"before": before, "limit": limit})


def _write(db: Database, row: DueRow, attempt: Attempt, *, works: bool, wait: float | None) -> None:
    """The row after an attempt; `wait` is how many seconds until the next one, None without one."""
    status = "delivered" if works else "failed" if wait is None else "pending"
    db.run(
        RECORD,
        {
            "seq": row["seq"],
            "status": status,
            "attempt": row["attempt"] + 1,
            "next_attempt_at": None if wait is None else clock.later(db.now(), seconds=wait),
            "headers": as_json(dict(attempt.headers)),
            "response_status": attempt.status,
            "response_body": attempt.body,
            "error": attempt.error,
            "duration_ms": attempt.duration_ms,
        },
    )


def _pause(attempts_before: int, attempt: Attempt) -> float | None:
    """Seconds until the next attempt, no less than the receiver asks for; None when there is none."""
    if attempts_before >= len(PAUSES) or attempt.status == GONE:
        return None
    usual = PAUSES[attempts_before] * random.uniform(1 - SPREAD, 1 + SPREAD)  # noqa: S311 (spreads load)
    return max(usual, min(attempt.retry_after or 0.0, LONGEST_WAIT))


def _has_failed_for_long(db: Database, webhook_id: str, now: str) -> bool:
    failing = store.failures(db, webhook_id)
    return (
        failing is not None
        and failing.failures >= FAILING_ATTEMPTS
        and failing.since <= clock.later(now, days=-FAILING_DAYS)
    )


def _check_enabled(db: Database, webhook_id: str) -> None:
    if not store.get(db, webhook_id)["enabled"]:
        raise Conflict("The webhook is disabled: enable it first.", reason="webhook_disabled")


def _answered(row: StoredDelivery) -> DeliveryRow:
    """A delivery as it is answered."""
    request: RequestRow | None = None
    if row["request_headers"] is not None:
        request = {"headers": orjson.loads(row["request_headers"]), "body": row["body"]}
    response: ResponseRow | None = None
    if row["response_status"] is not None:
        response = {"status": row["response_status"], "body": row["response_body"]}
    return {
        "seq": row["seq"],
        "id": row["id"],
        "event": row["event"],
        "attempt": row["attempt"],
        "status": row["status"],
        "next_attempt_at": row["next_attempt_at"],
        "request": request,
        "response": response,
        "error": row["error"],
        "duration_ms": row["duration_ms"],
        "created_at": row["created_at"],
    }
