"""The shapes of conversations and messages."""

from __future__ import annotations

from marshmallow import fields

from jack.channels.types import CHANNEL_NAMES
from jack.http.fields import Choice, Ids, Moment, QueryFlag, Text, when
from jack.http.link_fields import Metadata, pairs
from jack.http.live_fields import current_stay
from jack.http.schema import CursorFilters, Patch, ResponseSchema, Schema
from jack.resources.conversations.message_filters import MESSAGE_STATUSES
from jack.resources.conversations.message_input import CONTENT
from jack.resources.conversations.message_parts import Author, Match, MessageFile, Quoted, Reaction

STATUSES = ("open", "pending", "closed")
PRESENCE = ("viewing", "writing")
MESSAGE_TYPES = ("text", "note", "image", "file", "location", "unsupported", "template")


class ConversationFilters(CursorFilters):
    """Which conversations to list."""

    status = Choice(*STATUSES)
    channel = Choice(*CHANNEL_NAMES)
    assignee = Text(64, line=True, metadata={"description": "Staff id, `unassigned` or `me`"})
    mentioned = Text(
        64, line=True, metadata={"description": "Staff id or `me`: whom a note in it names"}
    )
    guest_id = Text(64, line=True)
    unread = QueryFlag(metadata={"description": "Whether the caller has something to read in it"})
    search = Text(
        200,
        line=True,
        metadata={"description": "Words of messages, subject, guest's name or address"},
    )
    waiting = QueryFlag(metadata={"description": "Whether the guest waits for an answer"})
    scheduled = QueryFlag(metadata={"description": "Whether a message of it is to leave later"})
    snoozed = QueryFlag(metadata={"description": "Whether it is put off until a moment"})
    in_house = QueryFlag(metadata={"description": "Whether the guest has checked in and not out"})
    room = Text(32, line=True, metadata={"description": "That the guest has now or next"})
    sort = Choice(
        "newest",
        "waiting",
        metadata={
            "description": "`newest`, unless given: newest activity first. `waiting`: who waits longest first, then the others"
        },
    )


class ConversationCreate(Schema):
    """A conversation the hotel begins."""

    guest_id = Text(64, required=True, line=True)
    channel = Choice(*CHANNEL_NAMES, required=True)
    content = Text(CONTENT, metadata={"description": "The first message, if any"})
    metadata = Metadata(allow_none=True)


class ConversationPatch(Patch):
    """What of a conversation is to change; `assignee: null` or `"unassigned"` takes it from whoever has it."""

    status = Choice(*STATUSES)
    assignee = Text(64, line=True, allow_none=True)
    subject = Text(200, line=True, allow_none=True)
    metadata = Metadata(allow_none=True)
    snoozed_until = Moment(
        allow_none=True,
        metadata={
            "description": "Pending until then, a year ahead at the most, and open again at that time or when the guest writes. "
            "null: open again now"
        },
    )


class ConversationBulk(Schema):
    """The same change to up to 500 conversations."""

    ids = Ids()
    changes = fields.Nested(ConversationPatch, required=True)


class GuestName(ResponseSchema):
    """Which guest."""

    id = fields.String()
    name = fields.String()


class PreviewMedia(ResponseSchema):
    """The files of the last message: `seconds` is the length of one sound or video, `name` that of one other file, `caption` the text."""

    kind = Choice("photo", "voice", "audio", "video", "file")
    count = fields.Integer()
    seconds = fields.Float(allow_none=True)
    name = fields.String(allow_none=True)
    caption = fields.String(allow_none=True)


class PresenceUpdate(Schema):
    """What the caller does in a conversation."""

    state = Choice(*PRESENCE, required=True)


class Present(ResponseSchema):
    """A member of staff who looks at a conversation, or writes in it."""

    id = fields.String()
    name = fields.String()
    state = Choice(*PRESENCE)


class Conversation(ResponseSchema):
    """A conversation. `unread` counts for the caller; `waitingSince` is the oldest message nobody has answered.

    `windowExpiresAt` is until when a WhatsApp guest may be written to freely; null on other channels. `answerable` is false where nobody
    can be written to: an erased guest, and a sender of SMS who is a name (`HOTELBANK`) or a short code.

    `preview` is the last message in words; where it has files (`Voice note, 0:12`), `previewMedia` tells the same to programs. `presence` is who is there right
    now: no part of the ETag, and in no event. `match` is the message that a `search` has found; null where the guest or the subject
    was found, and without one.
    """

    live = ("match", "presence", "stay")

    id = fields.String()
    channel = Choice(*CHANNEL_NAMES)
    status = Choice(*STATUSES)
    assignee = fields.String(attribute="assignee_id", allow_none=True)
    guest_id = fields.String(allow_none=True)
    guest = fields.Nested(GuestName, allow_none=True)
    subject = fields.String(allow_none=True)
    preview = fields.String(allow_none=True)
    preview_media = fields.Nested(PreviewMedia, allow_none=True)
    unread = fields.Integer()
    last_message_at = when(allow_none=True)
    first_response_at = when(allow_none=True)
    waiting_since = when(allow_none=True)
    snoozed_until = when(allow_none=True)
    window_expires_at = when(allow_none=True)
    answerable = fields.Boolean()
    metadata = pairs("What other programs note")
    presence = fields.List(fields.Nested(Present))
    stay = current_stay()
    match = fields.Nested(Match, allow_none=True)
    created_at = when()
    updated_at = when()


class Counts(ResponseSchema):
    """How many conversations there are; `mine`, `unassigned`, `waiting` and `unread` are of the open ones."""

    open = fields.Integer()
    pending = fields.Integer()
    closed = fields.Integer()
    mine = fields.Integer()
    unassigned = fields.Integer()
    waiting = fields.Integer()
    unread = fields.Integer()


class Message(ResponseSchema):
    """A message. A note has no delivery status: it is never sent.

    A conversation's messages are in the order of `orderedAt`, then of `id`: when its sender wrote it, as far as that is at the most
    two minutes before it came (`createdAt`). One that was written earlier says so in `writtenAt`, which is null else.

    `details` is what a text alone cannot say: a `location`, the `template`, an e-mail's `subject`, …; `edited` (when last), and
    `edits`, what stood before each edit: `[{at, content}]`.
    `mentions`: ids of the staff whom a note names.
    `resent`: of an automation, and sent again by hand. `referral`: the advertisement they have come from. `consent`: `stop` or `start`, where the message is one. `blocked`: the guest
    was, and it notified nobody. `late`: of a scheduled one that failed because Jack was not running when it was to leave or the guest was blocked (`code`: `too_late`, `guest_blocked`,
    `since`).
    `sendAt` is when a message is to leave that was scheduled, or was to. Until it leaves it stands there in the order of the conversation;
    its `createdAt` is from then on when it left.
    Of an e-mail also `automatic` (no person wrote it), `authentication` (`spf`, `dkim`, `dmarc`, `from`), `doubtful` and `unproven` (it may
    not be from whom it names), `bounce` (`code`, `cause`, `diagnosis`) and `delayed` (`since`, `reason`). Of an SMS `sms`: its `segments`,
    each of which is paid for; an MMS counts as one.
    """

    id = fields.String()
    conversation_id = fields.String()
    direction = Choice("inbound", "outbound")
    type = Choice(*MESSAGE_TYPES)
    content = fields.String()
    status = Choice(*MESSAGE_STATUSES, allow_none=True)
    author = fields.Nested(Author)
    error = fields.String(allow_none=True)
    attachments = fields.List(fields.Nested(MessageFile))
    details = fields.Dict(allow_none=True, metadata={"additionalProperties": True})
    reply_to = fields.Nested(Quoted, allow_none=True)
    reactions = fields.List(
        fields.Nested(Reaction),
        metadata={"description": "At most one of the guest's and one of the hotel's"},
    )
    created_at = when()
    written_at = when(allow_none=True)
    ordered_at = when()
    sent_at = when(allow_none=True)
    delivered_at = when(allow_none=True)
    read_at = when(allow_none=True)
    send_at = when(allow_none=True)
    cancel_on_reply = fields.Boolean()


class GuestMessage(Message):
    """A message of a guest, in a list of all their conversations."""

    channel = Choice(*CHANNEL_NAMES)
