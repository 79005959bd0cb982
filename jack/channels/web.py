"""The web chat as a channel: a message is sent once it is stored, where its visitor fetches it from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.channels.results import Accepted, Permanent, Result
from jack.channels.settings import account_settings
from jack.channels.types import Account, Tested

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jack.channels.steps import Report
    from jack.channels.types import OutboundMessage

# Sending is a row in our own database: doing it twice changes nothing.
REPEATABLE = True
INSTANT = True


def account(settings: Mapping[str, object], public_url: str) -> Account:
    """The chat on the hotel's own page, which needs no settings."""
    return Account("web", "web", account_settings(settings), public_url)


def send(account: Account, message: OutboundMessage) -> Result:  # noqa: ARG001 (as in the protocol)
    """Accept a message for which a visitor can still come back: `to` is their session."""
    if not message.to:
        return Permanent("The visitor's chat has ended; they can no longer read this.")
    return Accepted()


def test(account: Account, report: Callable[[Report], None]) -> Tested:  # noqa: ARG001
    """There is nothing that could fail."""
    works = "The web chat works: it needs no account."
    report({"name": "web.ready", "ok": True, "message": works, "ms": 0})
    return Tested(True, works)
