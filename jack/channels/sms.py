"""SMS, by way of Twilio."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from jack.channels import text_split
from jack.channels.twilio import api as twilio
from jack.channels.twilio import inbound as twilio_inbound
from jack.channels.types import Account

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import Any

    from jack.channels.results import Result
    from jack.channels.types import Event, Fetched, Media, OutboundMessage, Post, Tested

# Twilio sends a message as often as it is asked to.
REPEATABLE = False


def account(settings: Mapping[str, Any], public_url: str) -> Account | None:
    """The Twilio account these settings describe; None while something it needs is missing."""
    if not twilio.usable(settings):
        return None
    return Account("sms", f"sms:{settings['accountSid']}", settings, public_url)


def parts(text: str) -> list[str]:
    """The text in pieces of some ten SMS each, which Twilio puts together again."""
    return text_split.split(text, twilio.MAX_TEXT)


def pieces(account: Account, message: OutboundMessage) -> list[OutboundMessage]:  # noqa: ARG001 (as all channels are asked)
    """A long text in parts, files with the first one, ten at a time."""
    if message.template is not None:
        return [message]
    files, most = message.files, twilio.MAX_FILES
    first, *others = parts(message.text)
    return [
        replace(message, text=first, files=files[:most]),
        *(
            replace(message, text="", files=files[n : n + most])
            for n in range(most, len(files), most)
        ),
        *(replace(message, text=text, files=()) for text in others),
    ]


def send(account: Account, message: OutboundMessage) -> Result:
    """Give a message, or one piece of one, to Twilio."""
    return twilio.send(account, message, message.to, _sender(account))


def lookup(
    account: Account, message: OutboundMessage, since: str, known: Collection[str]
) -> Result:
    """What became of a message that may have been sent, as Twilio lists it."""
    return twilio.lookup(account, message, message.to, _sender(account), since, known)


def test(account: Account) -> Tested:
    """Try the account's credentials."""
    return twilio.test(account)


def read(account: Account, post: Post) -> list[Event]:
    """What a request to /webhooks/twilio/… tells. Raises Refused."""
    return twilio_inbound.read(account, post)


def strangers(account: Account, post: Post) -> list[str]:
    """The other account a request tells of, if it does."""
    return twilio_inbound.strangers(account, post)


def fetch(account: Account, media: Media, limit: int) -> Fetched | Result:
    """A file of a message, at most `limit` bytes."""
    return twilio.fetch(account, media, limit)


def _sender(account: Account) -> str:
    return str(account.settings.get("from") or "")
