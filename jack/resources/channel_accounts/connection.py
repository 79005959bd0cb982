"""The account of a channel, by the settings as they are now."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from jack.channels.registry import CHANNELS
from jack.resources.settings import store as settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jack.channels.protocol import Channel
    from jack.channels.types import Account
    from jack.core.db import Database


class Connected(NamedTuple):
    """A channel's account: `account` is None while a setting it needs is missing; `settings_at` is when they were put."""

    enabled: bool
    account: Account | None
    settings_at: str | None


def connected(
    db: Database, name: str, public_url: str, channels: Mapping[str, Channel] = CHANNELS
) -> Connected:
    """The account of a channel, by the settings as they are now."""
    value, settings_at = settings.value_and_time(db, f"channels.{name}")
    enabled = value.get("enabled") is True
    return Connected(enabled, channels[name].account(value, public_url), settings_at)
