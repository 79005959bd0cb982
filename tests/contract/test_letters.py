"""Searches find letters that have no accent to leave out by what they are typed as: ł, ø, đ, ß, æ, œ, ı."""

from __future__ import annotations

import pytest

from tests.builders import make_conversation, make_entry, make_guest, make_task
from tests.checks import succeeded
from tests.conftest import Person

WORDS = [
    ("Łódź", "lodz"),
    ("Bjørnsson", "bjornsson"),
    ("Đorđević", "dordevic"),
    ("Großmann", "grossmann"),
    ("GROẞMANN", "Großmann"),
    ("Ærøskøbing", "aeroskobing"),
    ("Œuvre", "oeuvre"),
    ("Diyarbakır", "diyarbakir"),
    ("Þórður", "thordur"),
    ("lodz", "Łódź"),
]
each_word = pytest.mark.parametrize(("written", "typed"), WORDS)


def found(person: Person, path: str, typed: str) -> list[str]:
    answer = person.get(path, query_string={"search": typed})
    return [str(one["id"]) for one in succeeded(answer)]


@each_word
def test_of_guests(written: str, typed: str, member: Person) -> None:
    guest = make_guest(member.db, name=f"Ana {written}")
    for query in (typed, f"an {typed}", typed[:2]):
        assert found(member, "/guests", query) == [guest["id"]]


@each_word
def test_of_conversations_by_message_subject_and_guest(
    written: str, typed: str, member: Person
) -> None:
    made = [
        make_conversation(member.db, content=text)["id"] for text in (f"to {written}?", "x", "y")
    ]
    succeeded(member.patch(f"/conversations/{made[1]}", {"subject": f"Trip to {written}"}))
    guest = succeeded(member.get(f"/conversations/{made[2]}"))["guestId"]
    succeeded(member.patch(f"/guests/{guest}", {"name": written}))
    assert set(found(member, "/conversations", typed)) == set(made)
    succeeded(member.patch(f"/conversations/{made[1]}", {"subject": "Another"}))
    assert set(found(member, "/conversations", typed[:4])) == {made[0], made[2]}


@each_word
def test_of_entries(written: str, typed: str, member: Person) -> None:
    entries = [make_entry(member.db, title=written), make_entry(member.db, content=f"in {written}")]
    assert set(found(member, "/knowledge", typed)) == {entry["id"] for entry in entries}


def test_of_tags(member: Person) -> None:
    guest = make_guest(member.db, tags=["Smørrebrød"])
    answer = member.get("/guests", query_string={"tag": "smorrebrod"})
    assert [one["id"] for one in succeeded(answer)] == [guest["id"]]


@each_word
def test_of_tasks(written: str, typed: str, member: Person) -> None:
    tasks = [
        make_task(member.db, title=f"To {written}"),
        make_task(member.db, notes=written),
        make_task(member.db, description=f"{written}, again", room="Ø1"),
    ]
    assert set(found(member, "/tasks", typed)) == {task["id"] for task in tasks}
    assert found(member, "/tasks", "o1") == [tasks[2]["id"]]
