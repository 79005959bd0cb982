"""What webhooks are to be sent, written beside the event in the transaction of the change.

A webhook that is disabled gets a row as well, a failed one that was never tried: whoever enables it again can have it sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jack.core.db import Database

PING = "ping"

# One UUIDv7 a row: the event's time, and random digits. `events` are GLOB patterns: names, `task.*`, `*`.
QUEUE = """
    INSERT INTO webhook_deliveries (id, webhook_id, event_seq, event, status, next_attempt_at, created_at)
    SELECT :stem || lower(hex(randomblob(6))), id, (SELECT max(seq) FROM events), :type,
           iif(enabled, 'pending', 'failed'), iif(enabled, :now, NULL), :now
    FROM webhooks
    WHERE CASE :type
        WHEN 'ping' THEN id = :subject_id
        ELSE EXISTS (SELECT 1 FROM json_each(webhooks.events) WHERE :type GLOB value) END"""

# How the log's own names are called outside.
NAMES = {
    "conversation.changed": "conversation.updated",
    "guest.changed": "guest.updated",
    "knowledge.changed": "knowledge.updated",
    "setting.changed": "setting.updated",
    "staff.changed": "staff.updated",
    "staff.password_changed": "staff.updated",
    "task.changed": "task.updated",
    "message.received": "conversation.message.created",
    "message.queued": "conversation.message.created",
    "message.noted": "conversation.message.created",
    "message.changed": "conversation.message.updated",
    "message.sent": "conversation.message.status",
    "message.delivered": "conversation.message.status",
    "message.read": "conversation.message.status",
    "message.failed": "conversation.message.status",
    "message.unknown": "conversation.message.status",
    "attachment.ready": "conversation.message.updated",
    "attachment.failed": "conversation.message.updated",
}
STEM = len("dlv-01234567-89ab-7def-8123-")


def add(db: Database, type: str, subject_id: str, now: str) -> None:
    """Queue the event that was recorded last, in the same transaction, for every webhook that wants its type."""
    name = NAMES.get(type, type)
    stem = db.new_id("dlv")[:STEM]
    db.run(QUEUE, {"stem": stem, "type": name, "subject_id": subject_id, "now": now})
