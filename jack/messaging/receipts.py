"""What became of a message at its provider: the parts it was accepted in, and what is said of each afterwards.

A receipt may come twice, out of order, or before the answer to the sending has given us the provider's name for the
message. Each is kept for 30 days, and those of an unknown name are read again when it becomes known. A message is as far
as the part of it that is least far.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.channels.results import Broken, Retry
from jack.core import clock
from jack.core.db import transaction
from jack.resources.channel_accounts import store as accounts
from jack.resources.conversations import delivery, messages

if TYPE_CHECKING:
    from jack.channels.types import Account, DeliveryReceipt
    from jack.core.db import Database, Row

DAYS = 30
SECOND_TRY = 60.0

ACCEPT = """
    INSERT INTO provider_messages (account, provider_id, message_id, part, status, sent_at)
    VALUES (:account, :provider_id, :message_id, :part, 'sent', :now)
    ON CONFLICT (account, provider_id) DO UPDATE SET part = excluded.part
    WHERE message_id = excluded.message_id"""

KEEP = """
    INSERT INTO receipts (account, provider_id, status, error, at, received_at)
    VALUES (:account, :provider_id, :status, :error, :at, :now)
    ON CONFLICT DO NOTHING"""

EARLIER = """
    SELECT status, error, at FROM receipts
    WHERE account = :account AND provider_id = :provider_id
    ORDER BY seq"""

# Up, never down; `failed` only before `delivered`.
MOVE = """
    UPDATE provider_messages SET status = :status, error = :error
    WHERE account = :account AND provider_id = :provider_id
      AND status IN (SELECT value FROM json_each(:below))"""

BELOW = {
    "delivered": '["sent","failed"]',
    "read": '["sent","delivered","failed"]',
    "failed": '["sent"]',
}

OF = "SELECT message_id FROM provider_messages WHERE account = :account AND provider_id = :provider_id"

OURS = """
    SELECT messages.id
    FROM messages JOIN conversations ON conversations.id = conversation_id
    WHERE messages.id = :id AND direction = 'outbound' AND messages.type <> 'note' AND channel = :channel"""

# How far each part is, by the last time it was sent.
PARTS = """
    SELECT status, error, part, max(sent_at) FROM provider_messages
    WHERE message_id = :id
    GROUP BY part"""

WANTED = """
    SELECT parts, EXISTS (SELECT 1 FROM outbox WHERE message_id = messages.id) AS leaving
    FROM messages WHERE id = :id"""

# By us, once, and not on its way at this moment: then what becomes of it is said by who sends it.
TRIED_ONCE = """
    SELECT (SELECT count(*) FROM provider_messages WHERE message_id = :id) = 1
       AND NOT EXISTS (SELECT 1 FROM outbox WHERE message_id = :id)
       AND NOT EXISTS (SELECT 1 FROM messages WHERE id = :id AND details ->> 'echo')"""

SETTINGS_AT = "SELECT updated_at FROM settings WHERE key = :key"

FORGET = "DELETE FROM receipts WHERE received_at < :before"

RANK = ("failed", "sent", "delivered", "read")


def accepted(db: Database, account: str, provider_id: str, message_id: str, part: int) -> None:
    """A provider has accepted a part of a message under that name; what it has said of it already counts now."""
    row = {"account": account, "provider_id": provider_id}
    with transaction(db):
        db.run(ACCEPT, row | {"message_id": message_id, "part": part, "now": db.now()})
        for earlier in db.all(EARLIER, row):
            _moved(db, row, earlier)


def record(db: Database, account: Account, receipt: DeliveryReceipt) -> None:
    """Store what a provider says of a message, and move the message as far as that goes."""
    row = {"account": account.name, "provider_id": receipt.provider_id}
    said = {"status": receipt.status, "error": receipt.error, "at": receipt.at}
    with transaction(db):
        new = bool(db.run(KEEP, row | said | {"now": db.now()}))
        message_id = db.value(OF, row) or _named(db, account, receipt)
        if message_id is None:
            return
        moved = _moved(db, row, said)
        if new and receipt.status == "delayed":
            conversation_id = messages.get(db, message_id)["conversation_id"]
            messages.note(
                db, conversation_id, receipt.error or "The message is delayed on its way."
            )
        if moved and receipt.status == "failed":
            _learn(db, account, receipt, message_id)
        refresh(db, message_id, at=receipt.at)


def refresh(db: Database, message_id: str, *, at: str | None = None) -> None:
    """Move a message as far as all its parts are. One that is still leaving stays as it is until its fate is known."""
    wanted = db.one(WANTED, {"id": message_id})
    parts = db.all(PARTS, {"id": message_id})
    if wanted is None or wanted["leaving"] or not parts:
        return
    least = min(parts, key=lambda part: RANK.index(part["status"]))
    if len(parts) >= wanted["parts"] or least["status"] == "failed":
        delivery.advance(db, message_id, least["status"], error=least["error"], at=at)


def delete_expired(db: Database) -> int:
    """Drop receipts older than 30 days; returns how many."""
    return db.run(FORGET, {"before": clock.later(db.now(), days=-DAYS)})


def _named(db: Database, account: Account, receipt: DeliveryReceipt) -> str | None:
    """The message a receipt is of by our own id in it; from now on we know what the provider calls it."""
    if receipt.message_id is None:
        return None
    ours = db.one(OURS, {"id": receipt.message_id, "channel": account.channel})
    if ours is None:
        return None
    accepted(db, account.name, receipt.provider_id, ours["id"], receipt.part)
    return str(ours["id"])


def _moved(db: Database, row: Row, said: Row) -> bool:
    below = BELOW.get(said["status"])
    if below is None:
        return False
    return bool(
        db.run(MOVE, row | {"status": said["status"], "error": said["error"], "below": below})
    )


def _learn(db: Database, account: Account, receipt: DeliveryReceipt, message_id: str) -> None:
    """What a failure says beyond this message: of the guest, of the account, or that another try may succeed."""
    if receipt.opted_out or getattr(receipt.means, "reason", None) == "opted_out":
        delivery.silence(db, message_id, account.name)
    if isinstance(receipt.means, Broken):
        settings_at = db.value(SETTINGS_AT, {"key": f"channels.{account.channel}"})
        accounts.pause(db, account.name, receipt.means.error, settings_at=settings_at)
    elif isinstance(receipt.means, Retry) and db.value(TRIED_ONCE, {"id": message_id}):
        pause = receipt.means.after if receipt.means.after is not None else SECOND_TRY
        delivery.requeue(db, message_id, after=pause)
    else:
        accounts.record_error(db, account.name, receipt.error or "A message was not delivered.")
