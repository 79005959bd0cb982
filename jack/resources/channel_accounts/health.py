"""How a channel is, in one word: nothing is called working that has not been seen to work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.resources.channel_accounts import store

if TYPE_CHECKING:
    from jack.core.db import Database
    from jack.resources.channel_accounts.connection import Connected

OWN = "web"  # needs nobody's account


def state(db: Database, channel: str, connection: Connected) -> str:
    """`not_configured`, `off`, or how its account is (`store.state_of`); the web chat works wherever Jack does."""
    if connection.account is None:
        return "not_configured"
    if not connection.enabled:
        return "off"
    row = store.get(db, connection.account.name)
    found = store.state_of(row, connection.settings_at)
    return "working" if channel == OWN and found == "untested" else found
