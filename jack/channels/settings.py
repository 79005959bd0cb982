"""The settings `channels.<channel>` as channels read them; what may be in them is checked where they are put.

What a channel's `account` asks for is never null in an account that there is; everything else may be missing or null.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, cast

if TYPE_CHECKING:
    from collections.abc import Mapping


class CommonSettings(TypedDict, total=False):
    """What several channels have. `ratePerSecond` is how many messages may be sent a second."""

    enabled: bool
    ratePerSecond: float | None
    accessToken: str


# `from` is a keyword of Python's: no class can have a field of that name.
_Sender = TypedDict("_Sender", {"from": str | None}, total=False)


class TwilioSettings(_Sender, CommonSettings, total=False):
    """An account at Twilio; `from` or `messagingServiceSid` is the sender."""

    accountSid: str
    authToken: str
    apiKeySid: str | None
    apiKeySecret: str | None
    messagingServiceSid: str | None
    baseUrl: str | None
    mediaHosts: list[str] | None


class WhatsAppSettings(TwilioSettings, total=False):
    """An account at Meta or (`provider` is `twilio`) at Twilio."""

    provider: str | None
    phoneNumberId: str
    businessAccountId: str | None
    appSecret: str
    verifyToken: str
    userIdField: str | None
    apiVersion: str | None


class MailServerSettings(TypedDict, total=False):
    """An SMTP or IMAP server. `folder` and `pollSeconds` are for IMAP."""

    host: str | None
    port: int | None
    security: str | None
    username: str | None
    password: str | None
    folder: str | None
    pollSeconds: int | None


class EmailSettings(CommonSettings, total=False):
    """A mailbox and the servers for it. `auth` is `password` or `xoauth2`.

    `authenticationServer` is the name of the hotel's mail server in the `Authentication-Results` it writes. `signatures` stand below
    the hotel's mails, by language tag; `quoteLastMessage`, unless it is false, has the guest's last message quoted below them.
    """

    address: str
    name: str | None
    smtp: MailServerSettings | None
    imap: MailServerSettings | None
    auth: str | None
    authenticationServer: str | None
    signatures: dict[str, str] | None
    quoteLastMessage: bool


class AccountSettings(WhatsAppSettings, EmailSettings, total=False):
    """The settings of an account of any channel: which of them count depends on the channel."""


def account_settings(value: Mapping[str, object]) -> AccountSettings:
    """The value of a setting `channels.<channel>`, for the type checker; nothing is checked or copied."""
    return cast("AccountSettings", value)
