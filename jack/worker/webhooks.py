"""Sending events to webhooks: a thread while there is something to send, and a few more that wait for the receivers.

No receiver holds up another one, or a message to a guest: each has threads of its own.
"""

from __future__ import annotations

import functools
import logging
import threading
import time
import traceback
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from jack.core import checked_http
from jack.core.db import as_json, savepoint, transaction
from jack.core.errors import NotFound, Unavailable
from jack.core.retry_after import retry_after
from jack.messaging.thread_pool import Failed, Pool
from jack.resources.webhooks import deliveries, event_data, signing, store
from jack.resources.webhooks.rows import Attempt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jack.core.db import Database
    from jack.resources.webhooks.rows import DueRow

log = logging.getLogger("jack.worker")

SECONDS = 15.0  # for connecting, sending and the answer together
MOST_BYTES = 4096  # of an answer
AT_ONCE = 4  # requests to one receiver
TICK = 0.1  # seconds between two looks at what is due
BROKE = "The request could not be made."
SECRET_LOST = "The secret was sealed with another signing key: give the webhook a new one."


class Request(NamedTuple):
    """A request that is about to be made."""

    url: str
    hosts: Sequence[str]
    delivery_id: str
    seconds: int
    body: bytes
    secrets: Sequence[str]


class Deliverer:
    """Sends what is due, until nothing is. `hosts` are those of JACK_WEBHOOK_HOSTS, `public_path` the path that Jack is below."""

    def __init__(
        self, stopped: threading.Event, hosts: Sequence[str] = (), public_path: str = ""
    ) -> None:
        self._stopped, self._hosts, self._public_path = stopped, hosts, public_path
        self._pool: Pool[DueRow, Attempt] = Pool(store.MOST * AT_ONCE)
        self._begun: dict[int, str] = {}  # the seq of what is being sent, and its webhook

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
                    deliveries.record(
                        db,
                        row,
                        Attempt({}, 0, error=BROKE) if isinstance(attempt, Failed) else attempt,
                    )
        finally:  # what could not be written down is sent again
            for row, _ in found:
                self._begun.pop(row["seq"], None)
        return True

    def _begin(self, db: Database) -> bool:
        """Begin what is due, a few at once for each receiver; whether there was anything to begin."""
        if self._stopped.is_set():
            return False
        busy = Counter(self._begun.values())
        due = [
            row
            for webhook_id in deliveries.due_webhooks(db)
            if (room := AT_ONCE - busy[webhook_id]) > 0
            for row in deliveries.due(db, webhook_id, room, self._begun)
        ]
        if not due:
            return False
        with transaction(db):
            ready = [(row, self._request(db, row)) for row in due]
        for row, request in ready:  # only now, as what is sent is what is stored
            if request is not None:
                self._begun[row["seq"]] = row["webhook_id"]
                self._pool.submit(row, functools.partial(attempted, request))
        return True

    def _request(self, db: Database, row: DueRow) -> Request | None:
        """The request of a delivery, whose body is made and stored before its first attempt; None where it cannot be made."""
        try:
            with savepoint(db):
                return self._made(db, row)
        except NotFound:  # the webhook has been deleted meanwhile
            return None
        except Unavailable:
            raise
        except Exception as error:  # one that cannot be made must not hold up the others
            where = "".join(traceback.format_tb(error.__traceback__))
            log.error("a webhook's request failed with %s\n%s", type(error).__name__, where)
            deliveries.record(db, row, Attempt({}, 0, error=BROKE))
            return None

    def _made(self, db: Database, row: DueRow) -> Request:
        webhook = store.get(db, row["webhook_id"])
        body = row["body"]
        if body is None:
            body = self._body(db, row, include_notes=webhook["include_notes"])
            deliveries.set_body(db, row["seq"], body)
        return Request(
            webhook["url"],
            self._hosts,
            row["id"],
            int(db.time()),
            body.encode(),
            store.secrets(db, row["webhook_id"]),
        )

    def _body(self, db: Database, row: DueRow, *, include_notes: bool) -> str:
        event = event_data.event(db, row["event_seq"])
        if event is None:  # no longer kept
            event = {
                "seq": row["event_seq"],
                "subject_id": "",
                "conversation_id": None,
                "actor_id": None,
                "actor_name": None,
                "changed": "[]",
                "created_at": db.now(),
            }
        return as_json(
            event_data.body(
                db,
                row["id"],
                row["event"],
                event,
                include_notes=include_notes,
                public_path=self._public_path,
            )
        )


def attempted(request: Request) -> Attempt:
    """Make a request; what has come of it. It raises nothing."""
    if not request.secrets:
        return Attempt({}, 0, error=SECRET_LOST)
    headers = signing.headers(request.delivery_id, request.seconds, request.body, request.secrets)
    begun = time.monotonic()
    try:
        where = checked_http.target(request.url, request.hosts)
        answer = checked_http.post(where, headers, request.body, seconds=SECONDS, limit=MOST_BYTES)
    except (checked_http.Refused, checked_http.Failed) as error:
        return Attempt(headers, _since(begun), error=str(error))
    return Attempt(
        headers,
        _since(begun),
        status=answer.status,
        body=answer.body.decode("utf-8", "replace").replace("\0", "\ufffd"),
        retry_after=retry_after(answer.headers.get("retry-after", "")),
    )


def _since(begun: float) -> int:
    """Milliseconds since a moment of the monotonic clock."""
    return int((time.monotonic() - begun) * 1000)
