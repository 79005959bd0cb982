"""What a channel is to the rest: its three functions of sending, and how what comes in is read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Protocol

from jack.channels.results import Broken, Result, Retry
from jack.channels.types import Account, Event, Fetched, Media, OutboundMessage, Post, Tested


class InvalidSignature(Exception):
    """A request that did not come from the provider: its signature is missing or wrong. Answered 403, nothing stored."""


class Channel(Protocol):
    """The verbs of a channel. None of them raises for what a provider may do; each has its own time-outs."""

    REPEATABLE: bool
    """Whether sending the same message twice changes nothing for the guest."""

    def account(self, settings: Mapping[str, Any], public_url: str) -> Account | None:
        """The account these settings describe; None while something it needs is missing."""
        ...

    def parts(self, text: str) -> list[str]:
        """The text in pieces the channel can carry, at least one."""
        ...

    def send(self, account: Account, message: OutboundMessage) -> Result:
        """Give a message to the provider. One with more than it takes at once is `Permanent`: see `pieces`."""
        ...

    def test(self, account: Account) -> Tested:
        """Try the account's credentials for real, sending nothing to anybody."""
        ...


class WebhookChannel(Channel, Protocol):
    """A channel whose provider calls us."""

    def pieces(self, account: Account, message: OutboundMessage) -> list[OutboundMessage]:
        """A message in pieces that this account's provider takes one by one, at least one: text by length, files apart.

        The same message makes the same pieces, so that the number of those sent says where to go on.
        """
        ...

    def strangers(self, account: Account, post: Post) -> list[str]:
        """The accounts a request (verified already) tells of that are not this one: to be logged and acknowledged."""
        ...

    def lookup(
        self, account: Account, message: OutboundMessage, since: str, known: Collection[str]
    ) -> Result:
        """What became of a message (one piece) whose sending after `since` is unknown, as the provider lists it.

        `Accepted` when it is there and not one of the provider ids `known` to be other messages; `Permanent` when it was
        refused; `Unknown` when the provider cannot tell; `Retry` when it cannot be asked now.
        """
        ...

    def read(self, account: Account, post: Post) -> list[Event]:
        """Verify a request and say what it tells, in its order. Raises InvalidSignature."""
        ...

    def fetch(self, account: Account, media: Media, limit: int) -> Fetched | Result:
        """Fetch a file that came with a message, at most `limit` bytes."""
        ...


class PolledChannel(Channel, Protocol):
    """A channel whose provider has to be asked."""

    def poll(
        self,
        account: Account,
        place: Mapping[str, Any],
        take: Callable[[Sequence[Event], Mapping[str, Any]], None],
    ) -> Retry | Broken | None:
        """Hand over what is new since `place`, with the place after it; `take` commits both before it returns.

        At most a batch; an empty `place` is an account asked for the first time, which begins with what comes from now on.
        Answers None when all went well, else what was wrong with the account. What `take` raises is raised.
        """
        ...
