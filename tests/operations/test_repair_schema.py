"""A schema that is not that of its version: refused with what differs, and rebuilt with every row."""

from __future__ import annotations

import lzma
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jack import create_app
from jack.core.db import Database
from jack.core.integrity import problems
from jack.core.migrations import (
    MIGRATIONS,
    SCHEMA,
    checked,
    definitions,
    instance_id,
    latest_version,
    migrate,
    script,
    version,
)
from jack.core.reader import Row
from jack.core.schema import MASTER, normalised, read, written
from jack.core.sqlite import DatabaseError, in_memory
from jack.operations import repair_schema, verify
from jack.resources.guests.consents import address_hash
from tests.builders import make_conversation, make_guest, make_task
from tests.commands import JACK, ROOT, database, looked_at, settings, typed

# A database each of five commits before the first release, as its own demo made it: all say that they are of version 1.
EARLIER = sorted((Path(__file__).parents[1] / "data/before-release-1").glob("*.db.xz"))
FIRST = next(path for path in EARLIER if path.name.startswith("82c81e7"))


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "instance"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("JACK_INSTANCE", str(folder))
    return folder


@pytest.fixture(params=EARLIER, ids=lambda path: path.name.partition(".")[0])
def earlier(request: pytest.FixtureRequest, instance: Path) -> Path:
    """The database of an earlier commit, in the instance."""
    path = instance / "jack.db"
    path.write_bytes(lzma.decompress(request.param.read_bytes()))
    return path


@pytest.fixture
def one_earlier(instance: Path) -> Path:
    path = instance / "jack.db"
    path.write_bytes(lzma.decompress(FIRST.read_bytes()))
    return path


@pytest.fixture
def filled(instance: Path) -> Path:
    """An instance with a database of today, and something in it."""
    with database(instance) as made:
        make_guest(made, name="Zoë Ångström", tags=["vip"])
        make_conversation(made, content="two more towels")
        make_task(made, title="Towels")
    return instance


@pytest.fixture
def db(filled: Path) -> Iterator[Database]:
    with database(filled) as opened:
        yield opened


def altered(instance: Path, change: str) -> None:
    """Change the schema of the instance's database, or anything else in it."""
    with looked_at(instance / "jack.db") as db:
        db.script(change)


def rows_of(db: Database) -> dict[str, list[Row]]:
    """Every row of every table but those that triggers fill."""
    own = list(db.column(repair_schema.TABLES.format(schema="main")))
    kept = [name for name in own if not name.startswith("sqlite_")]
    return {name: sorted(db.all(f"SELECT * FROM {name}"), key=repr) for name in kept}


# ------------------------------------------------------------------------------------------------ refused


def test_a_database_of_an_earlier_commit_is_refused_with_what_differs(earlier: Path) -> None:
    result = typed("migrate")
    assert result.exit_code == 1
    assert "says it is of version 1, but differs from that: the " in result.output
    assert "tag_tally is missing" in result.output or "more. Nothing was changed" in result.output
    assert "bin/jack repair-schema" in result.output
    assert not (earlier.parent / "backups").exists()


def test_no_process_serves_it(one_earlier: Path) -> None:
    with pytest.raises(DatabaseError, match="bin/jack repair-schema"):
        create_app({"JACK_INSTANCE": str(one_earlier.parent)})
    served = [sys.executable, "-c", "import wsgi"]
    env = settings(JACK_INSTANCE=str(one_earlier.parent))
    ended = subprocess.run(served, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr.startswith("Jack cannot start. ")
    assert ended.stderr.count("\n") == 1


def test_a_database_of_something_else_is_refused(instance: Path) -> None:
    with looked_at(instance / "jack.db") as db:
        db.script("CREATE TABLE recipes (name TEXT)")
        with pytest.raises(DatabaseError, match="not one of Jack's"):
            migrate(db)
        assert version(db) == 0
    result = typed("repair-schema")
    assert result.exit_code == 1
    assert "version 0" in result.output


CHANGES = [
    ("ALTER TABLE guests ADD COLUMN nickname TEXT", "the table guests has been altered"),
    ("CREATE INDEX more ON guests (name)", "the index more is not Jack's"),
    ("DROP INDEX tags_of_guest", "the index tags_of_guest is missing"),
    ("DROP TRIGGER tasks_counted", "the trigger tasks_counted is missing"),
    ("DROP TABLE task_counts", "the table task_counts is missing"),
    ("DROP TABLE guest_search", "the table guest_search is missing"),
    ("CREATE VIEW everybody AS SELECT name FROM guests", "the view everybody is not Jack's"),
]


@pytest.mark.parametrize(("change", "says"), CHANGES)
def test_a_difference_of_today_is_refused_and_repaired(
    filled: Path, change: str, says: str
) -> None:
    with looked_at(filled / "jack.db") as db:
        before = rows_of(db)
        db.script(change)
        with pytest.raises(DatabaseError, match=says):
            migrate(db)
    result = typed("repair-schema")
    assert result.exit_code == 0, result.output
    with database(filled) as db:
        assert rows_of(db) == before
        assert verify.problems(db) == []


def test_ready_it_is_not_while_the_schema_differs(instance: Path) -> None:
    app = create_app({"JACK_INSTANCE": str(instance), "JACK_WORKER": "0"})
    with looked_at(instance / "jack.db") as db:
        (instance / "worker.lock").touch()
        assert app.test_client().get("/readyz").status_code == 200
        db.script("DROP INDEX tags_of_guest")
        assert app.test_client().get("/readyz").status_code == 503
    app.extensions["jack"].databases.close()


@pytest.mark.parametrize(
    "beside",
    [
        "CREATE TABLE _litestream_seq (id INTEGER PRIMARY KEY, seq INTEGER)",
        "ANALYZE",
    ],
)
def test_what_other_programs_keep_in_the_file_is_no_difference(db: Database, beside: str) -> None:
    db.script(beside)
    assert checked(db) == (latest_version(), [])
    assert migrate(db) == latest_version()


# ------------------------------------------------------------------------------------------------ rebuilt


def test_a_database_of_an_earlier_commit_is_rebuilt_with_every_row_and_starts(
    earlier: Path,
) -> None:
    with looked_at(earlier) as db:
        before = rows_of(db)
        instance = instance_id(db)
    result = typed("repair-schema")
    assert result.exit_code == 0, result.output
    assert "note" not in result.output
    (kept,) = (earlier.parent / "backups").iterdir()
    with looked_at(earlier) as db, looked_at(kept) as old:
        assert rows_of(old) == before
        assert kept.stat().st_mode & 0o777 == 0o600
        assert checked(db) == (1, [])
        after = rows_of(db)
        derived = repair_schema.derived(db)
    for name in before.keys() - derived - {"consents"}:
        expected = before[name]
        had = {key for row in expected for key in row}
        found = [{key: row[key] for key in row if key in had} for row in after[name]]
        # A column that was never filled has no place any more.
        assert found == [
            {key: row[key] for key in row if key in after[name][0]} for row in expected
        ]
    for old_row, row in zip(before.get("consents", []), after["consents"], strict=False):
        address = old_row.get("address", "15551234567")
        assert row["address_hash"] == address_hash(instance, row["channel"], address)
        assert row["stopped_at"] == old_row["stopped_at"]
    assert_it_starts(earlier)


def assert_it_starts(path: Path) -> None:
    """It is upgraded, whole, found in by search and served."""
    assert typed("migrate").exit_code == 0
    with looked_at(path) as db:
        assert version(db) == latest_version()
        assert verify.problems(db) == []
        word = (
            db.value("SELECT content FROM messages ORDER BY seq LIMIT 1").split()[0].strip("¿,.!?")
        )
        found = "SELECT count(*) FROM message_search WHERE message_search MATCH :word"
        assert db.value(found, {"word": f'"{word}"'}) > 0
    app = create_app({"JACK_INSTANCE": str(path.parent)})
    assert app.test_client().get("/readyz").status_code == 503  # no worker has run yet
    (path.parent / "worker.lock").touch()
    assert app.test_client().get("/readyz").status_code == 200
    app.extensions["jack"].databases.close()


def test_what_was_missing_is_filled_by_what_is_there(one_earlier: Path) -> None:
    typed("repair-schema")
    with looked_at(one_earlier) as db:
        assert db.value("""SELECT count(*) FROM messages JOIN conversations ON conversations.id = conversation_id
                           WHERE conversation_seq <> conversations.seq""") == 0  # fmt: skip
        assert db.value("SELECT count(*) FROM outbox") == 2
        assert db.value("SELECT count(claimed_at) FROM outbox WHERE owner IS NOT NULL") == 1
        heard = db.value(
            "SELECT count(*) FROM guest_identities WHERE last_inbound_at IS NOT NULL AND channel <> 'web'"
        )
        assert heard == db.value("""
            SELECT count(DISTINCT guest_identities.address || guest_identities.channel)
            FROM guest_identities JOIN conversations USING (guest_id, channel)
            JOIN messages ON conversation_id = conversations.id
            WHERE direction = 'inbound' AND channel <> 'web'""")  # fmt: skip
        assert heard > 0


def test_a_schema_that_is_right_is_left_alone(filled: Path) -> None:
    result = typed("repair-schema")
    assert (result.exit_code, "nothing was changed" in result.output) == (0, True)
    assert not (filled / "backups").exists()


def test_what_is_not_jacks_stays_in_the_kept_database(filled: Path) -> None:
    change = """
        CREATE TABLE recipes (name TEXT); INSERT INTO recipes VALUES ('flan');
        ALTER TABLE guests ADD COLUMN nickname TEXT; UPDATE guests SET nickname = 'Zo'"""
    altered(filled, change)
    result = typed("repair-schema")
    assert result.exit_code == 0
    assert "the table recipes is not Jack's" in result.output
    assert "the column nickname of guests is not Jack's" in result.output
    (kept,) = (filled / "backups").glob("*.db")
    with looked_at(kept) as old:
        assert old.value("SELECT name FROM recipes") == "flan"
        assert old.value("SELECT nickname FROM guests") == "Zo"


def test_a_column_nothing_is_known_of_is_refused(filled: Path) -> None:
    change = """
        DROP INDEX guests_by_name; DROP INDEX guests_by_digits; DROP TRIGGER guests_searchable;
        DROP TRIGGER guests_search_changed; DROP TRIGGER guests_unsearchable;
        ALTER TABLE guests DROP COLUMN search_text"""
    altered(filled, change)
    with looked_at(filled / "jack.db") as db:
        before = rows_of(db)
    result = typed("repair-schema")
    assert result.exit_code == 1
    assert "search_text of guests is missing" in result.output
    with looked_at(filled / "jack.db") as db:
        assert rows_of(db) == before
    assert not (filled / "backups").exists()


def test_while_it_is_used_it_is_refused(db: Database, instance: Path) -> None:
    db.script("DROP INDEX tags_of_guest")
    result = typed("repair-schema")
    assert result.exit_code == 1
    assert "Jack is running" in result.output


@pytest.mark.parametrize("after", ["Rebuilding the tables", "Trying the upgrade"])
def test_killed_on_its_way_it_begins_anew(one_earlier: Path, after: str) -> None:
    env = settings(JACK_INSTANCE=str(one_earlier.parent))
    program = subprocess.Popen(
        [*JACK, "repair-schema"], cwd=ROOT, env=env, stderr=subprocess.PIPE, text=True
    )
    assert program.stderr is not None
    assert any(after in line for line in program.stderr)
    program.kill()
    program.wait()
    program.stderr.close()
    with looked_at(one_earlier) as db:
        assert problems(db) == []
        found, wrong = checked(db)
        assert found == 1
        killed_before = bool(wrong)
    assert typed("repair-schema").exit_code == 0
    assert len(list((one_earlier.parent / "backups").iterdir())) == 1
    assert killed_before or after == "Trying the upgrade"
    with looked_at(one_earlier) as db:
        assert checked(db) == (1, [])


def test_a_backup_of_an_earlier_commit_is_rebuilt_as_it_is_restored(
    earlier: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with looked_at(earlier) as db:
        guests = db.value("SELECT count(*) FROM guests")
    monkeypatch.setenv("JACK_INSTANCE", str(tmp_path / "new"))
    result = typed("restore", str(earlier))
    assert result.exit_code == 0, result.output
    assert "rebuilding it" in result.output
    with looked_at(tmp_path / "new/jack.db") as db:
        assert db.value("SELECT count(*) FROM guests") == guests
        assert version(db) == latest_version()
        assert verify.problems(db) == []


# ------------------------------------------------------------------------------------------------ comparing


@pytest.mark.parametrize("path", [SCHEMA, MIGRATIONS / "0001_first_release.sql"])
def test_the_definitions_are_read_from_the_script_as_sqlite_keeps_them(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert written(text) == {f"{kind} {name}": sql for kind, name, sql in in_memory(text, MASTER)}


def test_the_definitions_of_every_version_are_known(db: Database) -> None:
    assert read(db) == dict(definitions(latest_version()))
    for number in range(1, latest_version()):
        assert len(definitions(number)) > 60
    last = in_memory(
        "\n".join(path.read_text(encoding="utf-8") for path in sorted(MIGRATIONS.glob("*.sql"))),
        MASTER,
    )
    grown = {f"{kind} {name}": normalised(sql) for kind, name, sql in last}
    assert grown == {name: normalised(sql) for name, sql in definitions(latest_version()).items()}
    assert script(latest_version()) == SCHEMA.read_text(encoding="utf-8")


def test_triggers_that_insert_write_only_counts_and_search_indexes(db: Database) -> None:
    """A rebuild copies every other table, so that a trigger that writes one would write it twice."""
    indexes = set(db.column(verify.SEARCH_INDEXES))
    assert {name for name in repair_schema.derived(db) if not name.endswith("_counts")} == indexes
