"""The shapes of what the watchdog has found."""

from __future__ import annotations

from marshmallow import fields

from jack.http.fields import Choice, when
from jack.http.schema import ResponseSchema


class Fault(ResponseSchema):
    """Something that is out of order since `since`.

    `mailbox`: not read for 10 minutes. `channel`: paused, because its account does not work; `subjectId` is the channel. `webhook`: nothing
    gets to it; `subjectId` is its id. `disk`: less than 10 % of it is free. `backup`: none for 48 hours by `bin/jack backup`. `clock`: it is
    behind what was written already.
    """

    kind = Choice("mailbox", "channel", "webhook", "disk", "backup", "clock")
    subject_id = fields.String(allow_none=True)
    since = when()


class Health(ResponseSchema):
    """What is out of order, the oldest first; nothing where all is well."""

    faults = fields.List(fields.Nested(Fault))
