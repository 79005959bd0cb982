"""Conversations: a guest, a channel, who of the staff it is assigned to, whether it waits for an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from jack.core import events, pairs
from jack.core.db import as_json, transaction
from jack.core.errors import Conflict, NotFound
from jack.core.paging import Listed, Page, Place, Walked
from jack.core.query import Query
from jack.resources.conversations import (
    arrival,
    conversation_events,
    listing,
    sendability,
    snoozing,
    web_streams,
)
from jack.resources.conversations import search as conversation_search
from jack.resources.conversations.conversation_rows import (
    RETURNING,
    SELECT,
    StoredConversation,
    answered,
)
from jack.resources.conversations.message_rows import SAID
from jack.resources.guests import identities
from jack.resources.guests import store as guests
from jack.resources.settings import hotel_time
from jack.resources.settings import store as settings
from jack.resources.staff import store as staff

if TYPE_CHECKING:
    from jack.core.db import Database
    from jack.core.pairs import PairChanges
    from jack.resources.conversations.conversation_rows import ConversationChanges, ConversationRow


GET = Query[StoredConversation](f"{SELECT} WHERE conversations.id = :id")

CREATE = Query[StoredConversation](f"""
    INSERT INTO conversations (id, guest_id, channel, active_at, created_at, updated_at, stream_id, metadata)
    VALUES (:id, :guest_id, :channel, :now, :now, :now, :stream_id, :metadata)
    {RETURNING}""")

CHANGE = Query[StoredConversation](f"""
    UPDATE conversations
    SET status = :status, snoozed_until = :snoozed_until, assignee_id = :assignee_id, subject = :subject, waiting_since = :waiting_since,
        metadata = :metadata, updated_at = :now
    WHERE id = :id
    {RETURNING}""")

# Since the oldest message of the guest after the last answer that has not failed, or edit of one before it; nobody who is blocked waits.
RESTORE_WAITING = Query[StoredConversation](f"""
    UPDATE conversations
    SET (waiting_since, updated_at) = (
        WITH answer AS (
            SELECT coalesce(max(seq), 0) AS seq, coalesce(max(created_at), '') AS at FROM messages
            WHERE conversation_id = :id AND direction = 'outbound' AND answers AND {SAID} AND status <> 'failed'),
        waiting AS (
            SELECT min(iif(messages.seq > answer.seq, created_at, edited_at)) AS since FROM messages, answer
            WHERE conversation_id = :id AND {arrival.COUNTS} AND (messages.seq > answer.seq OR edited_at > answer.at)
              AND NOT EXISTS (
                SELECT 1 FROM conversations AS theirs JOIN guests ON guests.id = theirs.guest_id
                WHERE theirs.id = :id AND blocked))
        SELECT since, iif(since IS waiting_since, updated_at, :now) FROM waiting)
    WHERE id = :id AND status <> 'closed'
    {RETURNING}""")

CLEAR_WAITING = """
    UPDATE conversations SET waiting_since = NULL, updated_at = :now
    WHERE id = :id AND waiting_since IS NOT NULL"""

NEWEST_OF = """
    SELECT id FROM conversations
    WHERE guest_id = :guest_id AND channel = :channel AND (:stream_id IS NULL OR stream_id = :stream_id)
    ORDER BY active_at DESC, seq DESC
    LIMIT 1"""


def get(db: Database, conversation_id: str, *, reader: str | None = None) -> ConversationRow:
    """The conversation, with `unread` as it is for `reader`. Raises NotFound."""
    row = db.one(GET, {"id": conversation_id, "reader": reader})
    if row is None:
        raise NotFound("Conversation not found")
    return answered(db, row)


def search(
    db: Database,
    *,
    reader: str | None = None,
    search: str | None = None,
    sort: str = "newest",
    page: Page | Place,
    **filters: str | bool | None,
) -> Listed[ConversationRow] | Walked[ConversationRow]:
    """A part of all conversations, a page with the newest activity first unless `sort` is waiting.

    `filters` are those of `listing.Filters`: status, channel, assignee (an id, or `unassigned`), guest_id, waiting, unread (by
    `reader`), mentioned (an id), scheduled, snoozed, in_house, room (which the guest has now or next), created_since, updated_since.
    """
    wanted = listing.Filters.of(reader, filters)
    if "room" in wanted.params:
        wanted.params["today"] = hotel_time.today(db)
    if isinstance(page, Place):
        return listing.walked(db, wanted, search, page, reader)
    if sort == "waiting":
        return listing.waiting_first(db, wanted, search, page, reader)
    if search is not None:
        found = conversation_search.find(db, search, wanted.conditions, wanted.params, page)
        rows = listing.by_seq(db, found.on(page), reader)
        return Listed(rows, found.total, page)
    total = db.cached_count(listing.total_of(wanted.names, wanted.unread), wanted.params)
    return Listed(listing.page_of(db, wanted, reader, page, total), total, page)


def create(
    db: Database,
    *,
    guest_id: str,
    channel: str,
    stream_id: str | None = None,
    metadata: PairChanges | None = None,
    by: str | None = None,
    id: str | None = None,
) -> ConversationRow:
    """A new conversation with a guest; `stream_id` is that of the visitor who begins it in the web chat.

    Raises Invalid for an unknown guest, Conflict when it is not clear to which visitor it would be; does not check whether they
    can be reached.
    """
    values: dict[str, str | None] = {"id": id or db.new_id("conv"), "guest_id": guest_id}
    with transaction(db):
        guests.check(db, guest_id)
        if channel == "web" and stream_id is None:
            stream_id = web_streams.of_guest(db, guest_id)
        values |= {"channel": channel, "stream_id": stream_id}
        values["metadata"] = as_json(pairs.merged_metadata({}, metadata))
        row = db.row(CREATE, values | {"reader": by, "now": db.now()})
        events.record(db, "conversation.created", row["id"], conversation_id=row["id"], by=by)
    return answered(db, row)


def check_reachable(db: Database, guest_id: str, channel: str) -> None:
    """Raise Conflict unless the channel has a working account and the guest an address on it that takes messages."""
    guests.check(db, guest_id)
    settings.check_channel(db, channel)
    if identities.last_used(db, guest_id, channel) is None:
        raise Conflict(f"This guest has no address on {channel}.", reason="guest_unreachable")
    if not identities.takes_replies(db, guest_id, channel):
        raise Conflict(sendability.NO_REPLIES, reason="takes_no_replies")


def change(
    db: Database,
    conversation_id: str,
    *,
    by: str | None = None,
    **changes: Unpack[ConversationChanges],
) -> ConversationRow:
    """Change status, assignee, subject, metadata (key by key) or until when it is snoozed; what is already so changes nothing.

    Closing it means that it waits no more; snoozing it, that it is pending until then.

    One that is opened again is not given to somebody who has left. Raises NotFound, or Invalid for the assignee.
    """
    with transaction(db):
        before = get(db, conversation_id, reader=by)
        status, snoozed_until = snoozing.after(db, before, changes)
        values: dict[str, object] = {
            "id": conversation_id,
            "status": status,
            "snoozed_until": snoozed_until,
            "assignee_id": before["assignee_id"],
            "subject": changes.get("subject", before["subject"]),
            "metadata": before["metadata"],
            "waiting_since": None if status == "closed" else before["waiting_since"],
        }
        if "metadata" in changes:
            values["metadata"] = pairs.merged_metadata(before["metadata"], changes["metadata"])
        if "assignee" in changes:
            values["assignee_id"] = staff.assignable(db, changes["assignee"])
        elif status != "closed":
            values["assignee_id"] = staff.still_active(db, before["assignee_id"])
        if not conversation_events.changed(before, values):
            return before
        stored = {"metadata": as_json(values["metadata"]), "reader": by, "now": db.now()}
        row = db.row(CHANGE, values | stored)
        if before["status"] == "closed":
            row = restore_waiting(db, conversation_id, reader=by) or row
        changed = answered(db, row)
        conversation_events.record_change(db, before, changed, by)
    return changed


def restore_waiting(
    db: Database, conversation_id: str, *, reader: str | None = None
) -> StoredConversation | None:
    """Find out again since when a conversation waits for an answer; None when it is closed, and so does not."""
    return db.one(RESTORE_WAITING, {"id": conversation_id, "reader": reader, "now": db.now()})


def mark_answered(db: Database, conversation_id: str) -> None:
    """An answer that had failed is sent again: the conversation waits no more."""
    db.run(CLEAR_WAITING, {"id": conversation_id, "now": db.now()})


def newest_of(
    db: Database, guest_id: str, channel: str, stream_id: str | None = None
) -> str | None:
    """The id of the guest's latest conversation on a channel; in the web chat the latest of this stream."""
    params = {"guest_id": guest_id, "channel": channel, "stream_id": stream_id}
    found: str | None = db.value(NEWEST_OF, params)
    return found


def latest(db: Database, guest_id: str, channel: str, stream_id: str | None = None) -> str:
    """The same; a new one where they have none."""
    found = newest_of(db, guest_id, channel, stream_id)
    if found is None:
        found = create(db, guest_id=guest_id, channel=channel, stream_id=stream_id, by=guest_id)[
            "id"
        ]
    return found
