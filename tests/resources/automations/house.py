"""A hotel in Madrid whose automations a test lets work: a clock to set, guests to write to, and what has become of it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from jack.core.paging import Page
from jack.messaging import outbox
from jack.resources.automations import preview, running, runs
from jack.resources.automations import store as automations
from jack.resources.conversations import messages
from jack.resources.settings import store as settings
from tests.builders import make_automation, make_guest, make_member, make_stay, make_template

if TYPE_CHECKING:
    from jack.core.db import Database
    from jack.core.reader import Row
    from tests.conftest import Clock

ZONE = "Europe/Madrid"
EMAIL = ["email"]


class House:
    """The hotel; its e-mail, WhatsApp and SMS are switched on."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db, self.clock, self._numbers = db, clock, 0
        hotel = {"name": "Hotel Sol", "timeZone": ZONE, "language": "en", "country": "ES"}
        settings.put(db, "hotel", hotel)  # type: ignore[arg-type]
        for channel in ("email", "whatsapp", "sms"):
            settings.put(db, f"channels.{channel}", {"enabled": True})
        self.at("2026-05-01 09:00")
        self.by = str(make_member(db, department="front-desk")["id"])
        db.run("INSERT INTO automation_place (only, ready_made) VALUES (1, 1)")

    def at(self, local: str, *, fold: int = 0) -> None:
        """Set the clock to a time of the hotel's."""
        moment = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(ZONE), fold=fold)
        self.clock.seconds = moment.timestamp()

    def local(self, moment: str) -> str:
        """A moment as the hotel's clock shows it."""
        return f"{datetime.fromisoformat(moment).astimezone(ZoneInfo(ZONE)):%Y-%m-%d %H:%M}"

    def guest(self, **fields: Any) -> str:
        self._numbers += 1
        mail = f"guest{self._numbers}@example.com"
        made = make_guest(self.db, **{"name": "Ana López", "email": mail, **fields})
        return str(made["id"])

    def stay(self, guest_id: str | None = None, **fields: Any) -> str:
        days = {"arrival": "2026-05-02", "departure": "2026-05-05"}
        made = make_stay(self.db, guest_id=guest_id or self.guest(), **{**days, **fields})
        return str(made["id"])

    def sending(self, trigger: Row, *, text: str = "Dear {first_name}!", channels: Any = EMAIL, whatsapp: Any = None, **more: Any) -> str:  # fmt: skip
        """An automation that is on and sends a text."""
        template = make_template(self.db, text, whatsapp_template=whatsapp)
        action = {"type": "send_template", "template_id": template["id"], "channels": channels}
        wanted = {"name": "Ours", "enabled": True, "actions": [action], **more}
        return str(make_automation(self.db, trigger=trigger, **wanted)["id"])

    def doing(self, trigger: Row, *actions: Row, **more: Any) -> str:
        """An automation that is on and does something else."""
        wanted = {"name": "Ours", "enabled": True, "actions": list(actions), **more}
        return str(make_automation(self.db, trigger=trigger, **wanted)["id"])

    def look(self) -> None:
        running.look(self.db)

    def sent(self) -> list[str]:
        """The texts of all that automations have written."""
        return list(
            self.db.column(
                "SELECT content FROM messages WHERE author_type = 'automation' ORDER BY seq"
            )
        )

    def runs(self, automation_id: str) -> list[tuple[str, str, str | None]]:
        """Action, result and reason of all runs, the oldest first."""
        found = runs.search(self.db, automation_id, page=Page(1, 100)).rows
        rows: list[Any] = list(reversed(found))
        return [(row["action"], row["result"], row["reason"]) for row in rows]

    def foreseen(self, automation_id: str) -> list[tuple[str | None, str | None, str | None]]:
        """When, what and why not of what is to come, by the hotel's clock."""
        rows = preview.foreseen(self.db, automations.get(self.db, automation_id))
        return [
            (self.local(row["at"]) if row["at"] else None, row["content"], row["reason"])
            for row in rows
        ]

    def writes(self, guest_id: str, text: str = "Hello?", channel: str = "email", **more: Any) -> str:  # fmt: skip
        """A guest writes; returns the conversation."""
        self._numbers += 1
        row, _ = messages.receive(self.db, guest_id=guest_id, channel=channel, content=text, account=channel, event_key=f"key{self._numbers}", **more)  # fmt: skip
        self.db.run(
            "UPDATE guest_identities SET last_inbound_at = :now WHERE guest_id = :g AND channel = :c",
            {"now": self.db.now(), "g": guest_id, "c": channel},
        )
        return str(row["conversation_id"])

    def answers(self, conversation_id: str) -> None:
        messages.send(self.db, conversation_id, content="Yes", by=self.by)

    def claimed(self, channel: str = "email") -> list[str]:
        """The messages that a worker takes from the outbox."""
        return [row["message_id"] for row in outbox.claim(self.db, "w", channel, limit=50)]
