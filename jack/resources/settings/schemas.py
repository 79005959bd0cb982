"""The shapes of settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from marshmallow import Schema as PlainSchema
from marshmallow import ValidationError, fields, validates_schema

from jack.core import placeholders
from jack.http.field_errors import FieldError, Length, pattern
from jack.http.fields import Choice, Email, Flag, Language, Number, Text, cleaned, when
from jack.http.schema import Loaded, PageFilters, ResponseSchema, Schema
from jack.resources.settings.channel_schemas import EmailChannel, SmsChannel, WhatsAppChannel
from jack.resources.settings.webchat_schema import WebChannel

SLUG = re.compile(r"[a-z][a-z0-9-]{0,63}")


def _check_texts(value: object) -> None:
    """Raise ValidationError for any text inside that cannot be stored safely."""
    if isinstance(value, str):
        cleaned(value)
    elif isinstance(value, dict):
        for name, inner in value.items():
            cleaned(name)
            _check_texts(inner)
    elif isinstance(value, list):
        for inner in value:
            _check_texts(inner)


class SettingPut(Schema):
    """The whole new value."""

    value = fields.Dict(required=True, metadata={"additionalProperties": True})

    @validates_schema
    def storable(self, data: Loaded, **kwargs: object) -> None:
        """Any JSON object, but its texts keep the rules of all texts."""
        try:
            _check_texts(data["value"])
        except ValidationError as error:
            raise ValidationError(error.messages, "value") from None


class SettingFilters(PageFilters):
    """Which settings to list."""


class Setting(ResponseSchema):
    """A setting. `updatedAt` is null while the default applies."""

    key = fields.String()
    value = fields.Dict(metadata={"additionalProperties": True})
    updated_at = when(allow_none=True)


# ------------------------------------------------------------------------------------------------ known keys


class Slug(Text):
    """A short word for machines: `front-desk`."""

    def _deserialize(
        self, value: object, attr: str | None, data: Mapping[str, object] | None, **kwargs: object
    ) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not SLUG.fullmatch(text):
            message = "Must be lower-case letters, digits and hyphens, a letter first."
            raise FieldError("invalid", message)
        return text


class TimeZone(Text):
    """A name of the IANA time zone database: `Europe/Madrid`."""

    def _deserialize(
        self, value: object, attr: str | None, data: Mapping[str, object] | None, **kwargs: object
    ) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            ZoneInfo(text)
        except (ValueError, OSError, ZoneInfoNotFoundError):
            message = "Not a time zone such as Europe/Madrid."
            raise FieldError("not_a_time_zone", message) from None
        return text


class Hotel(Schema):
    """`hotel`: who the hotel is, and where. `country` (ISO 3166, two letters) reads phone numbers without a +."""

    name = Text(200, line=True)
    email = Email(allow_none=True)
    phone = Text(32, line=True, allow_none=True)
    address = Text(500, allow_none=True)
    time_zone = TimeZone(64, line=True)
    country = fields.String(
        allow_none=True,
        validate=pattern("[A-Z]{2}", "not_a_country", "Must be two capital letters."),
    )
    language = Language()
    website = Text(500, line=True, allow_none=True)


class Department(Schema):
    """A department: the word tasks are sent by, and the one people read."""

    slug = Slug(64, required=True, line=True)
    name = Text(100, required=True, line=True)


class Departments(Schema):
    """`departments`: where tasks can be sent."""

    items = fields.List(fields.Nested(Department), required=True, validate=Length(min=1, max=100))

    @validates_schema
    def distinct(self, data: Loaded, **kwargs: object) -> None:
        """A department is named once."""
        slugs = [item["slug"] for item in data["items"]]
        if len(set(slugs)) != len(slugs):
            raise FieldError("invalid", "Two departments have the same slug.", "items")


class Variable(Schema):
    """What `{name}` in a template is filled with; no name that Jack fills in by itself."""

    name = Text(
        40, required=True, line=True, metadata={"pattern": f"^{placeholders.NAME.pattern}$"}
    )
    value = Text(500, required=True)

    @validates_schema(skip_on_field_errors=True)
    def named(self, data: Loaded, **kwargs: object) -> None:
        """Raise FieldError for a name that no place can have, or that is taken."""
        if not placeholders.NAME.fullmatch(data["name"]):
            message = "Must be a-z, 0-9 and _, a letter first: wifi_password."
            raise FieldError("invalid", message, "name")
        if data["name"] in placeholders.BUILT_IN:
            raise FieldError("taken", "Jack fills this one in by itself.", "name")


class Variables(Schema):
    """`variables`: what templates are filled with besides what Jack knows: `{wifi_password}`."""

    items = fields.List(fields.Nested(Variable), required=True, validate=Length(max=100))

    @validates_schema(skip_on_field_errors=True)
    def distinct(self, data: Loaded, **kwargs: object) -> None:
        """Raise FieldError for a name given twice."""
        names = [one["name"] for one in data["items"]]
        if len(set(names)) < len(names):
            raise FieldError("invalid", "Two variables have the same name.", "items")


class Security(Schema):
    """`security`. `requireTotp`: who must sign in with a second factor. Who must and has none yet can only set it up."""

    require_totp = Choice("none", "admins", "everyone")


class Audit(Schema):
    """`audit`. `days`: how long a row of the audit log is kept, its address with it."""

    days = Number(30, 3650)


class Backups(Schema):
    """`backups`: whether Jack makes backups by itself, at which hour of the hotel's clock, and how many days, weeks and months of them it keeps."""

    enabled = Flag()
    hour = Number(0, 23)
    keep_days = Number(1, 31)
    keep_weeks = Number(0, 53)
    keep_months = Number(0, 60)


class Push(Schema):
    """`push`. `content`: whether notifications on phones have what guests write, notes and titles of tasks in them."""

    content = Flag()


class Privacy(Schema):
    """`privacy`. `eraseGuestsAfterMonths`: how long after the last message or departure a guest is erased by themselves; null: never."""

    erase_guests_after_months = Number(1, 120, allow_none=True)


KNOWN: dict[str, PlainSchema] = {
    "hotel": Hotel(),
    "departments": Departments(),
    "variables": Variables(),
    "security": Security(),
    "audit": Audit(),
    "backups": Backups(),
    "push": Push(),
    "privacy": Privacy(),
    "channels.web": WebChannel(),
    "channels.whatsapp": WhatsAppChannel(),
    "channels.sms": SmsChannel(),
    "channels.email": EmailChannel(),
}
