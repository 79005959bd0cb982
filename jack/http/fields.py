"""The fields schemas are made of: strict and bounded, for input and for responses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC
from typing import TYPE_CHECKING, TypedDict, Unpack

import marshmallow as ma
from marshmallow import fields

from jack.core import clock
from jack.core.patterns import (
    EMAIL,
    FORBIDDEN,
    HIDDEN_EMAIL,
    LANGUAGE,
    RFC3339,
    TURNING,
    plain_line,
)
from jack.http.field_errors import FieldError, Length, number_range, one_of

if TYPE_CHECKING:
    from marshmallow.types import ErrorMessages

# The same rules for the readers of the API's description, as JSON Schema knows patterns: text that begins with its first
# visible character or blanks before it, on one line or on several; text that may be blank; addresses; times.
_BLANK, _VISIBLE = r"[^\S\x0b-\x1f\x85]", r"[^\s\x00-\x1f\x7f-\x9f]"
_SIGNS = r"(\r\n|[^\x00-\x08\x0b-\x1f\x7f-\x9f])*"
_SHOWN = rf"[^\s\x00-\x1f\x7f-\x9f{TURNING}]"
LINE_PATTERN = rf"^({_BLANK}|[{TURNING}])*{_SHOWN}[^\x00-\x08\x0a-\x1f\x7f-\x9f]*$"
TEXT_PATTERN = rf"^(\r\n|{_BLANK})*{_VISIBLE}{_SIGNS}$"
FREE_PATTERN = f"^{_SIGNS}$"
_NOT_IN_EMAIL = rf'\s@"(),:;<>\[\]\\\x00-\x1f\x7f-\x9f{TURNING}'
EMAIL_PATTERN = (
    rf"^([^{_NOT_IN_EMAIL}]{{1,64}}@[^{_NOT_IN_EMAIL}/?#%.]{{1,63}}(\.[^{_NOT_IN_EMAIL}/?#%.]{{1,63}})*|{re.escape(HIDDEN_EMAIL)})$"
).replace(r"\ ", " ")
# A day of the calendar from 1970 to 9998; 29 February in leap years alone.
_DAY = (
    "((19[7-9][0-9]|[2-8][0-9]{3}|9[0-8][0-9]{2}|99[0-8][0-9]|999[0-8])-"
    "((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|"
    "(19(7[26]|8[048]|9[26])|[2-9][0-9](0[48]|[2468][048]|[13579][26])|([2468][048]|[3579][26])00)-02-29)"
)
MOMENT_PATTERN = (
    f"^{_DAY}[Tt]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    r"(\.[0-9]{1,9})?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
)


class FieldOptions(TypedDict, total=False):
    """What any field takes beside what its class is about; as marshmallow's Field says."""

    required: bool
    allow_none: bool | None
    load_default: object
    data_key: str | None
    error_messages: ErrorMessages
    metadata: Mapping[str, object]


# The object a value stands in; marshmallow hands it to fields.
Data = Mapping[str, object] | None


def cleaned(text: str) -> str:
    """Text with plain line ends. Raises FieldError when it has characters that cannot be stored safely."""
    text = text.replace("\r\n", "\n")
    if FORBIDDEN.search(text):
        raise FieldError(
            "forbidden_characters", "Must not contain control characters or lone surrogates."
        )
    return text


class Text(fields.String):
    """Text of `min` to `max` characters, not blank unless `min` is 0; `line=True` strips the ends and allows no line break.

    Characters are counted as they are sent, as JSON Schema counts them. A line is stored composed (NFC) and without
    characters that turn its direction. Where null is allowed, an empty text means null.
    """

    composed = True

    def __init__(
        self, max: int, *, min: int = 1, line: bool = False, **kwargs: Unpack[FieldOptions]
    ) -> None:
        pattern = (LINE_PATTERN if line else TEXT_PATTERN) if min else FREE_PATTERN
        metadata = {"pattern": pattern, **kwargs.get("metadata", {})}
        self.empty_is_null = bool(kwargs.get("allow_none"))
        if self.empty_is_null and min:
            metadata["pattern"] = f"^$|{metadata['pattern']}"
        kwargs["metadata"] = metadata
        # What is described allows the empty text; one that is not empty has `min` characters all the same.
        described = Length(min=0 if self.empty_is_null else min, max=max)
        super().__init__(validate=described, **kwargs)
        self.length = Length(min=min, max=max)
        self.line = line
        self.min, self.max = min, max

    def deserialize(  # type: ignore[override]
        self, value: object, attr: str | None = None, data: Data = None, **kwargs: object
    ) -> str | None:
        """As marshmallow's; printable ASCII of the right length, as most texts are, is seen to be right at once."""
        if value == "" and self.empty_is_null:
            return None
        if type(self) is Text and type(value) is str and value.isascii() and value.isprintable():
            stripped = value.strip()
            if self.min <= len(value) <= self.max and (stripped or not self.min):
                return stripped if self.line else value
        return super().deserialize(value, attr, data, **kwargs)

    def _deserialize(self, value: object, attr: str | None, data: Data, **kwargs: object) -> str:
        sent = super()._deserialize(value, attr, data, **kwargs)
        text = cleaned(sent)
        if self.line:
            text = (plain_line(text) if self.composed else text).strip()
            if "\n" in text:
                raise FieldError("not_one_line", "Must be a single line.")
        if self.min and not text.strip():
            raise FieldError("blank", "Must not be blank.")
        self.length(sent)
        return text

    def _validate(self, value: object) -> None:
        """Done already."""


class Email(Text):
    """An e-mail address of up to 254 characters, kept as written."""

    composed = False

    def __init__(self, **kwargs: Unpack[FieldOptions]) -> None:
        kwargs["metadata"] = {"pattern": EMAIL_PATTERN, **kwargs.get("metadata", {})}
        super().__init__(254, min=3, line=True, **kwargs)

    def _deserialize(self, value: object, attr: str | None, data: Data, **kwargs: object) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not EMAIL.fullmatch(text) and text != HIDDEN_EMAIL:
            raise FieldError("not_an_email", "Not a valid e-mail address.")
        return text


class Choice(fields.String):
    """One of a closed list of words."""

    def __init__(self, *choices: str, **kwargs: Unpack[FieldOptions]) -> None:
        super().__init__(validate=one_of(choices), **kwargs)


class Language(Text):
    """A language tag of BCP 47: `en`, `es-MX`."""

    def __init__(self, **kwargs: Unpack[FieldOptions]) -> None:
        kwargs["metadata"] = {"pattern": f"^{LANGUAGE.pattern}$", **kwargs.get("metadata", {})}
        super().__init__(35, min=2, line=True, **kwargs)

    def _deserialize(self, value: object, attr: str | None, data: Data, **kwargs: object) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not LANGUAGE.fullmatch(text):
            raise FieldError("not_a_language", "Not a language tag such as en or es-MX.")
        return text


class Moment(fields.String):
    """An RFC 3339 time with an offset, between 1970 and 9998, stored as UTC."""

    def __init__(self, **kwargs: Unpack[FieldOptions]) -> None:
        described = {"format": "date-time", "pattern": MOMENT_PATTERN}
        kwargs["metadata"] = {**described, **kwargs.get("metadata", {})}
        super().__init__(**kwargs)

    def _deserialize(self, value: object, attr: str | None, data: Data, **kwargs: object) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            if not RFC3339.fullmatch(text) or not "1970" <= text[:4] <= "9998":
                raise ValueError
            return clock.render(clock.parse(text.upper()).astimezone(UTC))
        except ValueError:
            raise FieldError(
                "not_a_time", "Not an RFC 3339 time such as 2026-05-01T15:00:00Z."
            ) from None


class Number(fields.Integer):
    """A whole number between two bounds."""

    def __init__(self, min: int, max: int, **kwargs: Unpack[FieldOptions]) -> None:
        error = f"Must be a whole number from {min} to {max}."
        kwargs.setdefault("error_messages", {"invalid": error, "too_large": error})
        super().__init__(strict=True, validate=number_range(min, max, error), **kwargs)

    def _deserialize(self, value: object, attr: str | None, data: Data, **kwargs: object) -> int:
        if isinstance(value, float) and value.is_integer():
            value = int(value)  # 7.0 is a whole number to JSON Schema
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.make_error("invalid")
        return super()._deserialize(value, attr, data, **kwargs)


class QueryNumber(Number):
    """The same in a query string: digits and nothing else."""

    def _deserialize(self, value: object, attr: str | None, data: Data, **kwargs: object) -> int:
        if not isinstance(value, str) or not re.fullmatch("[0-9]{1,18}", value):
            whole = isinstance(value, str) and re.fullmatch("-?[0-9]+", value)
            raise self.make_error("too_large" if whole else "invalid")
        return super()._deserialize(int(value), attr, data, **kwargs)


class Flag(fields.Boolean):
    """`true` or `false`, and nothing else that might pass for it."""

    def _deserialize(self, value: object, attr: str | None, data: Data, **kwargs: object) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class QueryFlag(fields.Boolean):
    """The same in a query string."""

    def _deserialize(self, value: object, attr: str | None, data: Data, **kwargs: object) -> bool:
        if value not in ("true", "false"):
            raise FieldError("wrong_type", "Must be true or false.")
        return value == "true"


class Tags(fields.List[str]):
    """Up to 50 labels of up to 50 characters each, doubles dropped, order kept."""

    def __init__(self, **kwargs: Unpack[FieldOptions]) -> None:
        super().__init__(Text(50, line=True), validate=Length(max=50), **kwargs)

    def _deserialize(
        self, value: object, attr: str | None, data: Data, **kwargs: object
    ) -> list[str | None]:
        labels = super()._deserialize(value, attr, data, **kwargs)
        kept: dict[str, str | None] = {}
        for label in labels:
            kept.setdefault((label or "").casefold(), label)
        return list(kept.values())


class Items(fields.List[object]):
    """The items of a bulk call: described by a schema, checked one by one so that a bad one fails alone."""

    def __init__(self, schema: type[ma.Schema], *, max: int = 500) -> None:
        length = Length(min=1, max=max)
        super().__init__(fields.Nested(schema), required=True, validate=length)

    def _deserialize(
        self, value: object, attr: str | None, data: Data, **kwargs: object
    ) -> list[object | None]:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        return value


class Ids(fields.List[str]):
    """Up to 500 ids for a bulk change."""

    def __init__(self) -> None:
        length = Length(min=1, max=500)
        super().__init__(Text(64, line=True), required=True, validate=length)


class OwnPath(fields.String):
    """The path of something of Jack's in a response: stored without the path that Jack is below, shown with it."""


def when(*, allow_none: bool = False) -> fields.String:
    """A time in a response."""
    return fields.String(
        allow_none=allow_none,
        metadata={"format": "date-time", "example": "2026-05-01T15:00:00.000Z"},
    )
