"""Conversations: who talks with whom, on which channel, who takes care of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jack.core import events
from jack.core.db import as_json, transaction
from jack.core.errors import Conflict, NotFound
from jack.core.paging import Listed, Page
from jack.core.query import where
from jack.resources.conversations import search as finding
from jack.resources.conversations import sendability
from jack.resources.guests import store as guests
from jack.resources.settings import store as settings
from jack.resources.staff import store as staff

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jack.core.db import Database, Row


COLUMNS = """
    SELECT conversations.seq, conversations.id, channel, status, assignee_id, guest_id, guests.name AS guest_name,
           subject, preview, conversations.inbound_count,
           conversations.inbound_count - coalesce(seen.inbound_count, 0) AS unread,
           last_message_at, first_response_at, waiting_since, conversations.created_at, conversations.updated_at,
           CASE channel WHEN 'whatsapp' THEN (
               SELECT max(last_inbound_at) FROM guest_identities AS known
               WHERE known.guest_id = conversations.guest_id AND known.channel = 'whatsapp') END AS heard_at
    FROM conversations
    LEFT JOIN guests ON guests.id = guest_id
    LEFT JOIN conversation_reads AS seen ON seen.conversation_id = conversations.id AND seen.staff_id = :reader"""

GET = f"{COLUMNS} WHERE conversations.id = :id"

UNREAD = """conversations.inbound_count > coalesce(
        (SELECT mine.inbound_count FROM conversation_reads AS mine
         WHERE mine.conversation_id = conversations.id AND mine.staff_id = :reader), 0)"""

# Every combination of the first three has an index of its own that is already in the order of the page.
FILTERS = {
    "status": "status = :status",
    "channel": "channel = :channel",
    "assignee": "assignee_id = :assignee",
    "unassigned": "assignee_id IS NULL",
    "guest_id": "guest_id = :guest_id",
}

# By these a total is a sum over a table of counts, which calls nobody ''.
COUNTED = "(SELECT coalesce(sum(conversations), 0) FROM {}_counts {})"
COUNTED_BY = {
    "status": FILTERS["status"],
    "channel": FILTERS["channel"],
    "assignee": FILTERS["assignee"],
    "unassigned": "assignee_id = ''",
}

CREATE = """
    INSERT INTO conversations (id, guest_id, channel, active_at, created_at, updated_at)
    VALUES (:id, :guest_id, :channel, :now, :now, :now)"""

CHANGE = """
    UPDATE conversations
    SET status = :status, assignee_id = :assignee_id, subject = :subject, waiting_since = :waiting_since,
        updated_at = :now
    WHERE id = :id"""

# The oldest message of the guest's since the last answer that was not lost.
STILL_WAITING = """
    UPDATE conversations
    SET waiting_since = (
        SELECT min(created_at) FROM messages
        WHERE conversation_id = :id AND direction = 'inbound' AND seq > coalesce(
            (SELECT max(seq) FROM messages
             WHERE conversation_id = :id AND direction = 'outbound' AND type <> 'note' AND status <> 'failed'), 0))
    WHERE id = :id AND status <> 'closed'"""

ANSWERED_AGAIN = "UPDATE conversations SET waiting_since = NULL WHERE id = :id"

MARK_READ = """
    INSERT INTO conversation_reads (conversation_id, staff_id, inbound_count, current)
    SELECT id, :reader, inbound_count, inbound_count > 0 FROM conversations WHERE id = :id
    ON CONFLICT (conversation_id, staff_id)
        DO UPDATE SET inbound_count = excluded.inbound_count, current = excluded.current"""

NEWEST_OF = """
    SELECT id FROM conversations
    WHERE guest_id = :guest_id AND channel = :channel
    ORDER BY active_at DESC, seq DESC
    LIMIT 1"""


def get(db: Database, conversation_id: str, *, reader: str | None = None) -> Row:
    """The conversation, with `unread` as it is for `reader`. Raises NotFound."""
    row = db.one(GET, {"id": conversation_id, "reader": reader})
    if row is None:
        raise NotFound("Conversation not found")
    return _shaped(row)


def search(
    db: Database,
    *,
    reader: str | None = None,
    assignee: str | None = None,
    search: str | None = None,
    unread: bool | None = None,
    page: Page,
    **equal: str,
) -> Listed[Row]:
    """A page of conversations, newest activity first. `equal`: status, channel, guest_id; `unread` by `reader`."""
    params: dict[str, Any] = dict(equal)
    wanted = list(equal)
    if unread is not None:
        params["reader"] = reader
    if assignee == staff.UNASSIGNED:
        wanted.append("unassigned")
    elif assignee is not None:
        wanted.append("assignee")
        params["assignee"] = assignee
    conditions = [FILTERS[name] for name in wanted]
    if unread is not None:
        conditions.append(UNREAD if unread else f"NOT {UNREAD}")
    if search is not None:
        found = finding.find(db, search, conditions, params, page)
        rows = _shown(db, found.on(page), reader)
        return Listed(rows, found.total, page, found.at_least)
    total = db.cached_count(total_of(wanted, unread), params)
    # Of what is unread, the way through the rest ends at the last one.
    limit = max(0, min(page.limit, total - page.offset))
    bounds = {"reader": reader, "limit": limit, "offset": page.offset}
    if page.offset:  # first the place, then what stands there: only that is joined
        seqs = db.cached(
            db.column, _page("SELECT seq FROM conversations", conditions), params | bounds
        )
        return Listed(_shown(db, seqs, reader), total, page)
    rows = db.all(_page(COLUMNS, conditions), params | bounds)
    return Listed([_shaped(row) for row in rows], total, page)


def _shown(db: Database, seqs: list[int], reader: str | None) -> list[Row]:
    """These conversations, newest activity first."""
    if not seqs:
        return []
    params = {"reader": reader, "seqs": as_json(seqs), "limit": -1, "offset": 0}
    return [_shaped(row) for row in db.all(_page(COLUMNS, [finding.THESE]), params)]


def total_of(wanted: Sequence[str], unread: bool | None = None) -> str:
    """The statement of the total of these filters: a sum over the tables of counts, where they know all that is wanted."""
    if not COUNTED_BY.keys() >= set(wanted):
        conditions = [FILTERS[name] for name in wanted]
        if unread is not None:
            conditions.append(UNREAD if unread else f"NOT {UNREAD}")
        return f"SELECT count(*) FROM conversations {where(conditions)}"
    kept = [COUNTED_BY[name] for name in wanted]
    if unread is None:
        return f"SELECT {COUNTED.format('conversation', where(kept))}"
    with_inbound = COUNTED.format("conversation", where([*kept, "has_inbound = 1"]))
    read = COUNTED.format("read", where([*kept, "staff_id = :reader"]))
    if unread:
        return f"SELECT {with_inbound} - {read}"
    return f"SELECT {COUNTED.format('conversation', where([*kept, 'has_inbound = 0']))} + {read}"


def _page(columns: str, conditions: Sequence[str]) -> str:
    order = "ORDER BY active_at DESC, conversations.seq DESC LIMIT :limit OFFSET :offset"
    return f"{columns} {where(conditions)} {order}"


def create(
    db: Database, *, guest_id: str, channel: str, by: str | None = None, id: str | None = None
) -> Row:
    """A new conversation with a guest. Raises Invalid for an unknown guest; says nothing of reachability."""
    with transaction(db):
        guests.check(db, guest_id)
        made = {
            "id": id or db.new_id("conv"),
            "guest_id": guest_id,
            "channel": channel,
            "now": db.now(),
        }
        db.run(CREATE, made)
        events.record(db, "conversation.created", made["id"], conversation_id=made["id"], by=by)
        return get(db, made["id"], reader=by)


def check_reachable(db: Database, guest_id: str, channel: str) -> None:
    """Raise Conflict unless the channel has a working account and the guest an address on it."""
    guests.check(db, guest_id)
    settings.check_channel(db, channel)
    if guests.address_on(db, guest_id, channel) is None:
        raise Conflict(f"This guest has no address on {channel}.", reason="guest_unreachable")


def change(db: Database, conversation_id: str, *, by: str | None = None, **changes: Any) -> Row:
    """Change status, assignee or subject. Closing it means nobody is waiting any more."""
    with transaction(db):
        found = get(db, conversation_id)
        wanted = {**found, **changes}
        if "assignee" in changes:
            wanted["assignee_id"] = staff.assignable(db, changes["assignee"])
        if wanted["status"] == "closed":
            wanted["waiting_since"] = None
        db.run(CHANGE, {name: wanted[name] for name in CHANGED} | {"now": db.now()})
        if found["status"] == "closed":
            db.run(STILL_WAITING, {"id": conversation_id})
        events.record(
            db, "conversation.changed", conversation_id, conversation_id=conversation_id, by=by
        )
        return get(db, conversation_id, reader=by)


CHANGED = ("id", "status", "assignee_id", "subject", "waiting_since")


def mark_read(db: Database, conversation_id: str, *, by: str) -> Row:
    """All of it has been read, by this member."""
    with transaction(db):
        if get(db, conversation_id, reader=by)["unread"]:
            db.run(MARK_READ, {"id": conversation_id, "reader": by})
            events.record(
                db, "conversation.read", conversation_id, conversation_id=conversation_id, by=by
            )
        return get(db, conversation_id, reader=by)


def answered_again(db: Database, conversation_id: str) -> None:
    """An answer that had failed is on its way again: nobody waits any more."""
    db.run(ANSWERED_AGAIN, {"id": conversation_id})


def newest_of(db: Database, guest_id: str, channel: str) -> str | None:
    """The id of the guest's latest conversation on a channel."""
    found: str | None = db.value(NEWEST_OF, {"guest_id": guest_id, "channel": channel})
    return found


def _shaped(row: Row) -> Row:
    row["window_expires_at"] = sendability.window_ends(row["heard_at"])
    row["guest"] = {"id": row["guest_id"], "name": row["guest_name"]} if row["guest_id"] else None
    return row
