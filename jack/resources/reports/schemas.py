"""The shapes of reports."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from marshmallow import fields

from jack.http.field_errors import FieldError
from jack.http.fields import Choice, Text
from jack.http.schema import ResponseSchema, Schema

STEPS = ("day", "week", "month")
DAY = re.compile("(19[7-9][0-9]|20[0-9]{2})-[0-9]{2}-[0-9]{2}")


class Day(Text):
    """A day of the hotel's calendar, `2026-05-01`, from 1970 to 2099. Returns a `date`."""

    def __init__(self, description: str, data_key: str) -> None:
        metadata = {"description": description, "format": "date", "pattern": f"^{DAY.pattern}$"}
        super().__init__(10, min=10, line=True, data_key=data_key, metadata=metadata)

    def _deserialize(  # type: ignore[override]
        self, value: object, attr: str | None, data: Mapping[str, object] | None, **kwargs: object
    ) -> date:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            if not DAY.fullmatch(text):
                raise ValueError
            return date.fromisoformat(text)
        except ValueError:
            raise FieldError("not_a_time", "Not a day such as 2026-05-01.") from None


class OverviewFilters(Schema):
    """Which days, and by which parts of them."""

    first = Day("The first day; four weeks in all where it is left out", "from")
    last = Day(
        "The last day, with all of it, up to a year after the first; today where it is left out",
        "to",
    )
    by = Choice(*STEPS, load_default="day", metadata={"description": "The parts of `series`"})
    format = Choice(
        "json",
        "csv",
        load_default="json",
        metadata={"description": "`csv`: the `series` as a file"},
    )


class OverviewPeriod(ResponseSchema):
    """Days of the hotel's calendar, both included."""

    first = fields.String(data_key="from", metadata={"format": "date", "example": "2026-05-01"})
    last = fields.String(data_key="to", metadata={"format": "date", "example": "2026-05-31"})


class ConversationsByChannel(ResponseSchema):
    """How many conversations there were on each channel."""

    whatsapp = fields.Integer()
    sms = fields.Integer()
    email = fields.Integer()
    web = fields.Integer()


class ConversationFigures(ResponseSchema):
    """Conversations that were `opened`, by channel as well, and how often one was `closed`."""

    opened = fields.Integer()
    closed = fields.Integer()
    by_channel = fields.Nested(ConversationsByChannel)


class MessageCount(ResponseSchema):
    """Messages of guests, and to guests."""

    inbound = fields.Integer()
    outbound = fields.Integer()


class MessagesByChannel(ResponseSchema):
    """How many messages there were on each channel."""

    whatsapp = fields.Nested(MessageCount)
    sms = fields.Nested(MessageCount)
    email = fields.Nested(MessageCount)
    web = fields.Nested(MessageCount)


class MessageFigures(MessageCount):
    """Messages of guests, and to guests (without what failed and without notes), by channel as well."""

    by_channel = fields.Nested(MessagesByChannel)


class Spread(ResponseSchema):
    """Half of all cases took `median` seconds at the most, nine in ten `p90`; null where there was none."""

    median = fields.Integer(allow_none=True)
    p90 = fields.Integer(allow_none=True)


class TaskCount(ResponseSchema):
    """Tasks that were created, completed, and of those due then not done in time (`late`); cancelled ones are never late."""

    created = fields.Integer()
    completed = fields.Integer()
    late = fields.Integer()


class DepartmentFigures(TaskCount):
    """The tasks of a department."""

    department = fields.String(metadata={"example": "housekeeping"})


class TaskFigures(TaskCount):
    """Tasks, by department as well."""

    by_department = fields.List(fields.Nested(DepartmentFigures))


class Figures(ResponseSchema):
    """What is counted. `firstAnswerSeconds`: of conversations opened then, from the guest's first message to the first answer.

    `closeSeconds`: of closings then, since the conversation was opened or last reopened. `waitedOver15Minutes`: how often a
    guest has begun to wait then and went without an answer for so long.
    """

    conversations = fields.Nested(ConversationFigures)
    messages = fields.Nested(MessageFigures)
    first_answer_seconds = fields.Nested(Spread)
    close_seconds = fields.Nested(Spread)
    waited_over_15_minutes = fields.Integer(data_key="waitedOver15Minutes")
    tasks = fields.Nested(TaskFigures)


class OverviewPoint(Figures):
    """A part of the period: its first day, and its figures."""

    date = fields.String(metadata={"format": "date", "example": "2026-05-01"})


class OverviewFigures(Figures):
    """A period. `byHourOfWeek`: messages of guests by weekday, Monday first, and hour of the hotel's clock."""

    period = fields.Nested(OverviewPeriod)
    by_hour_of_week = fields.List(fields.List(fields.Integer()))
    series = fields.List(fields.Nested(OverviewPoint))


class Overview(OverviewFigures):
    """A period, and the one just before: as many months of whole months, else as many days."""

    zone = fields.String(metadata={"example": "Europe/Madrid"})
    by = Choice(*STEPS)
    previous = fields.Nested(OverviewFigures)
