"""External ids of guests: names that always lead to who has them, whatever is changed, merged, undone and erased."""

from __future__ import annotations

import random
from contextlib import suppress
from typing import Any

import pytest

from jack.core.db import Database
from jack.core.errors import JackError
from jack.core.pairs import Pairs
from jack.operations.verify import INVARIANTS
from jack.resources.guests import external_ids, merge, store, upsert
from jack.resources.privacy import erasure
from tests.builders import make_guest

FOUND = INVARIANTS["guests have external ids they cannot be found by"]
NAMES = ("a", "b", "pms:1", "pms:2", "pms:a:b", "pos:1", ":x", "y:")


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("a", ("", "a")),
        ("pms:1", ("pms", "1")),
        ("pms:a:b", ("pms", "a:b")),
        (":x", ("", ":x")),
        ("y:", ("", "y:")),
        ("x" * 41 + ":1", ("", "x" * 41 + ":1")),
    ],
)
def test_a_name_is_a_source_and_an_id(name: str, parts: tuple[str, str]) -> None:
    assert external_ids.split(name) == parts
    assert external_ids.joined(*parts) == name


CHANGES: list[tuple[Pairs, dict[str, Any], Pairs]] = [
    ({}, {"external_id": "a"}, {"": "a"}),
    ({}, {"external_id": "pms:1"}, {"": "pms:1", "pms": "1"}),
    ({"": "a", "pos": "9"}, {"external_id": "b"}, {"": "b", "pos": "9"}),
    ({"": "pms:1", "pms": "1", "pos": "9"}, {"external_id": "b"}, {"": "b", "pos": "9"}),
    ({"": "pms:1", "pms": "1", "pos": "9"}, {"external_id": None}, {"pos": "9"}),
    ({"": "a", "pos": "9"}, {"external_id": None}, {"pos": "9"}),
    ({"": "pms:1", "pms": "1"}, {"external_ids": {"pms": "2"}}, {"": "pms:2", "pms": "2"}),
    ({"": "pms:1", "pms": "1"}, {"external_ids": {"pms": None}}, {}),
    ({"": "a", "pms": "1"}, {"external_ids": None}, {"": "a"}),
    ({"": "a"}, {"external_ids": {"pms": "1"}}, {"": "a", "pms": "1"}),
    ({}, {"external_id": "a", "external_ids": {"pms": "1"}}, {"": "a", "pms": "1"}),
]


@pytest.mark.parametrize(("before", "changes", "after"), CHANGES)
def test_ids_are_changed(before: Pairs, changes: Any, after: Pairs) -> None:
    assert external_ids.changed(before, changes) == after


class Hotel:
    """Guests, and random changes of what they are called."""

    def __init__(self, db: Database, seed: int) -> None:
        self.db, self.random = db, random.Random(seed)
        self.guests = [str(make_guest(db, email=f"g{n}@x.example")["id"]) for n in range(4)]
        self.merges: list[tuple[str, str]] = []

    def one(self) -> str:
        return self.random.choice(self.guests)

    def put(self) -> None:
        email = f"g{self.random.randrange(5)}@x.example"
        options = upsert.Options(recreate=self.random.random() < 0.3)
        fields = {"name": "Put", "email": email}
        row, new = upsert.put(self.db, self.random.choice(NAMES), fields, options=options)
        if new:
            self.guests.append(row["id"])

    def change(self) -> None:
        name = self.random.choice([*NAMES, None])
        if self.random.random() < 0.5:
            store.change(self.db, self.one(), external_id=name)
        else:
            source = self.random.choice(["pms", "pos"])
            store.change(self.db, self.one(), external_ids={source: self.random.choice("12") if name else None})  # fmt: skip

    def merge(self) -> None:
        kept, other = self.one(), self.one()
        self.merges.append((kept, merge.merge(self.db, kept, other)["id"]))

    def undo(self) -> None:
        if self.merges:
            merge.undo(self.db, *self.random.choice(self.merges))

    def erase(self) -> None:
        erasure.erase(self.db, self.one())

    def turn(self) -> None:
        """One change; what is refused changes nothing."""
        steps = [self.put, self.put, self.change, self.change, self.merge, self.undo, self.erase]
        step = self.random.choices(steps, [3, 3, 3, 3, 2, 2, 0.3])[0]
        with suppress(JackError):
            step()


@pytest.mark.parametrize("seed", range(4))
def test_every_name_leads_to_who_has_it(seed: int, db: Database) -> None:
    hotel = Hotel(db, seed)
    for _ in range(120):
        hotel.turn()
        assert db.value(FOUND) == 0
        for name in NAMES:
            owner = external_ids.find(db, name)
            if owner is not None:
                store.get(db, owner)
    shown = "SELECT count(*) FROM guests WHERE external_ids <> '{}'"
    assert db.value(shown) > 0


def test_an_id_that_was_given_to_somebody_else_since_stops_an_undo(db: Database) -> None:
    kept, other = make_guest(db), make_guest(db, external_id="a")
    made = merge.merge(db, kept["id"], other["id"])
    store.change(db, kept["id"], external_id=None)
    make_guest(db, external_id="a")
    with pytest.raises(JackError, match="a is used already"):
        merge.undo(db, kept["id"], made["id"])
    assert store.get(db, kept["id"])["external_id"] is None
