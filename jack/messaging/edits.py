"""What is said of a message afterwards: its sender has edited it, or taken it back; perhaps before it has come itself."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from jack.resources.conversations import messages

if TYPE_CHECKING:
    from jack.channels.types import Account, Edit, InboundMessage
    from jack.core.db import Database, Row

TAKEN_BACK = {"inbound": "[deleted by the guest]", "outbound": "[deleted by the hotel]"}
# Before the hash of the key of a message that was taken back before it came. The key itself has the guest's number
# in it, and this row has no message with which it would go.
GONE = "gone:"

GONE_AT = "SELECT received_at FROM inbound WHERE account = :account AND event_key = :event_key"


def apply(db: Database, account: Account, event: Edit) -> InboundMessage | None:
    """Change the message, or remember that it was taken back. An edit of what has not come is the message: answered."""
    row = messages.already(db, account.name, event.provider_id)
    if row is not None:
        messages.note_inbound(db, account.name, event.event_key, row["id"])
        _change(db, row, event)
    elif event.text is None:
        _remember(db, account, event)
    elif event.whole is not None:
        return replace(event.whole, details={**event.whole.details, "edited": event.at})
    return None


def as_it_is_now(db: Database, account: Account, event: InboundMessage) -> InboundMessage:
    """A message as it came; nothing of what it said if it has been taken back already."""
    gone_at = db.value(GONE_AT, _gone(account, event.event_key))
    if gone_at is None:
        return event
    said = TAKEN_BACK["outbound" if event.echo else "inbound"]
    return replace(event, text=said, type="text", media=(), details={"revoked": gone_at})


def _change(db: Database, row: Row, event: Edit) -> None:
    """What comes late changes nothing that is later than itself."""
    known = row["details"] or {}
    if event.text is None:
        messages.take_back(db, row["id"], TAKEN_BACK[row["direction"]], at=event.at)
    elif "revoked" not in known and known.get("edited", "") <= event.at:
        messages.amend(db, row["id"], event.text, edited=event.at)


def _remember(db: Database, account: Account, event: Edit) -> None:
    gone = _gone(account, event.provider_id)
    if db.value(GONE_AT, gone) is None:
        messages.note_inbound(db, account.name, gone["event_key"])


def _gone(account: Account, key: str) -> dict[str, str]:
    return {"account": account.name, "event_key": GONE + hashlib.sha256(key.encode()).hexdigest()}
