"""What is new in a mailbox, each mail once: also after days, after a kill, and when the server has numbered it anew.

The place in a mailbox is `uidvalidity`, `uid` (the last mail taken), `newest` (the day the newest of them came), and
while the mailbox is read again, `since` (from which day). `failing` and `failures` count the tries at a mail that the
server does not hand over.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from jack.channels.mail import inbound
from jack.channels.mail.imap import Mailbox, Note, Trouble, opened
from jack.channels.mail.server import server_of
from jack.channels.types import Unreadable
from jack.core import clock
from jack.core.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from jack.channels.results import Broken, Retry
    from jack.channels.types import Account, Event

    Take = Callable[[Sequence[Event], Mapping[str, Any]], None]

log = logging.getLogger("jack.channels.email")

BATCH = 200
LARGEST = 25 * 1024 * 1024
RESCAN_DAYS = 2
MOST_FAILURES = 10


def poll(account: Account, place: Mapping[str, Any], take: Take) -> Retry | Broken | None:
    """Take up to 200 new mails, oldest first, one at a time."""
    folder = (account.settings.get("imap") or {}).get("folder") or "INBOX"
    try:
        with opened(server_of(account.settings, "imap"), folder) as mailbox:
            _Reader(mailbox, account.settings["address"], place, take).read()
    except Trouble as trouble:
        return trouble.result
    return None


class _Reader:
    """One reading of a mailbox."""

    def __init__(self, mailbox: Mailbox, own: str, place: Mapping[str, Any], take: Take) -> None:
        self._mailbox, self._own, self._take = mailbox, own, take
        self._known = dict(place)
        self._place = self._begun()

    def _begun(self) -> dict[str, Any]:
        """Where to read on: the place as it is known, or one in a mailbox never seen before, or numbered anew."""
        validity = self._mailbox.validity
        if self._known.get("uidvalidity") == validity:
            return dict(self._known)
        today = datetime.now(UTC).date().isoformat()
        if not self._known:
            return {"uidvalidity": validity, "uid": self._last(), "newest": today}
        log.warning("the mailbox has been numbered anew: its latest days are read again")
        newest = self._known.get("newest") or today
        since = datetime.fromisoformat(newest) - timedelta(days=RESCAN_DAYS)
        return {
            "uidvalidity": validity,
            "uid": 0,
            "newest": newest,
            "since": since.date().isoformat(),
        }

    def _last(self) -> int:
        """The last mail there is."""
        if self._mailbox.next:
            return self._mailbox.next - 1
        return max(self._mailbox.search(0, None), default=0)

    def read(self) -> None:
        """Take a batch; at the end of the mailbox, be done with reading again."""
        since = self._place.get("since")
        uids = self._mailbox.search(
            self._place["uid"], datetime.fromisoformat(since) if since else None
        )
        notes = self._mailbox.notes(uids[:BATCH])
        for uid in uids[:BATCH]:
            self._read_one(uid, notes.get(uid))
        if len(uids) <= BATCH and since:
            self._place.pop("since")
            self._place["uid"] = max(self._place["uid"], self._mailbox.next - 1)
        if self._place != self._known:
            self._hand_over([])

    def _read_one(self, uid: int, note: Note | None) -> None:
        try:
            content = self._content(uid, note)
        except Trouble:
            self._count_failure(uid)
            raise
        self._place = {**self._place, "uid": uid}
        self._place.pop("failing", None)
        self._place.pop("failures", None)
        if note is None or content is None:  # deleted in the meantime
            return
        came = min(note.came, datetime.now(UTC)).date().isoformat()
        self._place["newest"] = max(self._place["newest"], came)
        self._hand_over_mail(content, note)

    def _content(self, uid: int, note: Note | None) -> bytes | None:
        if note is None:
            return None
        return self._mailbox.headers(uid) if note.size > LARGEST else self._mailbox.mail(uid)

    def _hand_over_mail(self, content: bytes, note: Note) -> None:
        """Hand a mail over. One that the house cannot keep is put aside, unless it is the house that is unwell."""
        at = clock.render(note.came)
        try:
            self._hand_over(self._events(content, note, at))
        except (Unavailable, OSError):
            raise
        except Exception as error:
            log.error("a mail could not be kept: %s", type(error).__name__)
            reason = f"It could not be kept ({type(error).__name__})."
            self._hand_over([inbound.aside(content, reason)])

    def _events(self, content: bytes, note: Note, at: str) -> list[Event]:
        if note.size <= LARGEST:
            return inbound.events_of(content, at, self._own)
        size = f"{note.size / 1024 / 1024:.0f} MB"
        text = f"[A mail of {size}, which is too large to fetch. It is in the mailbox.]"
        return inbound.headers_only(content, at, self._own, text)

    def _hand_over(self, events: Sequence[Event]) -> None:
        self._take(events, dict(self._place))
        self._known = dict(self._place)

    def _count_failure(self, uid: int) -> None:
        """A mail at which the server fails again and again is left behind, and said so."""
        failures = self._place.get("failures", 0) + 1 if self._place.get("failing") == uid else 1
        if failures < MOST_FAILURES:
            self._place |= {"failing": uid, "failures": failures}
            self._hand_over([])
            return
        self._place.pop("failing", None)
        self._place.pop("failures", None)
        self._place["uid"] = uid
        key = f"uid:{self._place['uidvalidity']}:{uid}"
        self._hand_over([Unreadable(key, f"The mail server does not hand over mail {uid}.", b"")])
