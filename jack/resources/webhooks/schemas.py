"""The shapes of webhooks."""

from __future__ import annotations

from collections.abc import Mapping

from marshmallow import fields

from jack.http.field_errors import FieldError, Length
from jack.http.fields import Choice, Flag, Moment, Text, when
from jack.http.schema import CreationCursorFilters, Patch, ResponseSchema, Schema

URL = 2048
MOST_EVENTS = 50
STATUSES = ("pending", "delivered", "failed")
EVENTS = (
    "conversation.created",
    "conversation.updated",
    "conversation.assigned",
    "conversation.closed",
    "conversation.reopened",
    "conversation.message.created",
    "conversation.message.updated",
    "conversation.message.status",
    "task.created",
    "task.updated",
    "task.assigned",
    "task.completed",
    "guest.created",
    "guest.updated",
    "guest.merged",
    "guest.unmerged",
    "guest.erased",
    "stay.created",
    "stay.updated",
    "stay.checked_in",
    "stay.checked_out",
    "stay.cancelled",
    "stay.deleted",
    "knowledge.created",
    "knowledge.updated",
    "knowledge.deleted",
    "template.created",
    "template.updated",
    "template.deleted",
    "automation.created",
    "automation.updated",
    "automation.deleted",
    "webhook.updated",
    "staff.created",
    "staff.updated",
    "staff.work_returned",
    "setting.updated",
    "channel.paused",
    "channel.resumed",
    "health.failed",
    "health.recovered",
    "import.finished",
    "ping",
)
# `task.*`, and `conversation.message.*` as well as `conversation.*`.
PREFIXES = tuple(
    dict.fromkeys(
        f"{'.'.join(name.split('.')[:depth])}.*"
        for name in EVENTS
        for depth in range(1, name.count(".") + 1)
    )
)
PATTERNS = ("*", *PREFIXES, *EVENTS)
ABOUT_EVENTS = "Names of events, prefixes such as `task.*`, or `*` for all. `ping` always comes."


class Wanted(fields.List[str]):
    """Which events, up to 50, doubles dropped."""

    def __init__(self, *, required: bool = False) -> None:
        super().__init__(
            Choice(*PATTERNS),
            required=required,
            validate=Length(min=1, max=MOST_EVENTS),
            metadata={"description": ABOUT_EVENTS, "example": ["conversation.message.*"]},
        )

    def _deserialize(
        self, value: object, attr: str | None, data: Mapping[str, object] | None, **kwargs: object
    ) -> list[str | None]:
        return list(dict.fromkeys(super()._deserialize(value, attr, data, **kwargs)))


class Url(Text):
    """The address of a receiver: https, or http for the hosts that JACK_WEBHOOK_HOSTS names."""

    def __init__(self, *, required: bool = False) -> None:
        super().__init__(
            URL,
            line=True,
            required=required,
            metadata={
                "pattern": r"^https?://[^\s/]\S*$",
                "example": "https://hooks.example.com/jack",
            },
        )

    def _deserialize(
        self, value: object, attr: str | None, data: Mapping[str, object] | None, **kwargs: object
    ) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not text.startswith(("https://", "http://")):
            raise FieldError(
                "not_a_url", "Must be an address such as https://hooks.example.com/jack."
            )
        return text


class WebhookFilters(CreationCursorFilters):
    """Which webhooks to list."""


class WebhookCreate(Schema):
    """A new webhook. Without `includeNotes` the text of notes, which are for staff only, is left out."""

    url = Url(required=True)
    events = Wanted(required=True)
    description = Text(200, line=True, allow_none=True)
    include_notes = Flag(load_default=False)
    enabled = Flag(load_default=True)


class WebhookPatch(Patch):
    """What of a webhook is to change."""

    url = Url()
    events = Wanted()
    description = Text(200, line=True, allow_none=True)
    include_notes = Flag()
    enabled = Flag()


class Webhook(ResponseSchema):
    """A webhook. `disabledReason` is why Jack has disabled it: `gone` (the receiver said 410) or `failing` (for 5 days)."""

    live = ("last_success_at", "last_failure_at")

    id = fields.String()
    url = fields.String()
    events = fields.List(fields.String())
    description = fields.String(allow_none=True)
    include_notes = fields.Boolean()
    enabled = fields.Boolean()
    disabled_reason = Choice("gone", "failing", allow_none=True)
    secret_hint = fields.String()
    created_at = when()
    updated_at = when()
    last_success_at = when(allow_none=True)
    last_failure_at = when(allow_none=True)


class WebhookWithSecret(Webhook):
    """A webhook with its `secret`, which is shown this once: `whsec_` and the base64 of the 32 bytes that sign."""

    secret = fields.String()


class DeliveryFilters(CreationCursorFilters):
    """Which deliveries to list."""

    status = Choice(*STATUSES)


class DeliveryRequest(ResponseSchema):
    """What was sent, the last time. `body` is the very text that is signed; null once a guest in it has been erased."""

    headers = fields.Dict(keys=fields.String(), values=fields.String())
    body = fields.String(allow_none=True)


class DeliveryResponse(ResponseSchema):
    """What was answered, with 4 KB of its body at the most."""

    status = fields.Integer()
    body = fields.String(allow_none=True)


class Delivery(ResponseSchema):
    """An event for a webhook. `attempt` is how many attempts have ended; `error` says why there was no response."""

    id = fields.String()
    event = fields.String(metadata={"example": "conversation.message.created"})
    attempt = fields.Integer()
    status = Choice(*STATUSES)
    next_attempt_at = when(allow_none=True)
    request = fields.Nested(DeliveryRequest, allow_none=True)
    response = fields.Nested(DeliveryResponse, allow_none=True)
    error = fields.String(allow_none=True)
    duration_ms = fields.Integer(allow_none=True)
    created_at = when()


class Redelivery(Schema):
    """What to send again: whatever has this status and is not older than `since`."""

    since = Moment(required=True)
    status = Choice(*STATUSES, load_default="failed")


class Redelivered(ResponseSchema):
    """How many will be sent again."""

    queued = fields.Integer()
