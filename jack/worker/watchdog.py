"""The watchdog: once a minute it looks whether all is well, and tells administrators by mail, once a fault and once when it is over."""

from __future__ import annotations

import logging
import shutil
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from jack.channels.registry import CHANNELS
from jack.channels.results import Accepted
from jack.channels.types import OutboundMessage, Thread
from jack.core import clock, translations
from jack.core.db import transaction
from jack.resources.channel_accounts import store as accounts
from jack.resources.channel_accounts.connection import connected
from jack.resources.settings import store as settings
from jack.resources.staff import store as staff
from jack.resources.watchdog import checks, store

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from jack.channels.protocol import Channel
    from jack.channels.types import Account
    from jack.core.db import Database
    from jack.resources.settings.values import HotelSetting
    from jack.resources.staff.store import AdminRow
    from jack.resources.watchdog.store import FaultRow

log = logging.getLogger("jack.worker")

EVERY = 60.0  # seconds


def free_part(folder: Path) -> float:
    """Which part of a folder's disk is free for this user, 0 to 1."""
    usage = shutil.disk_usage(folder)
    return usage.free / usage.total if usage.total else 1.0


class Watchdog:
    """The looks of a process, which counts no time in which it did not run."""

    def __init__(
        self,
        public_url: str,
        channels: Mapping[str, Channel] = CHANNELS,
        free: Callable[[Path], float] = free_part,
    ) -> None:
        self._public_url, self._channels, self._free = public_url, channels, free
        self._started_at: str | None = None

    def look(self, db: Database) -> None:
        """Find what is out of order, and tell of what has changed."""
        self._started_at = self._started_at or db.now()
        connections = {
            name: connected(db, name, self._public_url, self._channels) for name in self._channels
        }
        machine = checks.Machine(self._started_at, self._free(db.path.parent), connections)
        store.update(db, checks.find(db, machine, store.now(db)))
        self._tell(db)

    def _tell(self, db: Database) -> None:
        """Write to every administrator; while no mail leaves, the next look tries again."""
        news = [row for row in store.news(db) if not _is_told_elsewhere(db, row)]
        if "email" not in self._channels:
            return
        connection = connected(db, "email", self._public_url, self._channels)
        account = connection.account if connection.enabled else None
        if not news or account is None:
            return
        results = [
            self._channels["email"].send(account, _mail(db, news, admin, account))
            for admin in staff.active_admins(db)
        ]
        if any(isinstance(result, Accepted) for result in results):
            with transaction(db):
                store.set_told(db, news)
                accounts.record_outbound(db, account.name)
        elif results:
            log.warning("the mail about what is out of order did not leave")


def _is_told_elsewhere(db: Database, fault: FaultRow) -> bool:
    """Whether another mail tells of it: where Jack makes backups by itself, of those that fail (`backup_mail`)."""
    return fault["kind"] == "backup" and bool(settings.value(db, "backups")["enabled"])


def _mail(db: Database, news: list[FaultRow], admin: AdminRow, account: Account) -> OutboundMessage:
    """The mail to one of them, in the hotel's language."""
    hotel = settings.value(db, "hotel")
    texts = translations.TEXTS[translations.nearest_language(hotel["language"])]["watchdogMail"]
    message_id = db.new_id("letter")
    all_well = all(row["ended_at"] for row in news)
    lines = "\n".join(_line(row, texts, hotel) for row in news)
    subject = texts["subjectWell" if all_well else "subject"].format(hotel=hotel["name"])
    return OutboundMessage(
        id=message_id,
        key=message_id,
        guest_id=None,
        conversation_id="",
        to=admin["email"],
        text=texts["text"].format(name=admin["name"], lines=lines, link=f"{account.public_url}/"),
        thread=Thread(subject=subject),
        automatic=True,
    )


def _line(row: FaultRow, texts: Mapping[str, str], hotel: HotelSetting) -> str:
    """What is out of order since when, or well again, in the hotel's time."""
    zone = ZoneInfo(hotel["timeZone"])
    at: datetime = clock.parse(row["ended_at"] or row["since"]).astimezone(zone)
    what = texts[row["kind"]].format(subject=row["subject_id"])
    return texts["well" if row["ended_at"] else "wrong"].format(
        what=what, at=f"{at:%Y-%m-%d %H:%M}"
    )
