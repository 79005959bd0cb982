"""Invitations by e-mail: the link that an administrator was shown, sent to the member over the hotel's own mail server."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from jack.channels.registry import CHANNELS
from jack.channels.results import Accepted, Permanent
from jack.channels.types import OutboundMessage, Thread
from jack.core import translations
from jack.core.db import transaction
from jack.resources.auth import invite_mails
from jack.resources.channel_accounts import store as accounts
from jack.resources.channel_accounts.connection import connected
from jack.resources.settings import store as settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jack.channels.protocol import Channel
    from jack.channels.results import Result
    from jack.channels.types import Account
    from jack.core.db import Database
    from jack.resources.auth.invite_mails import InvitedRow

log = logging.getLogger("jack.worker")


def send_due(db: Database, public_url: str, channels: Mapping[str, Channel] = CHANNELS) -> None:
    """Send the invitations that are due; one that cannot be sent is tried again for an hour."""
    invite_mails.delete_expired(db)
    connection = connected(db, "email", public_url, channels)
    account = connection.account if connection.enabled else None
    if account is None:
        return
    for staff_id in invite_mails.due(db):
        claimed = invite_mails.claim(db, staff_id)
        if claimed is not None:
            mail = _mail(db, *claimed, account)
            _record_result(db, staff_id, account, channels["email"].send(account, mail))


def _mail(db: Database, member: InvitedRow, token: str, account: Account) -> OutboundMessage:
    """The mail, in the hotel's language."""
    hotel = settings.value(db, "hotel")
    texts = translations.TEXTS[translations.nearest_language(hotel["language"])]["inviteMail"]
    link = f"{account.public_url}/invite#{token}"
    message_id = db.new_id("letter")
    return OutboundMessage(
        id=message_id,
        key=message_id,
        guest_id=None,
        conversation_id="",
        to=member["email"],
        text=texts["text"].format(name=member["name"], hotel=hotel["name"], link=link),
        thread=Thread(subject=texts["subject"].format(hotel=hotel["name"])),
        automatic=True,
    )


def _record_result(db: Database, staff_id: str, account: Account, result: Result) -> None:
    with transaction(db):
        if isinstance(result, Accepted | Permanent):
            invite_mails.delete(db, staff_id)
        if isinstance(result, Accepted):
            accounts.record_outbound(db, account.name)
            return
        log.warning("an invitation did not leave by e-mail: %s", result.error)
        accounts.record_error(db, account.name, result.error)
