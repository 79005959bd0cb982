"""Password reset mail: the link to choose another password, sent to a member of staff over the hotel's own mail server.

Every try has a new link, for tokens are not stored; the link before it stops working.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from jack.channels.registry import CHANNELS
from jack.channels.results import Accepted, Permanent
from jack.channels.types import OutboundMessage, Thread
from jack.core import translations
from jack.core.db import transaction
from jack.resources.auth import password_reset, sessions
from jack.resources.channel_accounts import store as accounts
from jack.resources.channel_accounts.connection import connected
from jack.resources.settings import store as settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jack.channels.protocol import Channel
    from jack.channels.results import Result
    from jack.channels.types import Account
    from jack.core.db import Database
    from jack.resources.auth.password_reset import RecipientRow

log = logging.getLogger("jack.worker")

LINK_HOURS = 2


def send_due(db: Database, public_url: str, channels: Mapping[str, Channel] = CHANNELS) -> None:
    """Send the mail that is due; one that cannot be sent is tried again for an hour."""
    password_reset.delete_expired(db)
    for email_key in password_reset.due(db):
        connection = connected(db, "email", public_url, channels)
        account = connection.account if connection.enabled else None
        with transaction(db):
            member = password_reset.claim(db, email_key)
            mail = _mail(db, member, account) if member and account else None
        if account and mail:
            _record_result(db, email_key, account, channels["email"].send(account, mail))


def _mail(db: Database, member: RecipientRow, account: Account) -> OutboundMessage:
    """The mail, in the hotel's language. Each has its own Message-ID: mail programs hide what they have shown already."""
    hotel = settings.value(db, "hotel")
    texts = translations.TEXTS[translations.nearest_language(hotel["language"])][
        "passwordResetMail"
    ]
    token, _ = sessions.invite(db, member["id"], hours=LINK_HOURS)
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


def _record_result(db: Database, email_key: str, account: Account, result: Result) -> None:
    if isinstance(result, Accepted):
        with transaction(db):
            password_reset.delete(db, email_key)
            accounts.record_outbound(db, account.name)
        return
    log.warning("a password reset mail did not leave: %s", result.error)
    with transaction(db):
        if isinstance(result, Permanent):
            password_reset.delete(db, email_key)
        else:
            accounts.record_error(db, account.name, result.error)
