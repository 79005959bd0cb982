"""SMS, by way of Twilio."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from jack.channels import text_split
from jack.channels.settings import account_settings
from jack.channels.steps import Steps
from jack.channels.twilio import api as twilio
from jack.channels.twilio import inbound as twilio_inbound
from jack.channels.types import Account

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from jack.channels.results import Result
    from jack.channels.steps import Report
    from jack.channels.types import Event, Fetched, Media, OutboundMessage, Tested, WebhookRequest

# Twilio does not recognise a message it has had before.
REPEATABLE = False


def account(settings: Mapping[str, object], public_url: str) -> Account | None:
    """The Twilio account these settings describe; None while something it needs is missing."""
    given = account_settings(settings)
    if not twilio.is_complete(given):
        return None
    return Account("sms", f"sms:{given['accountSid']}", given, public_url)


def split(account: Account, message: OutboundMessage) -> list[OutboundMessage]:  # noqa: ARG001 (as in the protocol)
    """A long text in parts of some ten SMS each, which Twilio joins; files with the first one, ten at a time."""
    if message.template is not None:
        return [message]
    files, most = message.files, twilio.MAX_FILES
    first, *others = text_split.split(message.text, text_split.LONGEST_SMS)
    return [
        replace(message, text=first, files=files[:most]),
        *(
            replace(message, text="", files=files[n : n + most])
            for n in range(most, len(files), most)
        ),
        *(replace(message, text=text, files=()) for text in others),
    ]


def send(account: Account, message: OutboundMessage) -> Result:
    """Give a message, or one part of one, to Twilio."""
    return twilio.send(account, message, message.to, _sender(account))


def lookup(
    account: Account, message: OutboundMessage, since: str, known: Collection[str]
) -> Result:
    """What became of a message that may have been sent, as Twilio lists it."""
    return twilio.lookup(account, message, message.to, _sender(account), since, known)


def test(account: Account, report: Callable[[Report], None]) -> Tested:
    """Try the account's credentials."""
    return twilio.test(account, Steps("api", report))


def read(account: Account, request: WebhookRequest) -> list[Event]:
    """The events in a request to /webhooks/twilio/…. Raises InvalidSignature."""
    return twilio_inbound.read(account, request)


def other_accounts(account: Account, request: WebhookRequest) -> list[str]:
    """The name of the other account a request is about, if it is."""
    return twilio_inbound.other_accounts(account, request)


def fetch(account: Account, media: Media, limit: int) -> Fetched | Result:
    """A file of a message, at most `limit` bytes."""
    return twilio.fetch(account, media, limit)


def _sender(account: Account) -> str:
    return str(account.settings.get("from") or "")
