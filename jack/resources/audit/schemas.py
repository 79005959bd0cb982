"""The shapes of the audit log."""

from __future__ import annotations

import re
from collections.abc import Mapping

import marshmallow as ma
from marshmallow import fields

from jack.http.actor import Actor
from jack.http.envelope import PageMeta
from jack.http.field_errors import FieldError
from jack.http.fields import Moment, Text, when
from jack.http.schema import Loaded, PageFilters, ResponseSchema

ACTION = re.compile(r"[a-z][a-z_.]*(\*)?")
CURSOR = re.compile("[0-9]{0,18}")


class Action(Text):
    """An action, or the beginning of several: `guest.erased`, `task.*`."""

    def __init__(self) -> None:
        metadata = {"description": "`guest.erased`, or `task.*`", "pattern": f"^{ACTION.pattern}$"}
        super().__init__(64, line=True, metadata=metadata)

    def _deserialize(
        self, value: object, attr: str | None, data: Mapping[str, object] | None, **kwargs: object
    ) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not ACTION.fullmatch(text):
            raise FieldError(
                "invalid", "Must be an action such as guest.erased, or task.* for several."
            )
        return text


class Cursor(fields.String):
    """Where to go on: empty to begin, then what `meta.cursor` says. Returns a `seq`."""

    def _deserialize(  # type: ignore[override]
        self, value: object, attr: str | None, data: Mapping[str, object] | None, **kwargs: object
    ) -> int:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not CURSOR.fullmatch(text):
            raise FieldError("invalid", "Must be empty, or a cursor from an answer.")
        return int(text or 0)


class AuditFilters(PageFilters):
    """Which lines to list: newest first by `page`, or oldest first by `cursor`."""

    actor = Text(
        64, line=True, metadata={"description": "The id of who did it; `system` for nobody's"}
    )
    action = Action()
    subject = Text(64, line=True, metadata={"description": "The id of what it was done to"})
    since = Moment(metadata={"description": "Then or later"})
    until = Moment(metadata={"description": "Then or earlier"})
    cursor = Cursor(
        metadata={
            "description": "Empty to begin, then `meta.cursor`; not with `page`",
            "pattern": f"^{CURSOR.pattern}$",
        }
    )

    @ma.validates_schema(pass_original=True)
    def one_way(self, data: Loaded, original: Mapping[str, object], **kwargs: object) -> None:
        """Raise ValidationError where a page of a cursor is asked for."""
        if "cursor" in data and "page" in original:
            raise FieldError("invalid", "Not with cursor: ask for one of the two.", "page")


class AuditSubject(ResponseSchema):
    """What it was done to. `id` is null where there is none, such as of a sign-in to no account."""

    type = fields.String(metadata={"example": "guest"})
    id = fields.String(allow_none=True)


class AuditEntry(ResponseSchema):
    """A line of the audit log. `action` is an event's type, or `sign_in.succeeded`, `sign_in.failed` and others of their own.

    `changed` are names of fields, never values; `ip` and `requestId` are null for what no request has asked for.
    """

    id = fields.String()
    at = when()
    actor = fields.Nested(Actor)
    action = fields.String(metadata={"example": "guest.erased"})
    subject = fields.Nested(AuditSubject)
    changed = fields.List(fields.String())
    ip = fields.String(allow_none=True)
    request_id = fields.String(allow_none=True)


class AuditMeta(PageMeta):
    """By page: `page`, `limit`, `total`, `pages`. By cursor: `limit`, `cursor`, and whether there is more to ask for at once."""

    cursor = fields.String()
    has_more = fields.Boolean()

    def on_bind_field(self, field_name: str, field_obj: ma.fields.Field[object]) -> None:
        """Only the limit is there both ways."""
        super().on_bind_field(field_name, field_obj)
        field_obj.required = field_name == "limit"
