"""WhatsApp, by way of Meta's Cloud API or of Twilio: the setting `provider` says which."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from jack.channels import phone_numbers, text_split
from jack.channels.meta import api as meta
from jack.channels.meta import inbound as meta_inbound
from jack.channels.protocol import InvalidSignature
from jack.channels.results import Permanent, Unknown
from jack.channels.settings import account_settings
from jack.channels.steps import Steps
from jack.channels.twilio import api as twilio
from jack.channels.twilio import inbound as twilio_inbound
from jack.channels.types import Account

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from jack.channels.results import Result
    from jack.channels.steps import Report
    from jack.channels.types import (
        Event,
        Fetched,
        Media,
        MessageTemplate,
        OutboundMessage,
        Tested,
        WebhookRequest,
    )

# Neither provider recognises a message it has had before.
REPEATABLE = False


def account(settings: Mapping[str, object], public_url: str) -> Account | None:
    """The account these settings describe; None while something it needs is missing."""
    given = account_settings(settings)
    if (given.get("provider") or "meta") == "meta":
        return meta.account(given, public_url)
    if not twilio.is_complete(given):
        return None
    sender = given.get("from") or given["messagingServiceSid"]
    bare = str(sender).removeprefix(phone_numbers.PREFIX)
    return Account("whatsapp", f"whatsapp:{given['accountSid']}:{bare}", given, public_url)


def split(account: Account, message: OutboundMessage) -> list[OutboundMessage]:
    """A long text in parts; files one by one, the first with the text as its caption if it takes one."""
    if message.template is not None:
        return [message]
    texts = text_split.split(
        message.text, twilio.MAX_TEXT if _by_twilio(account) else meta.MAX_TEXT
    )
    files = list(message.files)
    made = []
    if files and len(texts) == 1 and meta.takes_caption(files[0], texts[0]):
        made.append(replace(message, text=texts.pop(), files=(files.pop(0),)))
    made += [replace(message, text=text, files=()) for text in texts]
    return made + [replace(message, text="", files=(file,)) for file in files]


def send(account: Account, message: OutboundMessage) -> Result:
    """Give a message, or one part of one, to the provider."""
    if not _by_twilio(account):
        return meta.send(account, message)
    return twilio.send(account, message, _prefixed(message.to), _sender(account))


def react(account: Account, to: str, provider_id: str, emoji: str | None) -> Result:
    """Put an emoji on the message with this id, or (None) take it back: by Meta alone."""
    if _by_twilio(account):
        return Permanent("Twilio sends no reactions.")
    return meta.react(account, to, provider_id, emoji)


def lookup(
    account: Account, message: OutboundMessage, since: str, known: Collection[str]
) -> Result:
    """What became of a message that may have been sent. Meta keeps no list: its statuses echo our id."""
    if not _by_twilio(account):
        return Unknown("WhatsApp reports it only by a status, which has not come.")
    return twilio.lookup(account, message, _prefixed(message.to), _sender(account), since, known)


def test(account: Account, report: Callable[[Report], None]) -> Tested:
    """Try the account's credentials."""
    steps = Steps("api", report)
    return twilio.test(account, steps) if _by_twilio(account) else meta.test(account, steps)


def challenge(account: Account, query: Mapping[str, str]) -> str:
    """The answer, as plain text, to Meta's `GET /webhooks/whatsapp?hub.…`. Raises InvalidSignature."""
    if _by_twilio(account):
        raise InvalidSignature
    return meta.challenge(account, query)


def read(account: Account, request: WebhookRequest) -> list[Event]:
    """The events in a request to /webhooks/whatsapp or /webhooks/twilio/…. Raises InvalidSignature."""
    if _by_twilio(account):
        return twilio_inbound.read(account, request)
    return meta_inbound.read(account, request)


def other_accounts(account: Account, request: WebhookRequest) -> list[str]:
    """Names of the other accounts a request is about."""
    if _by_twilio(account):
        return twilio_inbound.other_accounts(account, request)
    return meta_inbound.other_accounts(account, request)


def fetch(account: Account, media: Media, limit: int) -> Fetched | Result:
    """A file of a message, at most `limit` bytes."""
    if _by_twilio(account):
        return twilio.fetch(account, media, limit)
    return meta.fetch(account, media, limit)


def templates(account: Account) -> list[MessageTemplate] | Result:
    """The message templates there are at Meta; none by Twilio, where they are named by a content SID."""
    return [] if _by_twilio(account) else meta.templates(account)


def _by_twilio(account: Account) -> bool:
    return bool(account.settings.get("provider") == "twilio")


def _sender(account: Account) -> str:
    return _prefixed(str(account.settings.get("from") or ""))


def _prefixed(address: str) -> str:
    """An address as Twilio writes it: `whatsapp:+5215512345678`, `whatsapp:MX.1349`."""
    bare = address.removeprefix(phone_numbers.PREFIX).removeprefix("+")
    return phone_numbers.PREFIX + (bare if phone_numbers.is_user_id(bare) else f"+{bare}")
