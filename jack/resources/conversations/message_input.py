"""The shapes of messages as they are written and changed."""

from __future__ import annotations

from collections.abc import Mapping

from marshmallow import fields, validates_schema

from jack.core.errors import DetailCode
from jack.http.field_errors import FieldError, Length
from jack.http.fields import Choice, Flag, Language, Moment, Number, Text
from jack.http.schema import Patch, Schema
from jack.resources.conversations.template_schema import Template, check_filled

CONTENT = 4096
LONGEST_DELAY = 30  # seconds


class MessageCreate(Schema):
    """A message to the guest, or with `type: "note"` one for staff only, in which `@Jane Doe` names a colleague (`@Jane` while there is one).

    WhatsApp takes free text within 24 hours of the guest's last message only, later a `template`.
    `attachmentIds` are files uploaded before; with them, or with a template, `content` may be left out. With a template it is the one file of
    its header. `templateId` goes in the place of `content`: 400 `missing_value` names what has no value for this guest, and where WhatsApp's 24 hours
    are over it goes as its `whatsappTemplate`. The guest sees what `replyTo` quotes by WhatsApp connected to Meta; on other channels the staff alone do.
    One with `sendAt` is `scheduled` until then: whether it may be sent is judged when it leaves.
    """

    content = Text(CONTENT)
    type = Choice("text", "note", "template", load_default="text")
    template = fields.Nested(Template)
    template_id = Text(
        64, line=True, metadata={"description": "What of `GET /templates` is sent, filled in"}
    )
    language = Language(
        metadata={"description": "That of `templateId` is sent in, if not the guest's"}
    )
    attachment_ids = fields.List(Text(64, line=True), validate=Length(max=10))
    reply_to = Text(
        64,
        line=True,
        metadata={"description": "The message of this conversation that it quotes"},
    )
    delay_seconds = Number(
        1,
        LONGEST_DELAY,
        metadata={
            "description": "How long it is held: until then `DELETE /messages/:id` takes it back"
        },
    )
    send_at = Moment(
        metadata={
            "description": "When it is to leave, a year ahead at the most; up to a minute ago is at once"
        }
    )
    cancel_on_reply = Flag(
        metadata={"description": "With `sendAt`: it is `cancelled` if the guest writes before that"}
    )

    @validates_schema(skip_on_field_errors=True)
    def consistent(self, data: Mapping[str, object], **kwargs: object) -> None:
        """What each type needs, and cannot have."""
        check_filled(data)
        kind, files = data["type"], data.get("attachment_ids")
        if (kind == "template") != ("template" in data):
            code: DetailCode = "required" if kind == "template" else "invalid"
            message = "Goes with the type template, and only with it."
            raise FieldError(code, message, "template")
        _check_times(data)
        many = isinstance(files, list) and len(files) > 1
        if files and (kind == "note" or (kind == "template" and many)):
            message = "Only a message of the type text has files, and a template one in its header."
            raise FieldError("invalid", message, "attachmentIds")
        if not {"content", "template_id"} & data.keys() and not files and kind != "template":
            raise FieldError("required", "Missing data for required field.", "content")


def _check_times(data: Mapping[str, object]) -> None:
    """Raise FieldError where what says when a message leaves does not fit it."""
    for name, shown in (("delay_seconds", "delaySeconds"), ("send_at", "sendAt")):
        if data["type"] == "note" and name in data:
            raise FieldError("invalid", "A note is not sent.", shown)
    if "send_at" in data and "delay_seconds" in data:
        raise FieldError("invalid", "Goes without sendAt only.", "delaySeconds")
    if data.get("cancel_on_reply") and "send_at" not in data:
        raise FieldError("invalid", "Goes with sendAt only.", "cancelOnReply")


class MessagePatch(Patch):
    """What of a scheduled message is to change; `sendAt: null`, or a moment that has come, lets it leave at once."""

    content = Text(CONTENT)
    send_at = Moment(allow_none=True)
