"""Reactions: emojis on messages, at most one of the guest's and one of the hotel's on each, as WhatsApp has it.

They are told as a change of their message. They reopen nothing, nobody waits for an answer to one, and none is unread.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Literal, TypedDict

from jack.core import clock, events
from jack.core.db import transaction
from jack.core.errors import Conflict
from jack.core.query import Query
from jack.resources.conversations import messages, sendability, store
from jack.resources.settings import store as settings

if TYPE_CHECKING:
    from jack.core.db import Database
    from jack.resources.conversations.message_rows import MessageRow

Side = Literal["guest", "hotel"]

EARLY_DAYS = 30

# What is older than what is stored changes nothing: a repeat, or one that was overtaken.
SET = """
    INSERT INTO reactions (message_id, side, emoji, author_id, at, due_at)
    VALUES (:message_id, :side, :emoji, :author_id, :at, :due_at)
    ON CONFLICT (message_id, side) DO UPDATE
    SET emoji = excluded.emoji, author_id = excluded.author_id, at = excluded.at, due_at = excluded.due_at,
        error = NULL, attempts = 0, provider_id = NULL
    WHERE excluded.at >= at AND (excluded.emoji IS NOT emoji OR error IS NOT NULL)"""

SET_EARLY = """
    INSERT INTO early_reactions (account, key_hash, side, emoji, at, received_at)
    VALUES (:account, :key_hash, :side, :emoji, :at, :now)
    ON CONFLICT (account, key_hash, side) DO UPDATE
    SET emoji = excluded.emoji, at = excluded.at WHERE excluded.at >= at"""


class EarlyRow(TypedDict):
    """A reaction to a message that was not known when it came."""

    side: Side
    emoji: str | None
    at: str


class SentRow(TypedDict):
    """A reaction of the hotel's: of which message, and of when."""

    message_id: str
    at: str


TAKE_EARLY = Query[EarlyRow]("""
    DELETE FROM early_reactions WHERE account = :account AND key_hash = :key_hash
    RETURNING side, emoji, at""")

DELETE_EXPIRED = "DELETE FROM early_reactions WHERE received_at < :before"

AT_PROVIDER = """
    SELECT EXISTS (SELECT 1 FROM provider_messages WHERE message_id = :id AND status <> 'failed')
        OR EXISTS (SELECT 1 FROM inbound WHERE message_id = :id)"""

REFUSE = """
    UPDATE reactions SET error = :error, due_at = NULL
    WHERE message_id = :message_id AND side = 'hotel' AND at = :at
    RETURNING message_id"""

SENT_AS = Query[SentRow]("SELECT message_id, at FROM reactions WHERE provider_id = :provider_id")


def react(db: Database, message_id: str, emoji: str | None, *, by: str) -> MessageRow:
    """Put the hotel's emoji on a message, or (None) take it back; the worker sends it. What is already so changes nothing.

    Raises NotFound, and Conflict where the guest would not see it.
    """
    with transaction(db):
        message = messages.get(db, message_id)
        if _emoji_of_hotel(message) == emoji:
            return message
        _check(db, message, by)
        now = db.now()
        row = {"message_id": message_id, "side": "hotel", "emoji": emoji, "author_id": by}
        db.run(SET, row | {"at": now, "due_at": now})
        _record(db, message, by)
        return messages.get(db, message_id)


def receive(db: Database, message_id: str, side: Side, emoji: str | None, *, at: str) -> None:
    """Note the emoji that the guest, or the hotel's phone, has put on a message (None: taken back) at that time."""
    with transaction(db):
        before = messages.get(db, message_id)
        row = {"message_id": message_id, "side": side, "emoji": emoji, "at": at}
        db.run(SET, row | {"author_id": None, "due_at": None})
        if messages.get(db, message_id)["reactions"] != before["reactions"]:
            conversation = store.get(db, before["conversation_id"])
            _record(db, before, conversation["guest_id"] if side == "guest" else None)


def receive_early(
    db: Database, account: str, provider_id: str, side: Side, emoji: str | None, *, at: str
) -> None:
    """Keep a reaction to a message that is not known (yet), by the hash of its id: the guest's number is in that."""
    row = {"account": account, "key_hash": _hash(provider_id), "side": side, "emoji": emoji}
    db.run(SET_EARLY, row | {"at": at, "now": db.now()})


def apply_early(db: Database, account: str, provider_id: str, message_id: str) -> None:
    """Put on a message, whose id at the provider is known now, the reactions that came before it."""
    key = {"account": account, "key_hash": _hash(provider_id)}
    for row in db.all(TAKE_EARLY, key):
        receive(db, message_id, row["side"], row["emoji"], at=row["at"])


def refuse(db: Database, message_id: str, at: str, error: str) -> None:
    """Note that the provider has refused the hotel's reaction of that time: it is shown with the reason."""
    with transaction(db):
        if db.value(REFUSE, {"message_id": message_id, "at": at, "error": error}):
            _record(db, messages.get(db, message_id), None)


def refuse_sent(db: Database, provider_id: str, error: str) -> None:
    """The same for the reaction that was sent under this id, if one was."""
    for row in db.all(SENT_AS, {"provider_id": provider_id}):
        refuse(db, row["message_id"], row["at"], error)


def delete_expired(db: Database) -> int:
    """Delete reactions to messages that never came; returns how many."""
    return db.run(DELETE_EXPIRED, {"before": clock.later(db.now(), days=-EARLY_DAYS)})


def _check(db: Database, message: MessageRow, by: str) -> None:
    """Raise Conflict unless an emoji can be sent for this message now."""
    conversation = store.get(db, message["conversation_id"])
    channel = conversation["channel"]
    by_meta = (
        channel == "whatsapp"
        and settings.value(db, "channels.whatsapp").get("provider") != "twilio"
    )
    if not by_meta:
        raise Conflict(
            "Only WhatsApp connected to Meta lets a hotel react to messages.",
            reason="reactions_unsupported",
        )
    sendability.check(db, conversation["guest_id"], channel, "reaction", by=by)
    if not db.value(AT_PROVIDER, {"id": message["id"]}):
        raise Conflict("The guest does not have this message.", reason="not_delivered")


def _emoji_of_hotel(message: MessageRow) -> str | None:
    """What the hotel has put on a message; None where that has failed."""
    for reaction in message["reactions"]:
        if reaction["by"]["type"] != "guest":
            return None if reaction["error"] else reaction["emoji"]
    return None


def _record(db: Database, message: MessageRow, by: str | None) -> None:
    events.record(
        db,
        "conversation.message.updated",
        message["id"],
        conversation_id=message["conversation_id"],
        by=by,
        changed=["reactions"],
    )


def _hash(provider_id: str) -> str:
    return hashlib.sha256(provider_id.encode()).hexdigest()
