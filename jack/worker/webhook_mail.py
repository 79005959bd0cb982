"""Mail to administrators: that Jack has disabled a webhook, and why."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from jack.channels.registry import CHANNELS
from jack.channels.results import Accepted
from jack.channels.types import OutboundMessage, Thread
from jack.core import translations
from jack.core.db import transaction
from jack.resources.channel_accounts import store as accounts
from jack.resources.channel_accounts.connection import connected
from jack.resources.settings import store as settings
from jack.resources.staff import store as staff
from jack.resources.webhooks import store

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jack.channels.protocol import Channel
    from jack.channels.types import Account
    from jack.core.db import Database
    from jack.resources.staff.store import AdminRow
    from jack.resources.webhooks.rows import DisabledRow

log = logging.getLogger("jack.worker")


def send_due(db: Database, public_url: str, channels: Mapping[str, Channel] = CHANNELS) -> None:
    """Tell every administrator of each webhook that was disabled; whom none could be told of is told of later."""
    connection = connected(db, "email", public_url, channels)
    account = connection.account if connection.enabled else None
    if account is None:
        return
    for webhook in store.untold(db):
        results = [
            channels["email"].send(account, _mail(db, webhook, admin, account))
            for admin in staff.active_admins(db)
        ]
        if any(isinstance(result, Accepted) for result in results):
            with transaction(db):
                store.set_told(db, webhook["id"])
                accounts.record_outbound(db, account.name)
        else:
            log.warning("the mail about a disabled webhook did not leave")


def _mail(db: Database, webhook: DisabledRow, admin: AdminRow, account: Account) -> OutboundMessage:
    """The mail to one of them, in the hotel's language."""
    hotel = settings.value(db, "hotel")
    texts = translations.TEXTS[translations.nearest_language(hotel["language"])]["webhookMail"]
    message_id = db.new_id("letter")
    return OutboundMessage(
        id=message_id,
        key=message_id,
        guest_id=None,
        conversation_id="",
        to=admin["email"],
        text=texts["text"].format(
            name=admin["name"],
            url=webhook["url"],
            reason=texts[webhook["disabled_reason"]],
            link=f"{account.public_url}/#/settings/integrations",
        ),
        thread=Thread(subject=texts["subject"].format(hotel=hotel["name"])),
        automatic=True,
    )
