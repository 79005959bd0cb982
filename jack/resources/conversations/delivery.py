"""What becomes of a message on its way: its status, and sending it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.core import clock, events
from jack.core.db import transaction
from jack.core.errors import Conflict
from jack.resources.conversations import opt_outs, store
from jack.resources.guests import identities

if TYPE_CHECKING:
    from jack.core.db import Database, Row

from jack.resources.conversations.messages import check_sendable, get

# Once more, from the first part on that has not arrived. The round makes it another sending than those before.
QUEUE_AGAIN = """
    INSERT INTO outbox (message_id, conversation_id, channel, round, parts_sent, due_at, created_at)
    SELECT messages.id, conversation_id, channel,
           (SELECT count(*) FROM provider_messages WHERE message_id = messages.id),
           (SELECT coalesce(min(part) FILTER (WHERE status = 'failed'), count(*)) FROM (
                SELECT part, status, max(sent_at) FROM provider_messages WHERE message_id = messages.id GROUP BY part)),
           :due_at, :now
    FROM messages JOIN conversations ON conversations.id = conversation_id
    WHERE messages.id = :id"""
WAIT_AGAIN = "UPDATE messages SET status = 'queued', error = NULL WHERE id = :id"
DOUBT_NO_MORE = "DELETE FROM unknown_sends WHERE message_id = :id"
GUEST_OF = """
    SELECT guest_id, channel FROM messages JOIN conversations ON conversations.id = conversation_id
    WHERE messages.id = :id"""
# Statuses only move up; `failed` and `unknown` give way to proof of delivery, and do not overwrite it.
ADVANCE = """
    UPDATE messages
    SET status = :status, error = :error,
        sent_at = CASE WHEN :status IN ('sent', 'delivered', 'read') THEN coalesce(sent_at, :at) ELSE sent_at END,
        delivered_at = CASE WHEN :status IN ('delivered', 'read') THEN coalesce(delivered_at, :at) ELSE delivered_at END,
        read_at = CASE WHEN :status = 'read' THEN coalesce(read_at, :at) ELSE read_at END
    WHERE id = :id AND direction = 'outbound' AND status IN (SELECT value FROM json_each(:below))"""
BELOW = {
    "queued": '["sending"]',
    "sending": '["queued"]',
    "sent": '["queued","sending","unknown"]',
    "delivered": '["queued","sending","unknown","failed","sent"]',
    "read": '["queued","sending","unknown","failed","sent","delivered"]',
    "failed": '["queued","sending","unknown","sent"]',
    "unknown": '["queued","sending"]',
}


def resend(db: Database, message_id: str, *, by: str) -> Row:
    """Send once more what failed, or may not have arrived: the decision of a member of staff."""
    with transaction(db):
        message = get(db, message_id)
        if message["status"] not in ("failed", "unknown"):
            says = "Only a message that failed, or whose fate is unknown, can be sent again."
            raise Conflict(says, reason="not_resendable")
        conversation = store.get(db, message["conversation_id"])
        check_sendable(db, conversation, message["type"])
        requeue(db, message_id, by=by)
        store.answered_again(db, conversation["id"])
        return get(db, message_id)


def requeue(db: Database, message_id: str, *, after: float = 0, by: str | None = None) -> None:
    """Queue a message again, to leave after so many seconds; what has arrived of it is not repeated."""
    now = db.now()
    with transaction(db):
        db.run(DOUBT_NO_MORE, {"id": message_id})
        db.run(WAIT_AGAIN, {"id": message_id})
        due_at = clock.later(now, seconds=after)
        db.run(QUEUE_AGAIN, {"id": message_id, "now": now, "due_at": due_at})
        conversation_id = get(db, message_id)["conversation_id"]
        events.record(db, "message.queued", message_id, conversation_id=conversation_id, by=by)


def opt_out(db: Database, message_id: str, account: str) -> None:
    """Note that the guest of this message, at the address it was sent to, wants no more messages of an account."""
    guest = db.row(GUEST_OF, {"id": message_id})
    used = identities.last_used(db, guest["guest_id"], guest["channel"])
    if used is not None:
        opt_outs.stop(db, guest["channel"], used["address"], account)


def advance(
    db: Database, message_id: str, status: str, *, error: str | None = None, at: str | None = None
) -> bool:
    """Move an outbound message to a later status, reached at that time or now; False when it is there or beyond already."""
    with transaction(db):
        now = db.now()
        moved = db.run(
            ADVANCE,
            {
                "id": message_id,
                "status": status,
                "error": error,
                "below": BELOW[status],
                "at": min(at or now, now),
            },
        )
        if moved:
            conversation_id = db.value(CONVERSATION_OF, {"id": message_id})
            if status == "failed":  # the guest has not been answered after all
                db.run(store.STILL_WAITING, {"id": conversation_id})
            events.record(db, f"message.{status}", message_id, conversation_id=conversation_id)
    return bool(moved)


CONVERSATION_OF = "SELECT conversation_id FROM messages WHERE id = :id"
