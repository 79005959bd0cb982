"""The shapes of accounts."""

from __future__ import annotations

from marshmallow import fields

from jack.channels.types import CHANNEL_NAMES
from jack.http.fields import Choice, when
from jack.http.schema import PageFilters, ResponseSchema


class ChannelFilters(PageFilters):
    """Which channels to list."""


class ChannelAccount(ResponseSchema):
    """A channel and how its account is.

    `paused`: the account does not work. Its queue is kept, and tried with one message at `pausedUntil`; putting the
    setting `channels.<channel>` or a successful test ends the pause at once. `polledAt` is when the mailbox last answered.
    """

    channel = Choice(*CHANNEL_NAMES)
    enabled = fields.Boolean()
    configured = fields.Boolean()
    state = Choice("working", "paused", "off", "not_configured")
    queue_length = fields.Integer()
    last_inbound_at = when(allow_none=True)
    last_outbound_at = when(allow_none=True)
    last_error = fields.String(allow_none=True)
    last_error_at = when(allow_none=True)
    paused_at = when(allow_none=True)
    paused_until = when(allow_none=True)
    paused_because = fields.String(allow_none=True)
    polled_at = when(allow_none=True)


class ChannelTest(ResponseSchema):
    """Whether an account works, and in plain words what was found."""

    channel = Choice(*CHANNEL_NAMES)
    works = fields.Boolean()
    says = fields.String()
