"""The shapes of templates."""

from __future__ import annotations

import re
from collections.abc import Mapping

import marshmallow as ma
from marshmallow import fields, validates_schema

from jack.channels.types import CHANNEL_NAMES
from jack.core.errors import DetailCode
from jack.core.patterns import LANGUAGE
from jack.http.field_errors import FieldError, Length
from jack.http.fields import TEXT_PATTERN, Choice, Language, Text, when
from jack.http.schema import CursorFilters, Loaded, Patch, ResponseSchema, Schema

CONTENT = 4096  # characters
LANGUAGES = 40
PARAMETERS = 50
SHORTCUT = re.compile("[a-z0-9][a-z0-9-]{0,31}")


class TextsByLanguage(fields.Dict):
    """A text by language: `{"en": "Dear {guest_name}, …", "es": "…"}`."""

    def __init__(self, *, required: bool = False) -> None:
        shape = {
            "description": "By language. `{name}` is filled in: `guest_name`, `first_name`, `room_number`, `check_in_date`, "
            "`check_out_date`, `nights`, `confirmation`, `hotel_name`, `staff_name`, and those of the setting `variables`; "
            "`\\{` and `\\}` are braces",
            "minProperties": 1,
            "maxProperties": LANGUAGES,
            "propertyNames": {"type": "string", "pattern": f"^{LANGUAGE.pattern}$"},
            "additionalProperties": {
                "type": "string",
                "minLength": 1,
                "maxLength": CONTENT,
                "pattern": TEXT_PATTERN,
            },
        }
        super().__init__(required=required, metadata=shape)
        self._language, self._text = Language(), Text(CONTENT)

    def _deserialize(
        self, value: object, attr: str | None, data: Mapping[str, object] | None, **kwargs: object
    ) -> dict[str, str]:
        if not isinstance(value, dict):
            raise self.make_error("invalid")
        if not 0 < len(value) <= LANGUAGES:
            code: DetailCode = "too_many" if value else "too_short"
            raise FieldError(code, f"Must be texts in 1 to {LANGUAGES} languages.")
        found: dict[str, str] = {}
        wrong: dict[str, object] = {}
        for tag, text in value.items():
            try:
                found[str(self._language.deserialize(tag))] = str(self._text.deserialize(text))
            except ma.ValidationError as error:
                wrong[tag] = error.messages
        if wrong:
            raise ma.ValidationError(wrong)
        if len({tag.lower() for tag in found}) < len(value):
            raise FieldError("invalid", "Names a language twice.")
        return found


class Shortcut(Text):
    """The word by which a template is found when `/` is typed: `wifi`."""

    def __init__(self) -> None:
        described = {"pattern": f"^$|^{SHORTCUT.pattern}$"}
        super().__init__(32, line=True, allow_none=True, metadata=described)
        self.metadata = {**self.metadata, **described}

    def _deserialize(
        self, value: object, attr: str | None, data: Mapping[str, object] | None, **kwargs: object
    ) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not SHORTCUT.fullmatch(text):
            raise FieldError("invalid", "Must be a-z, 0-9 and hyphens, no hyphen first.")
        return text


class ApprovedTemplate(Schema):
    """A message template that WhatsApp has approved, which says the same: it is sent where the 24 hours are over.

    `parameters` are its texts, in its order, with places as in `texts`. It goes in the approved language nearest to the guest's.
    """

    name = Text(512, line=True, required=True)
    parameters = fields.List(
        Text(1024, line=True), validate=Length(max=PARAMETERS), load_default=list
    )


def channels() -> fields.List[str]:
    """The field `channels`."""
    described = {"description": "By which it may be sent; all, unless given"}
    return fields.List(
        Choice(*CHANNEL_NAMES),
        validate=Length(min=1, max=len(CHANNEL_NAMES)),
        metadata=described,
    )


class TemplateCreate(Schema):
    """A new template."""

    name = Text(100, required=True, line=True)
    shortcut = Shortcut()
    texts = TextsByLanguage(required=True)
    channels = channels()
    whatsapp_template = fields.Nested(ApprovedTemplate, allow_none=True)


class TemplatePatch(Patch):
    """What of a template is to change; what is left out stays as it is. `texts` and `channels` are replaced as a whole."""

    name = Text(100, line=True)
    shortcut = Shortcut()
    texts = TextsByLanguage()
    channels = channels()
    whatsapp_template = fields.Nested(ApprovedTemplate, allow_none=True)


class TemplateFilters(CursorFilters):
    """Which templates to list."""

    channel = Choice(*CHANNEL_NAMES)
    shortcut = Text(32, line=True)


class TemplatePreview(Schema):
    """For whom a template is to be filled in: a guest, the guest of a conversation, or a stay; and in which language, if not in theirs."""

    guest_id = Text(64, line=True)
    conversation_id = Text(64, line=True)
    stay_id = Text(64, line=True)
    language = Language()

    @validates_schema(skip_on_field_errors=True)
    def one_of(self, data: Loaded, **kwargs: object) -> None:
        """Exactly one of the three."""
        named = [name for name in ("guest_id", "conversation_id", "stay_id") if name in data]
        if len(named) != 1:
            code: DetailCode = "invalid" if named else "required"
            raise FieldError(
                code, "Name one of guestId, conversationId and stayId, and only one.", "guestId"
            )


class ApprovedTemplateName(ResponseSchema):
    """Which approved template, and what it is filled with."""

    name = fields.String()
    parameters = fields.List(fields.String())


class MessageTemplate(ResponseSchema):
    """A template: a text the hotel sends again and again, by language, with places for what differs."""

    id = fields.String()
    name = fields.String()
    shortcut = fields.String(allow_none=True)
    texts = fields.Dict(metadata={"additionalProperties": {"type": "string"}})
    channels = fields.List(Choice(*CHANNEL_NAMES))
    whatsapp_template = fields.Nested(ApprovedTemplateName, allow_none=True)
    created_at = when()
    updated_at = when()


class FilledTemplate(ResponseSchema):
    """A template as its guest would read it. `language` is that of the text; `missing` are places that have no value, which stay as they are."""

    content = fields.String()
    language = fields.String()
    missing = fields.List(fields.String())
