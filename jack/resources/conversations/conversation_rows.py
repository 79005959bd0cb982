"""Rows of `conversations`: as they are read for a member of staff, and as they are answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from jack.core import pairs
from jack.core.pairs import PairChanges, Pairs
from jack.resources.conversations import media_preview, sendability
from jack.resources.conversations.media_preview import Media
from jack.resources.guests import current_stay, identities

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jack.core.db import Database
    from jack.resources.guests.current_stay import CurrentStay


class GuestName(TypedDict):
    """The guest of a conversation."""

    id: str
    name: str


class ConversationColumns(TypedDict):
    """What is read of a conversation, with what is counted for its reader."""

    seq: int
    id: str
    channel: str
    status: str
    assignee_id: str | None
    guest_id: str | None
    guest_name: str
    subject: str | None
    preview: str | None
    inbound_count: int
    unread: int
    last_message_at: str | None
    first_response_at: str | None
    waiting_since: str | None
    snoozed_until: str | None
    created_at: str
    updated_at: str
    last_inbound_at: str | None
    takes_no_replies: int | None


class StoredConversation(ConversationColumns):
    """A conversation as it is read: `metadata` and `preview_media` are JSON text."""

    metadata: str
    preview_media: str | None


class PreviewMedia(Media):
    """The files of the last message, and its text."""

    caption: str | None


class Present(TypedDict):
    """A member of staff who looks at it, or writes in it."""

    id: str
    name: str
    state: str


class Match(TypedDict):
    """The message that a search has found: a part of its text, and where in it the words stand, in characters."""

    message_id: str
    snippet: str
    ranges: list[tuple[int, int]]


class ConversationRow(ConversationColumns):
    """A conversation as it is answered; `presence` is empty until it is asked for, `match` None without a search."""

    metadata: Pairs
    preview_media: PreviewMedia | None
    window_expires_at: str | None
    answerable: bool
    guest: GuestName | None
    presence: list[Present]
    stay: CurrentStay | None
    match: Match | None


class ConversationChanges(TypedDict, total=False):
    """What of a conversation may be changed; `assignee` is a staff id, `unassigned` or None."""

    status: str
    assignee: str | None
    subject: str | None
    metadata: PairChanges | None
    snoozed_until: str | None


def _columns(guest_name: str, seen: str) -> str:
    """The columns of a conversation, by SQL for its guest's name and for how many inbound messages its reader has seen."""
    last_inbound_at = identities.last_inbound_at("conversations.guest_id", "'whatsapp'")
    takes_no_replies = identities.takes_no_replies("conversations.guest_id")
    return f"""
        conversations.seq, conversations.id, channel, status, assignee_id, guest_id, {guest_name} AS guest_name,
        subject, preview, preview_media, conversations.inbound_count,
        conversations.inbound_count - coalesce({seen}, 0) AS unread,
        last_message_at, first_response_at, waiting_since, snoozed_until, conversations.metadata,
        conversations.created_at, conversations.updated_at,
        CASE channel WHEN 'whatsapp' THEN ({last_inbound_at}) END AS last_inbound_at,
        CASE channel WHEN 'sms' THEN ({takes_no_replies}) END AS takes_no_replies"""


SELECT = f"""
    SELECT {_columns("guests.name", "seen.inbound_count")}
    FROM conversations
    LEFT JOIN guests ON guests.id = guest_id
    LEFT JOIN conversation_reads AS seen ON seen.conversation_id = conversations.id AND seen.staff_id = :reader"""

GUEST_NAME = "(SELECT name FROM guests WHERE guests.id = conversations.guest_id)"
SEEN = """(SELECT seen.inbound_count FROM conversation_reads AS seen
        WHERE seen.conversation_id = conversations.id AND seen.staff_id = :reader)"""
# The same columns, for a statement that writes: it cannot join.
RETURNING = f"RETURNING {_columns(GUEST_NAME, SEEN)}"


def answered(db: Database, row: StoredConversation) -> ConversationRow:
    """A conversation as it is answered, with the stay of its guest that matters now."""
    return all_answered(db, [row])[0]


def all_answered(db: Database, rows: Sequence[StoredConversation]) -> list[ConversationRow]:
    """The same of several."""
    stays = current_stay.of(db, (row["guest_id"] for row in rows))
    return [_answered(row, stays.get(row["guest_id"] or "")) for row in rows]


def _answered(row: StoredConversation, stay: CurrentStay | None) -> ConversationRow:
    guest: GuestName | None = None
    if row["guest_id"] is not None:
        guest = {"id": row["guest_id"], "name": row["guest_name"]}
    window_expires_at = sendability.window_ends(row["last_inbound_at"])
    media = media_preview.read(row["preview_media"])
    shown: PreviewMedia | None = {**media, "caption": row["preview"] or None} if media else None
    return {
        **row,
        "preview": media_preview.in_words(media, row["preview"]),
        "preview_media": shown,
        "metadata": pairs.parsed(row["metadata"]),
        "window_expires_at": window_expires_at,
        "answerable": row["guest_id"] is not None and not row["takes_no_replies"],
        "guest": guest,
        "presence": [],
        "stay": stay,
        "match": None,
    }
