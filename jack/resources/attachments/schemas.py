"""The shapes of attachments."""

from __future__ import annotations

from marshmallow import fields

from jack.http.fields import OwnPath, when
from jack.http.schema import ResponseSchema


class Attachment(ResponseSchema):
    """A file that was uploaded, to be named among the `attachmentIds` of a message within a day."""

    id = fields.String()
    name = fields.String()
    mime = fields.String()
    size = fields.Integer()
    url = OwnPath(metadata={"format": "uri-reference"})
    created_at = when()
