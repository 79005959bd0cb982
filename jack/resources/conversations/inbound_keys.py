"""The table `inbound`: what has come in, once for each key that a provider (or a visitor's page) gives it.

Whether something has come in before is asked by `claim` alone, and answered by the primary key (account, event_key).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.core.db import as_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jack.core.db import Database

CLAIM = """
    INSERT INTO inbound (account, event_key, message_id, in_reply_to, received_at)
    VALUES (:account, :event_key, :message_id, :in_reply_to, :now)
    ON CONFLICT DO NOTHING"""

LINK = "UPDATE inbound SET message_id = :message_id WHERE account = :account AND event_key = :event_key"

MESSAGE_OF = "SELECT message_id FROM inbound WHERE account = :account AND event_key = :event_key"

EXISTS = "SELECT EXISTS (SELECT 1 FROM inbound WHERE account = :account AND event_key = :event_key)"


def claim(
    db: Database,
    account: str,
    event_key: str,
    *,
    message_id: str | None = None,
    in_reply_to: Sequence[str] = (),
) -> bool:
    """Record that this has come in; False when it had before. In the transaction that stores what it brings.

    `message_id` is the message it is about, if there is one already; `in_reply_to` are Message-IDs, nearest first.
    """
    row = {"account": account, "event_key": event_key, "message_id": message_id, "now": db.now()}
    answered = as_json(list(in_reply_to)) if in_reply_to else None
    return bool(db.run(CLAIM, row | {"in_reply_to": answered}))


def link(db: Database, account: str, event_key: str, message_id: str) -> None:
    """Note which message was made of what has been claimed."""
    db.run(LINK, {"account": account, "event_key": event_key, "message_id": message_id})


def message_of(db: Database, account: str, event_key: str) -> str | None:
    """The id of the message that was made of it, or that it is about."""
    found: str | None = db.value(MESSAGE_OF, {"account": account, "event_key": event_key})
    return found


def exists(db: Database, account: str, event_key: str) -> bool:
    """Whether it has come in, asked outside a transaction: only to spare the work of preparing it again."""
    return bool(db.value(EXISTS, {"account": account, "event_key": event_key}))
