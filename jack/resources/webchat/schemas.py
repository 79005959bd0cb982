"""The shapes of the web chat, as its visitor sees them."""

from __future__ import annotations

from marshmallow import fields

from jack.http.fields import Choice, Email, Language, Number, OwnPath, QueryNumber, Text, when
from jack.http.schema import ResponseSchema, Schema

CONTENT = 4096
SEQ = 2**53


class SessionCreate(Schema):
    """A visitor, as far as they say who they are.

    `emailProof` is the hex HMAC-SHA256 of the lower-case e-mail with the `identitySecret` of the setting
    `channels.web`: with it the hotel's own site vouches for a guest it has signed in.
    """

    name = Text(200, line=True, allow_none=True)
    email = Email(allow_none=True)
    language = Language(allow_none=True)
    email_proof = Text(64, min=64, line=True, allow_none=True, metadata={"pattern": "^[!-~]{64}$"})


class Session(ResponseSchema):
    """The visitor's secret, and until when it opens their chat; every visit moves that on."""

    token = fields.String()
    expires_at = when()


class VisitorMessageCreate(Schema):
    """A message; sent again with the same `clientMessageId` it is the same message."""

    content = Text(CONTENT, required=True)
    client_message_id = Text(64, required=True, line=True)


class VisitorFilters(Schema):
    """From where on."""

    after = QueryNumber(
        0, SEQ, load_default=0, metadata={"description": "`meta.cursor` of the last call"}
    )
    limit = QueryNumber(1, 100, load_default=50)


class VisitorRead(Schema):
    """Up to where the visitor has read."""

    cursor = Number(0, SEQ, required=True)


class VisitorAuthor(ResponseSchema):
    """Who wrote it; staff by first name only."""

    type = Choice("guest", "staff", "integration", "automation", "system")
    name = fields.String(allow_none=True)


class VisitorAttachment(ResponseSchema):
    """A file of a message; `url` and `size` are there when it is `ready`."""

    id = fields.String()
    name = fields.String()
    mime = fields.String()
    size = fields.Integer(allow_none=True)
    url = OwnPath(allow_none=True, metadata={"format": "uri-reference"})
    status = Choice("pending", "ready", "failed")


class VisitorMessage(ResponseSchema):
    """A message, as its visitor sees it."""

    id = fields.String()
    direction = Choice("inbound", "outbound")
    type = Choice("text", "image", "file", "location", "unsupported")
    content = fields.String()
    status = Choice(
        "received", "queued", "sending", "sent", "delivered", "read", "failed", "unknown"
    )
    author = fields.Nested(VisitorAuthor)
    attachments = fields.List(fields.Nested(VisitorAttachment))
    created_at = when()
    read_at = when(allow_none=True)


class VisitorMeta(ResponseSchema):
    """`cursor` is the `after` of the next call; `seenMessageId` tells the visitor's own messages apart.

    Somebody on the staff has read the visitor's message of that id and all of theirs before it, and none after it. Null
    while nothing has been read. An own message that is stored, and so has reached the hotel, is `received` for good.
    """

    cursor = fields.Integer()
    seen_message_id = fields.String(allow_none=True)


class VisitorReadAnswer(ResponseSchema):
    """How far it is known to be read."""

    cursor = fields.Integer()
