"""The delivery status of outbound messages, and sending one again."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from jack.core import clock, events
from jack.core.db import as_json, transaction
from jack.core.errors import Conflict
from jack.core.query import Query
from jack.resources.conversations import messages, opt_outs, sendability, store
from jack.resources.conversations.message_rows import COLUMNS, NEXT_SEQ, StoredMessage, answered
from jack.resources.guests import identities

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jack.core.db import Database
    from jack.resources.conversations.message_rows import MessageRow


class Advanced(TypedDict):
    """A message that has moved on: its conversation, whether it answers a guest, and which times are this one (0, 1 or None)."""

    conversation_id: str
    answers: int
    sent_at: int | None
    delivered_at: int | None
    read_at: int | None


class GuestOfMessage(TypedDict):
    """The guest of a message (None: erased), and the channel."""

    guest_id: str | None
    channel: str


# Once more, from the first part on that has not arrived. `round` tells this sending from those before.
QUEUE_AGAIN = """
    INSERT INTO outbox (message_id, conversation_id, channel, round, parts_sent, due_at, created_at)
    SELECT messages.id, conversation_id, channel,
           (SELECT count(*) FROM provider_messages WHERE message_id = messages.id),
           (SELECT coalesce(min(part) FILTER (WHERE status = 'failed'), count(*)) FROM (
                SELECT part, status, max(sent_at) FROM provider_messages WHERE message_id = messages.id GROUP BY part)),
           :due_at, :now
    FROM messages JOIN conversations ON conversations.id = conversation_id
    WHERE messages.id = :id"""
# What no visitor of the web chat has seen, because it was too late, comes after all they have seen.
SET_QUEUED = Query[StoredMessage](f"""
    UPDATE messages
    SET seq = iif(details ->> '$.late' IS NULL, seq, {NEXT_SEQ}), status = 'queued', error = NULL, details = nullif(json_remove(details, '$.bounce', '$.delayed', '$.late'), '{{}}')
    WHERE id = :id
    RETURNING {COLUMNS}""")
SET_RESENT = """
    UPDATE messages SET details = json_set(coalesce(details, '{}'), '$.resent', json('true')) WHERE id = :id"""
SET_BOUNCE = """
    UPDATE messages SET details = json_set(coalesce(details, '{}'), '$.bounce', json(:said)) WHERE id = :id"""
# The first delay is the one that counts; what has arrived, or has failed, is late no more.
SET_DELAYED = """
    UPDATE messages SET details = json_set(coalesce(details, '{}'), '$.delayed', json(:said))
    WHERE id = :id AND status IN ('queued', 'sending', 'sent', 'unknown') AND details ->> '$.delayed' IS NULL
    RETURNING conversation_id"""
DELETE_UNKNOWN = "DELETE FROM unknown_sends WHERE message_id = :id"
GUEST_OF = Query[GuestOfMessage]("""
    SELECT guest_id, channel FROM messages JOIN conversations ON conversations.id = conversation_id
    WHERE messages.id = :id""")
# Statuses only move up; `failed` and `unknown` give way to proof of delivery, and do not overwrite it.
ADVANCE = Query[
    Advanced
]("""
    UPDATE messages
    SET status = :status, error = :error,
        sent_at = CASE WHEN :status IN ('sent', 'delivered', 'read') THEN coalesce(sent_at, :at) ELSE sent_at END,
        delivered_at = CASE WHEN :status IN ('delivered', 'read') THEN coalesce(delivered_at, :at) ELSE delivered_at END,
        read_at = CASE WHEN :status = 'read' THEN coalesce(read_at, :at) ELSE read_at END
    WHERE id = :id AND direction = 'outbound' AND status IN (SELECT value FROM json_each(:below))
    RETURNING conversation_id, answers, sent_at = :at AS sent_at, delivered_at = :at AS delivered_at, read_at = :at AS read_at""")
BELOW = {
    "queued": '["sending"]',
    "sending": '["queued"]',
    "sent": '["queued","sending","unknown"]',
    "delivered": '["queued","sending","unknown","failed","sent"]',
    "read": '["queued","sending","unknown","failed","sent","delivered"]',
    "failed": '["queued","sending","unknown","sent"]',
    "unknown": '["queued","sending"]',
}


def resend(db: Database, message_id: str, *, by: str) -> MessageRow:
    """Send a message again that failed or may not have arrived: the decision of a member of staff. Raises Conflict."""
    with transaction(db):
        message = messages.get(db, message_id)
        if message["status"] not in ("failed", "unknown"):
            raise Conflict(
                "Only a message that is `failed` or `unknown` can be sent again.",
                reason="not_resendable",
            )
        conversation = store.get(db, message["conversation_id"])
        sendability.check(
            db, conversation["guest_id"], conversation["channel"], message["type"], by=by
        )
        queued = requeue(db, message_id, by=by)
        if message["author"]["type"] != "automation":
            store.mark_answered(db, conversation["id"])
        else:  # its words answer nobody; and it leaves because somebody says so, whatever has changed
            db.run(SET_RESENT, {"id": message_id})
        return answered(queued, message["attachments"])


def requeue(
    db: Database, message_id: str, *, after: float = 0, by: str | None = None
) -> StoredMessage:
    """Queue a message again, to be sent after so many seconds; parts that have arrived are not repeated."""
    now = db.now()
    with transaction(db):
        db.run(DELETE_UNKNOWN, {"id": message_id})
        row = db.row(SET_QUEUED, {"id": message_id})
        due_at = clock.later(now, seconds=after)
        db.run(QUEUE_AGAIN, {"id": message_id, "now": now, "due_at": due_at})
        conversation_id = row["conversation_id"]
        _record(db, message_id, conversation_id, ["status"], by=by)
    return row


def opt_out(db: Database, message_id: str, account: str) -> None:
    """Note that the guest of this message, at the address it was sent to, wants no more messages of an account."""
    guest = db.row(GUEST_OF, {"id": message_id})
    used = identities.last_used(db, guest["guest_id"], guest["channel"])
    if used is not None:
        whose = guest["guest_id"]
        opt_outs.stop(db, guest["channel"], used["address"], account, guest_id=whose)


def set_bounce(db: Database, message_id: str, said: Mapping[str, object]) -> None:
    """Keep what the mail said that returned a message: `code`, `cause`, `diagnosis`. Its status is told by `advance`."""
    db.run(SET_BOUNCE, {"id": message_id, "said": as_json(dict(said))})


def set_delayed(db: Database, message_id: str, said: Mapping[str, object]) -> None:
    """Keep that a message is late: `since`, `reason`. It stays as it is."""
    with transaction(db):
        conversation_id = db.value(SET_DELAYED, {"id": message_id, "said": as_json(dict(said))})
        if conversation_id is not None:
            _record(db, message_id, conversation_id, ["details"])


def advance(
    db: Database, message_id: str, status: str, *, error: str | None = None, at: str | None = None
) -> bool:
    """Move an outbound message to a later status, reached at that time or now; False when it is there or beyond already."""
    now = db.now()
    reached = {"id": message_id, "status": status, "error": error, "at": min(at or now, now)}
    with transaction(db):
        row = db.one(ADVANCE, reached | {"below": BELOW[status]})
        if row is None:
            return False
        conversation_id = row["conversation_id"]
        if status == "failed" and row["answers"]:  # the guest has not been answered after all
            store.restore_waiting(db, conversation_id)
        _record(db, message_id, conversation_id, _moved(row, error))
    return True


def _moved(row: Advanced, error: str | None) -> list[str]:
    """The fields that have changed with the status."""
    times = {"sentAt": row["sent_at"], "deliveredAt": row["delivered_at"], "readAt": row["read_at"]}
    changed = ["status", *(name for name, is_new in times.items() if is_new)]
    return [*changed, "error"] if error else changed


def _record(
    db: Database,
    message_id: str,
    conversation_id: str,
    changed: list[str],
    *,
    by: str | None = None,
) -> None:
    """Record that it is known better how far a message is."""
    events.record(
        db,
        "conversation.message.status",
        message_id,
        conversation_id=conversation_id,
        by=by,
        changed=changed,
    )
