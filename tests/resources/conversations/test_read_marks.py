"""What a member has read, and has put back to unread."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jack.core.errors import Conflict
from jack.core.paging import Page
from jack.operations.verify import INVARIANTS
from jack.resources.conversations import counts, read_marks, store
from jack.resources.webchat import read_receipts
from tests.builders import make_conversation, make_guest, make_member

if TYPE_CHECKING:
    from jack.core.db import Database


def test_what_was_read_is_unread_again_for_this_member_only(db: Database) -> None:
    first, second = make_member(db)["id"], make_member(db)["id"]
    conversation = make_conversation(db)["id"]
    for member in (first, second):
        read_marks.mark_read(db, conversation, by=member)
    assert read_marks.mark_unread(db, conversation, by=first)["unread"] == 1
    assert store.get(db, conversation, reader=first)["unread"] == 1
    assert store.get(db, conversation, reader=second)["unread"] == 0
    assert counts.count(db, reader=first)["unread"] == 1
    assert store.search(db, reader=first, unread=True, page=Page(1, 20)).total == 1
    assert [db.value(sql) for sql in INVARIANTS.values()] == [0] * len(INVARIANTS)


def test_it_can_be_read_again(db: Database) -> None:
    member = make_member(db)["id"]
    conversation = make_conversation(db)["id"]
    read_marks.mark_read(db, conversation, by=member)
    read_marks.mark_unread(db, conversation, by=member)
    assert read_marks.mark_read(db, conversation, by=member)["unread"] == 0
    assert counts.count(db, reader=member)["unread"] == 0


def test_what_is_unread_stays_as_it_is(db: Database) -> None:
    member = make_member(db)["id"]
    conversation = make_conversation(db)["id"]
    before = db.value("SELECT count(*) FROM events")
    assert read_marks.mark_unread(db, conversation, by=member)["unread"] == 1
    assert db.value("SELECT count(*) FROM events") == before


def test_nothing_can_be_unread_where_the_guest_has_written_nothing(db: Database) -> None:
    member = make_member(db)["id"]
    empty = store.create(db, guest_id=make_guest(db)["id"], channel="sms")["id"]
    with pytest.raises(Conflict) as refused:
        read_marks.mark_unread(db, empty, by=member)
    assert refused.value.reason == "nothing_to_read"


def test_a_visitor_who_was_told_that_it_was_seen_is_not_told_otherwise(db: Database) -> None:
    member = make_member(db)["id"]
    conversation = make_conversation(db)["id"]
    session = db.value("SELECT id FROM webchat_sessions")
    read_marks.mark_read(db, conversation, by=member)
    seen = read_receipts.up_to(db, session)
    assert seen is not None
    read_marks.mark_unread(db, conversation, by=member)
    assert read_receipts.up_to(db, session) == seen
