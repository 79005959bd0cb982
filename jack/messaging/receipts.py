"""Delivery receipts: the parts a provider has accepted, and what it reports of each afterwards.

A receipt may come twice, out of order, or before the answer to the sending has given us the provider id. Each is kept for
30 days, and those of an unknown provider id are applied when it becomes known. The status of a message is that of its
part that is least far.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

import orjson

from jack.channels.results import Broken, Retry
from jack.core import clock
from jack.core.db import as_json, transaction
from jack.core.query import Query
from jack.resources.channel_accounts import store as accounts
from jack.resources.conversations import delivery, reactions

if TYPE_CHECKING:
    from jack.channels.types import Account, DeliveryReceipt
    from jack.core.db import Database


class PartKey(TypedDict):
    """A part of a message at its provider."""

    account: str
    provider_id: str


class ReportRow(TypedDict):
    """What a receipt reports of a part, at the provider's time; `report` is JSON: what a returned mail says."""

    status: str
    error: str | None
    at: str
    report: str | None


class PartRow(TypedDict):
    """A part as it was sent last; `sent_at` is when."""

    status: str
    error: str | None
    part: int
    sent_at: str


class PartsWantedRow(TypedDict):
    """In how many parts a message is sent, and whether it is still in the outbox."""

    parts: int
    in_outbox: int


DAYS = 30
NOT_DELIVERED = "A message was not delivered."
SECOND_TRY = 60.0  # seconds

ACCEPT = """
    INSERT INTO provider_messages (account, provider_id, message_id, part, status, sent_at)
    VALUES (:account, :provider_id, :message_id, :part, 'sent', :now)
    ON CONFLICT (account, provider_id) DO UPDATE SET part = excluded.part
    WHERE message_id = excluded.message_id"""

STORE = """
    INSERT INTO receipts (account, provider_id, status, error, at, report, received_at)
    VALUES (:account, :provider_id, :status, :error, :at, :report, :now)
    ON CONFLICT DO NOTHING"""

EARLIER = Query[ReportRow]("""
    SELECT status, error, at, report FROM receipts
    WHERE account = :account AND provider_id = :provider_id
    ORDER BY seq""")

# Up, never down; `failed` only before `delivered`.
ADVANCE_PART = """
    UPDATE provider_messages SET status = :status, error = :error
    WHERE account = :account AND provider_id = :provider_id
      AND status IN (SELECT value FROM json_each(:below))"""

BELOW = {
    "delivered": '["sent","failed"]',
    "read": '["sent","delivered","failed"]',
    "failed": '["sent"]',
}

MESSAGE_OF = "SELECT message_id FROM provider_messages WHERE account = :account AND provider_id = :provider_id"

OUTBOUND_MESSAGE = """
    SELECT messages.id
    FROM messages JOIN conversations ON conversations.id = conversation_id
    WHERE messages.id = :id AND direction = 'outbound' AND messages.type <> 'note' AND channel = :channel"""

# Each part as it was sent last.
PARTS = Query[PartRow]("""
    SELECT status, error, part, max(sent_at) AS sent_at FROM provider_messages
    WHERE message_id = :id
    GROUP BY part""")

WANTED = Query[PartsWantedRow]("""
    SELECT parts, EXISTS (SELECT 1 FROM outbox WHERE message_id = messages.id) AS in_outbox
    FROM messages WHERE id = :id""")

# By us, once, and not being sent at this moment: then the worker that sends it records its result.
TRIED_ONCE = """
    SELECT (SELECT count(*) FROM provider_messages WHERE message_id = :id) = 1
       AND NOT EXISTS (SELECT 1 FROM outbox WHERE message_id = :id)
       AND NOT EXISTS (SELECT 1 FROM messages WHERE id = :id AND details ->> 'echo')"""

SETTINGS_AT = "SELECT updated_at FROM settings WHERE key = :key"

DELETE_EXPIRED = "DELETE FROM receipts WHERE received_at < :before"

# The statuses of a part, the least far first.
RANK = ("failed", "sent", "delivered", "read")


def record_accepted(
    db: Database, account: str, provider_id: str, message_id: str, part: int
) -> None:
    """Record that a provider has accepted a part of a message under this id, and apply the receipts that came before."""
    key: PartKey = {"account": account, "provider_id": provider_id}
    with transaction(db):
        db.run(ACCEPT, key | {"message_id": message_id, "part": part, "now": db.now()})
        for earlier in db.all(EARLIER, key):
            moved = _advance_part(db, key, earlier)
            _keep_report(db, message_id, earlier, moved=moved)
        reactions.apply_early(db, account, provider_id, message_id)


def record(db: Database, account: Account, receipt: DeliveryReceipt) -> None:
    """Store a receipt, and move its message as far as its parts are."""
    key: PartKey = {"account": account.name, "provider_id": receipt.provider_id}
    report: ReportRow = {
        "status": receipt.status,
        "error": receipt.error,
        "at": receipt.at,
        "report": as_json(dict(receipt.report)) if receipt.report else None,
    }
    with transaction(db):
        new = bool(db.run(STORE, {**key, **report, "now": db.now()}))
        message_id = db.value(MESSAGE_OF, key) or _message_by_own_id(db, account, receipt)
        if message_id is None:
            if receipt.status == "failed":
                reactions.refuse_sent(db, receipt.provider_id, receipt.error or NOT_DELIVERED)
            return
        moved = _advance_part(db, key, report)
        if new:
            _keep_report(db, message_id, report, moved=moved)
        if moved and receipt.status == "failed":
            _record_failure(db, account, receipt, message_id)
        refresh(db, message_id, at=receipt.at)


def refresh(db: Database, message_id: str, *, at: str | None = None) -> None:
    """Move a message as far as all its parts are. One that is in the outbox stays as it is until its result is recorded."""
    wanted = db.one(WANTED, {"id": message_id})
    parts = db.all(PARTS, {"id": message_id})
    if wanted is None or wanted["in_outbox"] or not parts:
        return
    least = min(parts, key=lambda part: RANK.index(part["status"]))
    if len(parts) >= wanted["parts"] or least["status"] == "failed":
        delivery.advance(db, message_id, least["status"], error=least["error"], at=at)


def delete_expired(db: Database) -> int:
    """Delete receipts older than 30 days; returns how many."""
    return db.run(DELETE_EXPIRED, {"before": clock.later(db.now(), days=-DAYS)})


def _message_by_own_id(db: Database, account: Account, receipt: DeliveryReceipt) -> str | None:
    """The message whose own id is in a receipt, if it is one of this channel; its provider id is known from now on."""
    if receipt.message_id is None:
        return None
    named = {"id": receipt.message_id, "channel": account.channel}
    message_id: str | None = db.value(OUTBOUND_MESSAGE, named)
    if message_id is not None:
        record_accepted(db, account.name, receipt.provider_id, message_id, receipt.part)
    return message_id


def _advance_part(db: Database, key: PartKey, report: ReportRow) -> bool:
    """Move a part to the status that is reported of it; False when it is there or beyond already."""
    below = BELOW.get(report["status"])
    return below is not None and bool(db.run(ADVANCE_PART, {**key, **report, "below": below}))


def _keep_report(db: Database, message_id: str, report: ReportRow, *, moved: bool) -> None:
    """Keep with a message why it failed, or since when it is late and why; it is `sent` until something else is known."""
    said = orjson.loads(report["report"]) if report["report"] else {}
    if report["status"] == "delayed":
        reason = report["error"] or "The message is delayed on its way."
        delivery.set_delayed(db, message_id, {"since": report["at"], "reason": reason, **said})
    elif report["status"] == "failed" and moved and said:
        delivery.set_bounce(db, message_id, said)


def _record_failure(
    db: Database, account: Account, receipt: DeliveryReceipt, message_id: str
) -> None:
    """Apply what a failure means beyond this message: for the guest, for the account, or that it can be sent once more."""
    if receipt.opted_out or getattr(receipt.means, "reason", None) == "opted_out":
        delivery.opt_out(db, message_id, account.name)
    if isinstance(receipt.means, Broken):
        settings_at = db.value(SETTINGS_AT, {"key": f"channels.{account.channel}"})
        accounts.pause(db, account.name, receipt.means.error, settings_at=settings_at)
    elif isinstance(receipt.means, Retry) and db.value(TRIED_ONCE, {"id": message_id}):
        pause = receipt.means.after if receipt.means.after is not None else SECOND_TRY
        delivery.requeue(db, message_id, after=pause)
    else:
        accounts.record_error(db, account.name, receipt.error or NOT_DELIVERED)
