"""Fields that follow from the moment of reading: they change without a change of their resource, and are no part of its ETag."""

from __future__ import annotations

from marshmallow import fields

from jack.http.fields import Choice
from jack.http.schema import ResponseSchema


class CurrentStay(ResponseSchema):
    """The stay of a guest that matters now: the one they have checked in for, else the next, else the last within 14 days. Its days are the hotel's."""

    id = fields.String()
    room = fields.String(allow_none=True)
    arrival = fields.String(metadata={"format": "date"})
    departure = fields.String(metadata={"format": "date"})
    status = Choice("booked", "in_house", "departed")


class Live(fields.Nested):
    """What is no part of the ETag of the resource it is shown in."""


def current_stay() -> Live:
    """The field `stay` of a guest or a conversation."""
    return Live(CurrentStay, allow_none=True)
