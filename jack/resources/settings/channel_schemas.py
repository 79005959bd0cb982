"""The shapes of `channels.*`: the hotel's accounts, complete before they can be switched on."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from marshmallow import ValidationError, fields, validates_schema

from jack.http.field_errors import FieldError, Length
from jack.http.fields import Choice, Email, Flag, Number, Text
from jack.http.schema import Schema
from jack.resources.settings.store import MASK

HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?")


class Secret(Text):
    """A secret, or the mask that stands for the one there is."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        return MASK if value == MASK else super()._deserialize(value, attr, data, **kwargs)


class Word(Text):
    """A provider's name for something: it stands in addresses, so nothing but what its pattern says."""

    def __init__(self, pattern: str, says: str, **kwargs: Any) -> None:
        super().__init__(64, line=True, metadata={"pattern": f"^{pattern}$"}, **kwargs)
        self._pattern, self._says = re.compile(pattern), says

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not self._pattern.fullmatch(text):
            raise FieldError("invalid", self._says)
        return text


class Host(Text):
    """A host's name or address."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(253, line=True, **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not HOST.fullmatch(text):
            raise FieldError("invalid", "Not a host such as mail.example.com.")
        return text.lower()


class BaseUrl(Text):
    """Where a provider's API is: https, or on this machine http."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(300, line=True, allow_none=True, **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            parts = urlsplit(text)
            plain = (parts.username, parts.password, parts.query, parts.fragment)
            fits = bool(parts.hostname) and not any(plain) and (parts.port or 1) > 0
        except ValueError:
            fits = False
        if not fits or not (
            parts.scheme == "https" or (parts.scheme == "http" and is_here(parts.hostname or ""))
        ):
            raise FieldError("not_a_url", "Must be an address such as https://api.example.com.")
        return text.rstrip("/")


def is_here(host: str) -> bool:
    """Whether a host is this machine itself, so that nothing on the way can listen."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def rate() -> Number:
    """How many messages a second an account may send."""
    return Number(1, 200)


def _sid() -> Word:
    return Word("[A-Za-z0-9]{2,64}", "Must be letters and digits.", allow_none=True)


def _sender() -> Text:
    return Text(64, line=True, allow_none=True, data_key="from")


def _demand(data: Mapping[str, Any], *names: str, of: Schema) -> None:
    """Raise ValidationError naming the first field that is not filled in."""
    for name in names:
        if not data.get(name):
            field = of.fields[name].data_key or name
            says = "Needed before the channel can be switched on."
            raise FieldError("required", says, field)


class Connectable(Schema):
    """A channel that needs an account: complete, or off."""

    enabled = Flag()

    @validates_schema(skip_on_field_errors=True)
    def complete(self, data: dict[str, Any], **kwargs: Any) -> None:
        """What is switched on has all it needs."""
        if data.get("enabled"):
            self.demand(data)

    def demand(self, data: dict[str, Any]) -> None:
        """Raise ValidationError for what is missing."""
        raise NotImplementedError


class TwilioAccount(Connectable):
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

    def demand(self, data: dict[str, Any]) -> None:
        """Account, token and sender; a key has two halves."""
        _demand(data, "account_sid", "auth_token", of=self)
        if not data.get("messaging_service_sid"):
            _demand(data, "from_", of=self)
        if data.get("api_key_sid"):
            _demand(data, "api_key_secret", of=self)


class SmsChannel(TwilioAccount):
    """`channels.sms`: SMS by Twilio."""


class WhatsAppChannel(TwilioAccount):
    """`channels.whatsapp`: WhatsApp by Meta's Cloud API, or by Twilio."""

    provider = Choice("meta", "twilio")
    phone_number_id = Word("[0-9]{1,32}", "Must be digits.", allow_none=True)
    access_token = Secret(1000, line=True, allow_none=True)
    app_secret = Secret(200, line=True, allow_none=True)
    verify_token = Secret(200, line=True, allow_none=True)
    user_id_field = Choice("recipient", "to")
    api_version = Word(r"v[0-9]{1,3}\.[0-9]{1,2}", "Must be like v25.0.", allow_none=True)

    def demand(self, data: dict[str, Any]) -> None:
        """What the provider at hand needs."""
        _demand(data, "provider", of=self)
        if data["provider"] == "twilio":
            super().demand(data)
        else:
            _demand(data, "phone_number_id", "access_token", "app_secret", "verify_token", of=self)


class MailServer(Schema):
    """A mail server, and how to sign in there."""

    host = Host(allow_none=True)
    port = Number(1, 65535, allow_none=True)
    security = Choice("tls", "starttls", "none")
    username = Text(254, line=True, allow_none=True)
    password = Secret(500, line=True, allow_none=True)

    @validates_schema(skip_on_field_errors=True)
    def secure(self, data: dict[str, Any], **kwargs: Any) -> None:
        """Passwords and letters cross no network in the clear."""
        if data.get("security") == "none" and not is_here(data.get("host") or ""):
            raise FieldError("invalid", "Only for a server on this machine.", "security")


class Mailbox(MailServer):
    """Where mail comes in."""

    folder = Text(200, line=True, allow_none=True)
    poll_seconds = Number(5, 3600, allow_none=True)


class EmailChannel(Connectable):
    """`channels.email`: mail out by SMTP, in by IMAP. `auth` xoauth2 signs in with `accessToken` in place of passwords."""

    address = Email(allow_none=True)
    name = Text(200, line=True, allow_none=True)
    smtp = fields.Nested(MailServer, allow_none=True)
    imap = fields.Nested(Mailbox, allow_none=True)
    auth = Choice("password", "xoauth2")
    access_token = Secret(8000, line=True, allow_none=True)
    rate_per_second = rate()

    def demand(self, data: dict[str, Any]) -> None:
        """An address, both servers, and what to sign in with. An SMTP relay may ask for nothing."""
        _demand(data, "address", "smtp", "imap", of=self)
        by_token = data.get("auth") == "xoauth2"
        if by_token:
            _demand(data, "access_token", of=self)
        for name, wanted in (("smtp", ["host"]), ("imap", ["host", "username"])):
            server: Any = self.fields[name]
            signs_in = "username" in wanted or data[name].get("username")
            try:
                both = [*wanted, "password"] if signs_in and not by_token else wanted
                _demand(data[name], *both, of=server.schema)
            except ValidationError as error:
                raise ValidationError({name: {error.field_name: error.messages}}) from None
