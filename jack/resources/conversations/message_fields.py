"""Fields of messages: what fills a template, and an emoji."""

from __future__ import annotations

import re
from collections.abc import Mapping

from marshmallow import fields

from jack.core.errors import DetailCode
from jack.http.field_errors import FieldError
from jack.http.fields import Text, cleaned

# An emoji begins with a sign, or is a key such as 1️⃣; joiners, colours of skin, other signs and tags (of flags) may follow.
_SIGNS = "\u00a9\u00ae\u203c-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
EMOJI = f"[#*0-9]\ufe0f?\u20e3|[{_SIGNS}][{_SIGNS}\u200d\ufe0f\U000e0020-\U000e007f]*"
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


class Emoji(Text):
    """One emoji, with what it is joined of: a sign, a flag, a key."""

    def __init__(self, *, required: bool, allow_none: bool) -> None:
        described = {"pattern": f"^({EMOJI})$", "description": "One emoji; null takes it back"}
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
