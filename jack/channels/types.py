"""What channels are given and return: accounts, inbound events, outbound messages, webhook requests.

A channel is a module (`whatsapp`, `sms`, `email`, `web`) with the functions of `jack.channels.protocol.Channel`. It calls its
provider and nobody else: it knows no table, decides nothing about guests and keeps no state. What comes in becomes the events
below, which `jack.messaging.inbound` stores; what goes out is an `OutboundMessage`, and what became of it one of
`jack.channels.results`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal
from urllib.parse import parse_qsl

from jack.channels.results import Result
from jack.channels.settings import AccountSettings

# The channels there are: each has a module in `registry.CHANNELS` and a row in the table `channels`.
CHANNEL_NAMES = ("whatsapp", "sms", "email", "web")


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the hotel's at a provider, as the settings say.

    `name` identifies it for good (`whatsapp:106540352242922`, `sms:AC…`, `email:front@hotel.example`); `settings` is the
    value of `channels.<channel>` with its secrets; `public_url` is Jack's own address on the internet; `zone` is the
    hotel's time zone.
    """

    channel: str
    name: str
    settings: AccountSettings
    public_url: str = ""
    zone: str = "UTC"


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

    `event_key` is the provider's id of it, unique for the account. `people` are the addresses of the guest, the most
    reliable first. `at` is the provider's time as it is stored. `type` is a message's. `in_reply_to` are provider ids of what it
    answers, the likeliest first; `token` is the one of the reply address. `consent` is an opt-out or opt-in. `automatic` mail
    (autoresponders, lists, bounces) waits for no answer and must never be answered automatically. `unproven`: a stranger's program
    says that it is from this address, which makes them no known guest. `doubtful`: the domain of the address disowns it.
    """

    event_key: str
    people: tuple[Address, ...]
    text: str
    at: str
    type: Literal["text", "image", "file", "location", "unsupported"] = "text"
    name: str | None = None
    subject: str | None = None
    details: Mapping[str, object] = field(default_factory=dict)
    media: tuple[Media, ...] = ()
    in_reply_to: tuple[str, ...] = ()
    token: str | None = None
    consent: Literal["stop", "start", "help"] | None = None
    echo: bool = False
    automatic: bool = False
    unproven: bool = False
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class DeliveryReceipt:
    """What a provider reports of a message it has accepted: `sent`, `delivered`, `read` or `failed`.

    `message_id` and `part` are ours when the provider echoes them. A `delayed` mail is `sent` still. `means` is the
    result of sending that a failure stands for: `Retry` where another attempt may succeed (one at the most), `Broken` where the
    account is at fault, else `Permanent` with its reason; None where the receipt changes nothing. `report` is what a returned mail
    says, as (name, text): `code` of RFC 3463, `cause`, and `diagnosis`, the mail server's words.
    """

    provider_id: str
    status: Literal["queued", "sent", "delivered", "read", "failed", "delayed"]
    at: str
    error: str | None = None
    message_id: str | None = None
    part: int = 0
    opted_out: bool = False
    means: Result | None = None
    report: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Edit:
    """A guest has edited a message they had sent (`text` is the new one) or deleted it (`text` is None).

    `whole` is the edited message as it is now, under its first key: it is stored when the message itself never arrived.
    """

    event_key: str
    provider_id: str
    text: str | None
    at: str
    whole: InboundMessage | None = None


@dataclass(frozen=True, slots=True)
class Reaction:
    """An emoji on the message with this provider id, or (None) no more; by the guest, or (`echo`) from the hotel's phone."""

    event_key: str
    provider_id: str
    emoji: str | None
    at: str
    people: tuple[Address, ...] = ()
    echo: bool = False


@dataclass(frozen=True, slots=True)
class AddressChanged:
    """A guest has another address from now on: a changed number, a new business-scoped id."""

    event_key: str
    old: tuple[Address, ...]
    new: tuple[Address, ...]
    at: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something that came in and could not be read: quarantined whole for somebody to look at.

    `raw` is empty when the provider did not deliver it; `reason` is for the staff, without personal data.
    """

    event_key: str
    reason: str
    raw: bytes


Event = InboundMessage | DeliveryReceipt | Edit | Reaction | AddressChanged | Unreadable


@dataclass(frozen=True, slots=True)
class File:
    """A file to send: `path` on this disk, and a signed `url` for providers that fetch it; `size` in bytes."""

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
class Quoted:
    """What a mail answers, quoted below it: `heading` is the line above it, which says who wrote it and when."""

    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """A message to send, or one part of it as the channel's `split` made it.

    `to` is the verbatim address of the guest. `key` identifies this sending (the e-mail's Message-ID is made of it), the same on
    every attempt. `part` is the number of the part, from 0. `template` has `name`, `language`, `parameters`, `header`, `buttons`,
    `components`. `in_reply_to` is the provider id of the guest's last message, `points_at` of the one that this one quotes by it.
    `signature` and `quoted` stand below the text of an e-mail.
    """

    id: str
    key: str
    guest_id: str | None
    conversation_id: str
    to: str
    text: str
    type: str = "text"
    template: Mapping[str, object] | None = None
    files: tuple[File, ...] = ()
    in_reply_to: str | None = None
    points_at: str | None = None
    part: int = 0
    thread: Thread = Thread()
    automatic: bool = False
    signature: str = ""
    quoted: Quoted | None = None


@dataclass(frozen=True)
class WebhookRequest:
    """A webhook request as it arrived: raw, for signatures are over bytes. `path` and `query` are the raw ones.

    `at` is the time of arrival as it is stored, used for what has no time of its own; empty means now.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    at: str = ""

    @cached_property
    def json(self) -> object:
        """The JSON value in the body; None when it is not JSON. Parsed once."""
        try:
            found: object = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return found

    @cached_property
    def form_fields(self) -> list[tuple[str, str]]:
        """All fields of the form in the body, in order; bytes that are not UTF-8 as surrogates. Parsed once."""
        return parse_qsl(
            self.body.decode("utf-8", "surrogateescape"),
            keep_blank_values=True,
            errors="surrogateescape",
        )

    @cached_property
    def form(self) -> dict[str, str]:
        """The first field of each name; empty when the body is no form."""
        return dict(reversed(self.form_fields))


@dataclass(frozen=True, slots=True)
class MessageTemplate:
    """A message template of WhatsApp's: `status` and `category` in lower case (`approved`, `utility`).

    `header` has `type`, `text` and `parameters`; a button `type`, `text`, `url` and `parameter`, whether a text has to be given for
    it; each of the `parameters` of the body `name` and `example`.
    """

    name: str
    language: str
    status: str
    category: str
    header: Mapping[str, object] | None
    body: str
    footer: str | None
    buttons: tuple[Mapping[str, object], ...]
    parameters: tuple[Mapping[str, object], ...]


@dataclass(frozen=True, slots=True)
class Tested:
    """Whether an account works; `message` is for the staff."""

    works: bool
    message: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file as the provider gave it."""

    content: bytes
    mime: str | None = None
    name: str | None = None
