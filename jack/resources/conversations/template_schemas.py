"""The shape of a message template, which WhatsApp has approved."""

from __future__ import annotations

from collections.abc import Mapping

from marshmallow import fields

from jack.core.errors import DetailCode
from jack.http.field_errors import FieldError
from jack.http.fields import Text, cleaned
from jack.http.schema import Schema

PARAMETERS = 50
PARAMETER = 1024
PARAMETER_SHAPE = {"type": "string", "minLength": 1, "maxLength": PARAMETER}


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


class Template(Schema):
    """A message template that WhatsApp has approved."""

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
