"""Conversations of the demo: their messages, and what became of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar, Unpack

from jack.channels.types import Address
from jack.core import events
from jack.demo.data import ConversationData, Dialogue, WebchatData
from jack.demo.timeline import MINUTE
from jack.messaging.dispatcher import Dispatcher
from jack.messaging.outgoing import SigningContext
from jack.resources.conversations import answering, delivery, messages, read_marks
from jack.resources.conversations import store as conversations
from jack.resources.guests import identities
from jack.resources.webchat import store as webchat

if TYPE_CHECKING:
    from jack.core.db import Database
    from jack.demo.timeline import Timeline
    from jack.resources.conversations.conversation_rows import ConversationChanges

# By the last status of an outbound message: its statuses, and how many seconds after sending each is reached.
STATUSES: dict[str, dict[str, float]] = {
    "sent": {"sent": 1},
    "delivered": {"sent": 1, "delivered": 3},
    "read": {"sent": 1, "delivered": 3, "read": 45},
    "failed": {"failed": 6},
    "unknown": {"unknown": 60},
}
INTERRUPTED = "The dispatcher was interrupted; it may have arrived."
D = TypeVar("D", bound=Dialogue)


class _Conversation(Generic[D]):
    """A dialogue, line by line. A subclass has the channel's way of receiving and sending."""

    def __init__(self, timeline: Timeline, db: Database, data: D) -> None:
        self.timeline, self.db, self.data = timeline, db, data
        self.id = ""

    def schedule(self) -> None:
        """Put every line at its time."""
        time = self.timeline.ago(self.data["ago"])
        self.timeline.at(time, self.open)
        who = self.timeline.people.get(self.data["assignee"] or "")
        for number, (gap, by, text, *rest) in enumerate(self.data["lines"]):
            time += gap * MINUTE
            if by == "guest":
                self.timeline.at(time, self.receive, number, text, *rest)
            else:
                self.timeline.at(time, self.answer, self.timeline.people[by], text, *rest)
            if number == 0 and who:
                self.timeline.at(time + 30, self.change, who, assignee=who)
        if self.data["status"] != "open":
            self.timeline.at(time + 10 * MINUTE, self.change, who, status=self.data["status"])

    def change(self, who: str | None, **changes: Unpack[ConversationChanges]) -> None:
        """Change the conversation."""
        conversations.change(self.db, self.id, by=who, **changes)

    def answer(self, by: str, text: str, status: str = "read", error: str | None = None) -> None:
        """A member of staff sends a message that ends with this status, or writes a note."""
        if status == "note":
            messages.note(self.db, self.id, text, by=by)
            return
        message_id = self.send(by, text)
        for reached, later in STATUSES[status].items():
            why = error or (INTERRUPTED if reached == "unknown" else None)
            self.timeline.at(self.timeline.clock + later, self.advance, message_id, reached, why)

    def open(self) -> None:
        """Make what is there before the first message."""
        raise NotImplementedError

    def receive(self, number: int, text: str, type: str = "text") -> None:
        """A message of the guest's, the line `number` of the dialogue."""
        raise NotImplementedError

    def send(self, by: str, text: str) -> str:
        """A message of a member of staff's; returns its id."""
        raise NotImplementedError

    def advance(self, message_id: str, status: str, error: str | None) -> None:
        """An outbound message reaches a status."""
        raise NotImplementedError


class AccountConversation(_Conversation[ConversationData]):
    """A conversation on a channel whose account is not configured: nothing of it is sent again."""

    def __init__(self, timeline: Timeline, db: Database, data: ConversationData) -> None:
        super().__init__(timeline, db, data)
        self.id = data["id"]

    def open(self) -> None:
        """The conversation, without a message."""
        guest, channel = self.data["guest"], self.data["channel"]
        conversations.create(self.db, guest_id=guest, channel=channel, id=self.id)
        if "subject" in self.data:
            self.change(None, subject=self.data["subject"])

    def receive(self, number: int, text: str, type: str = "text") -> None:
        """As a channel event would be stored."""
        channel = self.data["channel"]
        messages.receive(
            self.db,
            guest_id=self.data["guest"],
            channel=channel,
            content=text,
            account="demo",
            event_key=f"{self.id}-{number}",
            type=type,
        )
        used = identities.last_used(self.db, self.data["guest"], channel)
        if used:  # so that they can be answered where they wrote
            addresses = (Address(used["address"], used["address"]),)
            identities.resolve(self.db, channel, addresses, written_at=self.db.now())

    def send(self, by: str, text: str) -> str:
        """The message without an outbox row, so that no worker sends it."""
        db, now = self.db, self.db.now()
        message_id = db.new_id("msg")
        row = {
            "id": message_id,
            "conversation_id": self.id,
            "direction": "outbound",
            "type": "text",
            "author_type": "staff",
            "author_id": by,
            "details": None,
            "reply_to": None,
            "content": text,
            "status": "queued",
            "now": now,
            "own_at": None,
            "send_at": None,
            "cancel_on_reply": 0,
        }
        db.row(messages.CREATE, row)
        db.run(
            answering.ANSWERED,
            {"id": self.id, "preview": text[: answering.PREVIEW], "media": None, "now": now},
        )
        read_marks.note_read(db, self.id, by)
        events.record(
            db, "conversation.message.created", message_id, conversation_id=self.id, by=by
        )
        return message_id

    def advance(self, message_id: str, status: str, error: str | None) -> None:
        """As a delivery receipt would be stored."""
        delivery.advance(self.db, message_id, status, error=error)


class WebchatConversation(_Conversation[WebchatData]):
    """A conversation in the web chat, stored as every visitor's."""

    def open(self) -> None:
        """The visitor's session; guest and conversation are made by the first message."""
        visitor = webchat.create_session(
            self.db,
            name=self.data["name"],
            email=self.data.get("email"),
            language=self.data["language"],
        )
        self.session = webchat.recognise(self.db, visitor["token"])

    def receive(self, number: int, text: str, type: str = "text") -> None:
        """As the visitor's chat posts it."""
        row, _ = webchat.receive(
            self.db, self.session, content=text, client_message_id=f"demo-{number}"
        )
        self.id = row["conversation_id"]

    def send(self, by: str, text: str) -> str:
        """Into the outbox."""
        return str(messages.send(self.db, self.id, content=text, by=by)["id"])

    def advance(self, message_id: str, status: str, error: str | None) -> None:
        """By the dispatcher, the visitor's poll, and the visitor's read receipt."""
        if status == "sent":
            dispatcher = Dispatcher("demo", SigningContext())
            dispatcher.send_due(self.db)
            dispatcher.collect(self.db)
        elif status == "delivered":
            webchat.messages_after(self.db, self.session, after=0, limit=500)
        else:
            webchat.mark_read(self.db, self.session, webchat.END)
