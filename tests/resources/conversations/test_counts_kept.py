"""Totals are read from counts that triggers keep: it says what counting would."""

from __future__ import annotations

import itertools
from random import Random

import pytest

from jack.core.db import Database
from jack.core.paging import Page
from jack.core.reader import Row
from jack.operations.verify import INVARIANTS
from jack.resources.conversations import counts, messages, read_marks
from jack.resources.conversations import store as conversations
from jack.resources.guests import merge
from jack.resources.privacy import erasure
from tests import builders

STATUSES = ("open", "pending", "closed")


keys = itertools.count(1)


def hear(db: Database, conversation: Row) -> None:
    """Its guest writes once more."""
    fields = {"channel": "web", "content": "?", "account": "web", "event_key": f"key {next(keys)}"}
    messages.receive(
        db, guest_id=conversation["guest_id"], conversation_id=conversation["id"], **fields
    )


@pytest.mark.parametrize("seed", range(3))
def test_totals_are_what_counting_finds(seed: int, db: Database) -> None:
    dice = Random(seed)
    members = [builders.make_member(db)["id"] for _ in range(2)]
    talks = [builders.make_conversation(db) for _ in range(12)]
    for conversation in dice.choices(talks, k=40):
        messages.note(db, conversation["id"], "x", by=members[0])
        assignee = dice.choice([*members, "unassigned"])
        conversations.change(
            db, conversation["id"], status=dice.choice(STATUSES), assignee=assignee
        )
        read_marks.mark_read(db, conversation["id"], by=dice.choice(members))
        if dice.random() < 0.3:
            read_marks.mark_unread(db, conversation["id"], by=dice.choice(members))
        if dice.random() < 0.5:
            hear(db, conversation)
    merge.merge(db, talks[0]["guest_id"], talks[1]["guest_id"])
    erasure.erase(db, talks[2]["guest_id"])
    db.run("DELETE FROM conversations WHERE id = :id", {"id": talks[3]["id"]})
    rows = [
        conversations.get(db, id, reader=members[0])
        for id in db.column("SELECT id FROM conversations")
    ]
    for status, assignee in itertools.product([None, *STATUSES], [None, "unassigned", *members]):
        asked = {"status": status} if status else {}
        wanted = None if assignee == "unassigned" else assignee
        fit = [
            row for row in rows
            if status in (None, row["status"]) and (assignee is None or row["assignee_id"] == wanted)
        ]  # fmt: skip
        found = conversations.search(db, assignee=assignee, page=Page(1, 1), **asked)
        assert found.total == len(fit)
        for unread in (True, False):
            page = conversations.search(
                db, assignee=assignee, unread=unread, reader=members[0], page=Page(1, 100), **asked
            )
            assert page.total == len(page.rows)
            assert {row["id"] for row in page.rows} == {
                row["id"] for row in fit if (row["unread"] > 0) == unread
            }
    counted = counts.count(db, reader=members[0])
    opened = [row for row in rows if row["status"] == "open"]
    assert counted["unread"] == len([row for row in opened if row["unread"]])
    for name, statement in INVARIANTS.items():
        assert db.value(statement) == 0, name
