"""Sending pushes: a thread while there is something to tell, and a few more that wait for the push services.

No service holds up another one, or a message to a guest: it has a few requests in flight at most, and one of each subscription.
"""

from __future__ import annotations

import functools
import hashlib
import logging
import traceback
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from jack.core import checked_http
from jack.core.db import transaction
from jack.core.errors import Unavailable
from jack.core.retry_after import retry_after
from jack.messaging.thread_pool import Failed, Pool
from jack.resources.push import encryption, payload, preferences, queue, recipients, vapid
from jack.resources.push.queue import Attempt
from jack.resources.settings import store as settings

if TYPE_CHECKING:
    import threading
    from collections.abc import Sequence

    from jack.core.db import Database
    from jack.resources.push.queue import DueRow

log = logging.getLogger("jack.worker")

SECONDS = 10.0  # for connecting, sending and the answer together
MOST_BYTES = 1024  # of an answer
AT_ONCE = 4  # requests to one service
THREADS = 16
TICK = 0.1  # seconds between two looks at what is due
BROKE = "The request could not be made."


class Request(NamedTuple):
    """A push that is about to be sent; `lifetime` is how many seconds a service keeps it for a device that is off."""

    row: DueRow
    body: bytes
    keys: vapid.Keys
    hosts: Sequence[str]
    contact: str | None
    seconds: float
    lifetime: int


def is_due(db: Database) -> bool:
    """Whether there is something to tell, or to send."""
    return recipients.has_news(db) or queue.is_due(db)


class Pusher:
    """Tells what has happened, until all is told. `hosts` are those of JACK_PUSH_HOSTS, `public_url` is where Jack is reached."""

    def __init__(
        self, stopped: threading.Event, hosts: Sequence[str] = (), public_url: str = ""
    ) -> None:
        self._stopped, self._hosts = stopped, hosts
        self._contact = public_url if public_url.startswith("https://") else None
        self._pool: Pool[DueRow, Attempt] = Pool(THREADS)
        self._begun: dict[str, str] = {}  # subscriptions with a push in flight, and their services

    def run(self, db: Database) -> None:
        """Send what is due, and return when nothing is any more. When Jack stops, what is being sent is finished first."""
        while self._collect(db) or self._begin(db) or self._begun:
            self._pool.finished.wait(TICK)

    def _collect(self, db: Database) -> bool:
        """Write down what has come of the requests that have ended; whether any has."""
        found = self._pool.results()
        if not found:
            return False
        try:
            with transaction(db):
                for row, attempt in found:
                    result = Attempt(error=BROKE) if isinstance(attempt, Failed) else attempt
                    queue.record(db, row, result)
        finally:  # what could not be written down is sent again
            for row, _ in found:
                self._begun.pop(row["subscription_id"], None)
        return True

    def _begin(self, db: Database) -> bool:
        """Begin what is due, a few at once for each service; whether there was anything to begin or to give up."""
        if self._stopped.is_set():
            return False
        recipients.collect(db)
        services = Counter(self._begun.values())
        begun = False
        for row in queue.due(db, self._begun):
            service = origin(row["endpoint"])
            if services[service] >= AT_ONCE or len(self._begun) >= THREADS:
                continue
            begun = True
            request = self._request(db, row)
            if request is None:
                with transaction(db):
                    queue.drop(db, row["id"])
                continue
            services[service] += 1
            self._begun[row["subscription_id"]] = service
            self._pool.submit(row, functools.partial(attempted, request))
        return begun

    def _request(self, db: Database, row: DueRow) -> Request | None:
        """The request of a push; None for one that nobody is to be told of any more, not at this hour, or that cannot be made."""
        try:
            lifetime = _lifetime(db, row)
            body = payload.body(db, row) if lifetime else None
        except Unavailable:
            raise
        except Exception as error:  # one that cannot be made must not hold up the others
            where = "".join(traceback.format_tb(error.__traceback__))
            log.error("a push failed with %s\n%s", type(error).__name__, where)
            return None
        if body is None:
            return None
        return Request(row, body, vapid.keys(db), self._hosts, self._contact, db.time(), lifetime)


def _lifetime(db: Database, row: DueRow) -> int:
    """How many seconds a push is worth something: until it is no news, or the quiet hours begin; 0 in these."""
    if queue.is_old(db, row):
        return 0
    longest = queue.KEPT_HOURS * 3600
    if row["kind"] == queue.TEST:
        return longest
    zone = ZoneInfo(settings.value(db, "hotel")["timeZone"])
    time = f"{datetime.fromtimestamp(db.time(), UTC).astimezone(zone):%H:%M}"
    chosen = preferences.get(db, row["staff_id"])
    if preferences.is_quiet(chosen, time):
        return 0
    minutes = preferences.minutes_until_quiet(chosen, time)
    return longest if minutes is None else min(longest, max(minutes * 60, 1))


def origin(endpoint: str) -> str:
    """The scheme, host and port of an endpoint: its service, as a token names whom it is for (RFC 6454, 6.2)."""
    parts = urlsplit(endpoint)
    return f"{parts.scheme}://{parts.netloc}".lower()


def attempted(request: Request) -> Attempt:
    """Encrypt and send a push; what has come of it. It raises nothing that a service or a key may do."""
    row = request.row
    try:
        body = encryption.encrypted(request.body, row["p256dh"], row["auth"])
        where = checked_http.target(row["endpoint"], request.hosts)
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Encoding": "aes128gcm",
            "TTL": str(request.lifetime),
            "Urgency": "high",
            "Topic": hashlib.sha256(row["subject_id"].encode()).hexdigest()[:32],
            "Authorization": vapid.authorization(
                request.keys, origin(row["endpoint"]), request.seconds, request.contact
            ),
        }
        answer = checked_http.post(where, headers, body, seconds=SECONDS, limit=MOST_BYTES)
    except (checked_http.Refused, encryption.BadKey) as error:
        return Attempt(error=str(error), again=False)
    except checked_http.Failed as error:
        return Attempt(error=str(error))
    wait = retry_after(answer.headers.get("retry-after", ""))
    return Attempt(answer.status, retry_after=wait)
