"""The shapes of automations."""

from __future__ import annotations

from marshmallow import fields

from jack.channels.types import CHANNEL_NAMES
from jack.http.day_fields import TimeOfDay
from jack.http.field_errors import Length
from jack.http.fields import Choice, Flag, Number, QueryFlag, Text, when
from jack.http.schema import (
    CreationCursorFilters,
    CursorFilters,
    Loaded,
    Patch,
    ResponseSchema,
    Schema,
)
from jack.resources.automations.rows import (
    ACTIONS,
    CONDITIONS,
    RESULTS,
    SUBJECTS,
    TRIGGERS,
)
from jack.resources.automations.schema_parts import (
    IS,
    AutomationAction,
    AutomationCondition,
    AutomationTrigger,
)

QUIET = {
    "description": "By the hotel's clock; both or none. Past midnight where it is later than the end"
}
IS_SHOWN = {
    "description": IS["description"],
    "oneOf": [{"type": "string"}, {"type": "boolean"}],
}


def conditions() -> fields.List[Loaded]:
    """The field `conditions`."""
    return fields.List(fields.Nested(AutomationCondition), validate=Length(max=20))


def actions(*, required: bool = False) -> fields.List[Loaded]:
    """The field `actions`."""
    return fields.List(
        fields.Nested(AutomationAction), required=required, validate=Length(min=1, max=10)
    )


PER_DAY = {"description": "So many messages of automations a guest is sent in a day"}


class AutomationCreate(Schema):
    """A new automation; it is off unless it says `enabled`."""

    name = Text(100, required=True, line=True)
    enabled = Flag()
    trigger = fields.Nested(AutomationTrigger, required=True)
    conditions = conditions()
    actions = actions(required=True)
    per_guest_per_day = Number(1, 20, metadata=PER_DAY)
    quiet_from = TimeOfDay(allow_none=True, metadata=QUIET)
    quiet_to = TimeOfDay(allow_none=True, metadata=QUIET)


class AutomationPatch(Patch):
    """What of an automation is to change; `trigger`, `conditions` and `actions` are replaced as a whole."""

    name = Text(100, line=True)
    enabled = Flag()
    trigger = fields.Nested(AutomationTrigger)
    conditions = conditions()
    actions = actions()
    per_guest_per_day = Number(1, 20, metadata=PER_DAY)
    quiet_from = TimeOfDay(allow_none=True, metadata=QUIET)
    quiet_to = TimeOfDay(allow_none=True, metadata=QUIET)


class AutomationFilters(CursorFilters):
    """Which automations to list."""

    enabled = QueryFlag()


class KindedShown(ResponseSchema):
    """Of something that has a `type`, which says what else it has."""

    def on_bind_field(self, field_name: str, field_obj: fields.Field[object]) -> None:
        """Only the type is always there."""
        super().on_bind_field(field_name, field_obj)
        field_obj.required = field_name == "type"


class TriggerShown(KindedShown):
    """What begins it, as it was given."""

    type = Choice(*TRIGGERS)
    minutes = fields.Integer()
    days = fields.Integer()
    at = fields.String()


class ConditionShown(KindedShown):
    """What must hold, as it was given."""

    type = Choice(*CONDITIONS)
    in_ = fields.List(fields.String(), data_key="in", attribute="in")
    is_ = fields.Raw(data_key="is", attribute="is", metadata=IS_SHOWN)
    at_least = fields.Integer()


class ActionShown(KindedShown):
    """What is done, as it was given."""

    type = Choice(*ACTIONS)
    template_id = fields.String()
    channels = fields.List(Choice(*CHANNEL_NAMES))
    title = fields.String()
    department = fields.String()
    priority = fields.String()
    assignee = fields.String()
    tag = fields.String()
    staff = fields.List(fields.String())


class Automation(ResponseSchema):
    """What Jack does by itself. `enabledAt`: since when it is on; what was due or happened before is not done."""

    id = fields.String()
    name = fields.String()
    enabled = fields.Boolean()
    enabled_at = when(allow_none=True)
    trigger = fields.Nested(TriggerShown)
    conditions = fields.List(fields.Nested(ConditionShown))
    actions = fields.List(fields.Nested(ActionShown))
    per_guest_per_day = fields.Integer()
    quiet_from = fields.String(allow_none=True)
    quiet_to = fields.String(allow_none=True)
    created_at = when()
    updated_at = when()


class Foreseen(ResponseSchema):
    """What an automation would do: for whom, when and what; or why not.

    `at` is null where nobody knows yet when it happens. `reason` says in one word what `skippedBecause` says in a sentence.
    """

    guest_id = fields.String(allow_none=True)
    guest_name = fields.String(allow_none=True)
    stay_id = fields.String(allow_none=True)
    subject_type = Choice(*SUBJECTS)
    subject_id = fields.String()
    at = when(allow_none=True)
    action = Choice(*ACTIONS)
    channel = fields.String(allow_none=True)
    content = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)
    skipped_because = fields.String(allow_none=True)


class ForeseenMeta(ResponseSchema):
    """`total`: how many there are; the first 500 are shown."""

    total = fields.Integer()


class RunFilters(CreationCursorFilters):
    """Which runs to list."""

    result = Choice(*RESULTS)


class Subject(ResponseSchema):
    """What it was for."""

    type = Choice(*SUBJECTS)
    id = fields.String()


class Run(ResponseSchema):
    """What has come of an action. `reason` says in one word what `because` says in a sentence.

    A message that is `done` is in the outbox; `messageStatus` is what has become of it.
    """

    id = fields.String()
    at = when()
    subject = fields.Nested(Subject)
    guest_id = fields.String(allow_none=True)
    guest_name = fields.String(allow_none=True)
    action = Choice(*ACTIONS)
    result = Choice(*RESULTS)
    reason = fields.String(allow_none=True)
    because = fields.String(allow_none=True)
    message_id = fields.String(allow_none=True)
    message_status = fields.String(allow_none=True)
    task_id = fields.String(allow_none=True)
