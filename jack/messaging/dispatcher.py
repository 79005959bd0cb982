"""Sending: what is due is claimed, given to its channel in a thread of the pool, and its result recorded when it is there.

The database is touched by the loop's own thread alone. An account is sent no more messages than its rate allows, none
while it is paused, and one message only when its pause is over.
"""

from __future__ import annotations

import functools
import logging
import traceback
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from jack.channels.registry import CHANNELS
from jack.channels.results import Permanent, Result, Retry, Unknown
from jack.channels.types import Account, OutboundMessage
from jack.core.db import savepoint, transaction
from jack.core.errors import Unavailable
from jack.messaging import outbox, outgoing, reaction_queue, reconciliation
from jack.messaging.outbox import Sent
from jack.messaging.thread_pool import Failed, Pool
from jack.messaging.token_bucket import Bucket
from jack.resources.automations import leaving as automations
from jack.resources.channel_accounts import store as accounts
from jack.resources.channel_accounts.connection import connected
from jack.resources.conversations import sendability

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from jack.channels.protocol import Channel
    from jack.core.db import Database
    from jack.messaging.outbox import ClaimedRow
    from jack.messaging.outgoing import SigningContext
    from jack.messaging.reaction_queue import DueReaction
    from jack.messaging.reconciliation import UnknownSendRow

    Split = Callable[[Account, OutboundMessage], list[OutboundMessage]]
    React = Callable[[Account, str, str, str | None], Result]
    Lookup = Callable[[Account, OutboundMessage, str, Collection[str]], Result]

log = logging.getLogger("jack.worker")

THREADS = 16
BATCH = 20
# Mail servers limit how many connections a client holds.
MAX_CONNECTIONS = {"email": 3}
RATES = {"whatsapp": 20.0, "sms": 1.0, "email": 5.0}  # messages a second
NOT_CONFIGURED = "This channel is not configured."
NO_ADDRESS = "This guest has no address on this channel."
FAILED_WHILE_SENDING = "Something went wrong while it was sent; it may have arrived."


@dataclass(frozen=True)
class SendTicket:
    """A part that is being sent: its row of the outbox, and where it goes."""

    row: ClaimedRow
    account: Account
    sent: Sent


@dataclass(frozen=True)
class LookupTicket:
    """A part that is `unknown`, whose provider is asked what became of it."""

    row: UnknownSendRow
    account: Account


@dataclass(frozen=True)
class ReactionTicket:
    """A reaction that is being sent."""

    row: DueReaction
    account: Account
    settings_at: str | None


Ticket = SendTicket | LookupTicket | ReactionTicket


class Dispatcher:
    """What one worker is sending."""

    def __init__(
        self, owner: str, signing: SigningContext, channels: Mapping[str, Channel] = CHANNELS
    ) -> None:
        self.pool: Pool[Ticket, Result] = Pool(THREADS)
        self._owner = owner
        self._signing = signing
        self._channels = channels
        self._buckets: defaultdict[str, Bucket] = defaultdict(Bucket)
        self._sending: dict[int, ClaimedRow] = {}
        self._results: list[tuple[Ticket, Result | Failed]] = []

    @property
    def in_flight(self) -> int:
        """How many parts are with their providers, or back and not recorded yet."""
        return self.pool.running + len(self._results)

    # ---------------------------------------------------------------------------------------- out

    def send_due(self, db: Database) -> bool:
        """Begin to send what is due; returns whether there was anything."""
        begun = [self._send_on(db, channel) for channel in outbox.due(db)]
        begun += [self._send_reactions(db, channel) for channel in reaction_queue.due(db)]
        return any(begun)

    def _send_reactions(self, db: Database, name: str) -> bool:
        """Begin to send the reactions that are due on a channel; returns whether there was any."""
        connection = connected(db, name, self._signing.public_url, self._channels)
        account, settings_at = connection.account, connection.settings_at
        react: React | None = getattr(self._channels[name], "react", None)
        if account is None or react is None or not connection.enabled:
            return False
        capacity = self._capacity(db, account, settings_at)
        rows = reaction_queue.claim(db, account, limit=capacity) if capacity > 0 else []
        for row in rows:
            self._buckets[account.name].take(1)
            args = account, row["to"], row["about"], row["emoji"]
            self.pool.submit(
                ReactionTicket(row, account, settings_at), functools.partial(react, *args)
            )
        return bool(rows)

    def _send_on(self, db: Database, name: str) -> bool:
        channel = self._channels.get(name)
        if channel is None:
            return self._fail_unconfigured(db, name)
        connection = connected(db, name, self._signing.public_url, self._channels)
        account, settings_at = connection.account, connection.settings_at
        if account is None or not (connection.enabled or name == "web"):
            return False
        capacity = self._capacity(db, account, settings_at)
        if capacity <= 0 or not outbox.ready(db, name):
            return False
        tickets = self._claim(db, channel, account, settings_at, capacity)
        for ticket, part in tickets:
            self._begin(channel, ticket, part)
        return bool(tickets)

    def _fail_unconfigured(self, db: Database, name: str) -> bool:
        with transaction(db):
            claimed = outbox.claim(db, self._owner, name, limit=BATCH)
            for row in claimed:
                outbox.record_result(db, row, self._owner, Permanent(NOT_CONFIGURED))
        return bool(claimed)

    def _capacity(self, db: Database, account: Account, settings_at: str | None) -> int:
        """How many messages may be sent over an account now."""
        if self._instant(account.channel):
            return BATCH
        rate = float(account.settings.get("ratePerSecond") or RATES.get(account.channel, 20.0))
        busy = Counter(row["channel"] for row in self._sending.values())[account.channel]
        most = MAX_CONNECTIONS.get(account.channel, THREADS)
        allowed = accounts.allowance(db, account.name, settings_at)
        if allowed is not None:
            most = min(most, allowed)
        return min(self.pool.free, self._buckets[account.name].left(rate), most - busy)

    def _instant(self, name: str) -> bool:
        """Whether sending is nothing but a row of our own."""
        return getattr(self._channels[name], "INSTANT", False)

    def _claim(
        self, db: Database, channel: Channel, account: Account, settings_at: str | None, limit: int
    ) -> list[tuple[SendTicket, OutboundMessage]]:
        """Claim and assemble up to `limit` messages in one transaction; the result of those that cannot be sent is recorded in it."""
        found = []
        with transaction(db):
            for row in outbox.claim(db, self._owner, account.channel, limit=limit):
                prepared = self._prepare(db, channel, account, row)
                if isinstance(prepared, list):
                    outbox.set_parts(db, row, len(prepared))
                    sent = Sent(account.name, settings_at, len(prepared))
                    part = min(row["parts_sent"], len(prepared) - 1)
                    found.append((SendTicket(row, account, sent), prepared[part]))
                else:
                    outbox.record_result(db, row, self._owner, prepared)
        return found

    def _prepare(
        self, db: Database, channel: Channel, account: Account, row: ClaimedRow
    ) -> list[OutboundMessage] | Result:
        """The message in its parts; or why it cannot be sent."""
        try:
            whole = outgoing.assemble(db, row, account, self._signing)
            if whole is None:
                return Permanent("The message no longer exists.")
            blocker = sendability.blocker(db, whole.guest_id, account.channel, whole.type)
            kept = automations.kept_back(db, row["message_id"], blocker, row["parts_sent"])
            if kept is not None:
                return kept
            if not whole.to and account.channel != "web":
                return Permanent(NO_ADDRESS)
            return split(channel, account, whole)
        except Exception as error:  # one bad message must not hold the others
            where = "".join(traceback.format_tb(error.__traceback__))
            log.error("a message could not be put together: %s\n%s", type(error).__name__, where)
            return Retry("The message could not be put together.")

    def _begin(self, channel: Channel, ticket: SendTicket, part: OutboundMessage) -> None:
        if self._instant(ticket.account.channel):
            self._results.append((ticket, channel.send(ticket.account, part)))
            return
        self._buckets[ticket.account.name].take(1)
        self._sending[ticket.row["seq"]] = ticket.row
        self.pool.submit(ticket, lambda: channel.send(ticket.account, part))

    # ---------------------------------------------------------------------------------------- back

    def collect(self, db: Database) -> bool:
        """Record all results that are there, in one transaction; they are kept for another time when that fails."""
        self._results += self.pool.results()
        if not self._results:
            return False
        with transaction(db):
            for ticket, result in self._results:
                self._record_result(db, ticket, result)
        for ticket, _ in self._results:
            if isinstance(ticket, SendTicket):
                self._sending.pop(ticket.row["seq"], None)
        self._results = []
        return True

    def _record_result(self, db: Database, ticket: Ticket, returned: Result | Failed) -> None:
        result = self._result(ticket, returned)
        try:
            with savepoint(db):
                if isinstance(ticket, ReactionTicket):
                    told = ticket.row, ticket.account, result, ticket.settings_at
                    reaction_queue.record_result(db, *told)
                elif isinstance(ticket, LookupTicket):
                    reconciliation.record_result(db, ticket.row, ticket.account, result)
                else:
                    outbox.record_result(db, ticket.row, self._owner, result, ticket.sent)
        except Unavailable:
            raise
        except (
            Exception
        ) as error:  # one that cannot be recorded must not hold the others; its lease runs out
            where = "".join(traceback.format_tb(error.__traceback__))
            log.error("a result could not be recorded: %s\n%s", type(error).__name__, where)

    def _result(self, ticket: Ticket, returned: Result | Failed) -> Result:
        """The result of a call to a channel; where a repeat is harmless, `Unknown` becomes `Retry`."""
        result = Unknown(FAILED_WHILE_SENDING) if isinstance(returned, Failed) else returned
        repeatable = isinstance(ticket, ReactionTicket) or self._repeatable(ticket.account.channel)
        return Retry(result.error) if repeatable and isinstance(result, Unknown) else result

    def _repeatable(self, name: str) -> bool:
        return self._channels[name].REPEATABLE

    def renew_leases(self, db: Database) -> None:
        """Renew the leases of what this worker is sending, and deal with those that have run out."""
        if self._sending:
            outbox.renew(db, self._owner, self._sending)
        names = [name for name, channel in self._channels.items() if channel.REPEATABLE]
        outbox.expire(db, names)

    # ---------------------------------------------------------------------------------------- unknown sends

    def reconcile(self, db: Database) -> None:
        """Ask providers what became of messages that may have been sent."""
        for row in reconciliation.due(db, max(0, self.pool.free)):
            if not self._begin_lookup(db, row):
                reconciliation.delete(db, row)

    def _begin_lookup(self, db: Database, row: UnknownSendRow) -> bool:
        """Ask the provider about a part; False when it cannot be asked."""
        channel = self._channels.get(row["channel"])
        lookup: Lookup | None = getattr(channel, "lookup", None)
        if channel is None or lookup is None:
            return False
        account = connected(db, row["channel"], self._signing.public_url, self._channels).account
        whole = outgoing.assemble(db, row, account, self._signing) if account else None
        if account is None or whole is None:
            return False
        parts = split(channel, account, whole)
        part = parts[min(row["part"], len(parts) - 1)]
        others = reconciliation.other_provider_ids(db, account, row["message_id"])
        ticket = LookupTicket(row, account)
        self.pool.submit(ticket, lambda: lookup(account, part, row["since"], others))
        return True


def split(channel: Channel, account: Account, whole: OutboundMessage) -> list[OutboundMessage]:
    """A message in the parts its channel can carry, each with a key of its own."""
    cut: Split | None = getattr(channel, "split", None)
    first, *others = cut(account, whole) if cut else [whole]
    return [
        first,
        *(
            replace(part, key=f"{whole.key}-{number + 1}", part=number)
            for number, part in enumerate(others, 1)
        ),
    ]
