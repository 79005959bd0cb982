"""`/webchat`: the API of the guest's chat page. Public, with a visitor's token that is valid for nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from flask import request

from jack.core.errors import RateLimited
from jack.http.access import PUBLIC, VISITOR, Caller
from jack.http.blueprint import Blueprint
from jack.http.context import app_state, bearer, caller, get_db, request_state
from jack.http.rate_limits import address_key, ten_times, wait
from jack.http.responses import Series, Status
from jack.http.schema import Loaded
from jack.resources.attachments import mime_types
from jack.resources.webchat import read_receipts, store
from jack.resources.webchat.rows import CreatedSession
from jack.resources.webchat.schemas import (
    Session,
    SessionCreate,
    VisitorFilters,
    VisitorMessage,
    VisitorMessageCreate,
    VisitorMeta,
    VisitorRead,
    VisitorReadAnswer,
)

if TYPE_CHECKING:
    from limits import RateLimitItem

    from jack.resources.attachments.rows import ReadyFile

blp = Blueprint(
    "webchat", __name__, under="/webchat", description="The guest's side of the web chat"
)


class ReadRow(TypedDict):
    """Up to where a visitor has read."""

    cursor: int


def authenticate() -> Caller:
    """The visitor whose token came with the request. Raises Unauthorized."""
    session_id = store.recognise(get_db(), bearer())
    return Caller(session_id, VISITOR, session_id)


@blp.post("/sessions")
@blp.access(PUBLIC)
@blp.arguments(SessionCreate)
@blp.response(201, Session, secret=True)
def begin_visitor_session(visitor: Loaded) -> CreatedSession:
    """Begin a web chat

    A given e-mail links to the guest who has it only with its `emailProof`; without one it is a note for the staff.
    """
    _spend(
        app_state().config.rate_limit_chat_sessions,
        f"chat-sessions:{address_key(request.remote_addr)}",
    )
    return store.create_session(get_db(), **visitor)


@blp.post("/messages")
@blp.access(VISITOR)
@blp.arguments(VisitorMessageCreate)
@blp.response(201, VisitorMessage, location="/webchat/messages")
@blp.alt_response(
    200, schema=VisitorMessage, description="It had been received before", success=True
)
def send_visitor_message(message: Loaded) -> Status:
    """Send a message to the hotel

    Answered after it is stored. The same `clientMessageId` again is answered 200 with the same message.
    """
    item = app_state().config.rate_limit_chat
    _spend(item, f"chat:{caller().id}")
    _spend(ten_times(item), f"chat:{address_key(request.remote_addr)}")
    row, new = store.receive(get_db(), caller().id, **message)
    return Status(201 if new else 200, row)


@blp.get("/messages")
@blp.access(VISITOR)
@blp.arguments(VisitorFilters, location="query")
@blp.response(200, VisitorMessage(many=True), meta=VisitorMeta, polled=True)
def list_visitor_messages(filters: Loaded) -> Series:
    """List the chat's messages after a cursor

    Both directions, oldest first. What is listed counts as delivered. `meta.seenMessageId` is the visitor's own message
    up to which the staff have read; it moves on without anything new being listed.
    """
    db, session_id = get_db(), caller().id
    rows, cursor = store.messages_after(db, session_id, **filters)
    return Series(rows, {"cursor": cursor, "seenMessageId": read_receipts.up_to(db, session_id)})


@blp.get("/attachments/<attachment_id>")
@blp.access(VISITOR)
@blp.download(mime_types.ANY)
def get_visitor_attachment(attachment_id: str) -> ReadyFile:
    """Download a file of the chat"""
    return store.attachment(get_db(), caller().id, attachment_id)


@blp.post("/read")
@blp.access(VISITOR)
@blp.arguments(VisitorRead)
@blp.response(200, VisitorReadAnswer)
def mark_visitor_messages_read(read: Loaded) -> ReadRow:
    """Say up to where the chat has been read"""
    return {"cursor": store.mark_read(get_db(), caller().id, read["cursor"])}


def _spend(item: RateLimitItem, key: str) -> None:
    spent = app_state().limits.spend(item, key)
    state = request_state()
    budgets = [budget for budget in (state.spent, spent) if budget is not None]
    state.spent = min(budgets, key=lambda budget: budget.remaining)
    if spent.exceeded:
        state.spent = spent
        raise RateLimited("Too many messages. Wait a moment.", retry_after=wait(spent))
