"""The shape of the setting `stays.feeds`."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from marshmallow import fields, validates_schema

from jack.http.field_errors import FieldError, Length
from jack.http.fields import Text
from jack.http.schema import Loaded, Schema

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST = 100
WEBCAL = "webcal://"


class CalendarUrl(Text):
    """The address of a calendar; `webcal://` is what some call `https://`."""

    def _deserialize(
        self, value: object, attr: str | None, data: Mapping[str, object] | None, **kwargs: object
    ) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if text.lower().startswith(WEBCAL):
            text = f"https://{text[len(WEBCAL) :]}"
        try:
            parts = urlsplit(text)
            whole = parts.scheme in ("http", "https") and bool(parts.hostname)
        except ValueError:
            whole = False
        if not whole or " " in text:
            message = "Must be an address such as https://www.airbnb.com/calendar/ical/1.ics."
            raise FieldError("not_a_url", message)
        return text


class StayFeed(Schema):
    """A calendar: what staff call it, which is where its stays were booked; its address; the room it is of, if it is of one."""

    name = Text(60, required=True, line=True)
    url = CalendarUrl(2000, required=True, line=True)
    room = Text(32, line=True, allow_none=True, load_default=None)


class StayFeeds(Schema):
    """`stays.feeds`: calendars (iCal) of booking sites that stays are read from, every 15 minutes."""

    feeds = fields.List(fields.Nested(StayFeed), required=True, validate=Length(max=MOST))

    @validates_schema
    def distinct(self, data: Loaded, **kwargs: object) -> None:
        """A name and an address are there once."""
        for field in ("name", "url"):
            known = [feed[field] for feed in data["feeds"]]
            if len(set(known)) != len(known):
                raise FieldError("invalid", f"Two calendars have the same {field}.", "feeds")
