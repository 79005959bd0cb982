"""The shapes of `channels.*`: the hotel's accounts, complete before they can be switched on."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import cast
from urllib.parse import urlsplit

from marshmallow import ValidationError, fields, validates_schema

from jack.core.url_credentials import MASK
from jack.http.field_errors import FieldError, Length
from jack.http.fields import Choice, Email, Flag, Language, Number, Text
from jack.http.schema import Loaded, Schema

HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?")


class Secret(Text):
    """A secret, or the mask that stands for the one there is."""

    def _deserialize(
        self, value: object, attr: str | None, data: Mapping[str, object] | None, **kwargs: object
    ) -> str:
        return MASK if value == MASK else super()._deserialize(value, attr, data, **kwargs)


class Identifier(Text):
    """A provider's id of something, or null. It becomes part of URLs, so it must match `pattern` whole."""

    def __init__(self, pattern: str, message: str) -> None:
        metadata = {"pattern": f"^{pattern}$"}
        super().__init__(64, line=True, allow_none=True, metadata=metadata)
        self._pattern, self._message = re.compile(pattern), message

    def _deserialize(
        self, value: object, attr: str | None, data: Mapping[str, object] | None, **kwargs: object
    ) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not self._pattern.fullmatch(text):
            raise FieldError("invalid", self._message)
        return text


class Host(Text):
    """A host's name or address."""

    def __init__(self, *, allow_none: bool = False) -> None:
        super().__init__(253, line=True, allow_none=allow_none)

    def _deserialize(
        self, value: object, attr: str | None, data: Mapping[str, object] | None, **kwargs: object
    ) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not HOST.fullmatch(text):
            raise FieldError("invalid", "Not a host such as mail.example.com.")
        return text.lower()


class BaseUrl(Text):
    """The URL of a provider's API: https, or http on this machine."""

    def __init__(self) -> None:
        super().__init__(300, line=True, allow_none=True)

    def _deserialize(
        self, value: object, attr: str | None, data: Mapping[str, object] | None, **kwargs: object
    ) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            parts = urlsplit(text)
            plain = (parts.username, parts.password, parts.query, parts.fragment)
            fits = bool(parts.hostname) and not any(plain) and (parts.port or 1) > 0
        except ValueError:
            fits = False
        if not fits or not (
            parts.scheme == "https"
            or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
        ):
            raise FieldError("not_a_url", "Must be an address such as https://api.example.com.")
        return text.rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself, so that what is sent crosses no network."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def rate() -> Number:
    """How many messages a second an account may send."""
    return Number(1, 200)


def _sid() -> Identifier:
    return Identifier("[A-Za-z0-9]{2,64}", "Must be letters and digits.")


def _sender() -> Text:
    return Text(64, line=True, allow_none=True, data_key="from")


def _require(data: Mapping[str, object], *names: str, of: Schema) -> None:
    """Raise ValidationError naming the first field that is not filled in."""
    for name in names:
        if not data.get(name):
            field = of.fields[name].data_key or name
            message = "Needed before the channel can be switched on."
            raise FieldError("required", message, field)


class AccountSchema(Schema):
    """A channel that needs an account: complete, or off."""

    enabled = Flag()

    @validates_schema(skip_on_field_errors=True)
    def complete(self, data: Loaded, **kwargs: object) -> None:
        """What is switched on has all it needs."""
        if data.get("enabled"):
            self.require(data)

    def require(self, data: Loaded) -> None:
        """Raise ValidationError for what is missing."""
        raise NotImplementedError


class TwilioAccount(AccountSchema):
    """An account at Twilio, and the number or service messages come from."""

    account_sid = _sid()
    auth_token = Secret(200, line=True, allow_none=True)
    api_key_sid = _sid()
    api_key_secret = Secret(200, line=True, allow_none=True)
    from_ = _sender()
    messaging_service_sid = _sid()
    base_url = BaseUrl()
    rate_per_second = rate()
    media_hosts = fields.List(Host(), validate=Length(max=20))

    def require(self, data: Loaded) -> None:
        """Account, token and sender; a key has two halves."""
        _require(data, "account_sid", "auth_token", of=self)
        if not data.get("messaging_service_sid"):
            _require(data, "from_", of=self)
        if data.get("api_key_sid"):
            _require(data, "api_key_secret", of=self)


class SmsChannel(TwilioAccount):
    """`channels.sms`: SMS by Twilio."""


class WhatsAppChannel(TwilioAccount):
    """`channels.whatsapp`: WhatsApp by Meta's Cloud API, or by Twilio."""

    provider = Choice("meta", "twilio")
    phone_number_id = Identifier("[0-9]{1,32}", "Must be digits.")
    business_account_id = Identifier("[0-9]{1,32}", "Must be digits.")
    access_token = Secret(1000, line=True, allow_none=True)
    app_secret = Secret(200, line=True, allow_none=True)
    verify_token = Secret(200, line=True, allow_none=True)
    user_id_field = Choice("recipient", "to")
    api_version = Identifier(r"v[0-9]{1,3}\.[0-9]{1,2}", "Must be like v25.0.")

    def require(self, data: Loaded) -> None:
        """What the provider at hand needs."""
        _require(data, "provider", of=self)
        if data["provider"] == "twilio":
            super().require(data)
        else:
            _require(data, "phone_number_id", "access_token", "app_secret", "verify_token", of=self)


class MailServer(Schema):
    """A mail server, and how to sign in there."""

    host = Host(allow_none=True)
    port = Number(1, 65535, allow_none=True)
    security = Choice("tls", "starttls", "none")
    username = Text(254, line=True, allow_none=True)
    password = Secret(500, line=True, allow_none=True)

    @validates_schema(skip_on_field_errors=True)
    def secure(self, data: Loaded, **kwargs: object) -> None:
        """Passwords and mail are never sent unencrypted over a network."""
        if data.get("security") == "none" and not is_loopback(data.get("host") or ""):
            raise FieldError("invalid", "Only for a server on this machine.", "security")


class Mailbox(MailServer):
    """Where mail comes in."""

    folder = Text(200, line=True, allow_none=True)
    poll_seconds = Number(5, 3600, allow_none=True)


class EmailChannel(AccountSchema):
    """`channels.email`: mail out by SMTP, in by IMAP. `auth` xoauth2 signs in with `accessToken` in place of passwords.

    `authenticationServer` is the name that the hotel's own mail server puts into `Authentication-Results`; without it none counts.
    `signatures` stand below mails to guests, by language: the guest's, else the hotel's. `quoteLastMessage` (unless false): the
    guest's last message is quoted below an answer.
    """

    address = Email(allow_none=True)
    name = Text(200, line=True, allow_none=True)
    smtp = fields.Nested(MailServer, allow_none=True)
    imap = fields.Nested(Mailbox, allow_none=True)
    auth = Choice("password", "xoauth2")
    access_token = Secret(8000, line=True, allow_none=True)
    authentication_server = Host(allow_none=True)
    signatures = fields.Dict(keys=Language(), values=Text(2000), validate=Length(max=50))
    quote_last_message = Flag()
    rate_per_second = rate()

    def require(self, data: Loaded) -> None:
        """An address, both servers, and what to sign in with. An SMTP relay may ask for nothing."""
        _require(data, "address", "smtp", "imap", of=self)
        by_token = data.get("auth") == "xoauth2"
        if by_token:
            _require(data, "access_token", of=self)
        for name, wanted in (("smtp", ["host"]), ("imap", ["host", "username"])):
            server = cast("fields.Nested", self.fields[name])
            signs_in = "username" in wanted or data[name].get("username")
            try:
                both = [*wanted, "password"] if signs_in and not by_token else wanted
                _require(data[name], *both, of=cast("Schema", server.schema))
            except ValidationError as error:
                raise ValidationError({name: {error.field_name: error.messages}}) from None
