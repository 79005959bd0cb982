"""What comes in: events of a channel become guests, conversations, messages and receipts, each once.

All events of a request are one transaction: the provider is answered when it is committed, and repeats what was not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jack.channels.mail.reply_tokens import conversation_of
from jack.channels.types import AddressChanged, DeliveryReceipt, Edit, InboundMessage, Unreadable
from jack.core import clock
from jack.core.db import transaction
from jack.messaging import edits, receipts
from jack.resources.attachments import store as attachments
from jack.resources.channel_accounts import store as accounts
from jack.resources.conversations import messages, opt_outs
from jack.resources.conversations import store as conversations
from jack.resources.guests import identities
from jack.resources.quarantine import store as quarantine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jack.channels.types import Account, Event
    from jack.core.db import Database, Row
    from jack.resources.attachments.store import ReceivedFile

STRANGER = (
    "This e-mail answers another conversation, but does not come from its guest's address. "
    "Make sure who it is before you tell them anything."
)
MOVED = "The guest has another number or user id from now on; WhatsApp says it is the same person."
# Mail that took longer than this to reach us says when it was written.
LATE_MINUTES = 1
SUBJECT = 200

SEEN = "SELECT EXISTS (SELECT 1 FROM inbound WHERE account = :account AND event_key = :event_key)"

OURS = "SELECT message_id FROM provider_messages WHERE account = :account AND provider_id = :provider_id"

# The key of a mail is its Message-ID, a blank and a digest: two mails with one id are both kept.
THEIRS = """
    SELECT message_id FROM inbound
    WHERE account = :account
      AND (event_key = :provider_id OR event_key BETWEEN :provider_id || ' ' AND :provider_id || '!')
    ORDER BY event_key
    LIMIT 1"""

THREAD = "SELECT id, guest_id, channel FROM conversations WHERE id = :id"

CONVERSATION_OF = "SELECT conversation_id FROM messages WHERE id = :id"

STILL_OPEN = """
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
    place: Mapping[str, Any] | None = None,
) -> None:
    """Store what a channel tells, in its order, and with it up to where a mailbox has been read. `secret` is the house's.

    Raises Unavailable when that cannot be done now: then nothing of it is stored.
    """
    new = [event for event in events if not _seen(db, account, event)]
    files = {id(event): _put_away(db, event) for event in new}
    with transaction(db):
        for event in new:
            if not _seen(db, account, event):  # perhaps by another process, meanwhile
                _take(db, account, event, files[id(event)], secret)
        if any(isinstance(event, InboundMessage) and not event.echo for event in new):
            accounts.record_inbound(db, account.name)
        if place is not None:
            accounts.set_place(db, account.name, place)


def _seen(db: Database, account: Account, event: Event) -> bool:
    if isinstance(event, DeliveryReceipt):
        return False
    return bool(db.value(SEEN, {"account": account.name, "event_key": event.event_key}))


def _put_away(db: Database, event: Event) -> Any:
    """What goes onto the disk before the transaction: disks are slow."""
    if isinstance(event, InboundMessage) and any(one.content is not None for one in event.media):
        return attachments.write_files(db, event.media)
    if isinstance(event, Unreadable) and event.raw:
        return quarantine.write(db, event.raw)
    return None


def _take(db: Database, account: Account, event: Event, files: Any, secret: str) -> None:
    match event:
        case InboundMessage(echo=True):
            _echo(db, account, edits.as_it_is_now(db, account, event))
        case InboundMessage():
            _message(db, account, edits.as_it_is_now(db, account, event), files, secret)
        case DeliveryReceipt():
            receipts.record(db, account, event)
        case Edit():
            instead = edits.apply(db, account, event)
            if instead is not None and not _seen(db, account, instead):
                _take(db, account, instead, None, secret)
        case AddressChanged():
            _move(db, account, event)
        case Unreadable():
            _put_aside(db, account, event, files)


# ------------------------------------------------------------------------------------------------ messages


def _message(
    db: Database,
    account: Account,
    event: InboundMessage,
    pieces: list[ReceivedFile] | None,
    secret: str,
) -> None:
    guest_id = identities.resolve(
        db, account.channel, event.people, name=event.name, heard_at=event.at
    )
    conversation_id, stranger = _conversation(db, account, event, guest_id, secret)
    row, _ = messages.receive(
        db,
        guest_id=guest_id,
        channel=account.channel,
        content=event.text,
        account=account.name,
        event_key=event.event_key,
        type=event.type,
        details=_details(db, account, event),
        in_reply_to=event.in_reply_to,
        conversation_id=conversation_id,
    )
    if event.media:
        attachments.create_received(
            db, row["id"], account.name, pieces if pieces is not None else event.media
        )
    if stranger:
        messages.note(db, row["conversation_id"], STRANGER)
    _wish(db, account, event, guest_id)


def _details(db: Database, account: Account, event: InboundMessage) -> dict[str, Any]:
    """What a text alone cannot say, with our own ids in place of the provider's."""
    found = dict(event.details)
    reaction = found.get("reaction")
    if isinstance(reaction, dict):
        named = {"provider_id": reaction.get("messageId"), "account": account.name}
        found["reaction"] = {**reaction, "messageId": _message_named(db, named)}
    if event.automatic:
        found["automatic"] = True
    if event.at < clock.later(db.now(), minutes=-LATE_MINUTES):
        found["writtenAt"] = event.at
    return found


def _wish(db: Database, account: Account, event: InboundMessage, guest_id: str) -> None:
    """Whoever wants to hear no more, or to hear again: under the address they wrote from."""
    if event.consent == "start" and account.channel == "whatsapp":
        opt_outs.start_all(db, account.channel, guest_id)
    for one in event.people:
        if event.consent == "stop":
            opt_outs.stop(db, account.channel, one.key, account.name)
        elif event.consent == "start":
            opt_outs.start(db, account.channel, one.key)


def _echo(db: Database, account: Account, event: InboundMessage) -> None:
    """What the hotel wrote from elsewhere. What we sent ourselves is known by its provider id, and not shown twice."""
    named = {"account": account.name, "provider_id": event.event_key}
    message_id = db.value(OURS, named)
    if message_id is None:
        guest_id = identities.resolve(db, account.channel, event.people, name=event.name)
        found = conversations.newest_of(db, guest_id, account.channel)
        if found is None:
            found = conversations.create(db, guest_id=guest_id, channel=account.channel)["id"]
        row = messages.echo(db, found, event.text, type=event.type, details=event.details)
        message_id = row["id"]
        receipts.accepted(db, account.name, event.event_key, message_id, 0)
        receipts.refresh(db, message_id)
        attachments.create_received(db, message_id, account.name, event.media)
    messages.note_inbound(db, account.name, event.event_key, message_id)


# ------------------------------------------------------------------------------------------------ which conversation


def _conversation(
    db: Database, account: Account, event: InboundMessage, guest_id: str, secret: str
) -> tuple[str | None, bool]:
    """Where a message belongs: the conversation (None: the guest's latest, or a new one), and whether it is a stranger's."""
    if account.channel != "email":
        return None, False
    answered = _answered(db, account, event, secret)
    if answered is not None and answered["guest_id"] == guest_id:
        return str(answered["id"]), False
    found = None if answered else db.value(STILL_OPEN, {"guest_id": guest_id})
    if found is None:
        made = conversations.create(db, guest_id=guest_id, channel="email")
        if event.subject:
            conversations.change(db, made["id"], subject=event.subject[:SUBJECT])
        found = made["id"]
    return str(found), answered is not None


def _answered(db: Database, account: Account, event: InboundMessage, secret: str) -> Row | None:
    """The conversation an e-mail answers: by the token of the address, else by the mails it names."""
    token = conversation_of(secret, event.token) if event.token else None
    named = [token, *(_conversation_named(db, account, name) for name in event.in_reply_to)]
    for conversation_id in named:
        row = db.one(THREAD, {"id": conversation_id}) if conversation_id else None
        if row is not None and row["channel"] == "email" and row["guest_id"] is not None:
            return row
    return None


def _conversation_named(db: Database, account: Account, provider_id: str) -> str | None:
    message_id = _message_named(db, {"account": account.name, "provider_id": provider_id})
    return db.value(CONVERSATION_OF, {"id": message_id}) if message_id else None


def _message_named(db: Database, named: Row) -> str | None:
    """The message the provider calls so: one of ours, or one that came in."""
    found: str | None = db.value(OURS, named) or db.value(THEIRS, named)
    return found


# ------------------------------------------------------------------------------------------------ the rest


def _move(db: Database, account: Account, event: AddressChanged) -> None:
    guest_id = identities.move(db, account.channel, event.old, event.new)
    keys = [[one.key for one in people] for people in (event.old, event.new)]
    opt_outs.follow(db, account.channel, *keys)  # of somebody who has been erased as well
    found = conversations.newest_of(db, guest_id, account.channel) if guest_id else None
    note = messages.note(db, found, MOVED) if found else None
    messages.note_inbound(db, account.name, event.event_key, note["id"] if note else None)


def _put_aside(db: Database, account: Account, event: Unreadable, file: str | None) -> None:
    quarantine.create(db, account.name, event.event_key, event.reason, file)
    messages.note_inbound(db, account.name, event.event_key)
    accounts.record_error(db, account.name, event.reason)
