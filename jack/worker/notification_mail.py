"""Notifications by e-mail: what somebody is to be told, gathered into one mail, sent over the hotel's own mail server."""

from __future__ import annotations

import hashlib
import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from jack.channels.registry import CHANNELS
from jack.channels.results import Accepted, Permanent
from jack.channels.types import OutboundMessage, Thread
from jack.core import translations
from jack.core.db import transaction
from jack.resources.channel_accounts import store as accounts
from jack.resources.channel_accounts.connection import connected
from jack.resources.push import mails, payload, preferences
from jack.resources.settings import store as settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jack.channels.protocol import Channel
    from jack.channels.results import Result
    from jack.channels.types import Account
    from jack.core.db import Database
    from jack.resources.push.mails import MailRow, RecipientRow
    from jack.resources.push.payload import Told

log = logging.getLogger("jack.worker")

MOST = 50  # things of one mail; of the others it says how many they are
SUBJECT_LENGTH = 80  # characters of a title in the subject


def send_due(db: Database, public_url: str, channels: Mapping[str, Channel] = CHANNELS) -> None:
    """Send what is due, outside people's quiet hours; what cannot be sent is tried again for a day."""
    mails.delete_old(db)
    connection = connected(db, "email", public_url, channels)
    account = connection.account if connection.enabled else None
    for staff_id in mails.due(db):
        if account is None or _is_quiet(db, staff_id):
            _hold(db, staff_id)
            continue
        claimed = mails.claim(db, staff_id)
        if claimed is not None:
            _tell(db, channels["email"], account, *claimed)


def _tell(
    db: Database,
    channel: Channel,
    account: Account,
    recipient: RecipientRow,
    rows: Sequence[MailRow],
) -> None:
    hotel = settings.value(db, "hotel")
    texts = translations.TEXTS[translations.nearest_language(hotel["language"])]
    told = [one for row in rows if (one := payload.told(db, row, texts)) is not None]
    if not told:  # all of it is gone
        with transaction(db):
            mails.delete(db, rows)
        return
    mail = _mail(recipient, told, _id_of(rows), hotel["name"], texts, account)
    _record_result(db, rows, account, channel.send(account, mail))


def _id_of(rows: Sequence[MailRow]) -> str:
    """The same for the same rows: a mail that is sent again because Jack was killed is known to be the same."""
    ids = " ".join(row["id"] for row in rows)
    return f"letter-{hashlib.sha256(ids.encode()).hexdigest()[:32]}"


def _mail(
    recipient: RecipientRow,
    told: Sequence[Told],
    message_id: str,
    hotel: str,
    all_texts: Mapping[str, Mapping[str, str]],
    account: Account,
) -> OutboundMessage:
    """The mail, in the hotel's language: a line or two for each thing, and the way to it."""
    texts = all_texts["notificationMail"]
    parts = ["\n".join(_lines(one, account.public_url)) for one in told[:MOST]]
    if len(told) > MOST:
        parts.append(texts["more"].format(count=len(told) - MOST))
    subject = texts["one" if len(told) == 1 else "many"]
    title = _line(told[0].title)[:SUBJECT_LENGTH]
    return OutboundMessage(
        id=message_id,
        key=message_id,
        guest_id=None,
        conversation_id="",
        to=recipient["email"],
        text=texts["text"].format(
            name=recipient["name"],
            lines="\n\n".join(parts),
            link=f"{account.public_url}/#/me",
        ),
        thread=Thread(subject=subject.format(title=title, count=len(told), hotel=hotel)),
        automatic=True,
    )


def _lines(one: Told, public_url: str) -> list[str]:
    place = one.view if one.id is None else f"{one.view}/{one.id}"
    return [*filter(None, (_line(one.title), _line(one.body))), f"{public_url}/#/{place}"]


def _line(text: str) -> str:
    """No longer than what is pushed, and one line: what a guest writes can look like no other thing of the mail."""
    return " ".join(text.split())[: payload.LONGEST]


def _hold(db: Database, staff_id: str) -> None:
    """Until the quiet hours end; a minute, where only the e-mail channel is not connected."""
    chosen, now = preferences.get(db, staff_id), _hotel_time(db)
    seconds = 0.0
    if preferences.is_quiet(chosen, f"{now:%H:%M}"):
        minutes = preferences.minutes_until_loud(chosen, f"{now:%H:%M}")
        # By the clock on the wall, which may be put forward or back before then.
        end = now.replace(second=0, microsecond=0) + timedelta(minutes=minutes)
        seconds = end.timestamp() - now.timestamp()
    with transaction(db):
        mails.postpone(db, staff_id, seconds=max(seconds, mails.GATHER_SECONDS))


def _is_quiet(db: Database, staff_id: str) -> bool:
    return preferences.is_quiet(preferences.get(db, staff_id), f"{_hotel_time(db):%H:%M}")


def _hotel_time(db: Database) -> datetime:
    """Now, by the hotel's clock."""
    zone = ZoneInfo(settings.value(db, "hotel")["timeZone"])
    return datetime.fromtimestamp(db.time(), UTC).astimezone(zone)


def _record_result(db: Database, rows: Sequence[MailRow], account: Account, result: Result) -> None:
    with transaction(db):
        if isinstance(result, Accepted | Permanent):
            mails.delete(db, rows)
        if isinstance(result, Accepted):
            accounts.record_outbound(db, account.name)
            return
        log.warning("a notification did not leave by e-mail: %s", result.error)
        if not isinstance(result, Permanent):  # that is about one address, not the channel
            accounts.record_error(db, account.name, result.error)
