"""What is shown of a resource beside it and follows from the day: a schema names it in `live`, for it is no part of the ETag."""

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


def current_stay() -> fields.Nested:
    """The field `stay` of a guest or a conversation."""
    return fields.Nested(CurrentStay, allow_none=True)
