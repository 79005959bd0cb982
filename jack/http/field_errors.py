"""Validation errors with the code that `error.details` gives them, and marshmallow's validators and messages with codes.

marshmallow passes messages on as they are, so a `CodedMessage` that a field raises arrives in `arguments.invalid`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import marshmallow as ma
from marshmallow import fields, validate
from marshmallow.exceptions import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterable, Sized

    from jack.core.errors import DetailCode

Value = TypeVar("Value", bound="Sized")

# The codes of the messages that marshmallow's own fields raise, by its key.
CODE_BY_KEY: dict[str, DetailCode] = {
    "required": "required",
    "null": "required",
    "invalid": "wrong_type",
    "type": "wrong_type",
    "invalid_utf8": "forbidden_characters",
    "too_large": "out_of_range",
    "special": "out_of_range",
    "unknown": "unknown_field",
}


class CodedMessage(str):
    """The message of a validation error, with its code."""

    __slots__ = ("code",)
    code: DetailCode

    def __new__(cls, code: DetailCode, message: str) -> CodedMessage:
        made = super().__new__(cls, message)
        made.code = code
        return made

    def format(self, *args: object, **kwargs: object) -> CodedMessage:
        """As of any text; marshmallow fills in its messages so. The code stays."""
        return CodedMessage(self.code, super().format(*args, **kwargs))


SCHEMA_MESSAGES: dict[str, str] = {
    "unknown": CodedMessage("unknown_field", "Unknown field."),
    "type": CodedMessage("wrong_type", "Must be an object."),
}


class FieldError(ma.ValidationError):
    """A ValidationError with a code. A schema's own check names the `field` that is wrong, by its outside name."""

    def __init__(self, code: DetailCode, message: str, field: str = SCHEMA) -> None:
        super().__init__(CodedMessage(code, message), field)


class Length(validate.Length):
    """As marshmallow's; the code says whether it is too short or too long, and of a list too many."""

    def __init__(self, *, min: int | None = None, max: int | None = None) -> None:
        super().__init__(min=min, max=max)

    def __call__(self, value: Value) -> Value:
        """The value, if its length is allowed."""
        try:
            return super().__call__(value)
        except ma.ValidationError as error:
            raise FieldError(self._code(value), str(error.messages[0])) from None

    def _code(self, value: Sized) -> DetailCode:
        if self.min is not None and len(value) < self.min:
            return "too_short"
        return "too_long" if isinstance(value, str) else "too_many"


def one_of(choices: Iterable[str]) -> validate.OneOf:
    """marshmallow's OneOf with its code."""
    found = tuple(choices)
    message = CodedMessage("not_a_choice", f"Must be one of: {', '.join(found)}.")
    return validate.OneOf(found, error=message)


def number_range(min: int, max: int, message: str) -> validate.Range:
    """marshmallow's Range with its code; both bounds are allowed."""
    return validate.Range(min=min, max=max, error=CodedMessage("out_of_range", message))


def pattern(regex: str, code: DetailCode, message: str) -> validate.Regexp:
    """marshmallow's Regexp with a code; the whole text must match."""
    return validate.Regexp(rf"(?:{regex})\Z", error=CodedMessage(code, message))


def add_codes(field: fields.Field[object]) -> None:
    """Give the messages of a field that is bound to a schema, and of a list's items, the codes of `CODE_BY_KEY`."""
    for key, message in field.error_messages.items():
        if isinstance(message, str) and not isinstance(message, CodedMessage):
            field.error_messages[key] = CodedMessage(CODE_BY_KEY.get(key, "invalid"), message)
    if isinstance(field, fields.List):
        add_codes(field.inner)
