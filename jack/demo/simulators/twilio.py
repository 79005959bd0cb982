"""Twilio on loopback: it takes messages for SMS and WhatsApp, keeps a list of them, and calls Jack.

    with TwilioPeer(hook=to_app(app), public_url="https://jack.example.com") as twilio:
        ana = twilio.guest("+525512345678")             # by SMS
        eva = twilio.guest("whatsapp:+5215587654321")
        ana.says("Hola")                                # a signed webhook, delivered before this returns
        twilio.faults.add(ACCEPT_THEN_DROP)
        twilio.received, ana.inbox                      # what Jack has sent

Jack is known under `public_url`, which is what the signatures are over; hooks go where `hook` brings them.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any
from urllib.parse import urlencode, urlsplit

from jack.demo.simulators import signing
from jack.demo.simulators.addresses import one_person, sid
from jack.demo.simulators.clock import Clock
from jack.demo.simulators.faults import Faults
from jack.demo.simulators.files import Files
from jack.demo.simulators.hooks import LOST, Caller, Deliver, Hook
from jack.demo.simulators.server import HttpServer, Request
from jack.demo.simulators.twilio_api import TwilioApi
from jack.demo.simulators.twilio_guests import Guest, Sent

WINDOW = 24 * 3600


@dataclass
class TwilioPeer:
    """One account with one number for SMS and one for WhatsApp."""

    hook: Deliver | None = None
    public_url: str = "https://jack.example.com"
    clock: Clock = field(default_factory=Clock)
    port: int = 0
    account_sid: str = "AC" + "0" * 31 + "1"
    token: str = "12345678901234567890123456789012"
    keys: dict[str, str] = field(default_factory=lambda: {"SK" + "0" * 31 + "1": "peer-key-secret"})
    number: str = "+525598765432"
    whatsapp: str = "whatsapp:+14155238886"
    service: str = "MG" + "0" * 31 + "1"
    sms_target: str = "/webhooks/twilio/sms"
    whatsapp_target: str = "/webhooks/twilio/whatsapp"
    statuses: tuple[str, ...] = ("sent", "delivered")
    pace: float = 0.0  # seconds before each status
    trusting: bool = False  # whoever never wrote here has written elsewhere: their window is open
    advanced_opt_out: bool = False
    media_elsewhere: bool = (
        False  # files are redirected to a host that must not see the credentials
    )
    latency: float = 0.0
    retries: int = 1  # of a webhook nobody answered; an answer is never asked for again
    answers: Callable[[Guest, Sent], object] | None = None  # what every guest does with a message

    def __post_init__(self) -> None:
        self.faults = Faults()
        self.received: list[Sent] = []
        self.listed: list[dict[str, Any]] = []
        self.requests: list[Request] = []
        self.leaks: list[Request] = []
        self.templates: dict[str, str] = {}
        self._guests: dict[str, Guest] = {}
        self.files = Files(self.clock)
        self.caller = Caller(self.hook, retries=self.retries, insists_on={LOST})
        self.lock = threading.RLock()

    def __enter__(self) -> TwilioPeer:
        api = TwilioApi(self)
        self.server, self.elsewhere = HttpServer(api.answer, self.port), HttpServer(api.elsewhere)
        self.url = self.server.url
        self.account_url = f"{self.url}/2010-04-01/Accounts/{self.account_sid}"
        for part in (self.server, self.elsewhere, self.caller):
            part.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        place: TracebackType | None,
    ) -> None:
        for part in (self.server, self.elsewhere, self.caller):
            part.stop()

    def sms_settings(self) -> dict[str, Any]:
        """The value of `channels.sms` for this peer."""
        return self._account() | {"from": self.number}

    def whatsapp_settings(self) -> dict[str, Any]:
        """The value of `channels.whatsapp` for this peer."""
        return self._account() | {"provider": "twilio", "from": self.whatsapp}

    def _account(self) -> dict[str, Any]:
        known = {"accountSid": self.account_sid, "authToken": self.token}
        return {"enabled": True, "baseUrl": self.url, **known}

    def settled(self) -> None:
        """Wait until every status is told."""
        self.caller.settled()

    # ---------------------------------------------------------------------------------------- people

    def guest(self, address: str, name: str = "Ana", **known: Any) -> Guest:
        """Whoever has this address, `+52…` or `whatsapp:…`; the same one for the same address."""
        with self.lock:
            return self._guests.setdefault(_key(address), Guest(self, address, name, **known))

    def address_for(self, guest: Guest) -> str:
        """What they write to."""
        return self.whatsapp if guest.whatsapp else self.number

    def target_for(self, guest: Guest) -> str:
        """Where Jack is told of what they write."""
        return self.whatsapp_target if guest.whatsapp else self.sms_target

    def open_for(self, guest: Guest) -> bool:
        """Whether a free text may be sent to them now."""
        if not guest.whatsapp or guest.heard_at is None:
            return self.trusting or not guest.whatsapp
        return self.clock.now() < guest.heard_at + WINDOW

    # ---------------------------------------------------------------------------------------- calling Jack

    def hooked(self, target: str, told: dict[str, str]) -> Hook:
        """A signed webhook for a path of Jack's."""
        signed = signing.twilio(self.token, self.public_url + target, told.items())
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "X-Twilio-Signature": signed,
            "I-Twilio-Idempotency-Token": sid("IT"),
        }
        return Hook(target, headers, urlencode(told).encode(), told=told)

    def hooked_json(self, target: str, told: Any) -> Hook:
        """A signed webhook with a JSON body."""
        body = json.dumps(told, ensure_ascii=False).encode()
        url, signed = signing.twilio_json(self.token, self.public_url + target, body)
        headers = {"Content-Type": "application/json", "X-Twilio-Signature": signed}
        return Hook(url.removeprefix(self.public_url), headers, body, told=told)

    def status(self, sent: Sent, status: str, code: int | None = None) -> Hook | None:
        """The webhook that tells a status of a message, not delivered yet; None where nobody asked for it."""
        sent.statuses.append(status)
        sent.code = code or sent.code
        url = urlsplit(sent.told.get("StatusCallback", ""))
        if not url.path:
            return None
        told = {
            "MessageSid": sent.sid,
            "MessageStatus": status,
            "SmsSid": sent.sid,
            "SmsStatus": status,
            "To": sent.guest.address,
            "From": sent.sender,
            "AccountSid": self.account_sid,
            "ApiVersion": "2010-04-01",
        }
        if code is not None:
            told |= {"ErrorCode": str(code), "ErrorMessage": "It failed."}
        if sent.guest.whatsapp:
            told |= {"ChannelPrefix": "whatsapp", "ChannelToAddress": sent.guest.address}
            told |= {"EventType": "READ"} if status == "read" else {}
        return self.hooked(url.path + (f"?{url.query}" if url.query else ""), told)

    def kept_inbound(self, guest: Guest, told: dict[str, str]) -> None:
        """Let the list of messages show what a guest wrote."""
        row = {"sid": told["MessageSid"], "direction": "inbound", "status": "received"}
        row |= {"from": told["From"], "to": told["To"], "body": told["Body"]}
        with self.lock:
            self.listed.append(row | {"at": self.clock.now(), "num_media": told["NumMedia"]})

    def may(self, authorization: str) -> bool:
        """Whether these are the account's credentials, or one of its keys'."""
        pairs = {self.account_sid: self.token, **self.keys}
        known = (
            base64.b64encode(f"{name}:{word}".encode()).decode() for name, word in pairs.items()
        )
        return authorization.removeprefix("Basic ") in known


def _key(address: str) -> str:
    """The same for every way to write an address."""
    prefix, _, rest = address.rpartition(":")
    return f"{prefix}:{one_person(rest)}" if rest.startswith("+") and prefix else address
