"""Which guest and which conversation an inbound message belongs to.

An e-mail goes by what it answers, then by its address; other channels have one conversation a guest, and answer nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from jack.channels.mail.reply_tokens import conversation_of
from jack.core.query import Query
from jack.resources.conversations import messages
from jack.resources.conversations import store as conversations
from jack.resources.guests import blocking, identities

if TYPE_CHECKING:
    from jack.channels.types import Account, InboundMessage
    from jack.core.db import Database


class ThreadRow(TypedDict):
    """The conversation an e-mail may belong to."""

    id: str
    guest_id: str | None
    channel: str


MAX_SUBJECT = 200  # characters

SENT_MESSAGE = "SELECT message_id FROM provider_messages WHERE account = :account AND provider_id = :provider_id"

# The key of a mail is its Message-ID, a blank and a digest: two mails with one id are both kept.
RECEIVED_MESSAGE = """
    SELECT message_id FROM inbound
    WHERE account = :account AND message_id IS NOT NULL
      AND (event_key = :provider_id OR event_key BETWEEN :provider_id || ' ' AND :provider_id || '!')
    ORDER BY event_key
    LIMIT 1"""

THREAD = Query[ThreadRow]("SELECT id, guest_id, channel FROM conversations WHERE id = :id")

NEWEST_OPEN = """
    SELECT id FROM conversations
    WHERE guest_id = :guest_id AND channel = 'email' AND status <> 'closed'
    ORDER BY active_at DESC, seq DESC
    LIMIT 1"""


def guest_of(
    db: Database, account: Account, event: InboundMessage, answered: ThreadRow | None
) -> str:
    """The id of the guest who wrote: known by their address, or new.

    Nobody is known by an address that proves nothing. Who answers a mail that we sent there has proven it.
    """
    if event.unproven:
        return identities.create_unproven(
            db, account.channel, event.people[0], name=event.name, written_at=event.at
        )
    if event.doubtful:
        known = identities.find_guest(db, account.channel, event.people)
        return known or identities.resolve(db, account.channel, event.people, name=event.name)
    if answered is not None and answered["guest_id"] is not None:
        told = answered["guest_id"], account.channel, event.people[0]
        if identities.prove(db, *told, written_at=event.at):
            return answered["guest_id"]
    return identities.resolve(
        db, account.channel, event.people, name=event.name, written_at=event.at
    )


def conversation_for(
    db: Database,
    account: Account,
    event: InboundMessage,
    guest_id: str,
    answered: ThreadRow | None,
) -> tuple[str | None, bool]:
    """The conversation of a message (None: the guest's latest, or a new one), and whether it answers another guest's."""
    if account.channel != "email":
        return None, False
    if answered is not None and answered["guest_id"] == guest_id:
        return answered["id"], False
    found = None if answered else _latest(db, event, guest_id)
    if found is None:
        found = conversations.create(db, guest_id=guest_id, channel="email")["id"]
        if event.subject:
            conversations.change(db, found, subject=event.subject[:MAX_SUBJECT])
    return found, answered is not None


def _latest(db: Database, event: InboundMessage, guest_id: str) -> str | None:
    """The conversation a mail goes on that answers none: the latest that is open, for which an address alone must be believed.

    An automatic mail goes to a closed one as well, and so does a blocked guest's: they open nothing.
    """
    if event.doubtful or event.unproven:
        return None
    if event.automatic or blocking.is_blocked(db, guest_id):
        return conversations.newest_of(db, guest_id, "email")
    found: str | None = db.value(NEWEST_OPEN, {"guest_id": guest_id})
    return found


def answered_by(
    db: Database, account: Account, event: InboundMessage, secret: str
) -> ThreadRow | None:
    """The conversation an e-mail answers: by the token of the address, else by the Message-IDs it names.

    What a stranger's program has written answers none.
    """
    if account.channel != "email" or event.unproven:
        return None
    token = conversation_of(secret, event.token) if event.token else None
    named = [token, *(_conversation_with(db, account, name) for name in event.in_reply_to)]
    for conversation_id in named:
        row = db.one(THREAD, {"id": conversation_id}) if conversation_id else None
        if row is not None and row["channel"] == "email" and row["guest_id"] is not None:
            return row
    return None


def _conversation_with(db: Database, account: Account, provider_id: str) -> str | None:
    found = message_id(db, account, provider_id)
    return messages.conversation_of(db, found) if found else None


def message_id(db: Database, account: Account, provider_id: object) -> str | None:
    """The id of the message with this provider id: one that was sent, or one that came in."""
    named = {"account": account.name, "provider_id": provider_id}
    return sent_message(db, account, provider_id) or db.value(RECEIVED_MESSAGE, named)


def sent_message(db: Database, account: Account, provider_id: object) -> str | None:
    named = {"account": account.name, "provider_id": provider_id}
    found: str | None = db.value(SENT_MESSAGE, named)
    return found
