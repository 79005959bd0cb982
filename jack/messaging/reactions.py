"""Reactions: an emoji that a guest, or the hotel's phone, has put on a message, perhaps before the message is known here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.messaging import threads
from jack.resources.conversations import inbound_keys
from jack.resources.conversations import reactions as store
from jack.resources.guests import identities

if TYPE_CHECKING:
    from jack.channels.types import Account, Reaction
    from jack.core.db import Database

# Before the key of a reaction, which is not the key of the message it stands on.
PREFIX = "reaction:"


def record(db: Database, account: Account, event: Reaction) -> None:
    """Put a reaction on its message, once. One that is too early waits for its message, and makes no guest. In a transaction."""
    side: store.Side = "hotel" if event.echo else "guest"
    message_id = threads.message_id(db, account, event.provider_id)
    if message_id is None:
        store.receive_early(db, account.name, event.provider_id, side, event.emoji, at=event.at)
    elif inbound_keys.claim(db, account.name, PREFIX + event.event_key, message_id=message_id):
        store.receive(db, message_id, side, event.emoji, at=event.at)
    if not event.echo:
        _open_window(db, account, event)


def apply_early(db: Database, account: Account, provider_id: str, message_id: str) -> None:
    """Put on a message that has come in the reactions that came before it."""
    store.apply_early(db, account.name, provider_id, message_id)


def _open_window(db: Database, account: Account, event: Reaction) -> None:
    """Whatever comes from a guest lets the hotel write to them freely for a time; a reaction as well."""
    if identities.find_guest(db, account.channel, event.people):
        identities.resolve(db, account.channel, event.people, written_at=event.at)
