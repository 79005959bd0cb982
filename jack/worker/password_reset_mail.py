"""Letters to the staff themselves: with the link to choose another password, through the hotel's own mail server.

A link is made anew for every try, for its token is kept nowhere; the one before it stops working.
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
    """Send the letters that are due; one that cannot leave is tried again for an hour."""
    password_reset.delete_expired(db)
    for email_key in password_reset.due(db):
        there = connected(db, "email", public_url, channels)
        account = there.account if there.enabled else None
        with transaction(db):
            member = password_reset.claim(db, email_key)
            letter = _letter(db, member, account) if member and account else None
        if account and letter:
            _settle(db, email_key, account, channels["email"].send(account, letter))


def _letter(db: Database, member: RecipientRow, account: Account) -> OutboundMessage:
    """The letter, in the hotel's language. It has a name of its own each time: mail programs hide what they have shown."""
    hotel = settings.value(db, "hotel")
    words = translations.TEXTS[translations.spoken(hotel["language"])]["letter"]
    token, _ = sessions.invite(db, member["id"], hours=LINK_HOURS)
    link = f"{account.public_url}/invite#{token}"
    name = db.new_id("letter")
    return OutboundMessage(
        id=name,
        key=name,
        guest_id=None,
        conversation_id="",
        to=member["email"],
        text=words["text"].format(name=member["name"], hotel=hotel["name"], link=link),
        thread=Thread(subject=words["subject"].format(hotel=hotel["name"])),
        automatic=True,
    )


def _settle(db: Database, email_key: str, account: Account, result: Result) -> None:
    if isinstance(result, Accepted):
        with transaction(db):
            password_reset.delete(db, email_key)
            accounts.record_outbound(db, account.name)
        return
    log.warning("a letter about a forgotten password did not leave: %s", result.error)
    with transaction(db):
        if isinstance(result, Permanent):
            password_reset.delete(db, email_key)
        else:
            accounts.record_error(db, account.name, result.error)
