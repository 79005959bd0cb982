"""A search says which message it has found, and a list of messages opens at one."""

from __future__ import annotations

import time
from typing import Any

import pytest

from jack.resources.conversations import messages, search_match, store
from tests.builders import make_conversation
from tests.checks import named, refused, succeeded
from tests.conftest import Person


def note(person: Person, conversation_id: str, content: str) -> str:
    by = person.id
    return messages.send(person.db, conversation_id, content=content, type="note", by=by)["id"]


def marked(match: dict[str, Any]) -> list[str]:
    return [match["snippet"][start:end] for start, end in match["ranges"]]


def found(person: Person, search: str, more: str = "") -> list[Any]:
    return list(succeeded(person.get(f"/conversations?search={search}{more}")))


def test_a_search_shows_the_sentence_of_the_latest_message_that_matched(member: Person) -> None:
    conversation = make_conversation(member.db)["id"]
    note(member, conversation, "A crib for room 12?")
    latest = note(member, conversation, "Thank you. We need a crib, and Cribs cost nothing! Bye.")
    note(member, conversation, "See you tomorrow.")
    other = make_conversation(member.db)["id"]
    alone = note(member, other, "No crib here")
    for more in ("", "&sort=waiting", "&cursor="):
        rows = {row["id"]: row["match"] for row in found(member, "crib", more)}
        assert set(rows) == {conversation, other}
        match = rows[conversation]
        assert match["messageId"] == latest
        assert match["snippet"] == "We need a crib, and Cribs cost nothing!"
        assert marked(match) == ["crib", "Cribs"]
        assert rows[other] == {"messageId": alone, "snippet": "No crib here", "ranges": [[3, 7]]}


def test_it_looks_in_all_states_and_in_none_where_guest_or_subject_matched(member: Person) -> None:
    by_name = make_conversation(member.db, name="Marzipan Cribbs")["id"]
    by_subject = make_conversation(member.db)["id"]
    store.change(member.db, by_subject, subject="Marzipan order", status="closed", by=member.id)
    rows = {row["id"]: row for row in found(member, "marzipan")}
    assert {id: row["match"] for id, row in rows.items()} == {by_name: None, by_subject: None}
    assert rows[by_subject]["status"] == "closed"
    assert succeeded(member.get(f"/conversations/{by_subject}"))["match"] is None
    assert all(row["match"] is None for row in succeeded(member.get("/conversations")))


@pytest.mark.parametrize(
    ("content", "search", "words"),
    [
        ("Die Straße ist laut, Łódź auch.", "strasse lodz", ["Straße", "Łódź"]),
        ("Um café às 7h 🏊🏽‍♀️, por favor", "cafe", ["café"]),
        ("Ask O'Brien-Smith (302)", "o'brien-smi 302", ["O'Brien-Smith", "302"]),
        ("<b>bold</b> & brave", "BRAVE", ["brave"]),
        ("タオルを二枚ください。", "タオルを二枚ください", ["タオルを二枚ください"]),
    ],
)
def test_words_are_marked_as_they_were_written(
    member: Person, content: str, search: str, words: list[str]
) -> None:
    note(member, make_conversation(member.db)["id"], content)
    (row,) = found(member, search)
    assert row["match"]["snippet"] == content
    assert marked(row["match"]) == words


def test_of_a_long_sentence_it_shows_what_is_around_the_word(member: Person) -> None:
    note(member, make_conversation(member.db)["id"], f"{'before ' * 50}quince {'after ' * 50}")
    match = found(member, "quince")[0]["match"]
    assert marked(match) == ["quince"]
    assert match["snippet"].startswith("…before before")
    assert match["snippet"].endswith("…")
    assert len(match["snippet"]) <= 162


def test_messages_open_at_one_of_them(member: Person) -> None:
    conversation = make_conversation(member.db)["id"]
    ids = [note(member, conversation, f"Note {number}") for number in range(9)]
    path = f"/conversations/{conversation}/messages?limit=3&around="
    for order in ("asc", "desc"):
        for id in ids:
            answer = member.get(f"{path}{id}&order={order}")
            assert id in [message["id"] for message in succeeded(answer)]
            meta = answer.json["meta"]
            same = member.get(f"{path[:-8]}&order={order}&page={meta['page']}")
            assert same.json["data"] == answer.json["data"]
            assert meta["total"] == 10
    elsewhere = note(member, make_conversation(member.db)["id"], "Elsewhere")
    assert named(refused(member.get(f"{path}{elsewhere}"), 400)) == {"around"}
    for more in ("page=1", "cursor=", "createdSince=2026-01-01T00:00:00Z"):
        name = more.partition("=")[0]
        error = refused(member.get(f"{path}{ids[0]}&{more}"), 400)
        assert named(error) == {name}


@pytest.mark.parametrize("run", [".", " ", "\n", "。", ". ", ".)"])
def test_a_long_run_of_a_sign_is_gone_through_once(run: str) -> None:
    """Whatever a guest writes: the time to find the sentence grows with the text, and not with its square."""
    content = f"A booking{run * 50_000}towels{run * 50_000}"
    begun = time.process_time()
    found = search_match.excerpt(content, [(2, 9)])
    assert time.process_time() - begun < 1
    assert "booking" in found["snippet"]


def test_of_a_very_long_mail_the_beginning_is_looked_at(member: Person) -> None:
    conversation = make_conversation(member.db)["id"]
    make_mail = f"Crib please.{' x' * 40_000} crib"
    messages.receive(
        member.db,
        guest_id=store.get(member.db, conversation)["guest_id"],
        channel="web",
        content=make_mail,
        account="t",
        event_key="long",
    )
    [row] = found(member, "crib")
    assert marked(row["match"]) == ["Crib"]


def test_words_are_looked_for_in_one_conversation(member: Person) -> None:
    conversation, elsewhere = (make_conversation(member.db)["id"] for _ in range(2))
    for talk in (conversation, elsewhere):
        for content in ("The pool is open", "Breakfast is at eight", "Piscina, PÓOLS"):
            note(member, talk, content)
    path = f"/conversations/{conversation}/messages"
    answer = member.get(f"{path}?search=pool&order=desc&limit=1")
    assert [one["content"] for one in succeeded(answer)] == ["Piscina, PÓOLS"]
    assert answer.json["meta"]["total"] == 2
    rows = succeeded(member.get(f"{path}?search=open%20pool"))
    assert [one["content"] for one in rows] == ["The pool is open"]
    for nothing in ("tennis", "!!", "%22", "NEAR("):
        assert succeeded(member.get(f"{path}?search={nothing}")) == []
    assert named(refused(member.get(f"{path}?search=pool&cursor="), 400)) == {"search"}
    around = f"{path}?around={rows[0]['id']}&search=pool"
    assert named(refused(member.get(around), 400)) == {"search"}
