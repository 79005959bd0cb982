"""Upgrades: a copy first, one step at a time, killed anywhere and started again, and never backwards."""

from __future__ import annotations

import gzip
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jack.core import events, fulltext
from jack.core.config import read
from jack.core.db import Database
from jack.core.integrity import problems
from jack.core.migrations import MIGRATIONS, latest_version, migrate, migrations, version
from jack.core.reader import Row
from jack.core.schema import definitions, normalised
from jack.core.sqlite import DatabaseError, ForeignKeyViolation
from jack.operations import restore, verify
from jack.operations.verify import INVARIANTS
from jack.resources.api_keys import store as api_keys
from jack.resources.conversations import messages
from tests.builders import make_conversation, make_guest
from tests.commands import ROOT, database, looked_at

DATA = Path(__file__).parents[1] / "data"
FIRST_RELEASE = MIGRATIONS / "0001_first_release.sql"
LETTERS_FOLDED = next(number for number, path in migrations().items() if "letters" in path.name)
NOW = latest_version()
NOT_COUNTED_YET = "SELECT seq FROM tasks WHERE seq > (SELECT seq FROM task_tally_end)"
ADDS = "ALTER TABLE guests ADD COLUMN nickname TEXT;"
FILLS = "UPDATE guests SET nickname = name;"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The migrations of a program two versions on."""
    made = tmp_path / "migrations"
    made.mkdir()
    (made / f"{NOW + 1:04}_nicknames.sql").write_text(ADDS)
    (made / f"{NOW + 2:04}_everybody_has_one.sql").write_text(FILLS)
    return made


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    """A database of today, with a guest."""
    with database(tmp_path / "instance") as made:
        make_guest(made, name="Ana")
        yield made


def test_an_upgrade_takes_every_step_after_a_copy(db: Database, folder: Path) -> None:
    output: list[str] = []
    assert migrate(db, folder=folder, say=output.append) == NOW + 2
    assert db.value("SELECT nickname FROM guests") == "Ana"
    assert [line.split()[0] for line in output] == ["Backing", "Upgrading", "Upgrading"]
    (copy,) = (db.path.parent / "backups").iterdir()
    assert copy.stat().st_mode & 0o777 == 0o600
    with looked_at(copy) as before:
        assert version(before) == NOW
        assert problems(before) == []
        assert before.value("SELECT name FROM guests") == "Ana"


def test_nothing_is_done_twice(db: Database, folder: Path) -> None:
    migrate(db, folder=folder)
    output: list[str] = []
    assert migrate(db, folder=folder, say=output.append) == NOW + 2
    assert output == []
    assert len(list((db.path.parent / "backups").iterdir())) == 1


def test_a_step_that_fails_leaves_the_version_before_it(db: Database, folder: Path) -> None:
    (folder / f"{NOW + 2:04}_everybody_has_one.sql").write_text(
        f"{FILLS} SELECT no_such_function();"
    )
    with pytest.raises(Exception, match="no_such_function"):
        migrate(db, folder=folder)
    assert version(db) == NOW + 1
    assert db.value("SELECT nickname FROM guests") is None
    (folder / f"{NOW + 2:04}_everybody_has_one.sql").write_text(FILLS)
    assert migrate(db, folder=folder) == NOW + 2


def test_an_older_program_refuses_a_newer_file(db: Database, folder: Path) -> None:
    migrate(db, folder=folder)
    with pytest.raises(DatabaseError, match="newer Jack"):
        migrate(db)
    assert version(db) == NOW + 2


UPGRADE = """
import sys
from pathlib import Path
from jack.core.db import Database
from jack.core.migrations import migrate
migrate(Database(Path(sys.argv[1])), folder=Path(sys.argv[2]), say=lambda line: print(line, flush=True))
"""
LONG = """
    CREATE TABLE numbers (number INTEGER, word TEXT) STRICT;
    INSERT INTO numbers WITH RECURSIVE many (number) AS (
        VALUES (1) UNION ALL SELECT number + 1 FROM many WHERE number < {count})
    SELECT number, hex(randomblob(100)) FROM many;"""


@pytest.mark.parametrize("after", ["Backing up", f"version {NOW + 1}", f"version {NOW + 2}"])
def test_an_upgrade_killed_anywhere_starts_again(tmp_path: Path, folder: Path, after: str) -> None:
    """Killed in the middle of each step: the long ones take seconds, and are killed as they begin."""
    count = 1_000_000
    for number in (NOW + 1, NOW + 2):
        name = "numbers" if number == NOW + 1 else "more_numbers"
        long = LONG.format(count=count).replace("numbers", name)
        next(folder.glob(f"{number:04}_*")).write_text(long)
    with database(tmp_path / "instance") as db:
        make_guest(db, name="Ana")
        path = db.path
    assert killed(path, folder, after)
    with looked_at(path) as db:
        assert problems(db) == []
        found = version(db)
        assert found == (NOW + 1 if after == f"version {NOW + 2}" else NOW)
        # The steps that were finished made these tables; of those to come, smaller ones do.
        for number in (NOW + 1, NOW + 2):
            name = "numbers" if number == NOW + 1 else "more_numbers"
            small = name if number <= found else f"small_{number}"
            next(folder.glob(f"{number:04}_*")).write_text(
                LONG.format(count=10).replace("numbers", small)
            )
        assert migrate(db, folder=folder) == NOW + 2
        assert problems(db) == []
        assert db.value("SELECT name FROM guests") == "Ana"
        tables = {row["name"] for row in db.all("SELECT name FROM sqlite_schema")}
        # What was begun and killed left nothing; what was finished before stayed.
        assert ("numbers" in tables) == (after == f"version {NOW + 2}")
        assert "more_numbers" not in tables


def killed(path: Path, folder: Path, after: str) -> bool:
    """Start an upgrade, and kill it when it has said this."""
    program = subprocess.Popen(
        [sys.executable, "-c", UPGRADE, str(path), str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert program.stdout is not None
    output = any(after in line for line in program.stdout)
    program.kill()
    program.wait()
    program.stdout.close()
    return output


def test_several_programs_upgrade_at_once(tmp_path: Path, folder: Path) -> None:
    with database(tmp_path / "instance") as db:
        make_guest(db, name="Ana")
        path = db.path
    programs = [
        subprocess.Popen([sys.executable, "-c", UPGRADE, str(path), str(folder)], cwd=ROOT)
        for _ in range(4)
    ]
    assert [program.wait(60) for program in programs] == [0] * 4
    with looked_at(path) as db:
        assert version(db) == NOW + 2
        assert problems(db) == []


def test_an_older_backup_is_upgraded_as_it_is_restored(tmp_path: Path, folder: Path) -> None:
    with database(tmp_path / "instance") as db:
        make_guest(db, name="Ana")
        db.copy_to(tmp_path / "copy.db")
    config = read({"JACK_INSTANCE": str(tmp_path / "new")})
    assert restore.restore(config, tmp_path / "copy.db", folder=folder) is None
    with looked_at(config.database) as db:
        assert version(db) == NOW + 2
        assert db.value("SELECT nickname FROM guests") == "Ana"
    with looked_at(tmp_path / "copy.db") as before:
        assert version(before) == NOW


# ------------------------------------------------------------------------------------------------ schema.sql


def test_schema_sql_is_the_first_release_and_every_migration(tmp_path: Path) -> None:
    with looked_at(tmp_path / "grown.db") as grown, looked_at(tmp_path / "new.db") as new:
        grown.script(f"{FIRST_RELEASE.read_text(encoding='utf-8')}; PRAGMA user_version = 1;")
        assert migrate(grown) == migrate(new) == latest_version()
        assert definitions(grown) == definitions(new)


# Tables of the first release that have another name now, and their columns.
RENAMED = {
    "accounts": "channel_accounts",
    "consents": "opt_outs",
    "conversation_tally": "conversation_counts",
    "doubts": "unknown_sends",
    "forgotten_passwords": "password_resets",
    "read_tally": "read_counts",
    "sendings": "provider_messages",
    "tag_tally": "tag_counts",
    "task_tally": "task_counts",
}
RENAMED_COLUMNS = {
    "inbound": {"answers": "in_reply_to"},
    "conversation_tally": {"heard": "has_inbound"},
}
# Columns that a table has since.
ADDED_COLUMNS = {
    "conversations": {
        "stream_id",
        "search_subject",
        "metadata",
        "changed_seq",
        "preview_media",
        "snoozed_until",
    },
    "attachments": {"duration", "preview_of", "preview_due_at", "preview_attempts"},
    "messages": {
        "search_content",
        "changed_seq",
        "own_at",
        "ordered_at",
        "edited_at",
        "reply_to_id",
        "send_at",
        "cancel_on_reply",
        "answers",
    },
    "guests": {"external_ids", "metadata", "changed_seq", "last_contact_at", "blocked", "consents"},
    "tasks": {"external_id", "metadata", "changed_seq", "search_text"},
    "knowledge": {"external_id", "changed_seq"},
    "staff": {"changed_seq"},
    "accounts": {"worked_at", "failed_at", "poll_failed_at"},
    "events": {"changed"},
    "conversation_reads": {"seen_count"},
    "instance": {"backed_up_at", "erasures_looked_at"},
    "webchat_sessions": {"stream_id"},
}


def searched_anew(row: Row) -> Row:
    """A row with the texts it is found by as they are now: letters such as ł folded, as a program writes them."""
    text = {key: fulltext.plain(row[key]) for key in row if key in FOLDED}
    grams = {"search_grams": fulltext.grams(text["search_text"])} if "search_text" in row else {}
    return in_order({**row, **text, **grams})


def in_order(row: Row) -> Row:
    """A row whose short parts of words are in one order: they are a set."""
    if "search_grams" not in row:
        return row
    return {**row, "search_grams": " ".join(sorted(row["search_grams"].split()))}


FOLDED = ("search_text", "search_title", "search_content", "tag_key")


@pytest.fixture
def first_release(tmp_path: Path) -> Path:
    """A database as the last commit of version 1 made it: its demo's hotel, and a row at least in what has been renamed."""
    path = tmp_path / "first.db"
    path.write_bytes(gzip.decompress((DATA / "release-1.db.gz").read_bytes()))
    return path


def rows_of(db: Database) -> dict[str, list[Row]]:
    """Every row of every table that is no search index, in the order of its columns."""
    names = db.column("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'")
    tables = [name for name in names if not name.startswith("sqlite_")]
    return {name: db.all(f"SELECT * FROM {name} ORDER BY 1") for name in tables}


def test_a_database_of_the_first_release_comes_along_whole(first_release: Path) -> None:
    with looked_at(first_release) as db:
        before = rows_of(db)
        assert all(before[name] for name in [*RENAMED, *RENAMED_COLUMNS])
        assert db.all(NOT_COUNTED_YET)
        migrate(db)
    with looked_at(first_release) as db:
        after = rows_of(db)
        assert problems(db) == []
        assert [db.value(sql) for sql in INVARIANTS.values()] == [0] * len(INVARIANTS)
    assert after.pop("channels") == [{"name": name} for name in ("email", "sms", "web", "whatsapp")]
    for name in ("task_tally", "task_tally_end"):  # what they count is a promise that was looked at
        del before[name]
    del after["task_counts"]
    for name, rows in before.items():
        columns = RENAMED_COLUMNS.get(name, {})
        expected = [
            searched_anew({columns.get(key, key): value for key, value in row.items()})
            for row in rows
        ]
        added = ADDED_COLUMNS.get(name, set())
        found = [in_order(row) for row in after.pop(RENAMED.get(name, name))]
        if name == "events":  # renamed, as is seen below
            added = added | {"type", "subject_id", "actor_id"}
        for row in (*found, *expected):
            for column in added:
                row.pop(column, None)
        assert found == expected
    streams = after.pop("webchat_streams")
    waits = after.pop("waits")
    assert waits, "how long guests waited is known from the messages"
    assert all(row["since"] <= row["ended_at"] for row in waits)
    assert {name for name, rows in after.items() if rows} == set()  # tables of later versions
    assert {row["id"] for row in streams} == {
        row["id"] for row in before["webchat_sessions"] if row["guest_id"]
    }


def test_an_upgrade_gives_each_visitor_what_they_have_said(first_release: Path) -> None:
    """A conversation in which several have written, after a merge, is shown to none of them."""
    with looked_at(first_release) as db:
        first, second = db.all(
            "SELECT id, guest_id FROM webchat_sessions WHERE guest_id IS NOT NULL ORDER BY id LIMIT 2"
        )
        mixed, own = (
            db.value("SELECT id FROM conversations WHERE guest_id = :guest_id", row)
            for row in (first, second)
        )
        add = """
            INSERT INTO messages (id, conversation_id, conversation_seq, direction, type, content, status, author_type, created_at)
            SELECT 'msg-strangers', id, seq, 'inbound', 'text', 'Me too', 'received', 'guest', created_at
            FROM conversations WHERE id = :id"""
        db.run(add, {"id": mixed})
        db.run(
            "UPDATE conversations SET inbound_count = inbound_count + 1 WHERE id = :id",
            {"id": mixed},
        )
        db.run(
            "INSERT INTO inbound (account, event_key, message_id, received_at) VALUES (:a, 'x', 'msg-strangers', '2026')",
            {"a": f"web:{second['id']}"},
        )
        migrate(db)
        stream = "SELECT stream_id FROM conversations WHERE id = :id"
        assert db.value(stream, {"id": mixed}) is None
        assert db.value(stream, {"id": own}) == second["id"]
        assert [db.value(sql) for sql in INVARIANTS.values()] == [0] * len(INVARIANTS)


def test_an_upgrade_tells_what_has_happened_in_the_words_of_today(first_release: Path) -> None:
    count = "SELECT count(*) FROM messages WHERE direction = '{}' AND author_type = 'guest'"
    with looked_at(first_release) as db:
        before = dict(db._connection.execute("SELECT type, count(*) FROM events GROUP BY type"))
        messages = db.value("SELECT count(*) FROM messages")
        migrate(db)
        after = dict(db._connection.execute("SELECT type, count(*) FROM events GROUP BY type"))
        assert set(after) <= set(events.TYPES)
        assert sum(after.values()) == sum(before.values())
        for name in ("guest", "knowledge", "staff"):
            assert after.get(f"{name}.updated", 0) >= before.get(f"{name}.changed", 0)
        assert after["conversation.message.created"] == messages
        told = "SELECT count(*) FROM events WHERE type = 'conversation.message.created' AND actor_id LIKE 'guest-%'"
        assert db.value(told) == db.value(count.format("inbound")) > 0


def test_an_upgrade_tells_a_message_sent_again_from_a_new_one(first_release: Path) -> None:
    with looked_at(first_release) as db:
        (sent,) = db.column("SELECT subject_id FROM events WHERE type = 'message.queued' LIMIT 1")
        for type in ("message.failed", "message.queued"):
            db.run(
                "INSERT INTO events (type, subject_id, created_at) VALUES (:type, :id, '2026')",
                {"type": type, "id": sent},
            )
        migrate(db)
        told = db.column(
            "SELECT type FROM events WHERE subject_id = :id ORDER BY seq", {"id": sent}
        )
    assert told.count("conversation.message.created") == 1
    assert told[0] == "conversation.message.created"
    assert told[-2:] == ["conversation.message.status"] * 2


def test_an_upgrade_takes_work_off_those_who_have_left(first_release: Path) -> None:
    with looked_at(first_release) as db:
        (who,) = db.column(
            "SELECT assignee_id FROM tasks WHERE status = 'open' AND assignee_id IS NOT NULL LIMIT 1"
        )
        db.run("UPDATE staff SET active = 0 WHERE id = :id", {"id": who})
        migrate(db)
        left = "SELECT count(*) FROM {} WHERE assignee_id = :id AND status IN ('open', 'pending', 'in_progress', 'blocked')"
        assert [
            db.value(left.format(name), {"id": who}) for name in ("conversations", "tasks")
        ] == [0, 0]
        assert db.value(
            "SELECT count(*) FROM events WHERE type = 'task.updated' AND actor_id IS NULL"
        )
        assert [db.value(sql) for sql in INVARIANTS.values()] == [0] * len(INVARIANTS)


MAILS = """
    INSERT INTO staff (id, name, email, email_key, role, created_at, updated_at) VALUES ('jane', 'J', 'j@x', 'j@x', 'staff', '1', '1');
    INSERT INTO guests (id, name, search_text, search_grams, created_at, updated_at) VALUES ('ana', 'Ana', '', '', '1', '1');
    INSERT INTO conversations (id, guest_id, channel, inbound_count, active_at, last_message_at, waiting_since, created_at, updated_at)
    VALUES ('programs', 'ana', 'email', 2, '1', '1', '1', '1', '1'), ('both', 'ana', 'email', 3, '1', '1', '1', '1', '1');
    INSERT INTO messages (id, conversation_id, conversation_seq, direction, type, content, status, author_type, details, created_at)
    SELECT column1, column2, (SELECT seq FROM conversations WHERE id = column2), 'inbound', 'text', '', 'received', 'guest', column3, column4
    FROM (VALUES ('1', 'programs', '{"automatic":true}', '1'), ('2', 'programs', '{"automatic":true}', '2'),
                 ('3', 'both', '{"automatic":true}', '1'), ('4', 'both', NULL, '2'), ('5', 'both', '{"subject":"x"}', '3'));
    INSERT INTO conversation_reads (conversation_id, staff_id, inbound_count, current)
    VALUES ('programs', 'jane', 2, 1), ('both', 'jane', 2, 0);"""


def test_automatic_mail_of_before_waits_for_nobody(tmp_path: Path) -> None:
    before = tmp_path / "migrations"
    before.mkdir()
    (own,) = MIGRATIONS.glob("*_returned_and_automatic_mail.sql")
    for path in MIGRATIONS.glob("*.sql"):
        if path.name < own.name:
            (before / path.name).write_bytes(path.read_bytes())
    with looked_at(tmp_path / "grown.db") as db:
        db.script(f"{FIRST_RELEASE.read_text(encoding='utf-8')}; PRAGMA user_version = 1;")
        migrate(db, folder=before)
        db.script(MAILS)
        migrate(db)
        assert db.all(
            "SELECT id, inbound_count, waiting_since FROM conversations ORDER BY seq"
        ) == [
            {"id": "programs", "inbound_count": 0, "waiting_since": None},
            {"id": "both", "inbound_count": 2, "waiting_since": "2"},
        ]
        assert [name for name, sql in INVARIANTS.items() if db.value(sql)] == []


def test_an_upgraded_database_is_found_in_by_search(first_release: Path) -> None:
    with looked_at(first_release) as db:
        migrate(db)
        assert db.value("SELECT count(*) FROM message_search WHERE message_search MATCH 'towels'")
        guest = make_guest(db, name="Zoë Ångström")
        assert db.value("SELECT id FROM guests WHERE name = 'Zoë Ångström'") == guest["id"]
        with pytest.raises(ForeignKeyViolation):
            db.run("UPDATE conversations SET channel = 'fax'")


def test_an_upgraded_database_takes_what_a_key_does(first_release: Path) -> None:
    """In the connection that has upgraded it, whose schema was changed under it, and in one that was open before."""
    with looked_at(first_release) as db, looked_at(first_release) as other:
        assert other.value("SELECT count(*) FROM messages")
        migrate(db)
        for one in (db, other):
            key = api_keys.create(one, name="PMS", scopes=["conversations:write"])
            conversation = make_conversation(one)
            said = messages.send(one, conversation["id"], content="Hello", by=key["id"])
            assert (said["author"]["type"], said["author"]["name"]) == ("integration", "PMS")
            one.run("UPDATE attachments SET uploaded_by = :id", key)
        assert problems(db) == []
        assert [db.value(sql) for sql in INVARIANTS.values()] == [0] * len(INVARIANTS)


LETTERS = "Æ æ Ð ð Đ đ Ħ ħ ı Ł ł Ŋ ŋ Ø ø Œ œ ẞ ß Þ þ Ŧ ŧ"
WRITTEN = """
    INSERT INTO guests (id, name, tags, search_text, search_grams, created_at, updated_at)
        VALUES ('guest-1', 'Łukasz Bjørk', '["Øl", "Ol"]', 'łukasz bjørk', 'ł u k', '', ''), ('guest-2', 'Ana', '["Øl"]', 'ana', 'a n an na', '', '');
    INSERT INTO guest_tags (tag_key, guest_seq) VALUES ('øl', 1), ('ol', 1), ('øl', 2);
    INSERT INTO knowledge (id, title, content, category, search_title, search_content, created_at, updated_at)
        VALUES ('kb-1', 'Œuf', 'Ægir', 'faq', 'œuf', 'ægir', '', '');
    INSERT INTO conversations (id, guest_id, channel, subject, inbound_count, last_message_at, active_at, created_at, updated_at)
        VALUES ('conv-1', 'guest-1', 'email', 'Smørrebrød', 1, '', '', '', '');
    INSERT INTO messages (id, conversation_id, conversation_seq, direction, type, content, status, author_type, created_at)
        VALUES ('msg-1', 'conv-1', 1, 'inbound', 'text', 'Łódź', 'received', 'guest', '');
    INSERT INTO merges (id, kept_id, other_id, other, moved, created_at)
        VALUES ('merge-1', 'guest-1', 'guest-0', '{}', '{}', '1'), ('merge-0', 'guest-0', 'guest-2', '{}', '{}', '0');
"""


@pytest.fixture
def before_letters(tmp_path: Path) -> Iterator[Database]:
    """A database of version 6, with texts that were indexed as they were."""
    folder = tmp_path / "before"
    folder.mkdir()
    for number, path in migrations().items():
        if number < LETTERS_FOLDED:
            (folder / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    with looked_at(tmp_path / "old.db") as db:
        db.script(f"{FIRST_RELEASE.read_text(encoding='utf-8')}; PRAGMA user_version = 1;")
        migrate(db, folder=folder)
        db.script(WRITTEN)
        yield db


def test_an_upgrade_indexes_old_texts_by_the_letters_they_are_typed_with(
    before_letters: Database,
) -> None:
    migrate(before_letters)
    for index, words in {
        "message_search": "lodz",
        "subject_search": "smorrebrod",
        "guest_search": "lukasz bjork",
        "guest_grams": "jo uk sz",
        "knowledge_search": "oeuf aegir",
    }.items():
        sql = f"SELECT count(*) FROM {index} WHERE {index} MATCH :words"
        assert before_letters.value(sql, {"words": words}) == 1, index
    assert before_letters.all("SELECT tag_key, guest_seq FROM guest_tags ORDER BY guest_seq") == [
        {"tag_key": "ol", "guest_seq": 1},
        {"tag_key": "ol", "guest_seq": 2},
    ]
    assert verify.problems(before_letters) == []


def test_an_upgrade_knows_who_was_merged_and_who_is_there_again(before_letters: Database) -> None:
    migrate(before_letters)
    assert before_letters.all("SELECT id, merged_into FROM merged_guests") == [
        {"id": "guest-0", "merged_into": "guest-1"}
    ]


def test_sql_folds_the_letters_that_the_program_folds(db: Database) -> None:
    assert LETTERS.split() == list(fulltext.LETTERS)
    guest = make_guest(db)["id"]
    db.run(
        "INSERT INTO conversations (id, guest_id, channel, subject, active_at, created_at, updated_at)"
        " VALUES ('conv-1', :guest, 'web', :letters, '', '', '')",
        {"guest": guest, "letters": LETTERS},
    )
    assert db.value("SELECT search_subject FROM conversations") == fulltext.plain(LETTERS)
    assert fulltext.plain(LETTERS).isascii()


def test_the_first_release_has_all_it_should(tmp_path: Path) -> None:
    """That the comparison above has something to compare."""
    with looked_at(tmp_path / "first.db") as first:
        first.script(FIRST_RELEASE.read_text(encoding="utf-8"))
        found = definitions(first)
    kinds = {name.split()[0] for name in found}
    assert kinds == {"table", "index", "trigger"}
    assert {"table guests", "table messages", "table outbox", "table guest_search"} <= found.keys()
    assert len(found) > 60


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE guests ADD COLUMN nickname TEXT",
        "CREATE INDEX more ON guests (name)",
        "DROP INDEX tags_of_guest",
        "DROP TRIGGER guests_searchable",
        "DROP INDEX tasks_by_status; CREATE INDEX tasks_by_status ON tasks (status, due_at)",
        "CREATE VIEW everybody AS SELECT name FROM guests",
    ],
)
def test_the_comparison_sees_every_difference(db: Database, tmp_path: Path, change: str) -> None:
    with looked_at(tmp_path / "other.db") as other:
        migrate(other)
        assert definitions(db) == definitions(other)
        other.script(change)
        assert definitions(db) != definitions(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CREATE TABLE a (b TEXT, c INTEGER) STRICT", 'CREATE TABLE "a"(c INTEGER,b  TEXT)STRICT'),
        ("CREATE TABLE a (b TEXT -- the b, (of a)\n, c)", "CREATE TABLE a (b TEXT, c)"),
        ("CREATE TABLE a (b CHECK (b IN (1, 2)), c)", "CREATE TABLE a (c, b CHECK(b IN(1,2)))"),
        ("CREATE INDEX i ON a (b, c)", "CREATE  INDEX i\nON a(b,c)"),
    ],
)
def test_what_means_the_same_is_the_same(one: str, other: str) -> None:
    assert normalised(one) == normalised(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CREATE TABLE a (b TEXT)", "CREATE TABLE a (b TEXT) STRICT"),
        ("CREATE TABLE a (b TEXT)", "CREATE TABLE a (b TEXT NOT NULL)"),
        ("CREATE TABLE a (b CHECK (b IN (1, 2)))", "CREATE TABLE a (b CHECK (b IN (1, 3)))"),
        ("CREATE INDEX i ON a (b, c)", "CREATE INDEX i ON a (c, b)"),
    ],
)
def test_what_differs_is_different(one: str, other: str) -> None:
    assert normalised(one) != normalised(other)
