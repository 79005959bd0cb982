"""Messages: what was said, and what became of it. A message, its outbox row, its event and its conversation move together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from jack.core import events
from jack.core.db import as_json, transaction
from jack.core.errors import Conflict, Invalid, NotFound
from jack.core.paging import Listed, Page
from jack.resources.attachments import store as attachments
from jack.resources.conversations import sendability, store
from jack.resources.settings import store as settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jack.core.db import Database, Row

PREVIEW = 140
# What stays known of a message that says nothing any more.
KEPT = ("echo", "writtenAt")

COLUMNS = """
    SELECT seq, id, conversation_id, direction, type, content, status, author_type, author_id,
           CASE author_type
               WHEN 'staff' THEN (SELECT name FROM staff WHERE id = author_id)
               WHEN 'guest' THEN (SELECT name FROM guests WHERE id = author_id)
           END AS author_name,
           error, details, created_at, sent_at, delivered_at, read_at
    FROM messages"""

GET = f"{COLUMNS} WHERE id = :id"

PAGE = {
    order: f"{COLUMNS} WHERE conversation_id = :conversation_id ORDER BY seq {order} LIMIT :limit OFFSET :offset"
    for order in ("asc", "desc")
}

COUNT = "SELECT count(*) FROM messages WHERE conversation_id = :conversation_id"

CREATE = """
    INSERT INTO messages (id, conversation_id, conversation_seq, direction, type, content, status,
                          author_type, author_id, details, created_at, sent_at)
    VALUES (:id, :conversation_id, (SELECT seq FROM conversations WHERE id = :conversation_id), :direction,
            :type, :content, :status, :author_type, :author_id, :details, :now,
            CASE :status WHEN 'sent' THEN :now END)"""

QUEUE = """
    INSERT INTO outbox (message_id, conversation_id, channel, due_at, created_at)
    VALUES (:message_id, :conversation_id, :channel, :now, :now)"""


AMEND = "UPDATE messages SET content = :content, details = :details WHERE id = :id"

RETYPE = "UPDATE messages SET type = :type WHERE id = :id"

AMEND_PREVIEW = """
    UPDATE conversations SET preview = :preview, updated_at = :now
    WHERE id = :id AND last_message_at = :created_at"""

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
    INSERT INTO inbound (account, event_key, message_id, in_reply_to, received_at)
    VALUES (:account, :event_key, :message_id, :in_reply_to, :now)"""


def get(db: Database, message_id: str) -> Row:
    """The message, or NotFound."""
    row = db.one(GET, {"id": message_id})
    if row is None:
        raise NotFound("Message not found")
    return _shaped(db, [row])[0]


def search(db: Database, conversation_id: str, *, order: str = "asc", page: Page) -> Listed[Row]:
    """A page of a conversation's messages, oldest first unless `order` is desc. Raises NotFound."""
    store.get(db, conversation_id)
    bounds = {"conversation_id": conversation_id, "limit": page.limit, "offset": page.offset}
    rows = db.all(PAGE[order], bounds)
    total = db.cached_count(COUNT, {"conversation_id": conversation_id})
    return Listed(_shaped(db, rows), total, page)


def send(
    db: Database,
    conversation_id: str,
    *,
    content: str = "",
    type: str = "text",
    template: Mapping[str, Any] | None = None,
    attachment_ids: Sequence[str] = (),
    by: str,
) -> Row:
    """A message of a member of staff: queued for its channel, or kept in the house when it is a note.

    Raises Conflict when the guest cannot or may not be written to now.
    """
    with transaction(db):
        conversation = store.get(db, conversation_id)
        if type == "note":
            return note(db, conversation_id, content, by=by)
        check_sendable(db, conversation, type)
        details = {"template": dict(template)} if template else None
        row = _written(
            db,
            conversation_id,
            "outbound",
            content or _named(template),
            type=type,
            status="queued",
            author=("staff", by),
            details=details,
        )
        if attachment_ids:
            row = _with_files(db, row, attachment_ids, by)
        now = row["created_at"]
        db.run(
            QUEUE,
            {
                "message_id": row["id"],
                "conversation_id": conversation_id,
                "channel": conversation["channel"],
                "now": now,
            },
        )
        _answered(db, row)
        db.run(store.MARK_READ, {"id": conversation_id, "reader": by})
        events.record(db, "message.queued", row["id"], conversation_id=conversation_id, by=by)
        return row


def check_sendable(db: Database, conversation: Row, type: str) -> None:
    """Raise Conflict unless a message of this type can be sent in the conversation now; Invalid where there is none."""
    channel = conversation["channel"]
    if conversation["guest_id"] is None:
        raise Conflict("This guest has been erased.", reason="guest_unreachable")
    if type == "template" and channel != "whatsapp":
        raise Invalid.field("type", "Only WhatsApp has template messages.")
    settings.check_channel(db, channel)
    sendability.check(db, conversation["guest_id"], channel, type)


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
    details: Mapping[str, Any] | None = None,
    in_reply_to: Sequence[str] = (),
    conversation_id: str | None = None,
) -> tuple[Row, bool]:
    """A guest's message, once for every `event_key` of an account: the message, and whether it is new.

    It goes to `conversation_id` or the guest's latest one on the channel, which it reopens, or begins one.
    """
    with transaction(db):
        known = already(db, account, event_key)
        if known is not None:
            return known, False
        conversation_id = conversation_id or store.newest_of(db, guest_id, channel)
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
            details=details,
        )
        now = row["created_at"]
        note_inbound(db, account, event_key, row["id"], in_reply_to=in_reply_to)
        db.run(HEARD, {"id": conversation_id, "preview": content[:PREVIEW], "now": now})
        events.record(db, "message.received", row["id"], conversation_id=conversation_id)
        return row, True


def note_inbound(
    db: Database,
    account: str,
    event_key: str,
    message_id: str | None = None,
    *,
    in_reply_to: Sequence[str] = (),
) -> None:
    """This has come in, and shall count once."""
    row = {"account": account, "event_key": event_key, "message_id": message_id, "now": db.now()}
    db.run(NOTE_INBOUND, row | {"in_reply_to": as_json(list(in_reply_to)) if in_reply_to else None})


def echo(
    db: Database,
    conversation_id: str,
    content: str,
    *,
    type: str = "text",
    details: Mapping[str, Any] | None = None,
) -> Row:
    """A message the hotel sent from elsewhere, such as its phone: shown, and never sent by us."""
    with transaction(db):
        row = _written(
            db,
            conversation_id,
            "outbound",
            content,
            type=type,
            status="sent",
            author=("staff", None),
            details={**(details or {}), "echo": True},
        )
        _answered(db, row)
        events.record(db, "message.sent", row["id"], conversation_id=conversation_id)
        return row


def amend(db: Database, message_id: str, content: str, **details: Any) -> None:
    """Somebody has edited a message of theirs; `details` say so, beside those it had."""
    with transaction(db):
        known = get(db, message_id)["details"] or {}
        _amended(db, message_id, content, {**known, **details})


def take_back(db: Database, message_id: str, content: str, *, at: str) -> None:
    """Somebody has taken a message of theirs back: nothing it said or brought stays."""
    with transaction(db):
        known = get(db, message_id)["details"] or {}
        attachments.delete_of_message(db, message_id)
        db.run(RETYPE, {"id": message_id, "type": "text"})
        kept = {name: known[name] for name in KEPT if name in known}
        _amended(db, message_id, content, {**kept, "revoked": at})


def _amended(db: Database, message_id: str, content: str, details: Mapping[str, Any]) -> None:
    row = get(db, message_id)
    db.run(AMEND, {"id": message_id, "content": content, "details": as_json(dict(details))})
    changed = {"id": row["conversation_id"], "created_at": row["created_at"], "now": db.now()}
    db.run(AMEND_PREVIEW, changed | {"preview": content[:PREVIEW]})
    events.record(db, "message.changed", message_id, conversation_id=row["conversation_id"])


def already(db: Database, account: str, event_key: str) -> Row | None:
    """The message this event made when it came before."""
    message_id = db.value(SEEN_BEFORE, {"account": account, "event_key": event_key})
    return get(db, message_id) if message_id else None


def _named(template: Mapping[str, Any] | None) -> str:
    """What stands for a template whose text only the provider knows."""
    return f"[{template['name']}]" if template else ""


def _with_files(db: Database, row: Row, attachment_ids: Sequence[str], by: str) -> Row:
    files = attachments.claim(db, attachment_ids, row["id"], by=by)
    pictures = all(file["mime"].startswith("image/") for file in files)
    db.run(RETYPE, {"id": row["id"], "type": "image" if pictures else "file"})
    return get(db, row["id"])


def _answered(db: Database, row: Row) -> None:
    shown = row["content"][:PREVIEW]
    db.run(ANSWERED, {"id": row["conversation_id"], "preview": shown, "now": row["created_at"]})


def _written(
    db: Database,
    conversation_id: str,
    direction: str,
    content: str,
    *,
    status: str | None,
    author: tuple[str, str | None],
    type: str = "text",
    details: Mapping[str, Any] | None = None,
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
        "details": as_json(dict(details)) if details else None,
        "now": db.now(),
    }
    db.run(CREATE, made)
    return get(db, made["id"])


def _shaped(db: Database, rows: list[Row]) -> list[Row]:
    files = attachments.of_messages(db, [row["id"] for row in rows])
    for row in rows:
        row["author"] = {
            "type": row["author_type"],
            "id": row["author_id"],
            "name": row["author_name"],
        }
        row["details"] = orjson.loads(row["details"]) if row["details"] else None
        row["attachments"] = files[row["id"]]
    return rows
