"""What a guest and the hotel have said to each other, in all conversations and on all channels, in one line of time."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from jack.core.db import as_json
from jack.core.paging import Listed, Page
from jack.core.query import Query, where
from jack.resources.conversations.message_listing import BY_SEQ, FILTERS, shaped
from jack.resources.conversations.message_rows import MessageRow
from jack.resources.guests import store as guests

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jack.core.db import Database

OF_GUEST = "conversation_id IN (SELECT id FROM conversations WHERE guest_id = :guest_id)"
HAS_FILES = "EXISTS (SELECT 1 FROM attachments WHERE attachments.message_id = messages.id)"


class GuestMessageRow(MessageRow):
    """A message as it is answered, with the channel of its conversation."""

    channel: str


class SeqRow(TypedDict):
    """Where a message stands."""

    seq: int


class ChannelRow(TypedDict):
    """The channel of a conversation."""

    id: str
    channel: str


CHANNELS = Query[ChannelRow](
    "SELECT id, channel FROM conversations WHERE id IN (SELECT value FROM json_each(:ids))"
)


def search(
    db: Database,
    guest_id: str,
    *,
    order: str = "desc",
    has_files: bool | None = None,
    page: Page,
    **filters: str,
) -> Listed[GuestMessageRow]:
    """A page of a guest's messages, the newest first unless `order` is asc.

    `filters`: status, created_since. Raises NotFound, or Gone for a guest who was merged into another.
    """
    guests.get(db, guest_id)
    conditions = [OF_GUEST, *(FILTERS[name] for name in filters)]
    if has_files is not None:
        conditions.append(HAS_FILES if has_files else f"NOT {HAS_FILES}")
    given = {"guest_id": guest_id, **filters}
    listing = page_of(conditions, order)
    rows = db.all(listing, {**given, "limit": page.limit, "offset": page.offset})
    total = db.cached_count(f"SELECT count(*) FROM messages {where(conditions)}", given)
    return Listed(_read(db, [row["seq"] for row in rows]), total, page)


def page_of(conditions: Sequence[str], order: str) -> Query[SeqRow]:
    """The statement of a page. It sorts the places of the guest's messages; what they say is read of those it shows."""
    direction = "ASC" if order == "asc" else "DESC"
    return Query(f"""
        SELECT seq FROM messages {where(conditions)}
        ORDER BY ordered_at {direction}, id {direction} LIMIT :limit OFFSET :offset""")


def _read(db: Database, seqs: Sequence[int]) -> list[GuestMessageRow]:
    """These messages, in this order, with their files and channels."""
    rows = shaped(db, db.all(BY_SEQ, {"seqs": as_json(seqs)}))
    ids = as_json(list({row["conversation_id"] for row in rows}))
    channels = {row["id"]: row["channel"] for row in db.all(CHANNELS, {"ids": ids})}
    by_seq = {row["seq"]: row for row in rows}
    found = [by_seq[seq] for seq in seqs if seq in by_seq]
    return [{**row, "channel": channels[row["conversation_id"]]} for row in found]
