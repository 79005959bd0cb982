"""Conversations that are put off: pending until their time comes, or the guest writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.core import clock, events
from jack.core.db import transaction
from jack.core.errors import Invalid

if TYPE_CHECKING:
    from jack.core.db import Database
    from jack.resources.conversations.conversation_rows import ConversationChanges, ConversationRow

LONGEST_DAYS = 366
OUT_OF_RANGE = "Must be later than now, and a year ahead at the most."

ANY_DUE = "SELECT EXISTS (SELECT 1 FROM conversations WHERE snoozed_until <= :now)"

# It comes back as what has happened last.
WAKE = """
    UPDATE conversations
    SET status = 'open', snoozed_until = NULL, active_at = :now, updated_at = :now
    WHERE snoozed_until <= :now
    RETURNING id"""


def after(
    db: Database, before: ConversationRow, changes: ConversationChanges
) -> tuple[str, str | None]:
    """The status of a conversation after these changes, and until when it is put off. Raises Invalid."""
    until = changes.get("snoozed_until", before["snoozed_until"])
    if "snoozed_until" in changes and until is not None:
        _check(db, until, changes.get("status", "pending"))
        return "pending", until
    usual = before["status"]
    if until is None and before["snoozed_until"] is not None:
        usual = "open"
    status = changes.get("status", usual)
    return status, until if status == "pending" else None


def _check(db: Database, until: str, status: str) -> None:
    now = db.now()
    if not now < until <= clock.later(now, days=LONGEST_DAYS):
        raise Invalid.field("snoozedUntil", "out_of_range", OUT_OF_RANGE)
    if status != "pending":
        raise Invalid.field("snoozedUntil", "invalid", "Goes with the status pending only.")


def wake_due(db: Database) -> bool:
    """Open the conversations again whose time has come; returns whether there were any."""
    now = {"now": db.now()}
    if not db.value(ANY_DUE, now):
        return False
    with transaction(db):
        for id in db.column(WAKE, now):
            changed = ["status", "snoozedUntil"]
            events.record(db, "conversation.updated", id, conversation_id=id, changed=changed)
    return True
