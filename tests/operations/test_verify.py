"""`verify` finds what is torn, altered or damaged, and names it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from jack.channels.types import Account, Address, AddressChanged, Edit, InboundMessage
from jack.core.db import Database
from jack.core.errors import Unavailable
from jack.core.migrations import latest_version
from jack.messaging import inbound
from jack.resources.conversations import messages
from jack.resources.conversations import store as conversations
from tests.builders import make_conversation, make_entry, make_guest, make_member, make_task
from tests.commands import database, typed


@pytest.fixture
def db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A hotel with a bit of everything, in use while it is verified."""
    for name in os.environ:
        if name.startswith("JACK_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("JACK_INSTANCE", str(tmp_path / "instance"))
    with database(tmp_path / "instance") as made:
        bea = make_member(made)
        make_guest(made, name="Ana", tags=["vip"], phone="+15551234567")
        conversation = make_conversation(made)
        make_conversation(made)
        conversations.change(made, conversation["id"], subject="Towels")
        messages.send(made, conversation["id"], content="At once", by=bea["id"])
        messages.note(made, conversation["id"], "Room 302", by=bea["id"])
        make_entry(made)
        make_task(made)
        yield made


def wrong() -> list[str]:
    """What is found, a line each."""
    result = typed("verify")
    assert result.exit_code == 1
    assert "bin/jack restore" in result.stderr
    return [line.removeprefix("WRONG  ") for line in result.stdout.splitlines()]


def test_a_whole_database_is_whole(db: Database) -> None:
    result = typed("verify")
    assert result.exit_code == 0
    assert result.stdout == "The database is whole.\n"
    assert not (db.path.parent / "scratch").exists()


def test_what_whatsapp_tells_beside_messages_leaves_it_whole(db: Database) -> None:
    account = Account("whatsapp", "whatsapp:1", {})
    old, new = Address("+525512345678", "5215512345678"), Address("+525587654321", "5215587654321")
    told = [
        InboundMessage("wamid.1", (old,), "Hola", db.now()),
        InboundMessage("wamid.2", (old,), "Sí", db.now(), echo=True),
        Edit("wamid.3", "wamid.2", None, db.now()),
        AddressChanged("wamid.4", (old,), (new,), db.now()),
    ]
    inbound.store_events(db, account, told)
    assert typed("verify").stdout == "The database is whole.\n"


def test_a_fresh_database_is_whole(tmp_path: Path, db: Database) -> None:
    for table in ("outbox", "inbound", "messages", "tasks", "webchat_sessions", "conversations"):
        db.run(f"DELETE FROM {table}")
    assert typed("verify").exit_code == 0


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("DELETE FROM outbox", "1 messages wait to be sent, but are not in the outbox"),
        ("UPDATE messages SET status = 'sent' WHERE status = 'queued'",
         "1 rows of the outbox are of messages that are not to be sent"),
        ("UPDATE conversations SET inbound_count = inbound_count + 1 WHERE subject IS NULL",
         "1 conversations miscount their guest's messages"),
        ("UPDATE conversation_reads SET inbound_count = 9",
         "1 conversations are marked as read beyond their last message"),
        ("UPDATE conversations SET last_message_at = NULL",
         "2 conversations lack the time of their last message"),
        ("UPDATE inbound SET message_id = (SELECT message_id FROM outbox)",
         "2 received messages are not a guest's"),
        ("DELETE FROM guest_tags", "1 guests have tags they cannot be found by"),
        ("UPDATE tag_counts SET guests = guests + 1", "1 tags are miscounted"),
        ("DELETE FROM conversation_counts WHERE waiting = 1", "1 kinds of conversations are miscounted"),
        ("UPDATE read_counts SET conversations = conversations + 1",
         "1 kinds of conversations are miscounted as read"),
        ("UPDATE task_counts SET tasks = tasks + 1", "1 kinds of tasks are miscounted"),
        ("INSERT INTO subject_search (subject_search) VALUES ('delete-all')",
         "1 conversations cannot be found by their subject"),
    ],
)  # fmt: skip
def test_a_violated_invariant_is_named(db: Database, sql: str, says: str) -> None:
    db.run(sql)
    assert wrong() == [says]


@pytest.mark.parametrize("name", ["audit_unchanged", "audit_not_replaced", "audit_kept"])
def test_a_missing_guard_of_the_audit_log_is_named(db: Database, name: str) -> None:
    db.run(f"DROP TRIGGER {name}")
    assert wrong() == [f"the trigger {name} is missing"]


def test_a_message_fetched_before_the_worker_came_is_no_fault(db: Database) -> None:
    db.run("UPDATE messages SET status = 'read' WHERE status = 'queued'")
    assert typed("verify").exit_code == 0


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("DROP INDEX tags_of_guest", "the index tags_of_guest is missing"),
        ("CREATE TABLE mine (a)", "the table mine is not Jack's"),
        ("ALTER TABLE guests ADD COLUMN nickname TEXT", "the table guests has been altered"),
    ],
)
def test_an_altered_schema_is_named(db: Database, sql: str, says: str) -> None:
    db.run(sql)
    assert wrong() == [says]


@pytest.mark.parametrize(("version", "advice"), [(1, "bin/jack migrate"), (999, "Update Jack")])
def test_another_version_is_named_and_is_no_damage(db: Database, version: int, advice: str) -> None:
    db.run(f"PRAGMA user_version = {version}")
    result = typed("verify")
    assert result.exit_code == 1
    assert f"of version {version}" in result.stderr
    assert str(latest_version()) in result.stderr
    assert advice in result.stderr
    assert "restore" not in result.stderr


def test_a_dangling_reference_is_named(db: Database) -> None:
    db.run("PRAGMA foreign_keys = OFF")
    db.run("UPDATE conversations SET guest_id = 'guest-gone' WHERE subject IS NULL")
    assert wrong() == ["dangling reference in conversations"]


@pytest.mark.parametrize(
    ("index", "sql"),
    [
        ("guest_search", "UPDATE guests SET search_text = 'somebody else'"),
        ("guest_grams", "UPDATE guests SET search_grams = 'x y z'"),
        ("message_search", "UPDATE messages SET content = 'something else'"),
        ("knowledge_search", "UPDATE knowledge SET search_title = 'something else'"),
    ],
)
def test_a_search_index_that_differs_from_its_texts_is_named(
    db: Database, index: str, sql: str
) -> None:
    triggers = db.all("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
    for trigger in triggers:
        db.run(f"DROP TRIGGER {trigger['name']}")
    db.run(sql)
    for trigger in triggers:
        db.run(trigger["sql"])
    assert f"the search index {index} does not match its texts" in wrong()


def test_a_rebuilt_search_index_is_whole(db: Database) -> None:
    for name in ("subject_search", "message_search"):
        db.run(f"INSERT INTO {name} ({name}) VALUES ('rebuild')")
    assert typed("verify").exit_code == 0


def test_what_is_expected_to_fail_is_no_damage(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> None:
        raise Unavailable("The database is busy.")

    monkeypatch.setattr(Database, "copy_to", busy)
    result = typed("verify")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1] == "The database is busy."


def test_damage_is_named(db: Database) -> None:
    path = db.path
    db.checkpoint()
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 2)
        file.write(os.urandom(size // 3))
    assert wrong()


def test_damage_beyond_reading_is_named(db: Database) -> None:
    path = db.path
    db.run("PRAGMA journal_mode = DELETE")
    with path.open("r+b") as file:
        file.write(b"garbage " * 1024)
    (line,) = wrong()
    assert line.startswith("the file is damaged: ")
