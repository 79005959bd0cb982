"""Whom a note names: they are told, and find the conversation again."""

from __future__ import annotations

from typing import Any

import pytest

from jack.core.db import Database
from jack.resources.conversations import mentions, messages
from jack.resources.staff import store as staff
from tests.builders import make_conversation, make_member
from tests.checks import succeeded
from tests.conftest import Person


def write(person: Person, conversation_id: str, content: str, type: str = "note") -> Any:
    path = f"/conversations/{conversation_id}/messages"
    return succeeded(person.post(path, {"content": content, "type": type}), 201)


def named(db: Database, content: str) -> list[str]:
    """The names of those whom a note names, as they are stored."""
    found = mentions.details(db, content, by="staff-1") or {"mentions": []}
    return [staff.get(db, id)["name"] for id in found["mentions"]]  # type: ignore[attr-defined]


def test_a_member_finds_the_conversations_whose_notes_name_them(
    member: Person, manager: Person
) -> None:
    db = member.db
    first, second = make_conversation(db)["id"], make_conversation(db)["id"]
    name = staff.get(db, member.id)["name"]
    note = write(manager, first, f"Could you call them, @{name}?")
    write(manager, second, "Nobody in particular")
    assert note["details"] == {"mentions": [member.id]}
    for asked in ("me", member.id):
        found = succeeded(member.get(f"/conversations?mentioned={asked}"))
        assert [row["id"] for row in found] == [first]
    assert succeeded(manager.get("/conversations?mentioned=me")) == []


def test_they_are_told_at_once_each_by_an_event(member: Person, manager: Person) -> None:
    conversation = make_conversation(member.db)["id"]
    name = staff.get(member.db, member.id)["name"]
    note = write(manager, conversation, f"@{name} @{name}")
    last = succeeded(member.get("/events"))[-2:]
    assert [(row["type"], row["subjectId"]) for row in last] == [
        ("conversation.message.created", note["id"]),
        ("conversation.mentioned", member.id),
    ]
    assert last[1]["conversationId"] == conversation
    assert last[1]["actor"]["id"] == manager.id


def test_a_message_to_the_guest_names_nobody(member: Person, manager: Person) -> None:
    conversation = make_conversation(member.db)["id"]
    name = staff.get(member.db, member.id)["name"]
    assert write(manager, conversation, f"Ask for @{name}", "text")["details"] is None
    assert succeeded(member.get("/conversations?mentioned=me")) == []


def test_what_jack_notes_itself_names_nobody(db: Database) -> None:
    make_member(db, name="Jane Doe")
    conversation = make_conversation(db)["id"]
    assert messages.note(db, conversation, "They wrote: @Jane Doe")["details"] is None


def test_it_combines_with_filters_cursors_and_exports(member: Person, manager: Person) -> None:
    conversation = make_conversation(member.db)["id"]
    write(member, conversation, f"@{staff.get(member.db, manager.id)['name']} see above")
    ask = "mentioned=me&status=open"
    for path in (f"/conversations?{ask}&cursor=", f"/conversations?{ask}&sort=waiting"):
        assert [row["id"] for row in succeeded(manager.get(path))] == [conversation]
    assert succeeded(manager.get("/conversations?mentioned=me&status=closed")) == []
    body = {"what": "conversations", "format": "csv", "filters": {"mentioned": "me"}}
    succeeded(manager.post("/exports", body), 202)
    csv = manager.get("/exports/conversations?format=csv&mentioned=me").get_data(as_text=True)
    assert conversation in csv


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("@Jane Doe, please", ["Jane Doe"]),
        ("(@jane doe)", ["Jane Doe"]),
        ("@JOSE NUNEZ", ["José Núñez"]),
        ("@José", ["José Núñez"]),
        ("@Jane Doe-Smith", ["Jane Doe-Smith"]),
        ("@Jane", []),  # there are two
        ("@Josefina", []),
        ("jane@doe.example or ann@Jose", []),
        ("@Jose Nunez and @Jane Doe", ["José Núñez", "Jane Doe"]),
        ("@Gone Away", []),
        ("@", []),
    ],
)
def test_who_is_named(content: str, expected: list[str], db: Database) -> None:
    for name in ("Jane Doe", "Jane Doe-Smith", "José Núñez"):
        make_member(db, name=name)
    staff.change(db, make_member(db, name="Gone Away")["id"], active=0)
    assert named(db, content) == expected


def test_all_of_one_name_are_named(db: Database) -> None:
    both = [make_member(db, name="Ana Ruiz")["id"] for _ in range(2)]
    found = mentions.details(db, "@ana ruiz", by="staff-1")
    assert found == {"mentions": both}


def test_mentions_go_with_their_note(db: Database) -> None:
    make_member(db, name="Ana Ruiz")
    note = messages.note(db, make_conversation(db)["id"], "@Ana", by="staff-1")
    assert db.value("SELECT count(*) FROM mentions") == 1
    db.run("DELETE FROM messages WHERE id = :id", {"id": note["id"]})
    assert db.value("SELECT count(*) FROM mentions") == 0
