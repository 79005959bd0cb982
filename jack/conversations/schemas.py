"""The shapes of conversations and messages."""

from __future__ import annotations

from marshmallow import fields

from jack.fields import Answer, Choice, Ids, PageFilters, Patch, Schema, Text, when

CHANNELS = ("whatsapp", "sms", "email", "web")
STATUSES = ("open", "pending", "closed")
MESSAGE_TYPES = ("text", "note", "image", "file", "location", "unsupported")
MESSAGE_STATUSES = (
    "received",
    "queued",
    "sending",
    "sent",
    "delivered",
    "read",
    "failed",
    "unknown",
)
CONTENT = 4096


class ConversationFilters(PageFilters):
    """Which conversations to list."""

    status = Choice(*STATUSES)
    channel = Choice(*CHANNELS)
    assignee = Text(64, line=True, metadata={"description": "Staff id, `unassigned` or `me`"})
    guest_id = Text(64, line=True)
    search = Text(
        200,
        line=True,
        metadata={"description": "Words of messages, subject, or the guest's name or address"},
    )


class ConversationCreate(Schema):
    """A conversation the hotel begins."""

    guest_id = Text(64, required=True, line=True)
    channel = Choice(*CHANNELS, required=True)
    content = Text(CONTENT, metadata={"description": "The first message, if any"})


class ConversationPatch(Patch):
    """What of a conversation is to change; `assignee: null` or `"unassigned"` takes it from whoever has it."""

    status = Choice(*STATUSES)
    assignee = Text(64, line=True, allow_none=True)
    subject = Text(200, line=True, allow_none=True)


class ConversationBulk(Schema):
    """The same change to up to 500 conversations."""

    ids = Ids()
    changes = fields.Nested(ConversationPatch, required=True)


class GuestName(Answer):
    """Which guest."""

    id = fields.String()
    name = fields.String()


class Conversation(Answer):
    """A conversation. `unread` counts for the caller; `waitingSince` is the oldest message nobody has answered."""

    id = fields.String()
    channel = Choice(*CHANNELS)
    status = Choice(*STATUSES)
    assignee = fields.String(attribute="assignee_id", allow_none=True)
    guest_id = fields.String(allow_none=True)
    guest = fields.Nested(GuestName, allow_none=True)
    subject = fields.String(allow_none=True)
    preview = fields.String(allow_none=True)
    unread = fields.Integer()
    last_message_at = when(allow_none=True)
    first_response_at = when(allow_none=True)
    waiting_since = when(allow_none=True)
    created_at = when()
    updated_at = when()


class MessageFilters(PageFilters):
    """Which messages to list."""

    order = Choice(
        "asc", "desc", load_default="asc", metadata={"description": "Oldest first, or newest first"}
    )


class MessageCreate(Schema):
    """A message to the guest, or with `type: "note"` one for staff only."""

    content = Text(CONTENT, required=True)
    type = Choice("text", "note", load_default="text")


class Author(Answer):
    """Who wrote it."""

    type = Choice("guest", "staff", "system")
    id = fields.String(allow_none=True)
    name = fields.String(allow_none=True)


class Message(Answer):
    """A message. A note has no delivery status: it never leaves the house."""

    id = fields.String()
    conversation_id = fields.String()
    direction = Choice("inbound", "outbound")
    type = Choice(*MESSAGE_TYPES)
    content = fields.String()
    status = Choice(*MESSAGE_STATUSES, allow_none=True)
    author = fields.Nested(Author)
    error = fields.String(allow_none=True)
    created_at = when()
    sent_at = when(allow_none=True)
    delivered_at = when(allow_none=True)
    read_at = when(allow_none=True)
