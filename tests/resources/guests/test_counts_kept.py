"""How many guests have a tag is read from counts that triggers keep: it says what counting would."""

from __future__ import annotations

from random import Random

import pytest

from jack.core.db import Database
from jack.core.paging import Page
from jack.operations.verify import INVARIANTS
from jack.resources.guests import merge
from jack.resources.guests import store as guests
from jack.resources.privacy import erasure

TAGS = ("VIP", "vip", "returning", "Família", "no smoking")
ONE = Page(1, 1)


@pytest.mark.parametrize("seed", range(3))
def test_totals_of_tags_are_what_counting_finds(seed: int, db: Database) -> None:
    dice = Random(seed)
    made: list[str] = []
    for number in range(300):
        step = dice.random()
        tags = dice.sample(TAGS, k=dice.randint(0, 3))
        if step < 0.5 or len(made) < 2:
            made.append(guests.create(db, name=f"Guest {number}", tags=tags)["id"])
        elif step < 0.8:
            guests.change(db, dice.choice(made), tags=tags)
        elif step < 0.9:
            erasure.erase(db, made.pop(dice.randrange(len(made))))
        else:
            kept, other = dice.sample(made, k=2)
            merge.merge(db, kept, other)
            made.remove(other)
    rows = [guests.get(db, one) for one in made]
    for tag in (*TAGS, "nobody's"):
        having = [row for row in rows if tag.casefold() in map(str.casefold, row["tags"])]
        assert guests.search(db, tag=[tag], page=ONE).total == len(having)
    assert db.value(INVARIANTS["tags are miscounted"]) == 0
    assert db.value("SELECT count(*) FROM tag_counts WHERE guests < 1") == 0
