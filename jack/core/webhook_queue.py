"""What webhooks are to be sent, written beside the event in the transaction of the change.

A webhook that is disabled gets a row as well, a failed one that was never tried: whoever enables it again can have it sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jack.core.db import Database

# One UUIDv7 a row: the event's time, and random digits. `events` are GLOB patterns: names, `task.*`, `*`.
QUEUE = """
    INSERT INTO webhook_deliveries (id, webhook_id, event_seq, event, status, next_attempt_at, created_at)
    SELECT :stem || lower(hex(randomblob(6))), id, (SELECT max(seq) FROM events), :type,
           iif(enabled, 'pending', 'failed'), iif(enabled, :now, NULL), :now
    FROM webhooks
    WHERE CASE :type
        WHEN 'ping' THEN id = :subject_id
        ELSE EXISTS (SELECT 1 FROM json_each(webhooks.events) WHERE :type GLOB value) END"""

# Most hotels have none, and the statement above costs each of their changes as much as the change itself.
ANY = "SELECT EXISTS (SELECT 1 FROM webhooks)"

# That somebody has read a conversation or put it back to unread, and who is named in a note, is for the staff page.
NEVER = frozenset({"conversation.read", "conversation.unread", "conversation.mentioned"})
STEM = len("dlv-01234567-89ab-7def-8123-")


def add(db: Database, type: str, subject_id: str, now: str) -> None:
    """Queue the event that was recorded last, in the same transaction, for every webhook that wants its type."""
    if type not in NEVER and db.value(ANY):
        stem = db.new_id("dlv")[:STEM]
        db.run(QUEUE, {"stem": stem, "type": type, "subject_id": subject_id, "now": now})
