"""The results of sending a message over a channel. `error` is for the staff, everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Accepted:
    """The provider has accepted it; `provider_id` is its id there, if it gave one."""

    provider_id: str | None = None


@dataclass(frozen=True)
class Retry:
    """Nothing was sent; to be tried again. `after` is in seconds, when the provider named a time.

    `factor` makes the pause before the next attempt grow faster than usual: `factor ** attempts` seconds.
    """

    error: str
    after: float | None = None
    factor: float | None = None


@dataclass(frozen=True)
class Permanent:
    """It will never be accepted.

    `reason` for what Jack acts on: the guest has opted out, or (WhatsApp) last wrote more than 24 hours ago.
    """

    error: str
    reason: Literal["opted_out", "window_closed"] | None = None


@dataclass(frozen=True)
class Broken:
    """The account does not work: it is paused and its queue kept."""

    error: str


@dataclass(frozen=True)
class Unknown:
    """It may have been sent, so it is not sent again until that is known."""

    error: str


Result = Accepted | Retry | Permanent | Broken | Unknown
