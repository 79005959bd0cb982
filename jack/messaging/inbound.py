"""Inbound events of a channel become guests, conversations, messages and delivery receipts, each once.

All events of a request are one transaction: the provider is answered when it is committed, and repeats what was not.
Every event but a receipt claims its key in the table `inbound` before anything is stored of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypedDict

from jack.channels.mail.reply_tokens import conversation_of
from jack.channels.types import AddressChanged, DeliveryReceipt, Edit, InboundMessage, Unreadable
from jack.core import clock
from jack.core.db import transaction
from jack.core.query import Query
from jack.messaging import edits, receipts
from jack.resources.attachments import store as attachments
from jack.resources.channel_accounts import store as accounts
from jack.resources.conversations import inbound_keys, messages, opt_outs
from jack.resources.conversations import store as conversations
from jack.resources.guests import identities
from jack.resources.quarantine import store as quarantine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jack.channels.types import Account, Event
    from jack.core.db import Database
    from jack.resources.attachments.store import ReceivedFile


class ThreadRow(TypedDict):
    """The conversation an e-mail may belong to."""

    id: str
    guest_id: str | None
    channel: str


class Files(NamedTuple):
    """What of an event is on the disk already: a message's files, or the name of a file in quarantine."""

    received: list[ReceivedFile] | None = None
    quarantined: str | None = None


OTHER_SENDER = (
    "This e-mail answers another conversation, but does not come from its guest's address. "
    "Make sure who it is before you tell them anything."
)
ADDRESS_CHANGED = (
    "The guest has another number or user id from now on; WhatsApp says it is the same person."
)
# A message that took longer than this to reach us says when it was written.
LATE_MINUTES = 1
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


def store_events(
    db: Database,
    account: Account,
    events: Sequence[Event],
    *,
    secret: str = "",
    place: Mapping[str, object] | None = None,
) -> None:
    """Store events of an account in their order, and the `place` up to which its mailbox has been read with them.

    `secret` is the one reply tokens are made with. Raises Unavailable when nothing can be stored now.
    """
    files = [_write_files(db, account, event) for event in events]
    with transaction(db):
        message_received = False
        for event, written in zip(events, files, strict=True):
            new = _store_event(db, account, event, written, secret)
            if new and isinstance(event, InboundMessage) and not event.echo:
                message_received = True
        if message_received:
            accounts.record_inbound(db, account.name)
        if place is not None:
            accounts.set_place(db, account.name, place)


def _write_files(db: Database, account: Account, event: Event) -> Files:
    """Write the files of an event to the disk, before the transaction because disks are slow; not those of a repeat."""
    match event:
        case InboundMessage(media=media) if any(one.content is not None for one in media):
            if not inbound_keys.exists(db, account.name, event.event_key):
                return Files(received=attachments.write_files(db, media))
        case Unreadable(raw=raw) if raw:
            if not inbound_keys.exists(db, account.name, event.event_key):
                return Files(quarantined=quarantine.write(db, raw))
    return Files()


def _store_event(db: Database, account: Account, event: Event, files: Files, secret: str) -> bool:
    """Store an event; False when it had come in before."""
    match event:
        case InboundMessage(echo=True):
            return _store_echo(db, account, event)
        case InboundMessage():
            return _store_message(db, account, event, files.received, secret)
        case DeliveryReceipt():
            receipts.record(db, account, event)
        case Edit():
            message = edits.apply(db, account, event)
            if message is not None:
                return _store_event(db, account, message, Files(), secret)
        case AddressChanged():
            return _move_addresses(db, account, event)
        case Unreadable():
            return _quarantine(db, account, event, files.quarantined)
    return True


# ------------------------------------------------------------------------------------------------ messages


def _store_message(
    db: Database,
    account: Account,
    came: InboundMessage,
    received: list[ReceivedFile] | None,
    secret: str,
) -> bool:
    if not inbound_keys.claim(db, account.name, came.event_key, in_reply_to=came.in_reply_to):
        return False
    event = edits.unless_deleted(db, account, came)
    guest_id = identities.resolve(
        db, account.channel, event.people, name=event.name, written_at=event.at
    )
    conversation_id, other_sender = _conversation(db, account, event, guest_id, secret)
    row = messages.create_inbound(
        db,
        guest_id=guest_id,
        channel=account.channel,
        content=event.text,
        account=account.name,
        event_key=event.event_key,
        type=event.type,
        details=_details(db, account, event),
        conversation_id=conversation_id,
    )
    if event.media:
        files = received if received is not None else event.media
        attachments.create_received(db, row["id"], account.name, files)
    if other_sender:
        messages.note(db, row["conversation_id"], OTHER_SENDER)
    _store_consent(db, account, event, guest_id)
    return True


def _details(db: Database, account: Account, event: InboundMessage) -> dict[str, object]:
    """The details of a message, with our own ids in place of the provider's."""
    found: dict[str, object] = dict(event.details)
    reaction = found.get("reaction")
    if isinstance(reaction, dict):
        message_id = _message_id(db, account, reaction.get("messageId"))
        found["reaction"] = {**reaction, "messageId": message_id}
    if event.automatic:
        found["automatic"] = True
    if event.at < clock.later(db.now(), minutes=-LATE_MINUTES):
        found["writtenAt"] = event.at
    return found


def _store_consent(db: Database, account: Account, event: InboundMessage, guest_id: str) -> None:
    """Opt the addresses the message came from out (STOP) or in (START)."""
    if event.consent == "start" and account.channel == "whatsapp":
        opt_outs.start_all(db, account.channel, guest_id)
    for one in event.people:
        if event.consent == "stop":
            opt_outs.stop(db, account.channel, one.key, account.name)
        elif event.consent == "start":
            opt_outs.start(db, account.channel, one.key)


def _store_echo(db: Database, account: Account, came: InboundMessage) -> bool:
    """Store what the hotel wrote from elsewhere. What we sent ourselves is known by its provider id, and not shown twice."""
    if not inbound_keys.claim(db, account.name, came.event_key):
        return False
    event = edits.unless_deleted(db, account, came)
    message_id = _sent_message(db, account, event.event_key)
    if message_id is None:
        guest_id = identities.resolve(db, account.channel, event.people, name=event.name)
        conversation_id = conversations.newest_of(db, guest_id, account.channel)
        if conversation_id is None:
            created = conversations.create(db, guest_id=guest_id, channel=account.channel)
            conversation_id = created["id"]
        row = messages.echo(db, conversation_id, event.text, type=event.type, details=event.details)
        message_id = row["id"]
        receipts.record_accepted(db, account.name, event.event_key, message_id, 0)
        receipts.refresh(db, message_id)
        attachments.create_received(db, message_id, account.name, event.media)
    inbound_keys.link(db, account.name, event.event_key, message_id)
    return True


# ------------------------------------------------------------------------------------------------ which conversation


def _conversation(
    db: Database, account: Account, event: InboundMessage, guest_id: str, secret: str
) -> tuple[str | None, bool]:
    """The conversation of a message (None: the guest's latest, or a new one), and whether it answers another guest's."""
    if account.channel != "email":
        return None, False
    answered = _answered(db, account, event, secret)
    if answered is not None and answered["guest_id"] == guest_id:
        return answered["id"], False
    found: str | None = None if answered else db.value(NEWEST_OPEN, {"guest_id": guest_id})
    if found is None:
        found = conversations.create(db, guest_id=guest_id, channel="email")["id"]
        if event.subject:
            conversations.change(db, found, subject=event.subject[:MAX_SUBJECT])
    return found, answered is not None


def _answered(
    db: Database, account: Account, event: InboundMessage, secret: str
) -> ThreadRow | None:
    """The conversation an e-mail answers: by the token of the address, else by the Message-IDs it names."""
    token = conversation_of(secret, event.token) if event.token else None
    named = [token, *(_conversation_with(db, account, name) for name in event.in_reply_to)]
    for conversation_id in named:
        row = db.one(THREAD, {"id": conversation_id}) if conversation_id else None
        if row is not None and row["channel"] == "email" and row["guest_id"] is not None:
            return row
    return None


def _conversation_with(db: Database, account: Account, provider_id: str) -> str | None:
    message_id = _message_id(db, account, provider_id)
    return messages.conversation_of(db, message_id) if message_id else None


def _message_id(db: Database, account: Account, provider_id: object) -> str | None:
    """The id of the message with this provider id: one that was sent, or one that came in."""
    named = {"account": account.name, "provider_id": provider_id}
    return _sent_message(db, account, provider_id) or db.value(RECEIVED_MESSAGE, named)


def _sent_message(db: Database, account: Account, provider_id: object) -> str | None:
    named = {"account": account.name, "provider_id": provider_id}
    found: str | None = db.value(SENT_MESSAGE, named)
    return found


# ------------------------------------------------------------------------------------------------ other events


def _move_addresses(db: Database, account: Account, event: AddressChanged) -> bool:
    if not inbound_keys.claim(db, account.name, event.event_key):
        return False
    guest_id = identities.move(db, account.channel, event.old, event.new)
    keys = [[one.key for one in addresses] for addresses in (event.old, event.new)]
    opt_outs.move(db, account.channel, *keys)  # of a guest who has been erased as well
    found = conversations.newest_of(db, guest_id, account.channel) if guest_id else None
    if found:
        note = messages.note(db, found, ADDRESS_CHANGED)
        inbound_keys.link(db, account.name, event.event_key, note["id"])
    return True


def _quarantine(db: Database, account: Account, event: Unreadable, file: str | None) -> bool:
    if not inbound_keys.claim(db, account.name, event.event_key):
        return False
    quarantine.create(db, account.name, event.event_key, event.reason, file)
    accounts.record_error(db, account.name, event.reason)
    return True
