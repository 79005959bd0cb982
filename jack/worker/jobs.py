"""What the worker does beside the loop because it takes a while: polling the mailbox, fetching files,
password reset mail, notifications by mail, mail about webhooks and backups, testing channels, exports, imports, pictures, templates, calendars, backups, guests to be erased and what is left of them, automations, the watchdog.

Each is a thread with a database connection of its own, begun when there is something to do and ended when it is done.
"""

from __future__ import annotations

import functools
import logging
import threading
import time
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from jack.core import log_remains
from jack.resources.attachments import media_download, previews
from jack.resources.automations import running as automations
from jack.resources.backups import schedule
from jack.resources.backups import store as backups
from jack.resources.channel_accounts import channel_tests
from jack.resources.channel_accounts import store as accounts
from jack.resources.channel_accounts.connection import connected
from jack.resources.conversations import media_preview
from jack.resources.exports import store as exports
from jack.resources.imports import store as imports
from jack.resources.privacy import retention
from jack.resources.push import mails
from jack.resources.webhooks import store as webhooks
from jack.worker import (
    backup_mail,
    backup_process,
    data_process,
    link_mail,
    notification_mail,
    webhook_mail,
)
from jack.worker.backup_process import BackupOptions
from jack.worker.channel_tests import run as run_test
from jack.worker.job import Job
from jack.worker.mailbox import Mailbox
from jack.worker.stay_feeds import Reading
from jack.worker.watchdog import EVERY, Watchdog
from jack.worker.whatsapp_templates import Refresh

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from jack.channels.protocol import Channel, WebhookChannel
    from jack.core.databases import Databases
    from jack.core.db import Database
    from jack.messaging.outgoing import SigningContext
    from jack.resources.attachments.media_download import Fetch

log = logging.getLogger("jack.worker")

LONGEST_PAUSE = 900.0  # seconds
BACKUP_LOOK = 30.0  # seconds between two looks at whether a backup of the night is due
AUTOMATIONS_LOOK = 10.0  # seconds between two looks at what automations are due for by the clock
PRIVACY_LOOK = 600.0  # seconds between two looks at which guests are to be erased by themselves
REMAINS_LOOK = 10.0  # seconds between two looks at what remains of erasures in the write-ahead log


class Jobs:
    """The jobs of a worker: polling, fetching, mail of its own, exports, imports, backups, and one for each test of a channel."""

    def __init__(
        self,
        databases: Databases,
        signing: SigningContext,
        channels: Mapping[str, Channel],
        stopped: threading.Event,
        now: Callable[[], float] = time.monotonic,
        *,
        backup_options: BackupOptions = BackupOptions(),  # noqa: B008 (never changed)
        hosts: Sequence[str] = (),
    ) -> None:
        self._signing, self._channels, self._stopped, self._now = signing, channels, stopped, now
        self._databases, self._tests, self._all = databases, list[Job](), list[Job]()
        self.mailbox = Mailbox(signing, channels, stopped, now)
        self._mail = self._job("jack-mail", self.mailbox.poll)
        self._files = self._job("jack-files", self.fetch_files)
        self._link_mail = self._job("jack-link-mail", self.send_link_mail)
        self._notification_mail = self._job("jack-notification-mail", self.send_notification_mail)
        self._webhook_mail = self._job("jack-webhook-mail", self.send_webhook_mail)
        self._next_webhook_mail = float("-inf")
        self._exports = self._data_job("exports")
        self._imports = self._data_job("imports")
        work = functools.partial(backup_process.run, backup_options, stopped)
        self._backups = self._job("jack-backups", work)
        self._backup_mail = self._job("jack-backup-mail", self.send_backup_mail)
        self._next_backup_look = self._next_backup_mail = float("-inf")
        self._next_privacy_look = self._next_remains_look = float("-inf")
        self._pictures = self._data_job("pictures")
        self._reading = Reading(hosts, stopped, now)
        self._calendars = self._job("jack-calendars", self._reading.run)
        self._refresh = Refresh(channels, signing.public_url, now)
        self._templates = self._job("jack-templates", self._refresh.run)
        self._watchdog = self._job("jack-watchdog", Watchdog(signing.public_url, channels).look)
        self._privacy = self._job("jack-privacy", self.erase_due)
        self._remains = self._job("jack-remains", self.settle_remains)
        self._automations = self._job("jack-automations", self.run_automations)
        self._next_automations = float("-inf")
        self._next_look = now() + EVERY  # at first, mailboxes and queues catch up

    def _data_job(self, kind: str) -> Job:
        """What `data_process` does of this kind."""
        below = urlsplit(self._signing.public_url).path
        work = functools.partial(data_process.run, kind, self._stopped, below)
        return self._job(f"jack-{kind}", work)

    def _job(self, name: str, work: Callable[[Database], None]) -> Job:
        job = Job(name, self._databases, work)
        self._all.append(job)
        return job

    @property
    def running(self) -> bool:
        """Whether any of them is being done."""
        return any(job.running for job in (*self._all, *self._tests))

    def begin_due(self, db: Database) -> None:
        """Begin the jobs that have something to do."""
        if self.mailbox.is_due(db):
            self._mail.begin()
        if db.all(media_download.DUE, {"now": db.now(), "limit": 1}):
            self._files.begin()
        if link_mail.due(db):
            self._link_mail.begin()
        if mails.is_due(db):
            self._notification_mail.begin()
        if self._now() >= self._next_webhook_mail and webhooks.untold(db):
            self._next_webhook_mail = self._now() + LONGEST_PAUSE
            self._webhook_mail.begin()
        if exports.due(db) is not None:
            self._exports.begin()
        if imports.to_read(db) is not None:
            self._imports.begin()
        self._begin_backups(db)
        if previews.due(db):
            self._pictures.begin()
        if self._refresh.due(db):
            self._templates.begin()
        self._begin_looks(db)
        self._begin_tests(db)

    def _begin_looks(self, db: Database) -> None:
        """Begin what looks around now and then: the watchdog, and whether guests are to be erased by themselves."""
        if self._now() >= self._next_look:
            self._next_look = self._now() + EVERY
            self._watchdog.begin()
        if self._now() >= self._next_privacy_look:
            self._next_privacy_look = self._now() + PRIVACY_LOOK
            if retention.is_wanted(db):
                self._privacy.begin()
        if self._now() >= self._next_remains_look and log_remains.notes(db.path):
            self._next_remains_look = self._now() + REMAINS_LOOK
            self._remains.begin()
        due = self._now() >= self._next_automations and automations.any_enabled(db)
        if due or automations.has_news(db):
            self._automations.begin()
        if self._reading.due(db):
            self._calendars.begin()

    def _begin_backups(self, db: Database) -> None:
        """Plan the backup of the night when its hour has come, make what is planned, tell administrators when none succeeds."""
        if self._now() >= self._next_backup_look:
            self._next_backup_look = self._now() + BACKUP_LOOK
            schedule.plan_nightly(db)
            if self._now() >= self._next_backup_mail and schedule.news(db) is not None:
                self._next_backup_mail = self._now() + LONGEST_PAUSE
                self._backup_mail.begin()
        if backups.due(db) is not None:
            self._backups.begin()

    def _begin_tests(self, db: Database) -> None:
        """Begin the tests of channels that were asked for, a few at once."""
        self._tests = [job for job in self._tests if job.running]
        room = channel_tests.MOST_AT_ONCE - len(self._tests)
        for row in channel_tests.due(db, room):
            work = functools.partial(run_test, row, self._signing.public_url)
            job = Job(f"jack-test-{row['channel']}", self._databases, work)
            self._tests.append(job)
            job.begin()

    # ---------------------------------------------------------------------------------------- files

    def fetch_files(self, db: Database) -> None:
        """Fetch every file that is due."""
        while not self._stopped.is_set():
            due = media_download.claim_due(db)
            if not due:
                return
            for row in due:
                fetch = self._fetch(db, row["account"])
                kept = functools.partial(media_preview.update, db)
                media_download.fetch_one(db, row, fetch, kept)

    def _fetch(self, db: Database, name: str | None) -> Fetch | None:
        """The call that fetches a file of an account; None while the channel is connected to another account."""
        channel = self._channels.get(accounts.channel_of(name or ""))
        if channel is None or not hasattr(channel, "fetch"):
            return None
        url = self._signing.public_url
        account = connected(db, accounts.channel_of(name or ""), url, self._channels).account
        if account is None or account.name != name:
            return None
        return functools.partial(cast("WebhookChannel", channel).fetch, account)

    # ---------------------------------------------------------------------------------------- links by mail, privacy

    def send_link_mail(self, db: Database) -> None:
        """Send the invitations and password reset mail that are due."""
        link_mail.send_due(db, self._signing.public_url, self._channels)

    def send_notification_mail(self, db: Database) -> None:
        """Tell people by e-mail of what they want to be told."""
        notification_mail.send_due(db, self._signing.public_url, self._channels)

    def erase_due(self, db: Database) -> None:
        """Erase the guests of whom nothing has been heard for long enough."""
        retention.look(db, self._stopped.is_set)

    def settle_remains(self, db: Database) -> None:
        """Let nothing of what was erased remain in the write-ahead log."""
        log_remains.settle(db)

    def run_automations(self, db: Database) -> None:
        """Do what automations are due for; by the clock no more often than every `AUTOMATIONS_LOOK` seconds."""
        by_clock = self._now() >= self._next_automations
        if by_clock:
            self._next_automations = self._now() + AUTOMATIONS_LOOK
        automations.look(db, self._stopped.is_set, by_clock=by_clock)

    def send_webhook_mail(self, db: Database) -> None:
        """Tell administrators of the webhooks that Jack has disabled."""
        webhook_mail.send_due(db, self._signing.public_url, self._channels)

    def send_backup_mail(self, db: Database) -> None:
        """Tell administrators that no backup succeeds, or that one does again."""
        backup_mail.send_due(db, self._signing.public_url, self._channels)
