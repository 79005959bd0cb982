"""The rows of a dataset by its number of guests: as many conversations and tasks, ten times the messages."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from bench.growth import words
from bench.people import LANGUAGES, TAGS

Row = dict[str, Any]

START = datetime(2024, 1, 1, tzinfo=UTC)
CHANNELS = ("whatsapp",) * 5 + ("email",) * 2 + ("web",) * 2 + ("sms",)
STATUSES = ("closed",) * 6 + ("open",) * 3 + ("pending",)
TASK_STATUSES = ("completed",) * 6 + ("open",) * 2 + ("in_progress", "cancelled")
PRIORITIES = ("normal",) * 5 + ("low",) * 2 + ("high",) * 2 + ("urgent",)
DEPARTMENTS = ("housekeeping", "front-desk", "maintenance")
MAIL = ("gmail.example", "gmail.example", "web.example", "firm.example", "guest.booking.example")
MESSAGES_EACH = 10


class Dataset:
    """All rows of one size."""

    def __init__(self, guests: int, staff: list[str]) -> None:
        self.size = guests
        self.staff: list[str | None] = [None, None, None, *staff]
        self.dice = Random(guests)
        self.sentences = words.sentences(self.dice, 20_000)
        self.names = words.names(self.dice, guests)

    def at(self, number: float) -> str:
        """A time: the rows are spread over a year, whatever their number."""
        moment = START + timedelta(days=365 * number / self.size)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def sentence(self, number: int) -> str:
        """One of many, never the next one."""
        return self.sentences[number * 7919 % len(self.sentences)]

    def guests(self) -> Iterator[Row]:
        """As the guests' store takes them."""
        for number, name in enumerate(self.names):
            yield {
                "name": name,
                "email": f"{name.replace(' ', '.').lower()}.{number}@{MAIL[number % 5]}",
                "phone": f"+1555{number:07d}",
                "tags": sorted({TAGS[number % 8], TAGS[number // 3 % 8]}),
                "notes": self.sentence(number) if number % 3 == 0 else None,
                "language": LANGUAGES[number % 5],
            }

    def conversations(self, guests: list[str]) -> Iterator[Row]:
        """One a guest; every tenth has a subject."""
        for number, guest in enumerate(guests):
            mixed = number * 7919 % 1_000_003
            yield {
                "seq": number + 1,
                "id": conversation_id(number),
                "guest_id": guest,
                "channel": CHANNELS[mixed % 10],
                "status": STATUSES[mixed // 10 % 10],
                "assignee_id": self.staff[mixed // 100 % len(self.staff)],
                "subject": self.sentence(number + 1)[:80] if number % 10 == 0 else None,
                "preview": self.sentence(number * MESSAGES_EACH)[:120],
                "inbound_count": MESSAGES_EACH // 2,
                "waiting_since": self.at(number) if mixed % 3 == 0 else None,
                "created_at": self.at(number),
                "active_at": self.at(number + 0.5),
            }

    def messages(self) -> Iterator[Row]:
        """Ten a conversation, in and out in turn; a hundredth of all is in the first conversation."""
        long = self.size * MESSAGES_EACH // 100
        for number in range(self.size * MESSAGES_EACH):
            owner = 0 if number < long else number // MESSAGES_EACH
            inward = number % 2 == 0
            yield {
                "id": f"msg-0190c0de-0000-7000-8000-{number:012d}",
                "conversation_id": conversation_id(owner),
                "direction": "inbound" if inward else "outbound",
                "content": self.sentence(number),
                "status": "received" if inward else "read",
                "author_type": "guest" if inward else "staff",
                "author_id": None if inward else self.staff[-1],
                "at": self.at(number / MESSAGES_EACH),
            }

    def tasks(self, guests: list[str]) -> Iterator[Row]:
        """One a guest."""
        for number, guest in enumerate(guests):
            mixed = number * 7919 % 1_000_003
            status = TASK_STATUSES[mixed % 10]
            yield {
                "id": f"task-0190c0de-0000-7000-8000-{number:012d}",
                "title": self.sentence(number)[:80],
                "description": self.sentence(number + 2),
                "department": DEPARTMENTS[mixed // 10 % 3],
                "priority": PRIORITIES[mixed // 30 % 10],
                "status": status,
                "guest_id": guest,
                "assignee_id": self.staff[mixed // 300 % len(self.staff)],
                "due_at": self.at(number + 1),
                "completed_at": self.at(number + 1) if status == "completed" else None,
                "at": self.at(number),
            }


def conversation_id(number: int) -> str:
    """The id of a conversation."""
    return f"conv-0190c0de-0000-7000-8000-{number:012d}"
