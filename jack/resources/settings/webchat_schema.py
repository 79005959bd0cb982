"""The shape of `channels.web`: the chat, as the hotel wants it to look and to answer."""

from __future__ import annotations

import re
from collections.abc import Mapping

from marshmallow import fields, validates_schema

from jack.http.field_errors import FieldError, Length, pattern
from jack.http.fields import Flag, Text
from jack.http.schema import Loaded, Schema
from jack.resources.settings.channel_schemas import Secret

# A scheme, a name or an IPv4 address, perhaps a port: an origin, and nothing that could end it in a header.
SITE = re.compile(
    r"(?P<scheme>https?)://(?=.{1,253}(:|\Z))[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*"
    r"(:(?P<port>[1-9][0-9]{0,4}))?"
)
TIME_OF_DAY = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00")


class Site(Text):
    """The origin of a web site, as its browser writes it: `https://www.hotel.example`. Nothing of it is case-sensitive."""

    def _deserialize(
        self, value: object, attr: str | None, data: Mapping[str, object] | None, **kwargs: object
    ) -> str:
        text = super()._deserialize(value, attr, data, **kwargs).lower().removesuffix("/")
        found = SITE.fullmatch(text)
        if not found or int(found["port"] or 1) not in range(1, 65536):
            message = "Not the address of a site such as https://www.hotel.example, without a path."
            raise FieldError("not_a_url", message)
        usual = {"http": "80", "https": "443"}[found["scheme"]]
        return text.removesuffix(f":{usual}")


class TimeOfDay(Text):
    """A time of day, `09:00` to `24:00`, the end of the day."""

    def _deserialize(
        self, value: object, attr: str | None, data: Mapping[str, object] | None, **kwargs: object
    ) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not TIME_OF_DAY.fullmatch(text):
            message = "Not a time of day such as 09:00; the end of the day is 24:00."
            raise FieldError("not_a_time", message)
        return text


class Span(Schema):
    """From when to when somebody answers; a `to` that is not later than `from` is on the next day."""

    from_ = TimeOfDay(5, required=True, line=True, data_key="from")
    to = TimeOfDay(5, required=True, line=True)

    @validates_schema
    def lasting(self, data: Loaded, **kwargs: object) -> None:
        """It begins before the end of the day, and is not empty."""
        if data["from_"] == "24:00":
            raise FieldError("out_of_range", "Must be before 24:00.", "from")
        if data["from_"] == data["to"]:
            message = "Must not be the same as `from`; all day is 00:00 to 24:00."
            raise FieldError("invalid", message, "to")


class Spans(fields.List[Loaded]):
    """The hours of a weekday; none when it is closed."""

    def __init__(self) -> None:
        super().__init__(fields.Nested(Span), validate=Length(max=4))


class Hours(Schema):
    """When somebody answers, on the hotel's clock. A weekday that is not named has no hours."""

    monday = Spans()
    tuesday = Spans()
    wednesday = Spans()
    thursday = Spans()
    friday = Spans()
    saturday = Spans()
    sunday = Spans()


class WebChannel(Schema):
    """`channels.web`: the chat on the hotel's page.

    `sites`: the web sites that may show it. `title` stands above it instead of the hotel's name. `greeting` is said first;
    outside the `hours` (null: at any time) it is `awayMessage`. `colour` is `#rrggbb`.
    `identitySecret`: with it the hotel's own site proves a signed-in guest's e-mail (HMAC-SHA256, `emailProof`).
    """

    enabled = Flag()
    title = Text(100, line=True, allow_none=True)
    greeting = Text(500, allow_none=True)
    away_message = Text(500, allow_none=True)
    hours = fields.Nested(Hours, allow_none=True)
    colour = fields.String(
        allow_none=True,
        validate=pattern("#[0-9a-fA-F]{6}", "not_a_colour", "Must be a colour such as #0d6a5b."),
    )
    sites = fields.List(Site(255, line=True), validate=Length(max=50))
    identity_secret = Secret(200, min=16, line=True, allow_none=True)
