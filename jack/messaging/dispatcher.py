"""Sending: what is due is claimed, given to its channel in a thread of the pool, and settled when the result is there.

The database is touched by the loop's own thread alone. An account is asked no more often than its rate says, not at all
while it is paused, and by one message only when its pause is over.
"""

from __future__ import annotations

import logging
import traceback
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from jack.channels.registry import CHANNELS
from jack.channels.results import Permanent, Result, Retry, Unknown
from jack.channels.types import Account, OutboundMessage
from jack.core.db import savepoint, transaction
from jack.core.errors import Unavailable
from jack.messaging import outbox, outgoing, reconciliation
from jack.messaging.outbox import Sent
from jack.messaging.thread_pool import FAILED, Pool
from jack.messaging.token_bucket import Bucket
from jack.resources.channel_accounts import store as accounts
from jack.resources.channel_accounts.connection import connected
from jack.resources.conversations import sendability

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jack.channels.protocol import Channel
    from jack.core.db import Database, Row
    from jack.messaging.outgoing import SigningContext

log = logging.getLogger("jack.worker")

THREADS = 16
BATCH = 20
# Mail servers count how many connections somebody holds.
AT_ONCE = {"email": 3}
RATES = {"whatsapp": 20.0, "sms": 1.0, "email": 5.0}
NOT_CONFIGURED = "This channel is not configured."
NO_ADDRESS = "This guest has no address on this channel."
STUMBLED = "Something went wrong while it was sent; it may have arrived."


@dataclass(frozen=True)
class Ticket:
    """A part that is being sent, or one whose fate is being looked into: its row, and where it goes."""

    claimed: Row
    sent: Sent
    account: Account
    doubt: bool = False


class Dispatcher:
    """What one worker is sending."""

    def __init__(
        self, owner: str, signing: SigningContext, channels: Mapping[str, Channel] = CHANNELS
    ) -> None:
        self.pool = Pool(THREADS)
        self._owner = owner
        self._signing = signing
        self._channels = channels
        self._buckets: defaultdict[str, Bucket] = defaultdict(Bucket)
        self._under_way: dict[int, Row] = {}
        self._results: list[tuple[Ticket, Any]] = []

    @property
    def under_way(self) -> int:
        """How many parts are with their providers, or back and not written down yet."""
        return self.pool.running + len(self._results)

    # ---------------------------------------------------------------------------------------- out

    def send_due(self, db: Database) -> bool:
        """Begin to send what is due; returns whether there was anything."""
        begun = [self._send_over(db, channel) for channel in outbox.due(db)]
        return any(begun)

    def _send_over(self, db: Database, name: str) -> bool:
        channel = self._channels.get(name)
        if channel is None:
            return self._refuse(db, name)
        there = connected(db, name, self._signing.public_url, self._channels)
        if there.account is None or not (there.enabled or name == "web"):
            return False
        room = self._room(db, there.account, there.settings_at)
        if room <= 0 or not outbox.ready(db, name):
            return False
        tickets = self._claimed(db, channel, there.account, there.settings_at, room)
        for ticket, piece in tickets:
            self._begin(channel, ticket, piece)
        return bool(tickets)

    def _refuse(self, db: Database, name: str) -> bool:
        with transaction(db):
            claimed = outbox.claim(db, self._owner, name, limit=BATCH)
            for row in claimed:
                outbox.record_result(db, row, self._owner, Permanent(NOT_CONFIGURED))
        return bool(claimed)

    def _room(self, db: Database, account: Account, settings_at: str | None) -> int:
        """How many messages may go over an account now."""
        if self._instant(account.channel):
            return BATCH
        rate = float(account.settings.get("ratePerSecond") or RATES.get(account.channel, 20.0))
        busy = Counter(row["channel"] for row in self._under_way.values())[account.channel]
        most = AT_ONCE.get(account.channel, THREADS)
        allowed = accounts.allowance(db, account.name, settings_at)
        if allowed is not None:
            most = min(most, allowed)
        return min(self.pool.free, self._buckets[account.name].left(rate), most - busy)

    def _instant(self, name: str) -> bool:
        """Whether sending is nothing but a row of our own."""
        return getattr(self._channels[name], "INSTANT", False)

    def _claimed(
        self, db: Database, channel: Channel, account: Account, settings_at: str | None, room: int
    ) -> list[tuple[Ticket, OutboundMessage]]:
        """Claim messages and put them together, in one transaction; what must not leave is settled with it."""
        found = []
        with transaction(db):
            for row in outbox.claim(db, self._owner, account.channel, limit=room):
                prepared = self._prepared(db, channel, account, row)
                if isinstance(prepared, list):
                    outbox.in_parts(db, row, len(prepared))
                    sent = Sent(account.name, settings_at, len(prepared))
                    part = min(row["parts_sent"], len(prepared) - 1)
                    found.append((Ticket(row, sent, account), prepared[part]))
                else:
                    outbox.record_result(db, row, self._owner, prepared)
        return found

    def _prepared(
        self, db: Database, channel: Channel, account: Account, row: Row
    ) -> list[OutboundMessage] | Result:
        """The message in its parts; or why it cannot leave."""
        try:
            whole = outgoing.assembled(db, row, account, self._signing)
            if whole is None:
                return Permanent("The message is no more.")
            wall = sendability.blocker(db, whole.guest_id, account.channel, whole.type)
            if wall is not None:
                return Permanent(wall.says)
            if not whole.to and account.channel != "web":
                return Permanent(NO_ADDRESS)
            return pieces(channel, account, whole)
        except (
            Exception
        ) as error:  # one message that cannot be put together must not hold the others
            where = "".join(traceback.format_tb(error.__traceback__))
            log.error("a message could not be put together: %s\n%s", type(error).__name__, where)
            return Retry("The message could not be put together.")

    def _begin(self, channel: Channel, ticket: Ticket, piece: OutboundMessage) -> None:
        if self._instant(ticket.account.channel):
            self._results.append((ticket, channel.send(ticket.account, piece)))
            return
        self._buckets[ticket.account.name].take(1)
        self._under_way[ticket.claimed["seq"]] = ticket.claimed
        self.pool.do(ticket, lambda: channel.send(ticket.account, piece))

    # ---------------------------------------------------------------------------------------- back

    def collect(self, db: Database) -> bool:
        """Write down what became of all that is back, in one transaction; kept for another time when that fails."""
        self._results += self.pool.results()
        if not self._results:
            return False
        with transaction(db):
            for ticket, result in self._results:
                self._settle(db, ticket, result)
        for ticket, _ in self._results:
            self._under_way.pop(ticket.claimed.get("seq", 0), None)
        self._results = []
        return True

    def _settle(self, db: Database, ticket: Ticket, result: Any) -> None:
        became = self._answer(ticket, result)
        try:
            with savepoint(db):
                if ticket.doubt:
                    reconciliation.record_result(db, ticket.claimed, ticket.account, became)
                else:
                    outbox.record_result(db, ticket.claimed, self._owner, became, ticket.sent)
        except Unavailable:
            raise
        except (
            Exception
        ) as error:  # one that cannot be written down must not hold the others; its lease runs out
            where = "".join(traceback.format_tb(error.__traceback__))
            log.error("a result could not be settled: %s\n%s", type(error).__name__, where)

    def _answer(self, ticket: Ticket, result: Any) -> Result:
        """A channel's result; where a repeat is harmless, nothing stays in doubt."""
        found: Result = Unknown(STUMBLED) if result is FAILED else result
        repeatable = self._channels[ticket.account.channel].REPEATABLE
        return Retry(found.error) if repeatable and isinstance(found, Unknown) else found

    def keep(self, db: Database) -> None:
        """Hold on to what is under way, and deal with what nobody holds on to any more."""
        if self._under_way:
            outbox.renew(db, self._owner, self._under_way)
        names = [name for name, channel in self._channels.items() if channel.REPEATABLE]
        outbox.expire(db, names)

    # ---------------------------------------------------------------------------------------- unknown_sends

    def reconcile(self, db: Database) -> None:
        """Ask providers what became of messages that may have been sent."""
        for row in reconciliation.due(db, max(0, self.pool.free)):
            channel = self._channels.get(row["channel"])
            find = getattr(channel, "lookup", None)
            there = (
                connected(db, row["channel"], self._signing.public_url, self._channels)
                if find
                else None
            )
            account = there.account if there else None
            whole = outgoing.assembled(db, row, account, self._signing) if account else None
            if channel is None or find is None or account is None or whole is None:
                reconciliation.drop(db, row)
                continue
            parts = pieces(channel, account, whole)
            piece = parts[min(row["part"], len(parts) - 1)]
            known = reconciliation.known(db, account, row["message_id"])
            self.pool.do(
                Ticket(row, Sent(), account, doubt=True), _finding(find, account, piece, row, known)
            )


def pieces(channel: Channel, account: Account, whole: OutboundMessage) -> list[OutboundMessage]:
    """A message in the parts its channel can carry, each with a key of its own."""
    cut = getattr(channel, "split", None)
    parts: list[OutboundMessage] = cut(account, whole) if cut else [whole]
    first, *others = parts
    return [
        first,
        *(
            replace(part, key=f"{whole.key}-{number + 1}", part=number)
            for number, part in enumerate(others, 1)
        ),
    ]


def _finding(
    find: Any, account: Account, piece: OutboundMessage, row: Row, known: list[str]
) -> Any:
    return lambda: find(account, piece, row["since"], known)
