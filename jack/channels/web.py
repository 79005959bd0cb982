"""The web chat as a channel: a message is sent once it is where its visitor fetches it from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.channels.results import Accepted, Permanent, Result
from jack.channels.types import Account, Tested

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from jack.channels.types import OutboundMessage

# Sending is a row in our own database: doing it twice changes nothing.
REPEATABLE = True
INSTANT = True


def account(settings: Mapping[str, Any], public_url: str) -> Account:
    """The hotel's own page: there is always one."""
    return Account("web", "web", settings, public_url)


def parts(text: str) -> list[str]:
    """A page takes any text as it is."""
    return [text]


def send(account: Account, message: OutboundMessage) -> Result:  # noqa: ARG001 (as all channels are asked)
    """Accept a message for which a visitor can still come back: `to` is their session."""
    if not message.to:
        return Permanent("The visitor's chat has ended; they can no longer read this.")
    return Accepted()


def test(account: Account) -> Tested:  # noqa: ARG001
    """There is nothing that could fail."""
    return Tested(True, "The web chat works: it needs no account.")
