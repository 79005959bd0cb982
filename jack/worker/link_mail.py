"""Mail to members of staff with a link of their own: an invitation, or the way to another password."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.resources.auth import invite_mails, password_reset
from jack.worker import invite_mail, password_reset_mail

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jack.channels.protocol import Channel
    from jack.core.db import Database


def due(db: Database) -> bool:
    """Whether there is any to send."""
    return bool(password_reset.due(db) or invite_mails.due(db))


def send_due(db: Database, public_url: str, channels: Mapping[str, Channel]) -> None:
    """Send what is due."""
    password_reset_mail.send_due(db, public_url, channels)
    invite_mail.send_due(db, public_url, channels)
