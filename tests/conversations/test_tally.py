"""Totals are read from a tally that triggers keep: it says what counting would."""

from __future__ import annotations

import itertools
from random import Random

import pytest

from jack.conversations import messages
from jack.conversations import store as conversations
from jack.db import Database
from jack.guests import erasure, merge
from jack.paging import Page
from jack.verify import PROMISES
from tests import builders

STATUSES = ("open", "pending", "closed")


@pytest.mark.parametrize("seed", range(3))
def test_totals_are_what_counting_finds(seed: int, db: Database) -> None:
    dice = Random(seed)
    members = [builders.make_member(db)["id"] for _ in range(2)]
    talks = [builders.make_conversation(db) for _ in range(12)]
    for talk in dice.choices(talks, k=40):
        messages.note(db, talk["id"], "x", by=members[0])
        assignee = dice.choice([*members, "unassigned"])
        conversations.change(db, talk["id"], status=dice.choice(STATUSES), assignee=assignee)
        conversations.mark_read(db, talk["id"], by=dice.choice(members))
    merge.merge(db, talks[0]["guest_id"], talks[1]["guest_id"])
    erasure.erase(db, talks[2]["guest_id"])
    db.run("DELETE FROM conversations WHERE id = :id", {"id": talks[3]["id"]})
    rows = db.all("SELECT * FROM conversations")
    for status, assignee in itertools.product([None, *STATUSES], [None, "unassigned", *members]):
        asked = {"status": status} if status else {}
        wanted = None if assignee == "unassigned" else assignee
        fit = [
            row for row in rows
            if status in (None, row["status"]) and (assignee is None or row["assignee_id"] == wanted)
        ]  # fmt: skip
        found = conversations.search(db, assignee=assignee, page=Page(1, 1), **asked)
        assert found.total == len(fit)
    assert db.value(PROMISES["kinds of conversations are miscounted"]) == 0
