"""Inbound events of a channel become guests, conversations, messages and delivery receipts, each once.

All events of a request are one transaction: the provider is answered when it is committed, and repeats what was not.
Every event but a receipt claims its key in the table `inbound` before anything is stored of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from jack.channels.types import (
    AddressChanged,
    DeliveryReceipt,
    Edit,
    InboundMessage,
    Reaction,
    Unreadable,
)
from jack.core import clock
from jack.core.db import transaction
from jack.messaging import edits, reactions, receipts, threads
from jack.resources.attachments import store as attachments
from jack.resources.channel_accounts import store as accounts
from jack.resources.conversations import inbound_keys, media_preview, messages, opt_outs
from jack.resources.conversations import store as conversations
from jack.resources.guests import identities
from jack.resources.quarantine import store as quarantine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jack.channels.types import Account, Event
    from jack.core.db import Database
    from jack.resources.attachments.store import ReceivedFile


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
        case Reaction():
            reactions.record(db, account, event)
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
        edits.complete(db, account, came)
        return False
    event = edits.unless_deleted(db, account, came)
    answered = threads.answered_by(db, account, event, secret)
    guest_id = threads.guest_of(db, account, event, answered)
    conversation_id, other_sender = threads.conversation_for(db, account, event, guest_id, answered)
    row = messages.create_inbound(
        db,
        guest_id=guest_id,
        channel=account.channel,
        content=event.text,
        account=account.name,
        event_key=event.event_key,
        type=event.type,
        details=_details(db, event),
        reply_to=_quoted(db, account, event),
        conversation_id=conversation_id,
        written_at=event.at,
    )
    reactions.apply_early(db, account, event.event_key, row["id"])
    if event.media:
        files = received if received is not None else event.media
        attachments.create_received(db, row["id"], account.name, files)
        media_preview.update(db, row["id"])
    if other_sender:
        messages.note(db, row["conversation_id"], OTHER_SENDER)
    _store_consent(db, account, event, guest_id)
    return True


def _details(db: Database, event: InboundMessage) -> dict[str, object]:
    """The details of a message, and what is known of it besides."""
    found: dict[str, object] = dict(event.details)
    if event.automatic:
        found["automatic"] = True
    if event.consent in ("stop", "start"):
        found["consent"] = event.consent
    if event.doubtful or event.unproven:
        found["doubtful"] = True
    if event.at < clock.later(db.now(), minutes=-LATE_MINUTES):
        found["writtenAt"] = event.at
    return found


def _quoted(db: Database, account: Account, event: InboundMessage) -> str | None:
    """The message that this one answers, where the guest has pointed at one; a mail answers its whole thread."""
    if account.channel == "email" or not event.in_reply_to or "revoked" in event.details:
        return None
    return threads.message_id(db, account, event.in_reply_to[0])


def _store_consent(db: Database, account: Account, event: InboundMessage, guest_id: str) -> None:
    """Opt the addresses the message came from out (STOP) or in (START)."""
    people = [one.key for one in event.people]
    if event.consent == "start":
        opt_outs.start(db, account.channel, people, guest_id=guest_id)
    for address in people if event.consent == "stop" else ():
        opt_outs.stop(db, account.channel, address, account.name, guest_id=guest_id)


def _store_echo(db: Database, account: Account, came: InboundMessage) -> bool:
    """Store what the hotel wrote from elsewhere. What we sent ourselves is known by its provider id, and not shown twice."""
    if not inbound_keys.claim(db, account.name, came.event_key):
        return False
    event = edits.unless_deleted(db, account, came)
    message_id = threads.sent_message(db, account, event.event_key)
    if message_id is None:
        guest_id = identities.resolve(db, account.channel, event.people, name=event.name)
        conversation_id = conversations.newest_of(db, guest_id, account.channel)
        if conversation_id is None:
            created = conversations.create(db, guest_id=guest_id, channel=account.channel)
            conversation_id = created["id"]
        row = messages.echo(
            db,
            conversation_id,
            event.text,
            type=event.type,
            details=event.details,
            written_at=event.at,
            reply_to=_quoted(db, account, event),
        )
        message_id = row["id"]
        receipts.record_accepted(db, account.name, event.event_key, message_id, 0)
        receipts.refresh(db, message_id)
        attachments.create_received(db, message_id, account.name, event.media)
        media_preview.update(db, message_id)
    inbound_keys.link(db, account.name, event.event_key, message_id)
    return True


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
