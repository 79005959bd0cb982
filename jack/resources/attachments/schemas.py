"""The shapes of attachments."""

from __future__ import annotations

from marshmallow import fields

from jack.http.fields import OwnPath, Text, when
from jack.http.schema import ResponseSchema, Schema

BYTES = {"type": "string", "format": "binary", "contentMediaType": "application/octet-stream"}


class AttachmentUpload(Schema):
    """A file, and the conversation it is for: then it is checked whether that channel takes it."""

    file = fields.Raw(required=True, metadata=BYTES)
    conversation_id = Text(64, line=True)


class Attachment(ResponseSchema):
    """A file that was uploaded, to be named among the `attachmentIds` of a message or a task within a day."""

    id = fields.String()
    name = fields.String()
    mime = fields.String()
    size = fields.Integer()
    url = OwnPath(metadata={"format": "uri-reference"})
    created_at = when()
