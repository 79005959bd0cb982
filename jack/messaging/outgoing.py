"""A message as its channel is given it, put together from rows: to whom, in answer to what, with which files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import orjson

from jack.channels.mail.reply_tokens import reply_token
from jack.channels.types import OutboundMessage, Thread
from jack.resources.attachments import signed_links
from jack.resources.guests import identities

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jack.channels.types import Account
    from jack.core.db import Database, Row

# As many of a thread's mails are named as its first one and the latest.
REFERENCES = 20

CONTENT = """
    SELECT messages.id, content, type, details, author_type, guest_id, channel, conversation_id, subject
    FROM messages JOIN conversations ON conversations.id = conversation_id
    WHERE messages.id = :id"""

VISITOR = """
    SELECT id FROM webchat_sessions
    WHERE guest_id = :guest_id AND expires_at > :now
    ORDER BY expires_at DESC
    LIMIT 1"""

# The key of a mail is its Message-ID, a blank and a digest.
LAST_HEARD = """
    SELECT substr(event_key, 1, instr(event_key || ' ', ' ') - 1) AS event_key, in_reply_to, messages.details
    FROM messages JOIN inbound ON message_id = messages.id
    WHERE conversation_id = :conversation_id AND direction = 'inbound' AND account = :account
    ORDER BY messages.seq DESC
    LIMIT 1"""

SENT_BEFORE = """
    SELECT provider_id FROM provider_messages JOIN messages ON messages.id = message_id
    WHERE conversation_id = :conversation_id AND account = :account
    ORDER BY messages.seq, part"""


@dataclass(frozen=True)
class SigningContext:
    """What sending needs of the house: its secret, and where the world reaches it."""

    secret: str = ""
    public_url: str = ""


def assembled(
    db: Database, claimed: Row, account: Account, signing: SigningContext
) -> OutboundMessage | None:
    """The message of a row of the outbox, whole; None when it has gone. `to` is empty when the guest has no address."""
    row = db.one(CONTENT, {"id": claimed["message_id"]})
    if row is None:
        return None
    heard = db.one(LAST_HEARD, row | {"account": account.name}) or {}
    details = orjson.loads(row["details"]) if row["details"] else {}
    outgoing = OutboundMessage(
        id=row["id"],
        key=_key(row["id"], claimed["round"]),
        guest_id=row["guest_id"],
        conversation_id=row["conversation_id"],
        to=_address(db, row),
        text=row["content"],
        type=row["type"],
        template=details.get("template"),
        files=signed_links.to_send(
            db, row["id"], secret=signing.secret, base_url=account.public_url, now=db.time()
        ),
        in_reply_to=heard.get("event_key"),
        automatic=row["author_type"] == "system",
    )
    if account.channel != "email":
        return outgoing
    return replace(outgoing, thread=_thread(db, row, account, heard, signing))


def _key(message_id: str, round: int) -> str:
    """The same on every try, another one when a person has it sent again."""
    return f"{message_id}.{round}" if round else message_id


def _address(db: Database, row: Row) -> str:
    if row["channel"] == "web":
        return str(db.value(VISITOR, row | {"now": db.now()}) or "")
    used = identities.last_used(db, row["guest_id"], row["channel"])
    return used["verbatim"] if used else ""


def _thread(
    db: Database, row: Row, account: Account, heard: Row, signing: SigningContext
) -> Thread:
    """The mail this one answers, and those before it: as the guest's mail named them, else as we know them."""
    ours = [sent["provider_id"] for sent in db.all(SENT_BEFORE, row | {"account": account.name})]
    theirs: list[Any] = orjson.loads(heard["in_reply_to"]) if heard.get("in_reply_to") else []
    last = heard["event_key"].partition(" ")[0] if heard else None
    in_reply_to = last or (ours[-1] if ours else None)
    before = [*reversed(theirs), *([last] if last else ours)]
    return Thread(
        subject=row["subject"] or _subject(heard),
        in_reply_to=in_reply_to if _is_id(in_reply_to) else None,
        references=_shortened(before),
        token=reply_token(signing.secret, row["conversation_id"]),
    )


def _subject(heard: Row) -> str | None:
    details = orjson.loads(heard["details"]) if heard.get("details") else {}
    found = details.get("subject")
    return found if isinstance(found, str) else None


def _is_id(name: str | None) -> bool:
    """Whether this is a Message-ID, and not the key of a mail that had none."""
    return name is not None and name.startswith("<")


def _shortened(names: Iterable[str]) -> tuple[str, ...]:
    """Each once, in order; of many the first and the latest."""
    found = [name for name in dict.fromkeys(names) if _is_id(name)]
    return tuple(found if len(found) <= REFERENCES else [found[0], *found[-REFERENCES + 1 :]])
