"""Mail to administrators: that no backup has succeeded for two days, and then that one has."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from jack.channels.registry import CHANNELS
from jack.channels.results import Accepted
from jack.channels.types import OutboundMessage, Thread
from jack.core import translations
from jack.core.db import transaction
from jack.resources.backups import schedule
from jack.resources.channel_accounts import store as accounts
from jack.resources.channel_accounts.connection import connected
from jack.resources.settings import store as settings
from jack.resources.staff import store as staff

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jack.channels.protocol import Channel
    from jack.channels.types import Account
    from jack.core.db import Database
    from jack.resources.backups.schedule import News
    from jack.resources.staff.store import AdminRow

log = logging.getLogger("jack.worker")


def send_due(db: Database, public_url: str, channels: Mapping[str, Channel] = CHANNELS) -> None:
    """Tell every administrator what there is to tell, once; nobody while there is no mail."""
    what = schedule.news(db)
    if what is None:
        return
    if what == "overdue":
        log.error("no backup has succeeded since %s", schedule.last_success(db))
    connection = connected(db, "email", public_url, channels)
    account = connection.account if connection.enabled else None
    if account is None:
        return
    results = [
        channels["email"].send(account, _mail(db, what, admin, account))
        for admin in staff.active_admins(db)
    ]
    if any(isinstance(result, Accepted) for result in results):
        with transaction(db):
            schedule.told(db, what)
            accounts.record_outbound(db, account.name)
    else:
        log.warning("the mail about backups did not leave")


def _mail(db: Database, what: News, admin: AdminRow, account: Account) -> OutboundMessage:
    """The mail to one of them, in the hotel's language."""
    hotel = settings.value(db, "hotel")
    texts = translations.TEXTS[translations.nearest_language(hotel["language"])]["backupMail"]
    message_id = db.new_id("letter")
    return OutboundMessage(
        id=message_id,
        key=message_id,
        guest_id=None,
        conversation_id="",
        to=admin["email"],
        text=texts[what]["text"].format(
            name=admin["name"],
            since=schedule.last_success(db)[:10],
            link=f"{account.public_url}/#/settings/backups",
        ),
        thread=Thread(subject=texts[what]["subject"].format(hotel=hotel["name"])),
        automatic=True,
    )
