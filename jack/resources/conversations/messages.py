"""Messages: their content and their delivery status. A message, its outbox row, its event and its conversation change together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.core import actors, events
from jack.core.db import as_json, transaction
from jack.core.errors import NotFound
from jack.core.paging import Listed, Page, Place, Walked
from jack.core.query import Query
from jack.core.walking import next_change
from jack.resources.conversations import (
    answering,
    arrival,
    composing,
    inbound_keys,
    mentions,
    message_listing,
    read_marks,
    scheduled,
    sendability,
    store,
)
from jack.resources.conversations import message_templates as templates
from jack.resources.conversations.message_listing import shaped
from jack.resources.conversations.message_rows import COLUMNS, NEXT_SEQ, StoredMessage, answered
from jack.resources.conversations.outgoing_details import outgoing_details

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jack.core.db import Database
    from jack.resources.conversations.message_rows import MessageRow


GET = Query[StoredMessage](f"SELECT {COLUMNS} FROM messages WHERE id = :id")

CREATE = Query[StoredMessage](f"""
    INSERT INTO messages (seq, id, conversation_id, conversation_seq, direction, type, content, status, author_type,
                          author_id, details, reply_to_id, created_at, own_at, sent_at, send_at, cancel_on_reply,
                          answers, changed_seq)
    VALUES ({NEXT_SEQ}, :id, :conversation_id, (SELECT seq FROM conversations WHERE id = :conversation_id), :direction,
            :type, :content, :status, :author_type, :author_id, :details, :reply_to, :now, :own_at,
            CASE :status WHEN 'sent' THEN :now END, :send_at, :cancel_on_reply,
            :author_type <> 'automation', {next_change("messages")})
    RETURNING {COLUMNS}""")

CONVERSATION_OF = "SELECT conversation_id FROM messages WHERE id = :id"


def get(db: Database, message_id: str) -> MessageRow:
    """The message, or NotFound."""
    row = db.one(GET, {"id": message_id})
    if row is None:
        raise NotFound("Message not found")
    return shaped(db, [row])[0]


def by_event_key(db: Database, account: str, event_key: str) -> MessageRow | None:
    """The message that was made of what came in under this key, or that it was about; None when there is none."""
    message_id = inbound_keys.message_of(db, account, event_key)
    return get(db, message_id) if message_id else None


def search(
    db: Database, conversation_id: str, *, page: Page | Place, **filters: str
) -> Listed[MessageRow] | Walked[MessageRow]:
    """A part of a conversation's messages, by the filters of `message_listing`. Raises NotFound."""
    store.get(db, conversation_id)
    return message_listing.search(db, conversation_id, page=page, **filters)


def conversation_of(db: Database, message_id: str) -> str | None:
    """The id of a message's conversation; None when there is no such message."""
    found: str | None = db.value(CONVERSATION_OF, {"id": message_id})
    return found


def send(
    db: Database,
    conversation_id: str,
    *,
    content: str = "",
    type: str = "text",
    template: Mapping[str, object] | None = None,
    attachment_ids: Sequence[str] = (),
    reply_to: str | None = None,
    delay_seconds: int = 0,
    send_at: str | None = None,
    cancel_on_reply: bool = False,
    by: str,
) -> MessageRow:
    """A message of a member of staff, an API key or an automation: queued for its channel, scheduled, or not sent at all when it is a note.

    It quotes `reply_to`, is held for `delay_seconds`, or leaves at `send_at`. Raises Conflict when the guest cannot be written to.
    """
    with transaction(db):
        conversation = store.get(db, conversation_id)
        composing.check_quoted(db, conversation_id, reply_to)
        if type == "note":
            return note(db, conversation_id, content, reply_to=reply_to, by=by)
        later = scheduled.moment(db, send_at)
        check = sendability.check_channel if later else sendability.check
        check(db, conversation["guest_id"], conversation["channel"], type, by=by)
        said = templates.checked(db, template, has_file=bool(attachment_ids))
        row = _create(
            db,
            conversation_id,
            "outbound",
            content or said,
            type=type,
            author=(actors.type_of(by), by),
            details=outgoing_details(conversation["channel"], content, template, attachment_ids),
            reply_to=reply_to,
            **scheduled.columns(later, cancel_on_reply=cancel_on_reply),
        )
        row = composing.attach(db, row, attachment_ids, by, conversation["channel"])
        return _begin(db, row, conversation["channel"], delay_seconds, by)


def _begin(
    db: Database, message: MessageRow, channel: str, delay_seconds: int, by: str
) -> MessageRow:
    """Let a message leave, unless it is scheduled, and tell of it. That of an automation answers nobody who waits for a person."""
    if message["author"]["type"] == "automation":
        composing.queue(db, message, channel, delay_seconds)
        answering.show_last(db, message)
    elif message["status"] == "queued":
        answering.queue(db, message, channel, delay_seconds)
        read_marks.note_read(db, message["conversation_id"], by)
    _record_created(db, message, by)
    return message


def note(
    db: Database,
    conversation_id: str,
    content: str,
    *,
    reply_to: str | None = None,
    by: str | None = None,
) -> MessageRow:
    """A note for staff only, by a member, an API key or Jack itself. It is never sent, and tells those whom it names."""
    author = (actors.type_of(by), by)
    with transaction(db):
        row = _create(
            db,
            conversation_id,
            "outbound",
            content,
            type="note",
            status=None,
            author=author,
            details=mentions.details(db, content, by=by),
            reply_to=reply_to,
        )
        _record_created(db, row, by)
        mentions.record(db, row, by=by)
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
    conversation_id: str | None = None,
    stream_id: str | None = None,
) -> tuple[MessageRow, bool]:
    """A guest's message, once for every `event_key` of an account: the message, and whether it is new."""
    with transaction(db):
        if not inbound_keys.claim(db, account, event_key):
            message_id = inbound_keys.message_of(db, account, event_key)
            return get(db, message_id or ""), False
        row = create_inbound(
            db,
            guest_id=guest_id,
            channel=channel,
            content=content,
            account=account,
            event_key=event_key,
            type=type,
            conversation_id=conversation_id,
            stream_id=stream_id,
        )
        return row, True


def create_inbound(
    db: Database,
    *,
    guest_id: str,
    channel: str,
    content: str,
    account: str,
    event_key: str,
    type: str = "text",
    details: Mapping[str, object] | None = None,
    reply_to: str | None = None,
    conversation_id: str | None = None,
    stream_id: str | None = None,
    written_at: str | None = None,
) -> MessageRow:
    """A guest's message whose key is claimed already, in the transaction of the claim.

    It goes to `conversation_id` or the guest's latest one on the channel, which it reopens, or begins one. `stream_id` is its
    visitor's, in the web chat: only conversations of this stream count then; `written_at` the guest's own time of it.
    """
    conversation_id = conversation_id or store.latest(db, guest_id, channel, stream_id)
    details = arrival.details_of(db, guest_id, details)
    row = _create(
        db,
        conversation_id,
        "inbound",
        content,
        type=type,
        status="received",
        author=("guest", guest_id),
        details=details,
        written_at=written_at,
        reply_to=reply_to,
    )
    inbound_keys.link(db, account, event_key, row["id"])
    arrival.update_conversation(db, row, details, answering.PREVIEW)
    return row


def echo(
    db: Database,
    conversation_id: str,
    content: str,
    *,
    type: str = "text",
    details: Mapping[str, object] | None = None,
    written_at: str | None = None,
    reply_to: str | None = None,
) -> MessageRow:
    """A message the hotel sent from elsewhere, such as its phone, at that time: shown, and never sent by us."""
    with transaction(db):
        row = _create(
            db,
            conversation_id,
            "outbound",
            content,
            type=type,
            status="sent",
            author=("staff", None),
            details={**(details or {}), "echo": True},
            written_at=written_at,
            reply_to=reply_to,
        )
        answering.mark_answered(db, row)
        _record_created(db, row, None)
        return row


def _record_created(db: Database, message: MessageRow, by: str | None) -> None:
    about = message["conversation_id"]
    events.record(db, "conversation.message.created", message["id"], conversation_id=about, by=by)


def _create(
    db: Database,
    conversation_id: str,
    direction: str,
    content: str,
    *,
    status: str | None,
    author: tuple[str, str | None],
    type: str = "text",
    details: Mapping[str, object] | None = None,
    written_at: str | None = None,
    reply_to: str | None = None,
    send_at: str | None = None,
    cancel_on_reply: bool = False,
) -> MessageRow:
    now = db.now()
    values = {
        "id": db.new_id("msg"),
        "conversation_id": conversation_id,
        "direction": direction,
        "type": type,
        "content": content,
        "status": status,
        "author_type": author[0],
        "author_id": author[1],
        "details": as_json(dict(details)) if details else None,
        "reply_to": reply_to,
        "now": now,
        "own_at": send_at or arrival.own_time(written_at, now),
        "send_at": send_at,
        "cancel_on_reply": int(cancel_on_reply),
    }
    return answered(db.row(CREATE, values))
