"""What the event of a changed conversation says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.core import events

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jack.core.db import Database
    from jack.resources.conversations.conversation_rows import ConversationRow

FIELDS = ("status", "snoozed_until", "assignee_id", "subject", "waiting_since", "metadata")


def changed(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    """What differs between two states of a conversation, by the API's names."""
    return events.changed_fields(before, after, FIELDS)


def record_change(
    db: Database, before: ConversationRow, after: ConversationRow, by: str | None
) -> None:
    """Record a change by the most specific word: closed or reopened, else assigned (also to nobody), else updated."""
    names = changed(before, after)
    id = after["id"]
    events.record(db, _type(before, after, names), id, conversation_id=id, by=by, changed=names)


def _type(before: ConversationRow, after: ConversationRow, names: list[str]) -> events.EventType:
    if "status" in names and after["status"] == "closed":
        return "conversation.closed"
    if "status" in names and before["status"] == "closed":
        return "conversation.reopened"
    return "conversation.assigned" if "assignee" in names else "conversation.updated"
