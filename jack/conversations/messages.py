"""Messages: what was said, and what became of it. A message, its outbox row, its event and its conversation move together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jack import events
from jack.conversations import store
from jack.db import transaction
from jack.errors import Conflict
from jack.paging import Listed, Page
from jack.settings import store as settings

if TYPE_CHECKING:
    from jack.db import Database, Row

PREVIEW = 140

COLUMNS = """
    SELECT seq, id, conversation_id, direction, type, content, status, author_type, author_id,
           CASE author_type
               WHEN 'staff' THEN (SELECT name FROM staff WHERE id = author_id)
               WHEN 'guest' THEN (SELECT name FROM guests WHERE id = author_id)
           END AS author_name,
           error, created_at, sent_at, delivered_at, read_at
    FROM messages"""

GET = f"{COLUMNS} WHERE id = :id"

PAGE = {
    order: f"{COLUMNS} WHERE conversation_id = :conversation_id ORDER BY seq {order} LIMIT :limit OFFSET :offset"
    for order in ("asc", "desc")
}

COUNT = "SELECT count(*) FROM messages WHERE conversation_id = :conversation_id"

CREATE = """
    INSERT INTO messages (id, conversation_id, conversation_seq, direction, type, content, status,
                          author_type, author_id, created_at)
    VALUES (:id, :conversation_id, (SELECT seq FROM conversations WHERE id = :conversation_id), :direction, :type, :content, :status, :author_type, :author_id, :now)"""

QUEUE = """
    INSERT INTO outbox (message_id, channel, due_at, created_at)
    VALUES (:message_id, :channel, :now, :now)"""

ANSWERED = """
    UPDATE conversations
    SET preview = :preview, last_message_at = :now, active_at = :now, updated_at = :now, waiting_since = NULL,
        first_response_at = coalesce(first_response_at, CASE WHEN inbound_count > 0 THEN :now END)
    WHERE id = :id"""

HEARD = """
    UPDATE conversations
    SET preview = :preview, last_message_at = :now, active_at = :now, updated_at = :now, status = 'open',
        inbound_count = inbound_count + 1, waiting_since = coalesce(waiting_since, :now)
    WHERE id = :id"""

SEEN_BEFORE = "SELECT message_id FROM inbound WHERE account = :account AND event_key = :event_key"

NOTE_INBOUND = """
    INSERT INTO inbound (account, event_key, message_id, received_at)
    VALUES (:account, :event_key, :message_id, :now)"""

# Statuses only move up; `failed` and `unknown` give way to proof of delivery, and do not overwrite it.
ADVANCE = """
    UPDATE messages
    SET status = :status, error = :error,
        sent_at = CASE WHEN :status IN ('sent', 'delivered', 'read') THEN coalesce(sent_at, :now) ELSE sent_at END,
        delivered_at = CASE WHEN :status IN ('delivered', 'read') THEN coalesce(delivered_at, :now) ELSE delivered_at END,
        read_at = CASE WHEN :status = 'read' THEN coalesce(read_at, :now) ELSE read_at END
    WHERE id = :id AND direction = 'outbound' AND status IN (SELECT value FROM json_each(:below))"""

BELOW = {
    "queued": '["sending"]',
    "sending": '["queued"]',
    "sent": '["queued","sending","unknown","failed"]',
    "delivered": '["queued","sending","unknown","failed","sent"]',
    "read": '["queued","sending","unknown","failed","sent","delivered"]',
    "failed": '["queued","sending","unknown","sent"]',
    "unknown": '["queued","sending"]',
}


def get(db: Database, message_id: str) -> Row:
    """The message; it is there."""
    row = db.row(GET, {"id": message_id})
    return _shaped(row)


def search(db: Database, conversation_id: str, *, order: str = "asc", page: Page) -> Listed:
    """A page of a conversation's messages, oldest first unless `order` is desc. Raises NotFound."""
    store.get(db, conversation_id)
    bounds = {"conversation_id": conversation_id, "limit": page.limit, "offset": page.offset}
    rows = db.all(PAGE[order], bounds)
    return Listed(
        [_shaped(row) for row in rows], db.count(COUNT, {"conversation_id": conversation_id}), page
    )


def send(db: Database, conversation_id: str, *, content: str, type: str = "text", by: str) -> Row:
    """A message of a member of staff: queued for its channel, or kept in the house when it is a note."""
    with transaction(db):
        conversation = store.get(db, conversation_id)
        if type == "note":
            return note(db, conversation_id, content, by=by)
        if conversation["guest_id"] is None:
            raise Conflict("This guest has been erased.", reason="guest_unreachable")
        settings.check_channel(db, conversation["channel"])
        row = _written(
            db, conversation_id, "outbound", content, status="queued", author=("staff", by)
        )
        now = row["created_at"]
        db.run(QUEUE, {"message_id": row["id"], "channel": conversation["channel"], "now": now})
        db.run(ANSWERED, {"id": conversation_id, "preview": content[:PREVIEW], "now": now})
        db.run(store.MARK_READ, {"id": conversation_id, "reader": by})
        events.record(db, "message.queued", row["id"], conversation_id=conversation_id, by=by)
        return row


def note(db: Database, conversation_id: str, content: str, *, by: str | None = None) -> Row:
    """A note for staff only, by a member or by the house itself. It never leaves."""
    author = ("staff", by) if by else ("system", None)
    with transaction(db):
        row = _written(
            db, conversation_id, "outbound", content, type="note", status=None, author=author
        )
        events.record(db, "message.noted", row["id"], conversation_id=conversation_id, by=by)
        return row


def receive(
    db: Database,
    *,
    guest_id: str,
    channel: str,
    content: str,
    account: str,
    event_key: str,
    type: str = "text",
) -> tuple[Row, bool]:
    """A guest's message, once for every `event_key` of an account: the message, and whether it is new.

    It goes to the guest's latest conversation on the channel, which it reopens, or begins one.
    """
    with transaction(db):
        known = already(db, account, event_key)
        if known is not None:
            return known, False
        conversation_id = store.newest_of(db, guest_id, channel)
        if conversation_id is None:
            conversation_id = store.create(db, guest_id=guest_id, channel=channel)["id"]
        row = _written(
            db,
            conversation_id,
            "inbound",
            content,
            type=type,
            status="received",
            author=("guest", guest_id),
        )
        now = row["created_at"]
        db.run(
            NOTE_INBOUND,
            {"account": account, "event_key": event_key, "message_id": row["id"], "now": now},
        )
        db.run(HEARD, {"id": conversation_id, "preview": content[:PREVIEW], "now": now})
        events.record(db, "message.received", row["id"], conversation_id=conversation_id)
        return row, True


def already(db: Database, account: str, event_key: str) -> Row | None:
    """The message this event made when it came before."""
    message_id = db.value(SEEN_BEFORE, {"account": account, "event_key": event_key})
    return get(db, message_id) if message_id else None


def advance(db: Database, message_id: str, status: str, *, error: str | None = None) -> bool:
    """Move an outbound message to a later status; False when it is there or beyond already."""
    with transaction(db):
        moved = db.run(
            ADVANCE,
            {
                "id": message_id,
                "status": status,
                "error": error,
                "below": BELOW[status],
                "now": db.now(),
            },
        )
        if moved:
            conversation_id = get(db, message_id)["conversation_id"]
            if status == "failed":  # the guest has not been answered after all
                db.run(store.STILL_WAITING, {"id": conversation_id})
            events.record(db, f"message.{status}", message_id, conversation_id=conversation_id)
    return bool(moved)


def _written(
    db: Database,
    conversation_id: str,
    direction: str,
    content: str,
    *,
    status: str | None,
    author: tuple[str, str | None],
    type: str = "text",
) -> Row:
    made: dict[str, Any] = {
        "id": db.new_id("msg"),
        "conversation_id": conversation_id,
        "direction": direction,
        "type": type,
        "content": content,
        "status": status,
        "author_type": author[0],
        "author_id": author[1],
        "now": db.now(),
    }
    db.run(CREATE, made)
    return get(db, made["id"])


def _shaped(row: Row) -> Row:
    row["author"] = {"type": row["author_type"], "id": row["author_id"], "name": row["author_name"]}
    return row
