"""A WhatsApp user, as Meta tells of them: what they write, send, take back, and what reaches them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jack.demo.simulators.addresses import wa_id, wamid
from jack.demo.simulators.hooks import Hook

if TYPE_CHECKING:
    from jack.demo.simulators.meta import MetaPeer

FILES_LIVE = 7 * 86400.0


@dataclass
class Sent:
    """A message that was accepted: what was asked (`body`), for whom, and the statuses told so far."""

    id: str
    body: dict[str, Any]
    guest: Guest
    at: float
    statuses: list[str] = field(default_factory=list)
    file: bytes | None = None
    refused: int | None = None  # the code of the error that its file turns out to be

    @property
    def kind(self) -> str:
        """`text`, `template`, `image` …"""
        return str(self.body["type"])

    @property
    def text(self) -> str:
        """What it says: a text, or the caption of a file."""
        content = self.body.get(self.kind, {})
        return str(content.get("body") or content.get("caption") or "")

    @property
    def ours(self) -> str | None:
        """What Jack asked to be told again with every status."""
        return self.body.get("biz_opaque_callback_data")


@dataclass(eq=False)
class Guest:
    """Somebody with WhatsApp: `wa_id` is None for who hides their number behind a username and `user_id`.

    Every verb tells Jack at once and returns the webhook, with Jack's answer in it.
    """

    peer: MetaPeer
    wa_id: str | None
    name: str
    user_id: str | None = None
    parent_user_id: str | None = None
    username: str | None = None
    on_whatsapp: bool = True
    heard_at: float | None = None
    said: dict[str, dict[str, Any]] = field(default_factory=dict)
    inbox: list[Sent] = field(default_factory=list)

    # ---------------------------------------------------------------------------------------- who they are

    def contact(self) -> dict[str, Any]:
        """As webhooks introduce them."""
        profile = {"name": self.name} | ({"username": self.username} if self.username else {})
        told: dict[str, Any] = {"profile": profile}
        known = {
            "wa_id": self.wa_id,
            "user_id": self.user_id,
            "parent_user_id": self.parent_user_id,
        }
        return told | {name: value for name, value in known.items() if value}

    def sender(self) -> dict[str, str]:
        """As their messages name them."""
        known = {
            "from": self.wa_id,
            "from_user_id": self.user_id,
            "from_parent_user_id": self.parent_user_id,
        }
        return {name: value for name, value in known.items() if value}

    def recipient(self) -> dict[str, str]:
        """As statuses name them."""
        known = {"recipient_id": self.wa_id, "recipient_user_id": self.user_id}
        return {name: value for name, value in known.items() if value}

    # ---------------------------------------------------------------------------------------- what they do

    def sends(self, kind: str, content: Any, **more: Any) -> Hook:
        """Any message: `sends("location", {…})`; what else belongs to it (`context=…`) by name."""
        now = self.peer.clock.now()
        id = more.pop("id", None) or wamid()
        told = {"id": id, "timestamp": str(int(now)), "type": kind, kind: content}
        self.said[id] = self.sender() | told | more
        self.heard_at = now
        return self._tell(contacts=[self.contact()], messages=[self.said[id]])

    def _tell(self, **value: Any) -> Hook:
        return self.peer.caller.call(self.peer.hooked(self.peer.change(**value)))

    def says(self, text: str, **more: Any) -> Hook:
        """A text."""
        return self.sends("text", {"body": text}, **more)

    def sends_file(
        self, content: bytes, mime: str = "image/jpeg", *, kind: str = "image", **more: Any
    ) -> Hook:
        """An image, or another `kind` of file, with `caption` and `filename`; Jack may fetch it for seven days."""
        id = self.peer.files.keep(content, mime, FILES_LIVE)
        file = self.peer.files.get(id)
        if file is None:  # kept in the line above
            raise LookupError(id)
        return self.sends(kind, {"id": id, "mime_type": mime, "sha256": file.sha256, **more})

    def is_at(self, latitude: float, longitude: float, **more: str) -> Hook:
        """Where they are, with `name` and `address`."""
        return self.sends("location", {"latitude": latitude, "longitude": longitude, **more})

    def reacts(self, to: str, emoji: str | None = "👍") -> Hook:
        """An emoji on a message, or (None) no more."""
        return self.sends("reaction", {"message_id": to} | ({"emoji": emoji} if emoji else {}))

    def presses(self, title: str, id: str = "yes") -> Hook:
        """A button of an interactive message."""
        reply = {"type": "button_reply", "button_reply": {"id": id, "title": title}}
        return self.sends("interactive", reply)

    def edits(self, id: str, text: str) -> Hook:
        """Another text for what they said."""
        message = {"type": "text", "text": {"body": text}}
        return self.sends("edit", {"original_message_id": id, "message": message})

    def revokes(self, id: str) -> Hook:
        """What they said is taken back."""
        return self.sends("revoke", {"original_message_id": id})

    def sends_something_new(self, kind: str = "poll_creation") -> Hook:
        """A kind of message that the API does not tell of."""
        title = "Message type unknown"
        details = {"details": "Message type is currently not supported."}
        error = {"code": 131051, "title": title, "message": title, "error_data": details}
        return self.sends("unsupported", {"type": kind}, errors=[error])

    def changes_number(self, number: str) -> Hook:
        """Another phone number from now on; such a webhook introduces nobody."""
        old, new = self.sender(), wa_id(number)
        self.wa_id = new
        self.peer.know(self)
        body = f"User {self.name} changed from {old.get('from')} to {new}"
        system = {"body": body, "wa_id": new, "type": "user_changed_number"}
        now = str(int(self.peer.clock.now()))
        told = {"id": wamid(), "timestamp": now, "type": "system", "system": system}
        return self._tell(messages=[old | told])

    # ---------------------------------------------------------------------------------------- what reaches them

    def hears(self, sent: Sent) -> None:
        """A message of Jack's is on their phone."""
        self.inbox.append(sent)
        if self.peer.answers is not None:
            self.peer.answers(self, sent)

    def reads(self) -> list[Hook]:
        """They look at everything that has reached them: one status each."""
        unread = [sent for sent in self.inbox if "read" not in sent.statuses]
        return [self.peer.caller.call(self.peer.status(sent, "read")) for sent in unread]
