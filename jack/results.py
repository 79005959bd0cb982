"""What can become of a message that a channel was asked to send."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Accepted:
    """The provider has it; `provider_id` is its name there."""

    provider_id: str | None = None


@dataclass(frozen=True)
class Retry:
    """Not now: nothing was sent. `after` is in seconds, when the provider said so."""

    error: str
    after: float | None = None


@dataclass(frozen=True)
class Permanent:
    """It will never be accepted; `error` says why, for the staff."""

    error: str


@dataclass(frozen=True)
class Broken:
    """The account does not work: keep the queue, tell the staff."""

    error: str


@dataclass(frozen=True)
class Unknown:
    """It may have been sent. Never resent blindly."""

    error: str


Result = Accepted | Retry | Permanent | Broken | Unknown
