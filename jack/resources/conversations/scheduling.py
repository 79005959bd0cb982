"""Changing a scheduled message, and letting it leave: from then on it is a message like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from jack.core import actors, clock, events
from jack.core.db import as_json, transaction
from jack.core.errors import Conflict, Invalid, NotFound
from jack.core.query import Query
from jack.resources.conversations import (
    answering,
    arrival,
    composing,
    messages,
    scheduled,
    sendability,
    store,
)
from jack.resources.conversations.message_rows import COLUMNS, StoredMessage, answered
from jack.resources.conversations.outgoing_details import outgoing_details

if TYPE_CHECKING:
    from typing import Unpack

    from jack.core.db import Database
    from jack.resources.conversations.conversation_rows import ConversationRow
    from jack.resources.conversations.message_rows import MessageRow


class MessageChanges(TypedDict, total=False):
    """What of a scheduled message may be changed; `send_at` None means at once."""

    content: str
    send_at: str | None


LATE_HOURS = 1  # one that is later than that no longer says what it was meant to
TOO_LATE = "Jack was not running when it was to leave, over an hour ago, so it was not sent."

CHANGE = Query[StoredMessage](f"""
    UPDATE messages
    SET content = :content, send_at = :send_at, own_at = :send_at, details = :details,
        author_type = :author_type, author_id = :author_id
    WHERE id = :id AND status = 'scheduled'
    RETURNING {COLUMNS}""")

# The guest may have asked something newer than what they wait for since.
NEWEST_INBOUND = f"""
    SELECT max(created_at) FROM messages WHERE conversation_id = :id AND {arrival.COUNTS}"""
ANSWERS_NOTHING = "UPDATE messages SET answers = 0 WHERE id = :id"


def change(
    db: Database, message_id: str, *, by: str, **changes: Unpack[MessageChanges]
) -> MessageRow:
    """Change the text or the time of a message that has not left; what is already so changes nothing.

    A time that has come lets it leave. Raises NotFound, Invalid, and Conflict when it has left or been cancelled, or cannot be sent now.
    """
    with transaction(db):
        before = messages.get(db, message_id)
        if before["status"] != "scheduled":
            raise Conflict("It is not scheduled (any more).", reason="not_scheduled")
        content = changes.get("content", before["content"])
        at_once = "send_at" in changes and scheduled.moment(db, changes["send_at"]) is None
        send_at = before["send_at"] if at_once else changes.get("send_at", before["send_at"])
        after = _changed(db, before, content, send_at, by)
        if at_once:
            _check(db, after, by)
            after = _leave(db, after, by=by) or after
    return after


def _changed(
    db: Database, before: MessageRow, content: str, send_at: str | None, by: str
) -> MessageRow:
    """The message with this text and time, and the event if these are others."""
    values = {"content": content, "send_at": send_at}
    names = events.changed_fields(before, values, ("content", "send_at"))
    if not names:
        return before
    if "content" in names and before["type"] == "template":
        raise Invalid.field("content", "invalid", "The text of a template is the provider's.")
    details = before["details"]
    if store.get(db, before["conversation_id"])["channel"] == "sms":
        files = [str(file["id"]) for file in before["attachments"]]
        details = outgoing_details("sms", content, None, files)
    written_at = db.now() if "content" in names else before["written_at"]
    if written_at is not None:
        details = (details or {}) | {"writtenAt": written_at}
    stored = {"id": before["id"], "details": as_json(details) if details else None}
    row = db.row(CHANGE, values | stored | _author(before, by if "content" in names else None))
    events.record(
        db,
        "conversation.message.updated",
        before["id"],
        conversation_id=before["conversation_id"],
        by=by,
        changed=[*names, "orderedAt"] if "sendAt" in names else names,
    )
    return answered(row, before["attachments"])


def _author(before: MessageRow, by: str | None) -> dict[str, str | None]:
    """Whose message it is now: whoever has written its words, `by` if they are new."""
    if by is None:
        return {"author_type": before["author"]["type"], "author_id": before["author"]["id"]}
    return {"author_type": actors.type_of(by), "author_id": by}


def _check(db: Database, message: MessageRow, by: str) -> None:
    """Raise Conflict where the guest cannot be written to now."""
    conversation = store.get(db, message["conversation_id"])
    sendability.check(db, conversation["guest_id"], conversation["channel"], message["type"], by=by)


def leave_due(db: Database) -> bool:
    """Let the messages leave whose time has come, each in a transaction of its own; returns whether there were any.

    One that is over an hour late fails, and says so.
    """
    found = scheduled.due(db)
    for message_id in found:
        try:
            with transaction(db):
                message = messages.get(db, message_id)
                if message["status"] == "scheduled":
                    _leave_or_fail(db, message)
        except NotFound:  # taken back meanwhile
            continue
    return bool(found)


def _leave_or_fail(db: Database, message: MessageRow) -> None:
    send_at = message["send_at"] or ""
    conversation = store.get(db, message["conversation_id"])
    if send_at < clock.later(db.now(), hours=-LATE_HOURS):
        late = {"code": "too_late", "since": send_at}
        _fail(db, message, TOO_LATE, (message["details"] or {}) | {"late": late})
    elif sendability.is_refused(db, conversation["guest_id"], message["author"]["type"]):
        blocked = {"code": "guest_blocked", "since": send_at}
        _fail(db, message, sendability.BLOCKED, (message["details"] or {}) | {"late": blocked})
    else:
        _leave(db, message, conversation)


def _fail(db: Database, message: MessageRow, error: str, details: dict[str, object] | None) -> None:
    """It is the last message of its conversation, and answers nobody."""
    stored = as_json(details) if details else None
    row = scheduled.end(db, message["id"], "failed", error=error, details=stored)
    if row is not None:
        answering.show_last(db, answered(row, message["attachments"]))


def _leave(
    db: Database,
    message: MessageRow,
    conversation: ConversationRow | None = None,
    *,
    by: str | None = None,
) -> MessageRow | None:
    """Put a scheduled message into the outbox, once; None where it is scheduled no more.

    One that leaves by itself, and was written before the last that the guest who waits has said, does not answer them.
    """
    conversation = conversation or store.get(db, message["conversation_id"])
    row = scheduled.end(db, message["id"], "queued", by=by)
    if row is None:
        return None
    queued = answered(row, message["attachments"])
    if by is None and conversation["waiting_since"] is not None and _is_older(db, message):
        db.run(ANSWERS_NOTHING, {"id": message["id"]})
        composing.queue(db, queued, conversation["channel"], 0)
        answering.show_last(db, queued)
    else:
        answering.queue(db, queued, conversation["channel"])
    return queued


def _is_older(db: Database, message: MessageRow) -> bool:
    """Whether a message was written before the last of the guest's."""
    newest = db.value(NEWEST_INBOUND, {"id": message["conversation_id"]})
    return newest is not None and (message["written_at"] or message["created_at"]) < newest
