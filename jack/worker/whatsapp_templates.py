"""Reads WhatsApp's message templates from Meta: at once when the settings change, and every ten minutes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol, cast

from jack.channels.types import MessageTemplate
from jack.resources.channel_accounts import store as accounts
from jack.resources.channel_accounts import templates
from jack.resources.channel_accounts.connection import connected

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jack.channels.protocol import Channel
    from jack.channels.results import Result
    from jack.channels.types import Account
    from jack.core.db import Database

SECONDS = 600.0
UNREAD = "none have been read"


class Lister(Protocol):
    """A channel that has templates."""

    def templates(self, account: Account) -> list[MessageTemplate] | Result: ...


class Refresh:
    """When the templates are due, and reading them."""

    def __init__(
        self,
        channels: Mapping[str, Channel],
        public_url: str,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._channels, self._public_url, self._now = channels, public_url, now
        self._next, self._read_with = float("-inf"), UNREAD
        self._told = False

    def due(self, db: Database) -> bool:
        """Whether there is an account whose templates have not been read with these settings, or not for ten minutes."""
        if not hasattr(self._channels.get("whatsapp"), "templates"):
            return False
        connection = connected(db, "whatsapp", self._public_url, self._channels)
        changed = connection.settings_at != self._read_with
        if connection.account is None or not connection.enabled:
            return changed and connection.settings_at is not None
        return changed or self._now() >= self._next

    def run(self, db: Database) -> None:
        """Read them and keep them; when that fails those that are known stay, and the account says why, once."""
        connection = connected(db, "whatsapp", self._public_url, self._channels)
        self._next = self._now() + SECONDS
        if connection.settings_at != self._read_with:
            self._read_with, self._told = connection.settings_at or "", False
        if connection.account is None or not connection.enabled:
            templates.replace(db, [])
            return
        channel = cast("Lister", self._channels["whatsapp"])
        found = channel.templates(connection.account)
        if isinstance(found, list):
            templates.replace(db, found)
        elif not self._told:
            accounts.record_error(
                db, connection.account.name, f"Templates: {getattr(found, 'error', '')}"
            )
            self._told = True
