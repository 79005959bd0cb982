"""An `OutboundMessage` from rows: its address, the message it answers, its files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypedDict

import orjson

from jack.channels.mail.reply_tokens import reply_token
from jack.channels.types import OutboundMessage, Thread
from jack.core.query import Query
from jack.messaging import mail_additions, provider_ids
from jack.resources.attachments import signed_links
from jack.resources.conversations import web_streams
from jack.resources.guests import identities

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jack.channels.types import Account
    from jack.core.db import Database


class SendingRow(TypedDict):
    """A message that is to be sent; `round` is how often it has been sent again by hand."""

    message_id: str
    round: int


class ContentRow(TypedDict):
    """A message and its conversation; `details` is JSON text."""

    id: str
    content: str
    type: str
    details: str | None
    author_type: str
    guest_id: str | None
    channel: str
    conversation_id: str
    subject: str | None
    points_at: str | None


class LastInboundRow(TypedDict):
    """The latest inbound message of a conversation: `in_reply_to` (Message-IDs) and `details` are JSON text."""

    event_key: str
    in_reply_to: str | None
    details: str | None


class ProviderId(TypedDict):
    """A provider id of a message we sent."""

    provider_id: str


# How many mails of a thread are named in References: the first and the latest.
REFERENCES = 20

CONTENT = Query[ContentRow](f"""
    SELECT own.id, content, type, details, author_type, guest_id, channel, conversation_id, subject,
           (SELECT {provider_ids.OF_MESSAGE} FROM messages WHERE messages.id = own.reply_to_id) AS points_at
    FROM messages AS own JOIN conversations ON conversations.id = conversation_id
    WHERE own.id = :id""")

# The key of a mail is its Message-ID, a blank and a digest.
LAST_INBOUND = Query[LastInboundRow]("""
    SELECT substr(event_key, 1, instr(event_key || ' ', ' ') - 1) AS event_key, in_reply_to, messages.details
    FROM messages JOIN inbound ON message_id = messages.id
    WHERE conversation_id = :conversation_id AND direction = 'inbound' AND account = :account
    ORDER BY messages.seq DESC
    LIMIT 1""")

SENT_BEFORE = Query[ProviderId]("""
    SELECT provider_id FROM provider_messages JOIN messages ON messages.id = message_id
    WHERE conversation_id = :conversation_id AND account = :account
    ORDER BY messages.seq, part""")


@dataclass(frozen=True)
class SigningContext:
    """What links and reply addresses are signed with (`secret`), and where the world reaches Jack (`public_url`)."""

    secret: str = ""
    public_url: str = ""


def assemble(
    db: Database, sending: SendingRow, account: Account, signing: SigningContext
) -> OutboundMessage | None:
    """The message of a row of the outbox, whole; None when it has been deleted. `to` is empty when the guest has no address."""
    row = db.one(CONTENT, {"id": sending["message_id"], "account": account.name})
    if row is None:
        return None
    conversation = {"conversation_id": row["conversation_id"], "account": account.name}
    last_inbound = db.one(LAST_INBOUND, conversation)
    outgoing = OutboundMessage(
        id=row["id"],
        key=_key(row["id"], sending["round"]),
        guest_id=row["guest_id"],
        conversation_id=row["conversation_id"],
        to=_address(db, row),
        text=row["content"],
        type=row["type"],
        template=orjson.loads(row["details"]).get("template") if row["details"] else None,
        files=signed_links.to_send(
            db, row["id"], secret=signing.secret, base_url=account.public_url, now=db.time()
        ),
        in_reply_to=last_inbound["event_key"] if last_inbound else None,
        points_at=row["points_at"],
        automatic=row["author_type"] in ("automation", "system"),
    )
    if account.channel != "email":
        return outgoing
    sent = [message["provider_id"] for message in db.all(SENT_BEFORE, conversation)]
    thread = _thread(row, sent, last_inbound, signing)
    return mail_additions.added(db, replace(outgoing, thread=thread), account)


def _key(message_id: str, round: int) -> str:
    """The same on every try, another one when a person has it sent again."""
    return f"{message_id}.{round}" if round else message_id


def _address(db: Database, row: ContentRow) -> str:
    if row["channel"] == "web":
        return web_streams.visitor(db, row["conversation_id"]) or ""
    used = identities.last_used(db, row["guest_id"], row["channel"])
    return used["verbatim"] if used else ""


def _thread(
    row: ContentRow,
    sent: list[str],
    last_inbound: LastInboundRow | None,
    signing: SigningContext,
) -> Thread:
    """The mail this one answers, and those before it: as the guest's mail named them, else those we have `sent`."""
    last, before = None, sent
    if last_inbound is not None:
        last = last_inbound["event_key"].partition(" ")[0]
        named: list[str] = orjson.loads(last_inbound["in_reply_to"] or "[]")
        before = [*reversed(named), *([last] if last else sent)]
    in_reply_to = last or (sent[-1] if sent else None)
    return Thread(
        subject=row["subject"] or _subject(last_inbound),
        in_reply_to=in_reply_to if _is_id(in_reply_to) else None,
        references=_shortened(before),
        token=reply_token(signing.secret, row["conversation_id"]),
    )


def _subject(last_inbound: LastInboundRow | None) -> str | None:
    if last_inbound is None or not last_inbound["details"]:
        return None
    found = orjson.loads(last_inbound["details"]).get("subject")
    return found if isinstance(found, str) else None


def _is_id(name: str | None) -> bool:
    """Whether this is a Message-ID, and not the key of a mail that had none."""
    return name is not None and name.startswith("<")


def _shortened(names: Iterable[str]) -> tuple[str, ...]:
    """Each once, in order; of many the first and the latest."""
    found = [name for name in dict.fromkeys(names) if _is_id(name)]
    return tuple(found if len(found) <= REFERENCES else [found[0], *found[-REFERENCES + 1 :]])
