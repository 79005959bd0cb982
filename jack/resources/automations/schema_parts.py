"""The parts of an automation as they are given: what begins it, what must hold, what is done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from marshmallow import fields, post_load, validates_schema

from jack.channels.types import CHANNEL_NAMES
from jack.http.day_fields import TimeOfDay
from jack.http.field_errors import FieldError, Length
from jack.http.fields import Choice, Number, Text
from jack.http.schema import Loaded, Schema
from jack.resources.automations.rows import (
    ACTIONS,
    BY_DAY,
    BY_MINUTES,
    CONDITIONS,
    LISTS,
    TRIGGERS,
)

DAYS = 30
MINUTES = 14 * 24 * 60
PRIORITIES = ("low", "normal", "high", "urgent")
IS = {
    "description": "Of `hours`: `open` or `closed`. Of `returning`: true or false",
    "oneOf": [{"type": "string", "enum": ["open", "closed"]}, {"type": "boolean"}],
}
# What each type needs.
Fields = Mapping[str, tuple[str, ...]]
OF_TRIGGERS: Fields = {
    **dict.fromkeys(BY_MINUTES, ("minutes",)),
    **dict.fromkeys(BY_DAY, ("days", "at")),
}
OF_CONDITIONS: Fields = {
    **dict.fromkeys(LISTS, ("in",)),
    "hours": ("is",),
    "returning": ("is",),
    "nights": ("at_least",),
}
OF_ACTIONS: Fields = {
    "send_template": ("template_id", "channels"),
    "create_task": ("title", "department"),
    "assign": ("assignee",),
    "tag": ("tag",),
}
# What it may have beside.
ALLOWED: Fields = {
    "create_task": ("priority",),
    "notify": ("staff", "department"),
}
OUTSIDE = {"template_id": "templateId", "at_least": "atLeast"}


class Kinded(Schema):
    """Of something that has a `type`, which says what else it has; null is as if it was left out."""

    needed: ClassVar[Fields] = {}

    @post_load
    def without_null(self, data: Loaded, **kwargs: object) -> Loaded:
        """Leave out what is null."""
        return {name: value for name, value in data.items() if value is not None}

    @validates_schema(skip_on_field_errors=True)
    def fitting(self, data: Loaded, **kwargs: object) -> None:
        """Raise FieldError for what its type does not have, or lacks."""
        kind = str(data.get("type"))
        given = {name for name, value in data.items() if value is not None and name != "type"}
        for name in self.needed.get(kind, ()):
            if name not in given:
                message = "Missing data for required field."
                raise FieldError("required", message, OUTSIDE.get(name, name))
        for name in sorted(given - {*self.needed.get(kind, ()), *ALLOWED.get(kind, ())}):
            message = f"Does not go with the type {kind}."
            raise FieldError("invalid", message, OUTSIDE.get(name, name))


class Is(fields.Field[object]):
    """`open` or `closed`; true or false."""

    def _deserialize(
        self, value: object, attr: str | None, data: Mapping[str, object] | None, **kwargs: object
    ) -> object:
        if value not in ("open", "closed") and not isinstance(value, bool):
            raise FieldError("not_a_choice", "Must be open or closed, or true or false.")
        return value


class AutomationTrigger(Kinded):
    """What begins it. `days` are counted from the day of arrival or departure, before it where they are negative; `at` is of the hotel's clock."""

    needed = OF_TRIGGERS

    type = Choice(*TRIGGERS, required=True)
    minutes = Number(0, MINUTES, allow_none=True)
    days = Number(-DAYS, DAYS, allow_none=True)
    at = TimeOfDay(allow_none=True)


class AutomationCondition(Kinded):
    """What must hold. `in`: one of these channels, tags, languages, sources of the stay, departments or priorities of the task."""

    needed = OF_CONDITIONS

    type = Choice(*CONDITIONS, required=True)
    in_ = fields.List(
        Text(100, line=True),
        data_key="in",
        attribute="in",
        allow_none=True,
        validate=Length(min=1, max=50),
    )
    is_ = Is(data_key="is", attribute="is", allow_none=True, metadata=IS)
    at_least = Number(0, 365, allow_none=True)

    @validates_schema(skip_on_field_errors=True)
    def in_words(self, data: Loaded, **kwargs: object) -> None:
        """Raise FieldError for a value that its type does not know."""
        kind = data.get("type")
        known = {"channel": CHANNEL_NAMES, "priority": PRIORITIES}.get(str(kind))
        for value in data.get("in") or () if known else ():
            if value not in (known or ()):
                message = f"Must be one of: {', '.join(known or ())}."
                raise FieldError("not_a_choice", message, "in")
        wanted = {"hours": str, "returning": bool}.get(str(kind))
        if wanted and data.get("is") is not None and not isinstance(data["is"], wanted):
            says = "open or closed" if wanted is str else "true or false"
            raise FieldError("not_a_choice", f"Must be {says}.", "is")


class AutomationAction(Kinded):
    """What is done. `channels`: the first on which the guest can be reached; `notify` is for `staff` (ids), or for all of a `department`."""

    needed = OF_ACTIONS

    type = Choice(*ACTIONS, required=True)
    template_id = Text(64, line=True, allow_none=True)
    channels = fields.List(
        Choice(*CHANNEL_NAMES),
        allow_none=True,
        validate=Length(min=1, max=len(CHANNEL_NAMES)),
    )
    title = Text(200, line=True, allow_none=True)
    department = Text(64, line=True, allow_none=True)
    priority = Choice(*PRIORITIES, allow_none=True)
    assignee = Text(64, line=True, allow_none=True)
    tag = Text(50, line=True, allow_none=True)
    staff = fields.List(Text(64, line=True), allow_none=True, validate=Length(min=1, max=50))

    @validates_schema(skip_on_field_errors=True)
    def told(self, data: Loaded, **kwargs: object) -> None:
        """Raise FieldError for a notification that is for nobody, or for two kinds of people."""
        named = [name for name in ("staff", "department") if data.get(name) is not None]
        if data.get("type") == "notify" and len(named) != 1:
            code = "invalid" if named else "required"
            raise FieldError(code, "Name staff or a department, and only one of them.", "staff")  # type: ignore[arg-type]
