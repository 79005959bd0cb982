"""The fields by which other programs tie their records to Jack's: external ids and metadata."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import marshmallow as ma
from marshmallow import fields

from jack.core.errors import Invalid, PreconditionFailed
from jack.core.pairs import MAX_METADATA, MAX_SOURCES
from jack.core.patterns import EXTERNAL_ID, EXTERNAL_SOURCE, MAX_EXTERNAL_ID
from jack.http.field_errors import FieldError, Length
from jack.http.fields import FREE_PATTERN, QueryFlag, Text, cleaned
from jack.http.schema import Schema

if TYPE_CHECKING:
    from jack.http.fields import Data, FieldOptions

MAX_KEY = 40  # characters
MAX_VALUE = 500
SIGNS = r"[^\x00-\x1f\x7f-\x9f]"
NOT_AN_ID = f"Must be 1 to {MAX_EXTERNAL_ID} of A-Z a-z 0-9 . _ : ~ -"
NOT_A_SOURCE = "The name of a source must be 1 to 40 of A-Z a-z 0-9 . _ ~ -"
CALLED = "What another program calls it; unique within the resource"


class ExternalId(Text):
    """What another program calls something."""

    def __init__(self, **kwargs: Unpack[FieldOptions]) -> None:
        pattern = f"^{EXTERNAL_ID.pattern}$"
        kwargs["metadata"] = {
            "description": CALLED,
            "pattern": f"^$|{pattern}" if kwargs.get("allow_none") else pattern,
            **kwargs.get("metadata", {}),
        }
        super().__init__(MAX_EXTERNAL_ID, line=True, **kwargs)
        self.metadata = {**self.metadata, "pattern": kwargs["metadata"]["pattern"]}

    def _deserialize(self, value: object, attr: str | None, data: Data, **kwargs: object) -> str:
        return external_id(super()._deserialize(value, attr, data, **kwargs))


def external_id(text: str) -> str:
    """An external id as it is. Raises FieldError for one of other signs, or of too many."""
    if not EXTERNAL_ID.fullmatch(text):
        raise FieldError("invalid", NOT_AN_ID)
    return text


def checked_external_id(text: str) -> str:
    """An external id in a path. Raises Invalid."""
    if not EXTERNAL_ID.fullmatch(text):
        raise Invalid.field("externalId", "invalid", NOT_AN_ID)
    return text


def existing(found: str | None) -> str:
    """The id of what has an external id. Raises PreconditionFailed when nothing has."""
    if found is None:
        raise PreconditionFailed("There is nothing with this external id.")
    return found


class UpsertOptions(Schema):
    """What is to happen with what was erased."""

    recreate = QueryFlag(
        load_default=False,
        metadata={"description": "Create again what was erased under its external id: else 409"},
    )


class Pairs(fields.Dict):
    """An object of texts that is merged key by key: null, or an empty text, removes a key."""

    most: int
    shape: dict[str, object]

    def __init__(self, **kwargs: Unpack[FieldOptions]) -> None:
        kwargs["metadata"] = {**self.shape, **kwargs.get("metadata", {})}
        super().__init__(**kwargs)

    def _deserialize(
        self, value: object, attr: str | None, data: Data, **kwargs: object
    ) -> dict[str, str | None]:
        if not isinstance(value, dict):
            raise self.make_error("invalid")
        found: dict[str, str | None] = {}
        wrong: dict[str, object] = {}
        for key, one in value.items():
            try:
                found[key] = self.checked(key, None if one == "" else one)
            except ma.ValidationError as error:
                wrong[key] = error.messages
        if wrong:
            raise ma.ValidationError(wrong)
        if sum(one is not None for one in found.values()) > self.most:
            raise FieldError("too_many", f"Must have at most {self.most} keys.")
        return found

    def checked(self, key: str, value: object) -> str | None:
        """The value as it is stored. Raises FieldError."""
        raise NotImplementedError


class Metadata(Pairs):
    """What other programs note about something."""

    most = MAX_METADATA
    shape = {
        "description": f"Up to {MAX_METADATA} keys of up to {MAX_KEY} characters. It is merged key by key: null removes one",
        "propertyNames": {"type": "string", "pattern": f"^{SIGNS}{{1,{MAX_KEY}}}$"},
        "additionalProperties": {
            "type": ["string", "null"],
            "maxLength": MAX_VALUE,
            "pattern": FREE_PATTERN,
        },
    }
    length = Length(max=MAX_VALUE)
    key_length = Length(min=1, max=MAX_KEY)

    def checked(self, key: str, value: object) -> str | None:
        """A text of up to 500 characters."""
        self.key_length(key)
        if "\n" in cleaned(key) or "\t" in key:
            raise FieldError("not_one_line", "The name of a key must be a single line.")
        if value is None:
            return None
        if not isinstance(value, str):
            raise FieldError("wrong_type", "Must be a text, or null.")
        self.length(value)
        return cleaned(value)


class ExternalIds(Pairs):
    """What other programs call a guest, by the name of each program."""

    most = MAX_SOURCES
    shape = {
        "description": f"An id for each source, such as `pms`; up to {MAX_SOURCES}. It is merged key by key: null removes one",
        "propertyNames": {"type": "string", "pattern": f"^{EXTERNAL_SOURCE.pattern}$"},
        "additionalProperties": {
            "type": ["string", "null"],
            "pattern": f"^$|^{EXTERNAL_ID.pattern}$",
        },
    }

    def checked(self, key: str, value: object) -> str | None:
        """An id that is, with its source, no longer than any."""
        if not EXTERNAL_SOURCE.fullmatch(key):
            raise FieldError("invalid", NOT_A_SOURCE)
        if value is None:
            return None
        if not isinstance(value, str):
            raise FieldError("wrong_type", "Must be a text, or null.")
        external_id(value)
        external_id(f"{key}:{value}")
        return value


def pairs(description: str) -> fields.Dict:
    """The same in a response."""
    return fields.Dict(
        metadata={"description": description, "additionalProperties": {"type": "string"}}
    )
