"""A copy of the hotel that is kept by cursors alone is the hotel, whatever happens meanwhile."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from typing import Any

import pytest

from jack.core.errors import JackError, NotFound
from jack.resources.automations import store as automations
from jack.resources.conversations import delivery, messages, read_marks
from jack.resources.conversations import store as conversations
from jack.resources.guests import merge
from jack.resources.guests import store as guests
from jack.resources.knowledge import store as knowledge
from jack.resources.privacy import erasure
from jack.resources.staff import store as staff
from jack.resources.stays import store as stays
from jack.resources.tasks import store as tasks
from jack.resources.templates import store as templates
from jack.resources.webchat import store as webchat
from tests.builders import (
    make_automation,
    make_entry,
    make_guest,
    make_member,
    make_stay,
    make_task,
    make_template,
    make_visitor,
)
from tests.conftest import Clock, Person

LISTS = (
    "guests",
    "stays",
    "conversations",
    "messages",
    "tasks",
    "knowledge",
    "templates",
    "automations",
    "staff",
)
STEPS = 150


class Mirror:
    """What somebody knows of one list who asks for a part of it now and then."""

    def __init__(self, person: Person, name: str, order: str) -> None:
        self.person, self.name, self.order = person, name, order
        self.cursor = ""
        self.rows: dict[str, Any] = {}
        self.seen: list[str] = []

    def ask(self, limit: int) -> bool:
        """Read one part; whether there is more."""
        query = {"cursor": self.cursor, "limit": limit, "order": self.order}
        answer = self.person.get(f"/{self.name}", query_string=query)
        assert answer.status_code == 200, answer.json
        for row in answer.json["data"]:
            self.seen.append(row["id"])
            if row.get("deleted"):
                assert self.order == "changed"
                assert row.keys() <= {"id", "deleted", "mergedInto"}
                self.rows.pop(row["id"], None)
            else:
                self.rows[row["id"]] = {**row, "stay": None}  # it changes without its guest
        meta = answer.json["meta"]
        assert meta.keys() == {"limit", "cursor", "hasMore"}
        self.cursor = meta["cursor"]
        return bool(meta["hasMore"])

    def catch_up(self) -> None:
        while self.ask(7):
            pass


class House:
    """Things that happen in a hotel, at random."""

    def __init__(self, person: Person, chance: random.Random) -> None:
        self.person, self.db, self.chance = person, person.db, chance
        self.visitors: list[str] = []
        self.merges: list[tuple[str, str]] = []
        self.number = 0

    def some(self, table: str) -> str:
        ids = self.db.column(f"SELECT id FROM {table}")
        if not ids:
            raise NotFound("nothing there")
        return str(self.chance.choice(ids))

    def text(self) -> str:
        self.number += 1
        return f"text {self.number}"

    def guest_made(self) -> None:
        make_guest(self.db, name=self.text(), email=f"g{self.number}@x.example")

    def guest_changed(self) -> None:
        changes = self.chance.choice([{"name": self.text()}, {"notes": self.text()}])
        guests.change(self.db, self.some("guests"), **changes)

    def guest_erased(self) -> None:
        erasure.erase(self.db, self.some("guests"))

    def guests_merged(self) -> None:
        kept = self.some("guests")
        made = merge.merge(self.db, kept, self.some("guests"))
        self.merges.append((kept, made["id"]))

    def merge_undone(self) -> None:
        if self.merges:
            merge.undo(self.db, *self.merges.pop())

    def visitor_wrote(self) -> None:
        if not self.visitors or self.chance.random() < 0.3:
            self.visitors.append(make_visitor(self.db)[0])
        session = self.chance.choice(self.visitors)
        webchat.receive(self.db, session, content=self.text(), client_message_id=self.text())

    def answered(self) -> None:
        messages.send(self.db, self.some("conversations"), content=self.text(), by=self.person.id)

    def noted(self) -> None:
        messages.note(self.db, self.some("conversations"), self.text(), by=self.person.id)

    def delivered(self) -> None:
        status = self.chance.choice(["sent", "delivered", "read", "failed"])
        delivery.advance(self.db, self.some("messages"), status)

    def read(self) -> None:
        read_marks.mark_read(self.db, self.some("conversations"), by=self.person.id)

    def conversation_changed(self) -> None:
        changes = self.chance.choice(
            [{"status": "closed"}, {"status": "open"}, {"assignee": self.some("staff")}]
        )
        conversations.change(self.db, self.some("conversations"), **changes)

    def task_made(self) -> None:
        make_task(self.db, guest_id=self.some("guests"), assignee=self.some("staff"))

    def task_changed(self) -> None:
        status = self.chance.choice(["open", "in_progress", "completed"])
        tasks.change(self.db, self.some("tasks"), status=status, notes=self.text())

    def stay_made(self) -> None:
        companions = [self.some("guests") for _ in range(self.chance.randint(0, 2))]
        make_stay(self.db, guest_id=self.some("guests"), companions=companions, room="302")

    def stay_changed(self) -> None:
        changes = self.chance.choice(
            [{"status": "in_house"}, {"guest_id": self.some("guests")}, {"companions": []}]
        )
        stays.change(self.db, self.some("stays"), **changes)

    def stay_deleted(self) -> None:
        stays.delete(self.db, self.some("stays"))

    def entry_made(self) -> None:
        make_entry(self.db, title=self.text())

    def entry_changed(self) -> None:
        knowledge.change(self.db, self.some("knowledge"), content=self.text())

    def entry_deleted(self) -> None:
        knowledge.delete(self.db, self.some("knowledge"))

    def template_made(self) -> None:
        make_template(self.db, name=self.text())

    def template_changed(self) -> None:
        templates.change(self.db, self.some("templates"), texts={"en": self.text()})

    def template_deleted(self) -> None:
        templates.delete(self.db, self.some("templates"))

    def automation_made(self) -> None:
        make_automation(self.db, name=self.text() or "x")

    def automation_changed(self) -> None:
        automations.change(self.db, self.some("automations"), name=self.text() or "x")

    def automation_deleted(self) -> None:
        automations.delete(self.db, self.some("automations"))

    def member_joined(self) -> None:
        make_member(self.db)

    def member_left(self) -> None:
        staff.change(self.db, self.some("staff"), active=False)

    def something(self) -> None:
        """One of these; what cannot be just now does not happen."""
        happenings: list[Callable[[], None]] = [
            getattr(self, name)
            for name, found in vars(House).items()
            if name[0] != "_" and name not in ("some", "text", "something") and callable(found)
        ]
        with contextlib.suppress(JackError):
            self.chance.choice(happenings)()


def everything(person: Person, name: str) -> dict[str, Any]:
    """A list as its pages show it."""
    if name == "messages":
        paths = [f"/conversations/{id}/messages" for id in everything(person, "conversations")]
    else:
        paths = [f"/{name}"]
    rows: dict[str, Any] = {}
    for path in paths:
        number, pages = 1, 1
        while number <= pages:
            answer = person.get(path, query_string={"page": number, "limit": 100}).json
            rows |= {row["id"]: {**row, "stay": None} for row in answer["data"]}
            number, pages = number + 1, answer["meta"]["pages"]
    return rows


@pytest.mark.parametrize("seed", range(3))
def test_a_mirror_is_the_house(seed: int, admin: Person, clock: Clock) -> None:
    chance = random.Random(seed)
    house = House(admin, chance)
    mirrors = [Mirror(admin, name, "changed") for name in LISTS]
    for _ in range(STEPS):
        house.something()
        if chance.random() < 0.4:
            chance.choice(mirrors).ask(chance.randint(1, 9))
    assert sum(len(mirror.seen) for mirror in mirrors) > 20
    for mirror in mirrors:
        mirror.catch_up()
        assert mirror.rows == everything(admin, mirror.name), mirror.name
        known = mirror.cursor
        assert not mirror.ask(100)
        assert mirror.cursor == known


@pytest.mark.parametrize("seed", range(3))
def test_what_is_there_throughout_is_seen_once_in_order_of_creation(
    seed: int, admin: Person
) -> None:
    chance = random.Random(seed)
    house = House(admin, chance)
    for _ in range(STEPS // 2):
        house.something()
    before = {name: set(everything(admin, name)) for name in LISTS}
    mirrors = [Mirror(admin, name, "created") for name in LISTS]
    more = True
    while more:
        house.something()
        more = sum(mirror.ask(3) for mirror in mirrors) > 0
    for mirror in mirrors:
        mirror.catch_up()
        assert len(mirror.seen) == len(set(mirror.seen)), mirror.name
        after = set(everything(admin, mirror.name))
        assert before[mirror.name] & after <= set(mirror.seen), mirror.name
        # What came while it was read comes after what was there; a guest who is back is an old one.
        missing = after - set(mirror.seen)
        assert mirror.name == "guests" or not missing, mirror.name


def test_the_number_of_what_was_deleted_is_not_given_again(admin: Person) -> None:
    """Or who has read the list up to it would never see what came in its place."""
    for name, make, delete in (
        ("guests", make_guest, erasure.erase),
        ("stays", make_stay, stays.delete),
        ("knowledge", make_entry, knowledge.delete),
        ("templates", make_template, templates.delete),
        ("automations", make_automation, automations.delete),
    ):
        mirror = Mirror(admin, name, "created")
        old = make(admin.db)["id"]
        mirror.catch_up()
        delete(admin.db, old)
        new = make(admin.db)["id"]
        mirror.catch_up()
        assert mirror.seen == [old, new]


def test_a_merged_guest_says_into_whom(admin: Person) -> None:
    kept, other = (make_guest(admin.db)["id"] for _ in range(2))
    made = merge.merge(admin.db, kept, other)
    told = admin.get("/guests?order=changed").json["data"]
    gone = {"id": other, "deleted": True, "mergedInto": kept}
    assert [row for row in told if row.get("deleted")] == [gone]
    merge.undo(admin.db, kept, made["id"])
    told = admin.get("/guests?order=changed").json["data"]
    assert {row["id"] for row in told} == {kept, other}
    assert not any("deleted" in row for row in told)


def test_what_stands_in_other_rows_changes_these_too(admin: Person) -> None:
    house = House(admin, random.Random(1))
    house.visitor_wrote()
    mirrors = [Mirror(admin, name, "changed") for name in ("conversations", "messages")]
    for mirror in mirrors:
        mirror.catch_up()
    guests.change(admin.db, house.some("guests"), name="Ana")
    for mirror in mirrors:
        mirror.catch_up()
        assert mirror.rows == everything(admin, mirror.name)
        assert "Ana" in str(mirror.rows)
