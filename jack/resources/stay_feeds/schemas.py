"""The shapes of calendars that stays are read from."""

from __future__ import annotations

from marshmallow import fields

from jack.http.fields import Choice, when
from jack.http.schema import PageFilters, ResponseSchema


class StayFeedFilters(PageFilters):
    """Which calendars to list."""


class StayFeed(ResponseSchema):
    """A calendar of the setting `stays.feeds`, and how it is.

    `failing`: it could not be read at `checkedAt`, for the reason in `error`; its stays are as they were at `succeededAt`. `stays`: those
    of its bookings that are not over; `unnamed`: those of them whose guest is not known yet.
    """

    name = fields.String()
    room = fields.String(allow_none=True)
    state = Choice("waiting", "working", "failing")
    checked_at = when(allow_none=True)
    succeeded_at = when(allow_none=True)
    error = fields.String(allow_none=True)
    stays = fields.Integer()
    unnamed = fields.Integer()
