"""`/conversations` and their messages."""

from __future__ import annotations

from jack.core.db import Database, transaction
from jack.core.paging import Gone, Listed, Walked
from jack.http.access import MANAGER
from jack.http.blueprint import Blueprint
from jack.http.bulk import BulkMeta, bulk_of, each
from jack.http.context import caller, get_db
from jack.http.responses import Series
from jack.http.schema import Deleted, DeletedRow, Loaded
from jack.resources.conversations import (
    counts,
    delivery,
    filled_templates,
    guest_messages,
    message_listing,
    messages,
    presence,
    reactions,
    read_marks,
    scheduling,
    search_match,
    store,
    taking_back,
)
from jack.resources.conversations.conversation_rows import ConversationRow
from jack.resources.conversations.counts import CountsRow
from jack.resources.conversations.guest_messages import GuestMessageRow
from jack.resources.conversations.message_filters import (
    AllMessageFilters,
    GuestMessageFilters,
    MessageFilters,
)
from jack.resources.conversations.message_input import MessageCreate, MessagePatch
from jack.resources.conversations.message_parts import ReactionPut
from jack.resources.conversations.message_rows import MessageRow
from jack.resources.conversations.schemas import (
    Conversation,
    ConversationBulk,
    ConversationCreate,
    ConversationFilters,
    ConversationPatch,
    Counts,
    GuestMessage,
    Message,
    PresenceUpdate,
)

blp = Blueprint(
    "conversations",
    __name__,
    under="/conversations",
    description="Conversations and their messages",
    scope="conversations",
)


messages_blp = Blueprint(
    "messages",
    __name__,
    under="/messages",
    description="Single messages, and what became of them",
    scope="conversations",
)


guests_blp = Blueprint(
    "guest_messages",
    __name__,
    under="/guests",
    description="What was said with a guest",
    scope="conversations",
)


def as_caller(db: Database, conversation_id: str) -> ConversationRow:
    """The conversation as the caller sees it."""
    return presence.shown_one(db, store.get(db, conversation_id, reader=caller().id))


@blp.get("")
@blp.arguments(ConversationFilters, location="query")
@blp.response(200, Conversation(many=True), walked=True)
def list_conversations(filters: Loaded) -> Listed[ConversationRow] | Walked[ConversationRow]:
    """List conversations

    Newest activity first unless `sort` says otherwise. With `search` each has, as `match`, the latest message that was found.
    """
    me = caller().id
    filters |= {name: me for name in ("assignee", "mentioned") if filters.get(name) == "me"}
    db = get_db()
    found = store.search(db, reader=me, **filters)
    rows = presence.shown(db, [row for row in found.rows if not isinstance(row, Gone)])
    search_match.show(db, filters.get("search", ""), rows)
    return found


@blp.post("")
@blp.arguments(ConversationCreate)
@blp.response(201, Conversation, location="/conversations/{id}")
def create_conversation(new: Loaded) -> ConversationRow:
    """Start a conversation with a guest who can be reached on the channel"""
    db, me, content = get_db(), caller().id, new.pop("content", None)
    metadata = new.pop("metadata", None)
    with transaction(db):
        store.check_reachable(db, **new)
        made = store.create(db, by=me, metadata=metadata, **new)
        if content is not None:
            messages.send(db, made["id"], content=content, by=me)
        return as_caller(db, made["id"])


@blp.patch("/bulk")
@blp.access(MANAGER)
@blp.bulk
@blp.arguments(ConversationBulk)
@blp.response(200, bulk_of(Conversation), meta=BulkMeta)
def change_conversations(change: Loaded) -> Series:
    """Make the same change to up to 500 conversations; each succeeds or fails by itself"""
    db, me, changes = get_db(), caller().id, change["changes"]
    return each(
        db,
        change["ids"],
        lambda id: presence.shown_one(db, store.change(db, id, by=me, **changes)),
        of="ids",
    )


@blp.get("/counts")
@blp.response(200, Counts)
def count_conversations() -> CountsRow:
    """Count conversations: what there is to take care of, as the caller sees it"""
    return counts.count(get_db(), reader=caller().id)


@blp.get("/<conversation_id>")
@blp.response(200, Conversation)
def get_conversation(conversation_id: str) -> ConversationRow:
    """Get a conversation"""
    return as_caller(get_db(), conversation_id)


@blp.patch("/<conversation_id>")
@blp.arguments(ConversationPatch)
@blp.response(200, Conversation, current=as_caller)
def change_conversation(changes: Loaded, conversation_id: str) -> ConversationRow:
    """Change status, assignee, subject or metadata, or snooze it"""
    db = get_db()
    return presence.shown_one(db, store.change(db, conversation_id, by=caller().id, **changes))


@blp.post("/<conversation_id>/read")
@blp.response(200, Conversation)
def mark_conversation_read(conversation_id: str) -> ConversationRow:
    """Mark a conversation as read by the caller"""
    db = get_db()
    return presence.shown_one(db, read_marks.mark_read(db, conversation_id, by=caller().id))


@blp.post("/<conversation_id>/unread")
@blp.response(200, Conversation)
def mark_conversation_unread(conversation_id: str) -> ConversationRow:
    """Mark a conversation as unread for the caller

    By its guest's last message; one that is unread already stays as it is. 409 `nothing_to_read` where the guest has written nothing.
    """
    db = get_db()
    return presence.shown_one(db, read_marks.mark_unread(db, conversation_id, by=caller().id))


@blp.put("/<conversation_id>/presence")
@blp.not_for_keys
@blp.arguments(PresenceUpdate)
@blp.response(200, Conversation)
def tell_presence(told: Loaded, conversation_id: str) -> ConversationRow:
    """Say that the caller looks at a conversation, or writes in it

    For 20 seconds, in which it shows as `presence`. It is no change of the conversation, and no event.
    """
    db = get_db()
    presence.tell(db, conversation_id, by=caller().id, **told)
    return as_caller(db, conversation_id)


@blp.get("/<conversation_id>/messages")
@blp.arguments(MessageFilters, location="query")
@blp.response(200, Message(many=True), walked=True)
def list_messages(filters: Loaded, conversation_id: str) -> Listed[MessageRow] | Walked[MessageRow]:
    """List a conversation's messages

    Oldest first, or with `order=desc` newest first. With `around` the page that has this message; `meta.page` says which that is.
    With `search` those alone that have these words, notes as well.
    """
    return messages.search(get_db(), conversation_id, **filters)


@blp.post("/<conversation_id>/messages")
@blp.arguments(MessageCreate)
@blp.response(201, Message, location="/messages/{id}")
def send_message(new: Loaded, conversation_id: str) -> MessageRow:
    """Send a message

    It is answered as `queued` and leaves through the outbox, after `delaySeconds` if there are any; as `scheduled` with a `sendAt` to come.
    A `note` stays with the staff.
    """
    db, me = get_db(), caller().id
    with transaction(db):
        said = filled_templates.said(db, conversation_id, new, by=me)
        return messages.send(db, conversation_id, by=me, **said)


@messages_blp.get("")
@messages_blp.arguments(AllMessageFilters, location="query")
@messages_blp.response(200, Message(many=True), walked=True)
def list_all_messages(filters: Loaded) -> Walked[MessageRow]:
    """List the messages of all conversations

    From a cursor on, in the order of creation, or of the last change. In that of creation a scheduled message comes when it leaves, unless
    `status=scheduled` is asked for.
    """
    return message_listing.search_all(get_db(), **filters)


@messages_blp.get("/<message_id>")
@messages_blp.response(200, Message)
def get_message(message_id: str) -> MessageRow:
    """Get a message"""
    return messages.get(get_db(), message_id)


def current_message(db: Database, message_id: str) -> MessageRow:
    """The message as it is now."""
    return messages.get(db, message_id)


@messages_blp.patch("/<message_id>")
@messages_blp.arguments(MessagePatch)
@messages_blp.response(200, Message, current=current_message)
def change_message(changes: Loaded, message_id: str) -> MessageRow:
    """Change a scheduled message

    Its text or its time, until it leaves; 409 `not_scheduled` afterwards. With `sendAt: null` it leaves at once, unless the guest cannot be
    written to now.
    """
    return scheduling.change(get_db(), message_id, by=caller().id, **changes)


@messages_blp.delete("/<message_id>")
@messages_blp.response(200, Deleted)
def take_back_message(message_id: str) -> DeletedRow:
    """Take back a message that is held or scheduled

    Only one that was sent with `delaySeconds`, until these are over, or with `sendAt`, until it leaves; 409 `not_held` afterwards. It is gone
    as if it had never been: the guest does not see it, and the conversation waits as before. Its files can be sent again.
    """
    taking_back.take_back(get_db(), message_id, by=caller().id)
    return {"id": message_id, "deleted": True}


@messages_blp.post("/<message_id>/resend")
@messages_blp.response(200, Message)
def resend_message(message_id: str) -> MessageRow:
    """Send a message again

    Only one that is `failed` or `unknown`: an unknown one may have arrived, so this is a person's decision.
    """
    return delivery.resend(get_db(), message_id, by=caller().id)


@messages_blp.put("/<message_id>/reaction")
@messages_blp.arguments(ReactionPut)
@messages_blp.response(200, Message)
def set_reaction(change: Loaded, message_id: str) -> MessageRow:
    """Put the hotel's emoji on a message

    By WhatsApp connected to Meta, which shows one of the hotel's on each message: it takes the place of a colleague's. null takes it back.
    """
    return reactions.react(get_db(), message_id, change["emoji"], by=caller().id)


@guests_blp.get("/<guest_id>/messages")
@guests_blp.arguments(GuestMessageFilters, location="query")
@guests_blp.response(200, GuestMessage(many=True))
def list_guest_messages(filters: Loaded, guest_id: str) -> Listed[GuestMessageRow]:
    """List what was said with a guest on all channels

    The messages of all their conversations in one line of time, newest first, or with `order=asc` oldest first; each names its `channel`.
    There is no cursor: a merge brings messages of any age. Who keeps a copy reads `GET /messages`.
    """
    return guest_messages.search(get_db(), guest_id, **filters)
