"""Who may be the same person: suggested with reasons, and never somebody for nothing."""

from __future__ import annotations

from typing import Any

import pytest

from jack.core.db import Database
from jack.core.errors import NotFound
from jack.resources.guests import duplicates, identities, store
from jack.resources.webchat import store as webchat
from tests.builders import make_guest, make_visitor

KNOWN = {"same_phone", "claimed_email", "same_phone_ending", "same_name", "same_language"}


def found(db: Database, guest: Any) -> dict[str, list[str]]:
    """The reasons by whom they are about."""
    return {row["guest"]["id"]: row["reasons"] for row in duplicates.search(db, guest["id"])}


def arrived(db: Database, email: str, name: str = "Vera") -> str:
    """A guest whose visitor gave this e-mail without proof; their id."""
    session, _ = make_visitor(db, name=name, email=email)
    webchat.receive(db, session, content="Hola", client_message_id="1")
    guest_id: str = db.value(
        "SELECT guest_id FROM webchat_sessions WHERE id = :id", {"id": session}
    )
    return guest_id


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+525512345678", "+5215512345678"),
        ("+541112345678", "+5491112345678"),
        ("+551187654321", "+5511987654321"),
        ("+33612345678", "0612345678"),
    ],
)
def test_one_number_in_two_notations_is_the_same_phone(one: str, other: str, db: Database) -> None:
    first, second = make_guest(db), make_guest(db)
    for guest, number in ((first, one), (second, other)):
        store.identify(db, guest["id"], "sms", number)
    assert found(db, first) == {second["id"]: ["same_phone"]}
    assert found(db, second) == {first["id"]: ["same_phone"]}


@pytest.mark.parametrize("other", ["06 12 34 56 78", "612345678"])
def test_one_number_in_two_profiles_is_the_same_phone(other: str, db: Database) -> None:
    first, second = make_guest(db, phone="+33612345678"), make_guest(db, phone=other)
    assert found(db, first) == {second["id"]: ["same_phone"]}
    assert found(db, second) == {first["id"]: ["same_phone"]}


def test_a_number_of_another_country_that_ends_alike_is_a_weaker_sign(db: Database) -> None:
    first, second = make_guest(db, phone="+33612345678"), make_guest(db, phone="+34912345678")
    make_guest(db, phone="+33612345679")
    assert found(db, first) == {second["id"]: ["same_phone_ending"]}


def test_a_number_they_write_from_counts_like_the_one_in_the_profile(db: Database) -> None:
    first, second = make_guest(db), make_guest(db, phone="55 1234 5678")
    store.identify(db, first["id"], "whatsapp", "+525512345678")
    assert found(db, first) == {second["id"]: ["same_phone"]}
    assert found(db, second) == {first["id"]: ["same_phone"]}


def test_a_short_number_is_no_sign(db: Database) -> None:
    first, _ = make_guest(db, phone="12345"), make_guest(db, phone="+33999912345")
    assert found(db, first) == {}


def test_a_name_is_the_same_whatever_its_case_and_accents(db: Database) -> None:
    first = make_guest(db, name="José Pérez", language="es")
    second = make_guest(db, name="JOSE  PEREZ", language="es")
    third = make_guest(db, name="jose perez", language="en")
    make_guest(db, name="José Pérez García")
    make_guest(db, name="Maria José Pérez")
    assert found(db, first) == {
        second["id"]: ["same_name", "same_language"],
        third["id"]: ["same_name"],
    }


def test_those_who_gave_no_name_are_not_all_one(db: Database) -> None:
    session, _ = make_visitor(db)
    webchat.receive(db, session, content="Hola", client_message_id="1")
    nameless = db.row("SELECT id, name FROM guests")
    make_guest(db, name=identities.DEFAULT_NAMES["web"])
    assert found(db, nameless) == {}


def test_an_email_a_visitor_gives_is_a_sign_in_both_directions(db: Database) -> None:
    ana = make_guest(db, email="Ana@Example.com")
    visitor = arrived(db, "ana@example.COM")
    assert found(db, ana) == {visitor: ["claimed_email"]}
    assert found(db, {"id": visitor}) == {ana["id"]: ["claimed_email"]}


def test_signs_add_up_and_the_surest_comes_first(db: Database) -> None:
    ana = make_guest(db, name="Ana", phone="+525512345678", language="es")
    name = make_guest(db, name="Ana")
    both = make_guest(db, name="ana", phone="55 12345678", language="es")
    phone = make_guest(db, name="Bea", phone="55 1234 5678")
    rows = duplicates.search(db, ana["id"])
    assert [row["guest"]["id"] for row in rows] == [both["id"], phone["id"], name["id"]]
    assert [row["score"] for row in rows] == [0.87, 0.8, 0.3]
    assert rows[0]["reasons"] == ["same_phone", "same_name", "same_language"]
    assert rows[0]["guest"]["tags"] == []
    assert {reason for row in rows for reason in row["reasons"]} <= set(duplicates.WEIGHTS)
    assert set(duplicates.WEIGHTS) == KNOWN


def test_there_are_ten_at_most(db: Database) -> None:
    guests = [make_guest(db, name="John Smith") for _ in range(15)]
    assert len(duplicates.search(db, guests[0]["id"])) == 10


def test_of_nobody_there_are_none(db: Database) -> None:
    with pytest.raises(NotFound):
        duplicates.search(db, "guest-none")
    assert duplicates.search(db, make_guest(db)["id"]) == []


def test_no_table_is_read_from_end_to_end(db: Database) -> None:
    names = ("BY_NAME", "BY_DIGITS", "BY_EMAIL", "BY_CLAIM", "CLAIMED", "ADDRESSES")
    known = dict.fromkeys(("id", "limit", "name", "ending", "email"), "x")
    for name in names:
        sql = getattr(duplicates, name)
        needed = {key: value for key, value in known.items() if f":{key}" in sql}
        plan = [row["detail"] for row in db.all(f"EXPLAIN QUERY PLAN {sql}", needed)]
        assert [line for line in plan if line.startswith("SCAN")] == [], name
        assert any(line.startswith("SEARCH") for line in plan), name


# ------------------------------------------------------------------------------------------------ what is not proven


def suggestion(db: Database, guest: Any) -> Any:
    (row,) = duplicates.search(db, guest["id"])
    return row


def heard(db: Database, guest: Any, channel: str, address: str) -> None:
    """The guest has written from this address."""
    db.run(
        "INSERT INTO guest_identities (channel, address, verbatim, guest_id, created_at) "
        "VALUES (:channel, :address, :address, :guest, :now)",
        {"channel": channel, "address": address, "guest": guest["id"], "now": db.now()},
    )


def test_each_reason_is_in_words_that_say_what_is_not_proven(db: Database) -> None:
    known = make_guest(db, name="Vera", email="vera@x.example", language="de")
    arrived(db, "vera@x.example")
    row = suggestion(db, known)
    assert (
        [one["reason"] for one in row["evidence"]]
        == row["reasons"]
        == ["claimed_email", "same_name"]
    )
    for one in row["evidence"]:
        assert not one["proven"]
        assert "Not proven" in one["message"]


def test_who_has_only_written_in_the_web_chat_is_named_from_both_sides(db: Database) -> None:
    known = make_guest(db, name="Vera", email="vera@x.example")
    visitor = store.get(db, arrived(db, "vera@x.example"))
    assert suggestion(db, known)["unproven"] == [visitor["id"]]
    assert suggestion(db, visitor)["unproven"] == [visitor["id"]]
    other = store.get(db, arrived(db, "vera@x.example", name="V"))
    rows = {row["guest"]["id"]: row["unproven"] for row in duplicates.search(db, known["id"])}
    assert rows == {one["id"]: [one["id"]] for one in (visitor, other)}
    heard(db, visitor, "sms", "+34600000001")
    rows = {row["guest"]["id"]: row["unproven"] for row in duplicates.search(db, known["id"])}
    assert rows == {visitor["id"]: [], other["id"]: [other["id"]]}


def test_a_number_both_have_written_from_is_proven_and_a_typed_one_is_not(db: Database) -> None:
    first, second = make_guest(db), make_guest(db)
    heard(db, first, "sms", "+525512345678")
    store.identify(db, second["id"], "sms", "+5215512345678")
    (typed,) = suggestion(db, first)["evidence"]
    assert (typed["reason"], typed["proven"]) == ("same_phone", False)
    assert "never written" in typed["message"]
    heard(db, second, "whatsapp", "+5215512345678")
    (written,) = suggestion(db, first)["evidence"]
    assert (written["reason"], written["proven"]) == ("same_phone", True)
    assert "Not proven" not in written["message"]
