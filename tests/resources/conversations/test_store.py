"""The rules of conversations and messages, and the plans of their lists."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from jack.core.errors import Conflict, Invalid, NotFound
from jack.core.paging import Page
from jack.resources.conversations import (
    delivery,
    listing,
    message_listing,
    messages,
    read_marks,
    store,
)
from jack.resources.conversations import search as conversation_search
from jack.resources.guests import store as guests
from jack.resources.privacy import erasure
from jack.resources.staff import store as staff
from tests.builders import make_conversation, make_guest, make_member, make_visitor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jack.core.db import Database
    from tests.conftest import Clock


def ids(db: Database, **filters: str | None) -> list[str]:
    listed = store.search(db, page=Page(1, 100), **filters)  # type: ignore[arg-type]
    assert listed.total == len(listed.rows)
    return [row["id"] for row in listed.rows]


def test_the_newest_activity_comes_first(db: Database, clock: Clock) -> None:
    first = make_conversation(db)
    clock.move(1)
    second = make_conversation(db)
    clock.move(1)
    messages.send(db, first["id"], content="Sí", by=make_member(db)["id"])
    assert ids(db) == [first["id"], second["id"]]


def test_filters_are_all_demanded(db: Database) -> None:
    member = make_member(db)["id"]
    mine, other = make_conversation(db)["id"], make_conversation(db)["id"]
    store.change(db, mine, assignee=member, status="pending")
    assert ids(db, assignee=member) == [mine]
    assert ids(db, assignee="unassigned") == [other]
    assert ids(db, status="pending", assignee=member, channel="web") == [mine]
    assert ids(db, status="open", assignee=member) == []
    assert ids(db, channel="sms") == []


@pytest.mark.parametrize(
    "search",
    [
        "piscina",
        "PISCINA",
        "pisc",
        "abre la",
        "zebulonia",
        "zeb",
        "boda",
        "zebulonia quix",
        "9995550177",
    ],
)
def test_a_search_finds_words_of_messages_subject_and_guest(db: Database, search: str) -> None:
    make_conversation(db, content="Otra cosa")
    found = make_conversation(db, content="¿A qué hora abre la Piscina?", name="Zebulonia Quix")
    guests.change(db, found["guest_id"], phone="+52 999 555 0177")
    store.change(db, found["id"], subject="La boda de mayo")
    assert ids(db, search=search) == [found["id"]]


@pytest.mark.parametrize(
    "search",
    ["O'Brien", "100%", "*", "-x", '"', "NEAR(", "content:", "🙂", "日本", "a AND", "()", "''"],
)
def test_no_search_breaks_the_query(db: Database, search: str) -> None:
    make_conversation(db, content="y")
    assert ids(db, search=search) == []


@pytest.fixture
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search sorts three, and looks through conversations two at a time."""
    monkeypatch.setattr(conversation_search, "FEW", 3)
    monkeypatch.setattr(conversation_search, "STEP", 2)


FOUND_OFTEN = {
    "in messages": "toallas",
    "in subjects": "boda",
    "by the guest": "wilhelmina",
    "by their number": "+52 999 555",
    "by their number, as WhatsApp shows it": "+52 1 999 555",
    "in two words": "dos toall",
}


@pytest.mark.usefixtures("few_are_many")
@pytest.mark.parametrize("search", FOUND_OFTEN.values(), ids=FOUND_OFTEN)
@pytest.mark.parametrize("filters", [{}, {"status": "open"}, {"status": "closed"}], ids=str)
def test_what_is_found_often_is_found_whole_page_by_page(
    db: Database, search: str, filters: dict[str, str]
) -> None:
    made = []
    for number in range(17):
        one = make_conversation(db, content=f"Dos toallas {number}", name=f"Wilhelmina {number}")
        make_conversation(db, content="Otra cosa", name="Zoe")
        guests.change(db, one["guest_id"], phone=f"+52999555{number:04}")
        store.change(db, one["id"], subject=f"Boda {number}")
        made.append(one["id"])
        if number % 3 == 0:
            store.change(db, one["id"], status="closed")
    messages.send(db, made[2], content="Sí", by=make_member(db)["id"])
    wanted = [id for id in ids(db, **filters) if id in made]
    seen, number, pages = [], 1, 1
    while number <= pages:
        page = store.search(db, search=search, page=Page(number, 2), **filters)
        seen += [row["id"] for row in page.rows]
        assert page.total == len(wanted)
        number, pages = number + 1, -(-page.total // 2)
    assert seen == wanted
    past = store.search(db, search=search, page=Page(99, 2), **filters)
    assert (past.rows, past.total) == ([], len(wanted))


@pytest.mark.usefixtures("few_are_many")
@pytest.mark.parametrize("filters", [{}, {"channel": "web"}], ids=str)
def test_the_total_of_a_search_is_exact_and_counts_each_once(
    db: Database, filters: dict[str, str]
) -> None:
    for number in range(9):
        one = make_conversation(db, content=f"Toallas {number}", name=f"Toallas {number}")
        messages.send(db, one["id"], content="Toallas, otra vez", by=make_member(db)["id"])
        store.change(db, one["id"], subject="Toallas")
    make_conversation(db, content="Only this one")
    for number in (1, 3, 9):
        assert store.search(db, search="toallas", page=Page(number, 2), **filters).total == 9
    assert store.search(db, search="only", page=Page(1, 2), **filters).total == 1


@pytest.mark.parametrize("few", [8, 1])
def test_a_word_may_be_half_typed(db: Database, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(conversation_search, "FEW_TERMS", few)
    late = make_conversation(db, content="A LATE checkout, please: Rückgabe um 12:30")
    later = make_conversation(db, content="later, not late: checked")
    assert ids(db, search="lat check") == [later["id"], late["id"]]
    assert ids(db, search="late checko") == [late["id"]]
    assert ids(db, search="rück") == ids(db, search="ruck") == ids(db, search="RUCKGABE")
    assert ids(db, search="ruck lated") == []
    assert ids(db, search="12:3") == [late["id"]]


def test_a_search_obeys_the_other_filters(db: Database) -> None:
    found = make_conversation(db, content="piscina")
    assert ids(db, search="piscina", status="open", channel="web") == [found["id"]]
    assert ids(db, search="piscina", status="closed") == []


def test_unread_counts_for_each_reader(db: Database) -> None:
    first, second = make_member(db)["id"], make_member(db)["id"]
    conversation = make_conversation(db)["id"]
    assert store.get(db, conversation, reader=first)["unread"] == 1
    assert read_marks.mark_read(db, conversation, by=first)["unread"] == 0
    assert store.get(db, conversation, reader=second)["unread"] == 1


def test_who_answers_has_read(db: Database) -> None:
    member = make_member(db)["id"]
    conversation = make_conversation(db)["id"]
    messages.send(db, conversation, content="Sí", by=member)
    assert store.get(db, conversation, reader=member)["unread"] == 0


def test_a_note_answers_nobody(db: Database) -> None:
    member = make_member(db)["id"]
    conversation = make_conversation(db)
    note = messages.send(db, conversation["id"], content="VIP", type="note", by=member)
    after = store.get(db, conversation["id"])
    assert note["status"] is None
    assert (after["waiting_since"], after["preview"]) == (conversation["waiting_since"], "Hola")
    assert db.value("SELECT count(*) FROM outbox") == 0


def test_closing_means_that_nobody_waits(db: Database) -> None:
    conversation = make_conversation(db)["id"]
    assert store.change(db, conversation, status="closed")["waiting_since"] is None


@pytest.mark.parametrize("assignee", [None, "unassigned"])
def test_an_assignee_can_be_taken_away(db: Database, assignee: str | None) -> None:
    conversation = make_conversation(db)["id"]
    store.change(db, conversation, assignee=make_member(db)["id"])
    assert store.change(db, conversation, assignee=assignee)["assignee_id"] is None


def test_only_active_staff_can_be_assigned(db: Database) -> None:
    gone = make_member(db)["id"]
    staff.change(db, gone, active=False)
    conversation = make_conversation(db)["id"]
    for nobody in (gone, "staff-none", ""):
        with pytest.raises(Invalid, match="assignee"):
            store.change(db, conversation, assignee=nobody)


def test_nothing_can_be_sent_to_an_erased_guest(db: Database) -> None:
    conversation = make_conversation(db)
    erasure.erase(db, conversation["guest_id"])
    with pytest.raises(Conflict, match="erased"):
        messages.send(db, conversation["id"], content="Sí", by=make_member(db)["id"])


def test_a_channel_without_an_account_is_refused_and_leaves_nothing(db: Database) -> None:
    guest = make_guest(db, phone="+15551234567")["id"]
    conversation = store.create(db, guest_id=guest, channel="sms")["id"]
    with pytest.raises(Conflict, match="channels.sms"):
        messages.send(db, conversation, content="Sí", by=make_member(db)["id"])
    assert db.value("SELECT count(*) FROM messages") == 0


def test_only_whom_the_channel_reaches_can_be_written_to_first(db: Database) -> None:
    with pytest.raises(Conflict, match="no address"):
        store.check_reachable(db, make_guest(db)["id"], "web")
    with pytest.raises(Conflict, match="not configured"):
        store.check_reachable(db, make_guest(db, phone="+15551234567")["id"], "sms")
    with pytest.raises(Invalid, match="guestId"):
        store.check_reachable(db, "guest-none", "web")


def test_what_is_not_there_is_not_found(db: Database) -> None:
    for missing in (store.get, store.change, messages.search):
        with pytest.raises(NotFound):
            missing(db, "conv-none", **({"page": Page()} if missing is messages.search else {}))


def test_messages_come_in_the_order_they_were_said(db: Database) -> None:
    session, _ = make_visitor(db)
    from jack.resources.webchat import store as webchat

    for number in range(5):
        message, _ = webchat.receive(
            db, session, content=f"{number}", client_message_id=f"{number}"
        )
    conversation = message["conversation_id"]
    asc = [row["content"] for row in messages.search(db, conversation, page=Page(2, 2)).rows]
    desc = [
        row["content"]
        for row in messages.search(db, conversation, order="desc", page=Page(1, 2)).rows
    ]
    assert (asc, desc) == (["2", "3"], ["4", "3"])


def plan(db: Database, statement: str, params: dict[str, object]) -> list[str]:
    return [row["detail"] for row in db.all(f"EXPLAIN QUERY PLAN {statement}", params)]


FILTERS = ("status", "channel", "assignee", "unassigned")


def combinations() -> list[Sequence[str]]:
    every = itertools.chain.from_iterable(
        itertools.combinations(FILTERS, size) for size in range(4)
    )
    return [names for names in every if not {"assignee", "unassigned"} <= set(names)]


@pytest.mark.parametrize("names", combinations(), ids="+".join)
def test_every_page_of_conversations_is_a_walk_along_an_index(
    db: Database, names: Sequence[str]
) -> None:
    where = f"WHERE {' AND '.join(listing.FILTERS[name] for name in names)}" if names else ""
    params = {
        "status": "open",
        "channel": "web",
        "assignee": "x",
        "reader": "y",
        "limit": 20,
        "offset": 0,
    }
    order = "ORDER BY active_at DESC, conversations.seq DESC LIMIT :limit OFFSET :offset"
    lines = plan(db, f"{store.SELECT} {where} {order}", params)
    assert not any("TEMP B-TREE" in line for line in lines), lines
    assert "USING INDEX conversations_" in lines[0], lines
    (count,) = plan(db, f"SELECT count(*) FROM conversations {where}", params)
    assert "COVERING INDEX conversations_" in count


def test_a_guests_conversations_and_a_conversations_messages_are_index_ranges(db: Database) -> None:
    params = {"guest_id": "g", "reader": "y", "conversation_id": "c", "limit": 20, "offset": 0}
    order = "ORDER BY active_at DESC, conversations.seq DESC LIMIT :limit OFFSET :offset"
    lines = plan(db, f"{store.SELECT} WHERE {listing.FILTERS['guest_id']} {order}", params)
    assert "conversations_of_guest (guest_id=?)" in lines[0]
    assert not any("TEMP B-TREE" in line for line in lines)
    for order in ("asc", "desc"):
        lines = plan(db, message_listing.page_of(["conversation_id"], order), params)
        assert "messages_in_order (conversation_id=?)" in lines[0]
        assert not any("TEMP B-TREE" in line for line in lines)


def test_a_later_page_goes_on_where_the_one_before_ended(db: Database, clock: Clock) -> None:
    made = []
    for _ in range(5):
        clock.move(1)
        made.append(make_conversation(db)["id"])
    pages = [store.search(db, page=Page(number, 2)).rows for number in (1, 2, 3, 4)]
    assert [row["id"] for rows in pages for row in rows] == made[::-1]
    filtered = store.search(
        db, status="open", channel="web", assignee="unassigned", page=Page(2, 3)
    )
    assert [row["id"] for row in filtered.rows] == made[1::-1]
    assert filtered.total == 5


def test_a_later_page_finds_its_place_in_the_index_and_sorts_only_what_it_shows(
    db: Database,
) -> None:
    params = {"status": "open", "reader": "y", "limit": 20, "offset": 40, "seqs": "[1,2]"}
    (place,) = plan(
        db,
        f"SELECT seq FROM conversations WHERE status = :status {listing.IN_ORDER}",
        params,
    )
    assert "SEARCH conversations USING COVERING INDEX conversations_by_status" in place
    shown = plan(db, f"{store.SELECT} WHERE {conversation_search.THESE} {listing.IN_ORDER}", params)
    assert any("SEARCH conversations USING INTEGER PRIMARY KEY" in line for line in shown)


def test_a_reopened_conversation_waits_since_it_did(db: Database, clock: Clock) -> None:
    conversation = make_conversation(db)
    clock.move(60)
    store.change(db, conversation["id"], status="closed")
    reopened = store.change(db, conversation["id"], status="open")
    assert reopened["waiting_since"] == conversation["waiting_since"]


def test_a_reopened_conversation_that_was_answered_does_not_wait(db: Database) -> None:
    conversation = make_conversation(db)["id"]
    messages.send(db, conversation, content="Sí", by=make_member(db)["id"])
    store.change(db, conversation, status="closed")
    assert store.change(db, conversation, status="open")["waiting_since"] is None


def test_a_lost_answer_leaves_the_guest_waiting(db: Database, clock: Clock) -> None:
    conversation = make_conversation(db)
    clock.move(60)
    lost = messages.send(db, conversation["id"], content="Sí", by=make_member(db)["id"])
    delivery.advance(db, lost["id"], "failed", error="gone")
    assert store.get(db, conversation["id"])["waiting_since"] == conversation["waiting_since"]
