"""The functions a channel module has: for sending, for webhooks, for polling."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

from jack.channels.results import Broken, Result, Retry
from jack.channels.steps import Report
from jack.channels.types import (
    Account,
    Event,
    Fetched,
    Media,
    OutboundMessage,
    Tested,
    WebhookRequest,
)


class InvalidSignature(Exception):
    """A webhook request whose signature is missing or wrong: answered 403, nothing stored."""


class Channel(Protocol):
    """Any channel. No function raises for what a provider may do; each has its own time-outs."""

    REPEATABLE: bool
    """Whether sending the same message twice changes nothing for the guest."""

    def account(self, settings: Mapping[str, object], public_url: str) -> Account | None:
        """The account these settings describe; None while something it needs is missing."""
        ...

    def send(self, account: Account, message: OutboundMessage) -> Result:
        """Give a message to the provider. One with more than it takes at once is `Permanent`: see `split`."""
        ...

    def test(self, account: Account, report: Callable[[Report], None]) -> Tested:
        """Try the account's credentials for real, sending nothing to anybody; each step is reported.

        It may take as long as the other side likes: see `jack.channels.trial`.
        """
        ...


class WebhookChannel(Channel, Protocol):
    """A channel whose provider calls us."""

    def split(self, account: Account, message: OutboundMessage) -> list[OutboundMessage]:
        """A message in parts that this account's provider accepts, at least one: text by length, files apart.

        The same message makes the same parts, so that the number of those sent says where to go on.
        """
        ...

    def other_accounts(self, account: Account, request: WebhookRequest) -> list[str]:
        """Names of the accounts a request (verified already) is about other than this one: logged and acknowledged."""
        ...

    def lookup(
        self, account: Account, message: OutboundMessage, since: str, known: Collection[str]
    ) -> Result:
        """What became of a message (one part) whose sending after `since` is unknown, as the provider lists it.

        `Accepted` when it is there and not one of the provider ids `known` to be other messages; `Permanent` when it was
        refused; `Unknown` when the provider cannot tell; `Retry` when it cannot be asked now.
        """
        ...

    def read(self, account: Account, request: WebhookRequest) -> list[Event]:
        """Verify a request and return its events for this account, in its order. Raises InvalidSignature."""
        ...

    def fetch(self, account: Account, media: Media, limit: int) -> Fetched | Result:
        """Fetch a file that came with a message, at most `limit` bytes."""
        ...


class ReactingChannel(Channel, Protocol):
    """A channel by which emojis can be put on messages."""

    def react(self, account: Account, to: str, provider_id: str, emoji: str | None) -> Result:
        """Put an emoji on the message with this id, or (None) take it back. A repeat must change nothing for the guest."""
        ...


class PolledChannel(Channel, Protocol):
    """A channel whose provider is polled."""

    def poll(
        self,
        account: Account,
        position: Mapping[str, object],
        store: Callable[[Sequence[Event], Mapping[str, object]], None],
    ) -> Retry | Broken | None:
        """Read what is new since `position` and call `store(events, position after them)`, which commits both.

        At most a batch; an empty `position` is an account polled for the first time, which begins with what comes from now
        on. Returns None when all went well, else what was wrong with the account. What `store` raises is raised.
        """
        ...
