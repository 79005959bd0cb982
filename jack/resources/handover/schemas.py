"""The shapes of a handover."""

from __future__ import annotations

from marshmallow import fields

from jack.channels.types import CHANNEL_NAMES
from jack.http.fields import Choice, Moment, Text, when
from jack.http.schema import ResponseSchema, Schema

MAX_TEXT = 5000


class HandoverFilters(Schema):
    """From when on notes are shown."""

    since = Moment(metadata={"description": "Notes since then; without it since the last handover"})


class HandoverCreate(Schema):
    """What the one who leaves has to say."""

    text = Text(MAX_TEXT, required=True)


class HandoverConversation(ResponseSchema):
    """A conversation whose guest waits for an answer."""

    id = fields.String()
    guest_id = fields.String(allow_none=True)
    guest_name = fields.String(allow_none=True)
    channel = Choice(*CHANNEL_NAMES)
    waiting_since = when()
    preview = fields.String(allow_none=True)
    assignee_name = fields.String(allow_none=True)


class HandoverTask(ResponseSchema):
    """A task that is not done."""

    id = fields.String()
    title = fields.String()
    room = fields.String(allow_none=True)
    department = fields.String()
    priority = Choice("low", "normal", "high", "urgent")
    status = Choice("open", "in_progress", "blocked")
    due_at = when()
    assignee_name = fields.String(allow_none=True)


class HandoverNote(ResponseSchema):
    """A note for the staff in a conversation."""

    id = fields.String()
    conversation_id = fields.String()
    guest_name = fields.String(allow_none=True)
    content = fields.String()
    author_name = fields.String(allow_none=True)
    created_at = when()


class HandoverStay(ResponseSchema):
    """A stay."""

    id = fields.String()
    guest_id = fields.String()
    guest_name = fields.String()
    room = fields.String(allow_none=True)
    arrival = fields.String(metadata={"format": "date", "example": "2026-05-01"})
    departure = fields.String(metadata={"format": "date", "example": "2026-05-03"})
    eta = fields.String(allow_none=True)


class HandoverChannel(ResponseSchema):
    """A channel that does not work."""

    channel = fields.String()
    paused_at = when()
    paused_because = fields.String(allow_none=True)


class HandoverPerson(ResponseSchema):
    """A member of staff."""

    id = fields.String()
    name = fields.String()


class HandoverReader(HandoverPerson):
    """A member of staff who has read it, and when."""

    at = when()


class SignedHandover(ResponseSchema):
    """What somebody has said when they handed over, and who has read it."""

    id = fields.String()
    text = fields.String()
    by = fields.Nested(HandoverPerson)
    at = when()
    read_by = fields.List(fields.Nested(HandoverReader))


class Handover(ResponseSchema):
    """What there is to hand over: up to 100 of each. `mentions` are those of `notes` that name a member of staff with an `@`."""

    since = when()
    waiting = fields.List(fields.Nested(HandoverConversation))
    open_tasks = fields.List(fields.Nested(HandoverTask))
    overdue_tasks = fields.List(fields.Nested(HandoverTask))
    notes = fields.List(fields.Nested(HandoverNote))
    mentions = fields.List(fields.Nested(HandoverNote))
    arrivals = fields.List(fields.Nested(HandoverStay))
    departures = fields.List(fields.Nested(HandoverStay))
    in_house = fields.List(fields.Nested(HandoverStay))
    channels = fields.List(fields.Nested(HandoverChannel))
    last = fields.Nested(SignedHandover, allow_none=True)
