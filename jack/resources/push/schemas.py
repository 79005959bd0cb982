"""The shapes of push subscriptions and of what somebody wants to be told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields, validates_schema

from jack.http.day_fields import TimeOfDay
from jack.http.field_errors import FieldError, Length
from jack.http.fields import Choice, Language, Text, when
from jack.http.schema import Loaded, PageFilters, ResponseSchema, Schema
from jack.resources.push.preferences import BY_EMAIL, KINDS, ON_PAGE

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_ENDPOINT = 2048
ENDPOINT = {"pattern": r"^https?://[^\s/]\S*$", "example": "https://push.example.net/wpush/v2/gAAA"}
QUIET = {
    "description": "By the hotel's clock; both or none. Past midnight where it is later than the end"
}


class PushKey(ResponseSchema):
    """The key that browsers subscribe with, `applicationServerKey`: a point of the curve P-256, in base64url."""

    public_key = fields.String()


class SubscriptionKeys(Schema):
    """The keys of a browser, in base64url, as `PushSubscription.toJSON()` has them."""

    p256dh = Text(100, line=True, required=True, metadata={"pattern": "^[A-Za-z0-9_=-]+$"})
    auth = Text(30, line=True, required=True, metadata={"pattern": "^[A-Za-z0-9_=-]+$"})


class SubscriptionCreate(Schema):
    """A browser that is to be told. `language` is that of what it is told, by default the hotel's."""

    endpoint = Text(MAX_ENDPOINT, line=True, required=True, metadata=ENDPOINT)
    keys = fields.Nested(SubscriptionKeys, required=True)
    language = Language(allow_none=True)


class SubscriptionFilters(PageFilters):
    """Which subscriptions to list."""


class Subscription(ResponseSchema):
    """A browser that is told. `service` is the host of its push service, `failure` what that said last, if it took nothing;
    `current`: it was subscribed in the session that asks."""

    live = ("last_success_at", "last_failure_at", "failure", "current")

    id = fields.String()
    service = fields.String(metadata={"example": "fcm.googleapis.com"})
    user_agent = fields.String(allow_none=True)
    language = fields.String(allow_none=True)
    current = fields.Boolean()
    last_success_at = when(allow_none=True)
    last_failure_at = when(allow_none=True)
    failure = fields.String(allow_none=True)
    created_at = when()


class Kinds(fields.List[str]):
    """Kinds of what somebody is told, doubles dropped."""

    def __init__(self, kinds: Sequence[str] = KINDS, **options: Any) -> None:
        super().__init__(Choice(*kinds), validate=Length(max=50), **options)


class NotificationsPut(Schema):
    """All that somebody chooses. Without `email` or `page`, what was chosen of these stays."""

    push = Kinds(required=True)
    email = Kinds(BY_EMAIL)
    page = Kinds(ON_PAGE)
    quiet_from = TimeOfDay(allow_none=True, load_default=None, metadata=QUIET)
    quiet_to = TimeOfDay(allow_none=True, load_default=None, metadata=QUIET)

    @validates_schema
    def both_or_none(self, data: Loaded, **kwargs: object) -> None:
        """Quiet hours have a beginning and an end, which differ."""
        begin, end = data["quiet_from"], data["quiet_to"]
        if (begin is None) != (end is None):
            name = "quietFrom" if begin is None else "quietTo"
            raise FieldError("required", "Quiet hours have a beginning and an end.", name)
        if begin is not None and begin == end:
            raise FieldError("invalid", "Must differ from the beginning.", "quietTo")


class Notifications(ResponseSchema):
    """Of what somebody is told by push, by e-mail and on the open page, and in which hours of the hotel's clock not."""

    push = fields.List(Choice(*KINDS))
    email = fields.List(Choice(*BY_EMAIL))
    page = fields.List(Choice(*ON_PAGE))
    quiet_from = fields.String(allow_none=True, metadata={"example": "22:00"})
    quiet_to = fields.String(allow_none=True, metadata={"example": "07:00"})
