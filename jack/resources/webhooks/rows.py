"""Webhooks and their deliveries as they are stored, and as they are answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping


class StoredWebhook(TypedDict):
    """A webhook as it is stored, without its secrets; `events` is JSON text."""

    seq: int
    id: str
    url: str
    events: str
    description: str | None
    include_notes: int
    enabled: int
    disabled_reason: str | None
    secret_hint: str
    created_at: str
    updated_at: str
    last_success_at: str | None
    last_failure_at: str | None


class WebhookRow(TypedDict):
    """A webhook. `disabled_reason` is why Jack has disabled it: `gone` (410) or `failing`."""

    seq: int
    id: str
    url: str
    events: list[str]
    description: str | None
    include_notes: bool
    enabled: bool
    disabled_reason: str | None
    secret_hint: str
    created_at: str
    updated_at: str
    last_success_at: str | None
    last_failure_at: str | None


class WebhookWithSecret(WebhookRow):
    """A webhook with its secret, shown once."""

    secret: str


class WebhookChanges(TypedDict, total=False):
    """What of a webhook may be changed."""

    url: str
    events: list[str]
    description: str | None
    include_notes: bool
    enabled: bool


class SecretsRow(TypedDict):
    """The secrets of a webhook as they are stored."""

    secret: bytes
    old_secret: bytes | None
    old_secret_until: str | None


class DisabledRow(TypedDict):
    """A webhook that Jack has disabled."""

    id: str
    url: str
    disabled_reason: str


class Failing(NamedTuple):
    """How long an endpoint has only failed: since when, and how often."""

    since: str
    failures: int


class StoredDelivery(TypedDict):
    """A delivery as it is stored; `request_headers` is JSON text."""

    seq: int
    id: str
    event: str
    attempt: int
    status: str
    next_attempt_at: str | None
    body: str | None
    request_headers: str | None
    response_status: int | None
    response_body: str | None
    error: str | None
    duration_ms: int | None
    created_at: str


class RequestRow(TypedDict):
    """What was sent; the body is None once it has been erased."""

    headers: dict[str, str]
    body: str | None


class ResponseRow(TypedDict):
    """What was answered."""

    status: int
    body: str | None


class DeliveryRow(TypedDict):
    """A delivery as it is answered; `error` says why there was no response."""

    seq: int
    id: str
    event: str
    attempt: int
    status: str
    next_attempt_at: str | None
    request: RequestRow | None
    response: ResponseRow | None
    error: str | None
    duration_ms: int | None
    created_at: str


class DueRow(TypedDict):
    """A delivery to be sent now."""

    seq: int
    id: str
    webhook_id: str
    event_seq: int
    event: str
    attempt: int
    body: str | None


class Attempt(NamedTuple):
    """How an attempt has ended. Without `status` there was no answer, and `error` says why. `retry_after` is in seconds."""

    headers: Mapping[str, str]
    duration_ms: int
    status: int | None = None
    body: str | None = None
    error: str | None = None
    retry_after: float | None = None
