"""Reads the new mails of a mailbox, each once: also after days, after a crash, and when the server has renumbered it."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypedDict, cast

from jack.channels.mail import inbound
from jack.channels.mail.imap import Mailbox, MailboxError, MailSummary, open_mailbox
from jack.channels.mail.server import folder_of, server_of
from jack.channels.types import Unreadable
from jack.core import clock
from jack.core.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from jack.channels.results import Broken, Retry
    from jack.channels.settings import EmailSettings
    from jack.channels.types import Account, Event

    Store = Callable[[Sequence[Event], Mapping[str, object]], None]

log = logging.getLogger("jack.channels.email")

BATCH = 200
LARGEST = 25 * 1024 * 1024
RESCAN_DAYS = 2
MOST_FAILURES = 10


class MailboxPosition(TypedDict, total=False):
    """How far a mailbox has been read; stored as JSON, empty for a mailbox never read.

    `uid` is the last mail stored, `newest` the day (`2026-05-28`) the newest one was received. `since` is there while a
    renumbered mailbox is read again from that day. `failures` counts the attempts at the mail `failing` (a UID) that the server
    does not deliver.
    """

    uidvalidity: int
    uid: int
    newest: str
    since: str
    failing: int
    failures: int


def poll(account: Account, position: Mapping[str, object], store: Store) -> Retry | Broken | None:
    """Read up to 200 new mails, oldest first, and store them one at a time."""
    settings = account.settings
    try:
        with open_mailbox(server_of(settings, "imap"), folder_of(settings)) as mailbox:
            _Reader(mailbox, account, position, store).read()
    except MailboxError as error:
        return error.result
    return None


class _Reader:
    """One reading of a mailbox."""

    def __init__(
        self, mailbox: Mailbox, account: Account, position: Mapping[str, object], store: Store
    ) -> None:
        settings = cast("EmailSettings", account.settings)
        self._mailbox, self._store = mailbox, store
        self._own_address, self._zone = settings["address"], account.zone
        self._authentication_server = settings.get("authenticationServer")
        self._stored_position = cast("MailboxPosition", dict(position))
        self._position = self._start_position()

    def _start_position(self) -> MailboxPosition:
        """Where to read on: the stored position; or the end of a new mailbox; or some days back in a renumbered one."""
        validity = self._mailbox.validity
        if self._stored_position.get("uidvalidity") == validity:
            return self._stored_position.copy()
        today = datetime.now(UTC).date().isoformat()
        if not self._stored_position:
            return {"uidvalidity": validity, "uid": self._last_uid(), "newest": today}
        log.warning("the mailbox has been numbered anew: its latest days are read again")
        newest = self._stored_position.get("newest") or today
        since = datetime.fromisoformat(newest) - timedelta(days=RESCAN_DAYS)
        return {
            "uidvalidity": validity,
            "uid": 0,
            "newest": newest,
            "since": since.date().isoformat(),
        }

    def _last_uid(self) -> int:
        """The UID of the last mail in the mailbox; 0 when it is empty."""
        if self._mailbox.next:
            return self._mailbox.next - 1
        return max(self._mailbox.search(0, None), default=0)

    def read(self) -> None:
        """Read and store a batch; `since` is removed at the end of a renumbered mailbox."""
        since = self._position.get("since")
        uids = self._mailbox.search(
            self._position["uid"], datetime.fromisoformat(since) if since else None
        )
        summaries = self._mailbox.summaries(uids[:BATCH])
        for uid in uids[:BATCH]:
            self._read_one(uid, summaries.get(uid))
        if len(uids) <= BATCH and since:
            self._position.pop("since")
            self._position["uid"] = max(self._position["uid"], self._mailbox.next - 1)
        if self._position != self._stored_position:
            self._store_events([])

    def _read_one(self, uid: int, summary: MailSummary | None) -> None:
        try:
            content = self._content(uid, summary)
        except MailboxError:
            self._count_failure(uid)
            raise
        self._position = {**self._position, "uid": uid}
        self._position.pop("failing", None)
        self._position.pop("failures", None)
        if summary is None or content is None:  # deleted in the meantime
            return
        day = min(summary.received_at, datetime.now(UTC)).date().isoformat()
        self._position["newest"] = max(self._position["newest"], day)
        self._store_mail(content, summary)

    def _content(self, uid: int, summary: MailSummary | None) -> bytes | None:
        if summary is None:
            return None
        return self._mailbox.headers(uid) if summary.size > LARGEST else self._mailbox.mail(uid)

    def _store_mail(self, content: bytes, summary: MailSummary) -> None:
        """Store a mail. One that cannot be stored is quarantined, unless the database or the disk has failed."""
        at = clock.render(summary.received_at)
        try:
            self._store_events(self._events(content, summary, at))
        except (Unavailable, OSError):
            raise
        except Exception as error:
            log.error("a mail could not be kept: %s", type(error).__name__)
            reason = f"It could not be kept ({type(error).__name__})."
            self._store_events([inbound.quarantined(content, reason)])

    def _events(self, content: bytes, summary: MailSummary, at: str) -> list[Event]:
        if summary.size <= LARGEST:
            return inbound.events_of(
                content, at, self._own_address, self._authentication_server, zone=self._zone
            )
        size = f"{summary.size / 1024 / 1024:.0f} MB"
        text = f"[A mail of {size}, which is too large to fetch. It is in the mailbox.]"
        return inbound.headers_only(
            content, at, self._own_address, text, self._authentication_server
        )

    def _store_events(self, events: Sequence[Event]) -> None:
        self._store(events, dict(self._position))
        self._stored_position = self._position.copy()

    def _count_failure(self, uid: int) -> None:
        """Count an attempt at a mail that the server does not deliver; after ten it is skipped and reported."""
        failures = (
            self._position.get("failures", 0) + 1 if self._position.get("failing") == uid else 1
        )
        if failures < MOST_FAILURES:
            self._position |= {"failing": uid, "failures": failures}
            self._store_events([])
            return
        self._position.pop("failing", None)
        self._position.pop("failures", None)
        self._position["uid"] = uid
        key = f"uid:{self._position['uidvalidity']}:{uid}"
        self._store_events(
            [Unreadable(key, f"The mail server does not hand over mail {uid}.", b"")]
        )
