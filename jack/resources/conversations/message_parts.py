"""The shapes of what a message consists of: who wrote it, its files, the message it answers, reactions."""

from __future__ import annotations

import re
from collections.abc import Mapping

from marshmallow import fields

from jack.http.field_errors import FieldError
from jack.http.fields import Choice, OwnPath, Text, when
from jack.http.schema import ResponseSchema, Schema

# An emoji begins with a sign, or is a key such as 1️⃣; joiners, colours of skin, other signs and tags (of flags) may follow.
_SIGNS = "\u00a9\u00ae\u203c-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
EMOJI = f"[#*0-9]\ufe0f?\u20e3|[{_SIGNS}][{_SIGNS}\u200d\ufe0f\U000e0020-\U000e007f]*"


class Emoji(Text):
    """One emoji, with what it is joined of: a sign, a flag, a key."""

    def __init__(self, *, required: bool, allow_none: bool) -> None:
        described = {"description": "One emoji; null takes it back"}
        super().__init__(
            32, line=True, required=required, allow_none=allow_none, metadata=described
        )

    def _deserialize(
        self, value: object, attr: str | None, data: Mapping[str, object] | None, **kwargs: object
    ) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not re.fullmatch(EMOJI, text):
            raise FieldError("invalid", "Must be an emoji.")
        return text


class Author(ResponseSchema):
    """Who wrote it. `integration`: a program with an API key."""

    type = Choice("guest", "staff", "integration", "automation", "system")
    id = fields.String(allow_none=True)
    name = fields.String(allow_none=True)


class MessageFile(ResponseSchema):
    """A file of a message. `url` answers it, once it is here (`ready`).

    `duration` of a sound or video is in seconds. `previewUrl` is a JPEG of a picture that browsers do not show (HEIC), once there is one.
    """

    id = fields.String()
    name = fields.String()
    mime = fields.String()
    size = fields.Integer(allow_none=True)
    url = OwnPath(allow_none=True, metadata={"format": "uri-reference"})
    preview_url = OwnPath(allow_none=True, metadata={"format": "uri-reference"})
    duration = fields.Float(allow_none=True)
    status = Choice("pending", "ready", "failed")
    error = fields.String(allow_none=True)


class Quoted(ResponseSchema):
    """The message that another one answers: its first 200 characters, and who wrote it."""

    id = fields.String()
    content = fields.String()
    author = fields.Nested(Author)


class Reaction(ResponseSchema):
    """An emoji on a message. `error`: why the provider has not accepted the hotel's."""

    emoji = fields.String()
    by = fields.Nested(Author)
    at = when()
    error = fields.String(allow_none=True)


class ReactionPut(Schema):
    """The hotel's emoji on a message; null takes it back."""

    emoji = Emoji(required=True, allow_none=True)


class Match(ResponseSchema):
    """The latest message that a search has found: what of it to show, and where the words stand in that.

    A range is the first character and the one after the last, counted in Unicode code points.
    """

    message_id = fields.String()
    snippet = fields.String()
    ranges = fields.List(fields.List(fields.Integer(), metadata={"minItems": 2, "maxItems": 2}))
