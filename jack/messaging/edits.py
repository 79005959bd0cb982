"""Edits: a sender has edited or deleted a message, perhaps before the message itself has come in."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from jack.resources.conversations import inbound_keys, message_edits, messages

if TYPE_CHECKING:
    from jack.channels.types import Account, Edit, InboundMessage
    from jack.core.db import Database
    from jack.resources.conversations.message_rows import MessageRow

# What stands for the text of a deleted message, by its direction.
DELETED_TEXT = {"inbound": "[deleted by the guest]", "outbound": "[deleted by the hotel]"}
# Before the SHA-256 of the key of a message that was deleted before it came in. The key itself has the guest's number in
# it, and this row has no message with which an erasure would delete it.
DELETED_PREFIX = "gone:"

# Before the key of an edit, which is not the key of its message.
PREFIX = "edit:"

DELETED_AT = "SELECT received_at FROM inbound WHERE account = :account AND event_key = :event_key"


def apply(db: Database, account: Account, event: Edit) -> InboundMessage | None:
    """Change the message, once. For a message that has not come in, note that it is deleted, or return it as it was edited.

    What is returned is to be stored as a message. In a transaction.
    """
    message = messages.by_event_key(db, account.name, event.provider_id)
    if message is not None:
        if inbound_keys.claim(db, account.name, PREFIX + event.event_key, message_id=message["id"]):
            _change(db, message, event)
    elif event.text is None:
        inbound_keys.claim(db, account.name, _deleted_key(event.provider_id))
    elif event.whole is not None:
        return replace(event.whole, details={**event.whole.details, "edited": event.at})
    return None


def unless_deleted(db: Database, account: Account, event: InboundMessage) -> InboundMessage:
    """The message as it came in; without its content if its sender deleted it before."""
    key = {"account": account.name, "event_key": _deleted_key(event.event_key)}
    deleted_at = db.value(DELETED_AT, key)
    if deleted_at is None:
        return event
    text = DELETED_TEXT["outbound" if event.echo else "inbound"]
    return replace(event, text=text, type="text", media=(), details={"revoked": deleted_at})


def complete(db: Database, account: Account, came: InboundMessage) -> None:
    """A message that comes after its edit says what stood before that."""
    message = messages.by_event_key(db, account.name, came.event_key)
    details = (message["details"] if message else None) or {}
    if message is not None and "edited" in details and "edits" not in details:
        message_edits.set_original(db, message, came.text)


def _change(db: Database, message: MessageRow, event: Edit) -> None:
    """Edit or delete the message; nothing brings back what is deleted."""
    if event.text is None:
        message_edits.revoke(db, message, DELETED_TEXT[message["direction"]], at=event.at)
    elif "revoked" not in (message["details"] or {}):
        message_edits.edit(db, message, event.text, at=event.at)


def _deleted_key(event_key: str) -> str:
    return DELETED_PREFIX + hashlib.sha256(event_key.encode()).hexdigest()
