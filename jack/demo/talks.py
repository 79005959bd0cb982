"""Conversations of the demo: what was said, by whom, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jack.channels.types import Address
from jack.core import events
from jack.messaging.dispatcher import Dispatcher
from jack.messaging.outgoing import SigningContext
from jack.resources.conversations import delivery, messages
from jack.resources.conversations import store as conversations
from jack.resources.guests import identities
from jack.resources.webchat import store as webchat

if TYPE_CHECKING:
    from jack.core.db import Database
    from jack.demo.story import Story

MINUTE = 60.0
# What became of an answer, and how many seconds after it was written.
FATES: dict[str, dict[str, float]] = {
    "sent": {"sent": 1},
    "delivered": {"sent": 1, "delivered": 3},
    "read": {"sent": 1, "delivered": 3, "read": 45},
    "failed": {"failed": 6},
    "unknown": {"unknown": 60},
}
INTERRUPTED = "The dispatcher was interrupted; it may have arrived."


class Talk:
    """A conversation over a channel that went by another account then: none of what was sent leaves again."""

    def __init__(self, story: Story, db: Database, told: dict[str, Any]) -> None:
        self.story, self.db, self.told = story, db, told
        self.id: str = told.get("id", "")

    def begin(self) -> None:
        """Put everything that was said in its place in time."""
        moment = self.story.ago(self.told["ago"])
        self.story.at(moment, self.open)
        who = self.story.people.get(self.told["assignee"] or "")
        for number, (gap, by, text, *rest) in enumerate(self.told["said"]):
            moment += gap * MINUTE
            if by == "guest":
                self.story.at(moment, self.hear, number, text, *rest)
            else:
                self.story.at(moment, self.answer, self.story.people[by], text, *rest)
            if number == 0 and who:
                self.story.at(moment + 30, self.change, who, assignee=who)
        if self.told["status"] != "open":
            self.story.at(moment + 10 * MINUTE, self.change, who, status=self.told["status"])

    def open(self) -> None:
        """The conversation, before anything is said."""
        guest, channel = self.told["guest"], self.told["channel"]
        conversations.create(self.db, guest_id=guest, channel=channel, id=self.id)
        if "subject" in self.told:
            self.change(None, subject=self.told["subject"])

    def hear(self, number: int, text: str, type: str = "text") -> None:
        """The guest says something."""
        key, channel = f"{self.id}-{number}", self.told["channel"]
        messages.receive(
            self.db,
            guest_id=self.told["guest"],
            channel=channel,
            content=text,
            account="demo",
            event_key=key,
            type=type,
        )
        used = identities.last_used(self.db, self.told["guest"], channel)
        if used:  # so that they can be answered where they wrote
            addresses = (Address(used["address"], used["address"]),)
            identities.resolve(self.db, channel, addresses, written_at=self.db.now())

    def change(self, who: str | None, **changes: Any) -> None:
        """Somebody changes the conversation."""
        conversations.change(self.db, self.id, by=who, **changes)

    def answer(self, by: str, text: str, fate: str = "read", error: str | None = None) -> None:
        """A member of staff answers, or leaves a note for the others."""
        if fate == "note":
            messages.note(self.db, self.id, text, by=by)
            return
        message_id = self.send(by, text)
        for status, later in FATES[fate].items():
            why = error or (INTERRUPTED if status == "unknown" else None)
            self.story.at(self.story.clock + later, self.happen, message_id, status, why)

    def send(self, by: str, text: str) -> str:
        """The message as it was; there is no outbox row to send it again."""
        db, now = self.db, self.db.now()
        made = {
            "id": db.new_id("msg"),
            "conversation_id": self.id,
            "direction": "outbound",
            "type": "text",
        }
        author = {"author_type": "staff", "author_id": by, "details": None}
        db.row(messages.CREATE, made | author | {"content": text, "status": "queued", "now": now})
        db.run(messages.ANSWERED, {"id": self.id, "preview": text[: messages.PREVIEW], "now": now})
        db.run(conversations.MARK_READ, {"id": self.id, "reader": by})
        events.record(db, "message.queued", made["id"], conversation_id=self.id, by=by)
        return made["id"]

    def happen(self, message_id: str, status: str, error: str | None) -> None:
        """The message gets a step further."""
        delivery.advance(self.db, message_id, status, error=error)


class Visit(Talk):
    """A conversation in the web chat, which works: it goes the way every visitor's does."""

    def open(self) -> None:
        """The visitor's session; guest and conversation are made by what they say first."""
        known = {name: self.told.get(name) for name in ("name", "email", "language")}
        self.session = webchat.recognise(self.db, webchat.create_session(self.db, **known)["token"])

    def hear(self, number: int, text: str, type: str = "text") -> None:
        """The visitor says something."""
        row, _ = webchat.receive(
            self.db, self.session, content=text, client_message_id=f"demo-{number}"
        )
        self.id = row["conversation_id"]

    def send(self, by: str, text: str) -> str:
        """The message, by way of the outbox."""
        return str(messages.send(self.db, self.id, content=text, by=by)["id"])

    def happen(self, message_id: str, status: str, error: str | None) -> None:
        """The worker sends it, the visitor fetches it, the visitor reads it."""
        if status == "sent":
            dispatcher = Dispatcher("demo", SigningContext())
            dispatcher.send_due(self.db)
            dispatcher.collect(self.db)
        elif status == "delivered":
            webchat.messages_after(self.db, self.session, after=0, limit=500)
        else:
            webchat.mark_read(self.db, self.session, webchat.END)
