"""Somebody with a telephone, as Twilio tells of them: by SMS, and by WhatsApp."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jack.demo.simulators.addresses import digits, sid
from jack.demo.simulators.hooks import Hook
from jack.demo.simulators.segments import segments

if TYPE_CHECKING:
    from jack.demo.simulators.twilio import TwilioPeer

STOP = {"STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "CANCEL", "REVOKE", "OPTOUT"}
START = {"START", "YES", "UNSTOP"}
HELP = {"HELP", "INFO"}
OF_THE_HOTEL = {"STOP": {"ALTO", "BAJA", "PARAR"}, "START": set(), "HELP": {"AYUDA"}}
FILES_LIVE = 400 * 86400.0


@dataclass
class Sent:
    """A message that was accepted: the form it came in, its statuses so far, the files that were fetched for it."""

    sid: str
    form: list[tuple[str, str]]
    guest: Guest
    sender: str
    at: float
    made: str
    statuses: list[str]
    code: int | None = None
    refused: int | None = None  # the code of the error that one of its files turns out to be
    files: list[bytes | None] = field(default_factory=list)

    @property
    def told(self) -> dict[str, str]:
        """The form, without what is repeated in it."""
        return dict(self.form)

    @property
    def text(self) -> str:
        """What it says."""
        return self.told.get("Body", "")

    @property
    def status(self) -> str:
        """The last one."""
        return self.statuses[-1]


@dataclass(eq=False)
class Guest:
    """One address at one channel: `+52…` for SMS, `whatsapp:+521…` or (`user_id` alone) `whatsapp:MX.…` for WhatsApp.

    Every verb tells Jack at once and returns the webhook, with Jack's answer in it.
    """

    peer: TwilioPeer
    address: str
    name: str = "Ana"
    user_id: str | None = None
    landline: bool = False
    stopped: set[str] = field(default_factory=set)
    heard_at: float | None = None
    said: list[dict[str, str]] = field(default_factory=list)
    inbox: list[Sent] = field(default_factory=list)

    @property
    def whatsapp(self) -> bool:
        """Whether this is their WhatsApp."""
        return self.address.startswith("whatsapp:")

    # ---------------------------------------------------------------------------------------- what they do

    def says(self, text: str, **more: str) -> Hook:
        """A text, with further parameters by name."""
        return self._tell({"Body": text, "NumMedia": "0", **self._keyword(text), **more})

    def sends_files(self, *files: tuple[bytes, str], text: str = "") -> Hook:
        """Files (content and type) in one message."""
        id = sid("MM")
        told = {"Body": text, "NumMedia": str(len(files)), "MessageSid": id}
        for number, (content, mime) in enumerate(files):
            media = self.peer.files.keep(content, mime, FILES_LIVE, id=sid("ME"))
            told[f"MediaUrl{number}"] = f"{self.peer.account_url}/Messages/{id}/Media/{media}"
            told[f"MediaContentType{number}"] = mime
        return self._tell(told, "image")

    def is_at(self, latitude: float, longitude: float, **more: str) -> Hook:
        """Where they are, with `Address` and `Label`; only by WhatsApp."""
        place = {"Latitude": str(latitude), "Longitude": str(longitude), **more}
        return self._tell({"Body": "", "NumMedia": "0", **place}, "location")

    def presses(self, text: str, payload: str = "yes") -> Hook:
        """A button; only by WhatsApp."""
        button = {"ButtonText": text, "ButtonPayload": payload}
        return self._tell({"Body": text, "NumMedia": "0", **button}, "interactive")

    def _keyword(self, text: str) -> dict[str, str]:
        """What Twilio itself does about STOP and its like: only by SMS, and told only where that is arranged."""
        if self.whatsapp:
            return {}
        word, advanced = text.strip().upper(), self.peer.advanced_opt_out
        for kind, words in (("STOP", STOP), ("START", START), ("HELP", HELP)):
            if word in words | (OF_THE_HOTEL[kind] if advanced else set()):
                sender = self.peer.number
                if kind != "HELP":
                    self.stopped = (
                        self.stopped | {sender} if kind == "STOP" else self.stopped - {sender}
                    )
                return {"OptOutType": kind} if advanced else {}
        return {}

    def _tell(self, content: dict[str, str], kind: str = "text") -> Hook:
        id = content.get("MessageSid") or sid("SM")
        told = {
            "MessageSid": id,
            "SmsMessageSid": id,
            "SmsSid": id,
            "SmsStatus": "received",
            "AccountSid": self.peer.account_sid,
            "ApiVersion": "2010-04-01",
            "From": self.address,
            "To": self.peer.address_for(self),
            "NumSegments": str(segments(content["Body"])),
        }
        told |= (
            self._profile() | {"MessageType": kind} if self.whatsapp else self._places()
        ) | content
        self.heard_at = self.peer.clock.now()
        self.said.append(told)
        self.peer.kept_inbound(self, told)
        return self.peer.caller.call(self.peer.hooked(self.peer.target_for(self), told))

    def _places(self) -> dict[str, str]:
        return dict.fromkeys(("ToCountry", "FromCountry"), "MX") | {"FromCity": "", "FromZip": ""}

    def _profile(self) -> dict[str, str]:
        known: dict[str, Any] = {"ProfileName": self.name}
        number = self.address.removeprefix("whatsapp:")
        if re.fullmatch(r"\+\d+", number):
            known["WaId"] = digits(number)
        context = json.dumps({"type": "whatsapp", "data": {"context": known}})
        more = {"ExternalUserId": f"whatsapp:{self.user_id}"} if self.user_id else {}
        return known | more | {"ChannelMetadata": context, "ReferralNumMedia": "0"}

    # ---------------------------------------------------------------------------------------- what reaches them

    def hears(self, sent: Sent) -> None:
        """A message of Jack's is on their phone."""
        self.inbox.append(sent)
        if self.peer.answers is not None:
            self.peer.answers(self, sent)

    def reads(self) -> list[Hook]:
        """They look at everything that has reached them: one status each; only by WhatsApp."""
        unread = [sent for sent in self.inbox if sent.status != "read"]
        hooks = [self.peer.status(sent, "read") for sent in unread]
        return [self.peer.caller.call(hook) for hook in hooks if hook]
