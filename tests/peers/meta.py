"""Meta's Cloud API on loopback: it takes messages, keeps files, knows the 24-hour window, and calls Jack.

    with MetaPeer(hook=to_app(app)) as meta:
        ana = meta.guest("5215512345678", "Ana")
        ana.says("Hola")                       # a signed webhook, delivered before this returns
        meta.faults.add(throttled("2"))        # the next send is refused
        meta.received, ana.inbox               # what Jack has sent
        meta.clock.advance(25 * 3600)          # and the window is closed

A send is answered and then followed by its statuses in a thread of the peer's; `meta.settled()` waits for them.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from tests.peers import signing
from tests.peers.addresses import one_person, wa_id, wamid
from tests.peers.clock import Clock
from tests.peers.faults import Faults
from tests.peers.files import Files
from tests.peers.hooks import Caller, Deliver, Hook
from tests.peers.limits import Pairs
from tests.peers.meta_api import MetaApi
from tests.peers.meta_errors import GraphError
from tests.peers.meta_guests import Guest, Sent
from tests.peers.meta_templates import Template
from tests.peers.server import HttpServer, Request

WINDOW = 24 * 3600


@dataclass
class MetaPeer:
    """One phone number of one business. Whatever is not given has a value that `settings()` tells."""

    hook: Deliver | None = None
    target: str = "/webhooks/whatsapp"
    clock: Clock = field(default_factory=Clock)
    port: int = 0
    phone_number_id: str = "106540352242922"
    business: str = "102290129340398"
    number: str = "525598765432"
    token: str = "EAAG-peer-token"
    app_secret: str = "0123456789abcdef0123456789abcdef"
    verify_token: str = "peer-verify-token"
    statuses: tuple[str, ...] = ("sent", "delivered")
    pace: float = 0.0  # seconds before each status
    late_window: bool = False  # a closed window is told by a status, not by the answer
    trusting: bool = False  # whoever never wrote here has written elsewhere: their window is open
    test_number: bool = False  # refuses 521… and 549… as Meta's test numbers do
    pair_burst: int | None = 45  # messages to one guest at once, then one in six seconds
    latency: float = 0.0  # seconds before every answer to a send, and before a file
    retries: int = 5  # of a webhook that was not answered 200
    answers: Callable[[Guest, Sent], object] | None = None  # what every guest does with a message

    def __post_init__(self) -> None:
        self.faults = Faults()
        self.received: list[Sent] = []
        self.requests: list[Request] = []
        self._guests: dict[str, Guest] = {}
        # By name and language: how many parameters, or their names; or the whole template.
        self.templates: dict[tuple[str, str], Template] = {}
        self.read_by_hotel: list[str] = []
        self.files = Files(self.clock)
        self.pairs = Pairs(self.clock, self.pair_burst)
        self.caller = Caller(self.hook, retries=self.retries)
        self.lock = threading.RLock()

    def __enter__(self) -> MetaPeer:
        self.server = HttpServer(MetaApi(self).answer, self.port)
        self.url = self.media_url = self.server.url
        self.server.start()
        self.caller.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        place: TracebackType | None,
    ) -> None:
        self.server.stop()
        self.caller.stop()

    def settings(self) -> dict[str, Any]:
        """The value of `channels.whatsapp` for this peer."""
        return {
            "enabled": True,
            "provider": "meta",
            "phoneNumberId": self.phone_number_id,
            "accessToken": self.token,
            "appSecret": self.app_secret,
            "verifyToken": self.verify_token,
            "baseUrl": self.url,
        }

    def settled(self) -> None:
        """Wait until every status is told."""
        self.caller.settled()

    # ---------------------------------------------------------------------------------------- people

    def guest(
        self,
        number: str | None = None,
        name: str = "Ana",
        *,
        user_id: str | None = None,
        **known: Any,
    ) -> Guest:
        """A WhatsApp user, by number or by business-scoped id alone; the same one for the same address."""
        with self.lock:
            found = self._guests.get(user_id or "")
            found = found or (self._guests.get(one_person(number)) if number else None)
            if found is None:
                found = Guest(self, wa_id(number) if number else None, name, user_id, **known)
            found.wa_id = wa_id(number) if number and not found.wa_id else found.wa_id
            found.user_id = user_id or found.user_id
        self.know(found)
        return found

    def know(self, guest: Guest) -> None:
        """Find them by every address they have."""
        with self.lock:
            for key in (one_person(guest.wa_id) if guest.wa_id else None, guest.user_id):
                if key:
                    self._guests[key] = guest

    def everybody(self) -> list[Guest]:
        """All guests there are."""
        with self.lock:
            return list(dict.fromkeys(self._guests.values()))

    def open_for(self, guest: Guest) -> bool:
        """Whether a free text may be sent to them now."""
        if guest.heard_at is None:
            return self.trusting
        return self.clock.now() < guest.heard_at + WINDOW

    # ---------------------------------------------------------------------------------------- calling Jack

    def hooked(self, *changes: dict[str, Any]) -> Hook:
        """A signed webhook that tells these changes (`{"field": …, "value": …}`)."""
        told = {
            "object": "whatsapp_business_account",
            "entry": [{"id": self.business, "changes": list(changes)}],
        }
        body = json.dumps(told, separators=(",", ":")).encode()
        signed = signing.meta(self.app_secret, body)
        headers = {"Content-Type": "application/json", "X-Hub-Signature-256": signed}
        return Hook(self.target, headers, body, told=list(changes))

    def change(self, field: str = "messages", **value: Any) -> dict[str, Any]:
        """What happened, with the number it happened to."""
        metadata = {
            "display_phone_number": self.number,
            "phone_number_id": self.phone_number_id,
        }
        return {
            "field": field,
            "value": {"messaging_product": "whatsapp", "metadata": metadata, **value},
        }

    def batched(self, hooks: list[Hook]) -> Hook:
        """What several webhooks tell, in one."""
        return self.hooked(*(change for hook in hooks for change in hook.told))

    def subscribe(self, token: str | None = None) -> bool:
        """The handshake: whether Jack answers with exactly the challenge."""
        asked = f"hub.mode=subscribe&hub.verify_token={token or self.verify_token}"
        hook = Hook(f"{self.target}?{asked}&hub.challenge=1158201444", {}, b"", method="GET")
        return self.caller.call(hook).answer == 200 and hook.said == b"1158201444"

    def status(self, sent: Sent, status: str, code: int | None = None) -> Hook:
        """The webhook that tells a status of a message; not delivered yet."""
        told = {
            "id": sent.id,
            "status": status,
            "timestamp": str(int(self.clock.now())),
            **sent.guest.recipient(),
        }
        if sent.ours is not None:
            told["biz_opaque_callback_data"] = sent.ours
        if code is not None:
            told["errors"] = [GraphError(code).as_status()]
        sent.statuses.append(status)
        return self.hooked(self.change(contacts=[sent.guest.contact()], statuses=[told]))

    def staff_types(self, guest: Guest, text: str) -> Hook:
        """A message that somebody at the hotel sends from the WhatsApp Business app."""
        told = {
            "from": self.number,
            "to": guest.wa_id,
            "id": wamid(),
            "timestamp": str(int(self.clock.now())),
            "type": "text",
            "text": {"body": text},
        }
        return self.caller.call(
            self.hooked(self.change("smb_message_echoes", message_echoes=[told]))
        )
