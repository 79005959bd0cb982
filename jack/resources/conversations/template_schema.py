"""The shape of a message template of WhatsApp's as it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from marshmallow import fields, validates_schema

from jack.http.field_errors import FieldError, Length
from jack.http.fields import Choice, Number, Text, cleaned
from jack.http.schema import Schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jack.core.errors import DetailCode

PARAMETERS = 50
PARAMETER = 1024
PARAMETER_SHAPE = {"type": "string", "minLength": 1, "maxLength": PARAMETER}
MEDIA = ("image", "video", "document")
COMPONENTS = 20
COMPONENTS_BYTES = 16 * 1024


class Parameters(fields.Field[object]):
    """The texts a template is filled with: a list for {{1}}, {{2}}, …, or an object for those with names."""

    def _deserialize(
        self,
        value: object,
        attr: str | None,
        data: Mapping[str, object] | None,
        **kwargs: object,
    ) -> object:
        if not isinstance(value, dict | list) or len(value) > PARAMETERS:
            message = f"Must be a list or an object of up to {PARAMETERS} texts."
            code: DetailCode = "too_many" if isinstance(value, dict | list) else "wrong_type"
            raise FieldError(code, message)
        texts = [*value.values(), *value] if isinstance(value, dict) else value
        for text in texts:
            if not isinstance(text, str) or not 0 < len(cleaned(text)) <= PARAMETER:
                message = f"Each must be a text of 1 to {PARAMETER} characters."
                raise FieldError(_code_of_parameter(text), message)
        return value


def _code_of_parameter(value: object) -> DetailCode:
    """What is wrong with a template's parameter."""
    if not isinstance(value, str):
        return "wrong_type"
    return "too_long" if value else "too_short"


class Degrees(fields.Field[float]):
    """A latitude or longitude, of at most so many degrees."""

    def __init__(self, most: int) -> None:
        super().__init__(metadata={"type": "number", "minimum": -most, "maximum": most})
        self._most = most

    def _deserialize(
        self,
        value: object,
        attr: str | None,
        data: Mapping[str, object] | None,
        **kwargs: object,
    ) -> float:
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise FieldError("wrong_type", "Must be a number.")
        if not -self._most <= value <= self._most:
            raise FieldError("out_of_range", f"Must be from -{self._most} to {self._most}.")
        return float(value)


def check_filled(data: Mapping[str, object]) -> None:
    """Raise FieldError unless a message of the hotel's own template says nothing else."""
    if "template_id" not in data:
        if "language" in data:
            raise FieldError("invalid", "Goes with templateId, and only with it.", "language")
        return
    if data["type"] != "text":
        raise FieldError(
            "invalid", "Only a message of the type text is a template's.", "templateId"
        )
    if "content" in data:
        raise FieldError("invalid", "Goes in the place of content.", "templateId")


class TemplateHeader(Schema):
    """The header of a template: a `text`, a file (by a `link`, or the message's `attachmentIds`), or a place."""

    type = Choice("text", "location", *MEDIA, required=True)
    text = Text(60, line=True)
    link = Text(2048, line=True, metadata={"description": "An https address of the file"})
    filename = Text(240, line=True)
    latitude = Degrees(90)
    longitude = Degrees(180)
    name = Text(200, line=True)
    address = Text(400, line=True)

    @validates_schema(skip_on_field_errors=True)
    def consistent(self, data: Mapping[str, object], **kwargs: object) -> None:
        """What each type needs."""
        needed = {"text": ("text",), "location": ("latitude", "longitude")}
        for name in needed.get(str(data["type"]), ()):
            if name not in data:
                raise FieldError("required", "Missing data for required field.", name)
        if not str(data.get("link", "https://")).startswith("https://"):
            raise FieldError(
                "not_a_url", "Must be an address such as https://hotel.example/a.jpg.", "link"
            )


class TemplateButton(Schema):
    """A button: `text` is what completes the address of a `url`, what a `quick_reply` answers, or the code of `copy_code`."""

    index = Number(0, 9, required=True)
    type = Choice("quick_reply", "url", "copy_code", required=True)
    text = Text(2000, line=True, required=True)


class Components(fields.Field[object]):
    """Components in Meta's own form, for what has no field here: up to 20 objects, each with a `type`."""

    def __init__(self) -> None:
        shape = {
            "type": "object",
            "required": ["type"],
            "properties": {"type": {"type": "string"}},
            "additionalProperties": True,
        }
        super().__init__(metadata={"type": "array", "maxItems": COMPONENTS, "items": shape})

    def _deserialize(
        self,
        value: object,
        attr: str | None,
        data: Mapping[str, object] | None,
        **kwargs: object,
    ) -> object:
        if not isinstance(value, list) or not all(
            isinstance(one, dict) and isinstance(one.get("type"), str) for one in value
        ):
            raise FieldError("wrong_type", "Must be a list of objects, each with a type.")
        if len(value) > COMPONENTS or len(orjson.dumps(value)) > COMPONENTS_BYTES:
            raise FieldError(
                "too_many", f"Must be up to {COMPONENTS} components of 16 KiB together."
            )
        return value


class Template(Schema):
    """A message template that WhatsApp has approved: `GET /channels/whatsapp/templates` lists them, with what each needs."""

    name = Text(512, line=True, required=True)
    language = Text(15, line=True, required=True, metadata={"description": "`es_MX`"})
    parameters = Parameters(
        metadata={
            "oneOf": [
                {"type": "array", "maxItems": PARAMETERS, "items": PARAMETER_SHAPE},
                {
                    "type": "object",
                    "maxProperties": PARAMETERS,
                    "propertyNames": PARAMETER_SHAPE,
                    "additionalProperties": PARAMETER_SHAPE,
                },
            ]
        }
    )
    header = fields.Nested(TemplateHeader)
    buttons = fields.List(fields.Nested(TemplateButton), validate=Length(max=10))
    components = Components()
