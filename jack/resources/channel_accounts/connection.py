"""The account of a channel as the settings of this moment say."""

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
    """A channel's account as the settings of this moment say; `account` is None while something is missing."""

    enabled: bool
    account: Account | None
    settings_at: str | None


def connected(
    db: Database, name: str, public_url: str, channels: Mapping[str, Channel] = CHANNELS
) -> Connected:
    """The account of a channel that is there."""
    value, settings_at = settings.value_and_time(db, f"channels.{name}")
    enabled = value.get("enabled") is True
    return Connected(enabled, channels[name].account(value, public_url), settings_at)
