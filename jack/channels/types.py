"""The one face of every channel: what the house asks of it, and what it is told.

A channel is a module (`whatsapp`, `sms`, `email`, `web`) with the verbs of `Channel`. It speaks with its provider and
nobody else: it knows no table, decides nothing about guests and keeps no state. What comes in becomes the events below,
which `jack.reception` stores; what goes out is an `OutboundMessage`, and what became of it one of `jack.results`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from jack.channels.results import Result

# The channels there are: each has a module in `registry.CHANNELS` and a row in the table `channels`.
CHANNEL_NAMES = ("whatsapp", "sms", "email", "web")


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the hotel's at a provider, as the settings say.

    `name` tells it from every other, for good (`whatsapp:106540352242922`, `sms:AC…`, `email:front@hotel.example`);
    `settings` is the value of `channels.<channel>`, secrets and all; `public_url` is where the world reaches Jack.
    """

    channel: str
    name: str
    settings: Mapping[str, Any]
    public_url: str = ""


@dataclass(frozen=True, slots=True)
class Address:
    """Somebody's address: `key` is the form that is compared (`+525512345678`, a case-folded e-mail, a BSUID),

    `verbatim` what the provider calls them (`5215512345678`, `whatsapp:+5215512345678`), which is replied to.
    """

    key: str
    verbatim: str


@dataclass(frozen=True, slots=True)
class Media:
    """A file that came with a message: here already (`content`, from a mail), or to be fetched at `source`.

    `source` is the provider's: a media id or a URL. `name` and `mime` are what the sender claims.
    """

    name: str | None = None
    mime: str | None = None
    source: str | None = None
    content: bytes | None = None


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """A message from a guest; or (`echo`) one the hotel sent from elsewhere, such as the WhatsApp Business app.

    `event_key` is the provider's own name for it, unique for the account. `people` are the addresses of the guest, the
    surest first. `at` is the provider's time as it is stored. `type` is one of a message's. `in_reply_to` are provider ids it
    is an answer to, the likeliest first; `token` is the one of the reply address. `consent` is the guest's wish to hear
    no more, or to hear again. `automatic` mail (autoresponders, lists, bounces) must never be answered automatically.
    """

    event_key: str
    people: tuple[Address, ...]
    text: str
    at: str
    type: Literal["text", "image", "file", "location", "unsupported"] = "text"
    name: str | None = None
    subject: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    media: tuple[Media, ...] = ()
    in_reply_to: tuple[str, ...] = ()
    token: str | None = None
    consent: Literal["stop", "start", "help"] | None = None
    echo: bool = False
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class DeliveryReceipt:
    """What a provider says became of a message it was given: `sent`, `delivered`, `read` or `failed`.

    `message_id` and `part` are ours when the provider echoes them. `delayed` mail is only a note for the staff. `means` is what
    a failure says about sending: `Retry` where another attempt may succeed (one at the most), `Broken` where the account
    is at fault, else `Permanent` with its reason; None where there is nothing to learn from it.
    """

    provider_id: str
    status: Literal["queued", "sent", "delivered", "read", "failed", "delayed"]
    at: str
    error: str | None = None
    message_id: str | None = None
    part: int = 0
    opted_out: bool = False
    means: Result | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """A guest has edited a message they had sent (`text` is the new one) or taken it back (`text` is None).

    `whole` is an edited message as it is now, under the key it had: it is stored where the message itself has not come.
    """

    event_key: str
    provider_id: str
    text: str | None
    at: str
    whole: InboundMessage | None = None


@dataclass(frozen=True, slots=True)
class AddressChanged:
    """A guest has another address from now on: a changed number, a new business-scoped id."""

    event_key: str
    old: tuple[Address, ...]
    new: tuple[Address, ...]
    at: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something that came in and could not be read, put aside whole for somebody to look at.

    `raw` is empty when the provider would not even hand it over; `reason` is plain words, without personal data.
    """

    event_key: str
    reason: str
    raw: bytes


Event = InboundMessage | DeliveryReceipt | Edit | AddressChanged | Unreadable


@dataclass(frozen=True, slots=True)
class File:
    """A file of ours to send: `path` on this disk, and where the provider may fetch it if it must (`url`, signed)."""

    name: str
    mime: str
    size: int
    path: str
    url: str


@dataclass(frozen=True, slots=True)
class Thread:
    """What an e-mail answers: its Message-ID, its References, the subject, and the token of our reply address."""

    subject: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    token: str = ""


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """A message to send, or one part of it: `text` is never longer than the channel's `parts` made it.

    `to` is the verbatim address of the guest. `key` is ours for this sending (the e-mail's Message-ID is made of it), the
    same on every try. `part` is which of the message's it is, from 0. `template` is name, language and parameters. `in_reply_to` is the provider id of the guest's last message.
    """

    id: str
    key: str
    guest_id: str | None
    conversation_id: str
    to: str
    text: str
    type: str = "text"
    template: Mapping[str, Any] | None = None
    files: tuple[File, ...] = ()
    in_reply_to: str | None = None
    part: int = 0
    thread: Thread = Thread()
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class Post:
    """A webhook request as it arrived: raw, for signatures are over bytes. `path` and `query` are the raw ones.

    `at` is when, as it is stored: the time of whatever does not say its own. Empty: now.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    at: str = ""


@dataclass(frozen=True, slots=True)
class Tested:
    """Whether an account works, and in plain words what was found."""

    works: bool
    says: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file as the provider gave it."""

    content: bytes
    mime: str | None = None
    name: str | None = None
