"""What can become of a message that a channel was asked to send."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Accepted:
    """The provider has it; `provider_id` is its name there."""

    provider_id: str | None = None


@dataclass(frozen=True)
class Retry:
    """Not now: nothing was sent. `after` is in seconds, when the provider said so.

    `factor` is how fast the pause must grow where the usual one is too short: `factor ** attempts` seconds.
    """

    error: str
    after: float | None = None
    factor: float | None = None


@dataclass(frozen=True)
class Permanent:
    """It will never be accepted; `error` says why, for the staff.

    `reason` is for the house: the guest wants no more messages here, or (WhatsApp) has been silent for 24 hours.
    """

    error: str
    reason: Literal["opted_out", "window_closed"] | None = None


@dataclass(frozen=True)
class Broken:
    """The account does not work: keep the queue, tell the staff."""

    error: str


@dataclass(frozen=True)
class Unknown:
    """It may have been sent. Never resent blindly."""

    error: str


Result = Accepted | Retry | Permanent | Broken | Unknown
