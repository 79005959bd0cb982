"""The database's few verbs: all or nothing, one turn after another, and totals that are never stale."""

from __future__ import annotations

import fcntl
import os
import re
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import apsw
import pytest

from jack.core import integrity, migrations, query_cache
from jack.core.databases import Databases
from jack.core.db import Database, savepoint, transaction
from jack.core.errors import Unavailable
from jack.core.ids import new_id
from jack.core.migrations import migrate
from jack.core.sqlite import DatabaseError, ForeignKeyViolation, UniqueViolation
from tests.conftest import Clock

COUNT = "SELECT count(*) FROM settings"


def put(db: Database, key: str) -> None:
    db.run("INSERT INTO settings VALUES (:key, '{}', '')", {"key": key})


def keys(db: Database) -> str:
    return "".join(row["key"] for row in db.all("SELECT key FROM settings ORDER BY key"))


@pytest.fixture
def other(db: Database) -> Iterator[Database]:
    """Another connection to the same file, as another process has it."""
    made = Database(db.path, deadline=0.05)
    yield made
    made.close()


class Broken(Exception):
    """Whatever may go wrong inside a transaction."""


@contextmanager
def breaking(part: AbstractContextManager[None]) -> Iterator[None]:
    """A transaction, or a part of one, in which something goes wrong in the end."""
    with suppress(Broken), part:
        yield
        raise Broken


# ------------------------------------------------------------------------------------------------ reading


def test_one_is_the_first_row_or_none(db: Database) -> None:
    assert db.one("SELECT 1 AS a, 2 AS b") == {"a": 1, "b": 2}
    assert db.one("SELECT 1 WHERE false") is None


def test_a_row_that_must_be_there_is(db: Database) -> None:
    assert db.row("SELECT 1 AS a") == {"a": 1}
    with pytest.raises(LookupError):
        db.row("SELECT 1 WHERE false")


def test_all_is_every_row(db: Database) -> None:
    assert db.all("SELECT value FROM json_each('[1,2,3]')") == [{"value": n} for n in (1, 2, 3)]
    assert db.all("SELECT 1 WHERE false") == []


def test_value_is_the_first_column_of_the_first_row(db: Database) -> None:
    assert db.value("SELECT 7, 8") == 7
    assert db.value("SELECT 7 WHERE false") is None


def test_run_tells_how_many_rows_were_changed(db: Database) -> None:
    for key in "abc":
        put(db, key)
    assert db.run("DELETE FROM settings WHERE key > 'a'") == 2


def test_a_statement_that_is_wrong_is_no_database_trouble(db: Database) -> None:
    for verb in (db.one, db.all, db.value, db.run):
        with pytest.raises(apsw.SQLError):
            verb("SELECT nonsense FROM nowhere")


# ------------------------------------------------------------------------------------------------ constraints


def test_a_unique_violation_names_its_columns(db: Database) -> None:
    put(db, "a")
    with pytest.raises(UniqueViolation, match=r"settings\.key"):
        put(db, "a")


def test_a_reference_to_nothing_is_a_violation(db: Database) -> None:
    with pytest.raises(ForeignKeyViolation):
        db.run("INSERT INTO guest_tags VALUES ('vip', 99)")


def test_another_constraint_stays_what_it_is(db: Database) -> None:
    with pytest.raises(apsw.ConstraintError):
        db.run("INSERT INTO settings VALUES ('a', '[]', '')")


# ------------------------------------------------------------------------------------------------ transactions


def test_a_transaction_is_kept_whole(db: Database, other: Database) -> None:
    with transaction(db):
        put(db, "a")
        assert keys(other) == ""
        put(db, "b")
    assert keys(other) == "ab"


def test_a_transaction_is_rolled_back_whole(db: Database, other: Database) -> None:
    with breaking(transaction(db)):
        put(db, "a")
        put(db, "b")
    assert (keys(db), keys(other), db.in_transaction) == ("", "", False)


def test_an_inner_transaction_joins_the_outer(db: Database, other: Database) -> None:
    with transaction(db):
        with transaction(db):
            put(db, "a")
        assert keys(other) == ""
        assert db.in_transaction
    assert keys(other) == "a"


def test_what_breaks_inside_undoes_the_outer_as_well(db: Database) -> None:
    def both() -> None:
        with transaction(db):
            put(db, "a")
            with transaction(db):
                put(db, "b")
                raise Broken

    with pytest.raises(Broken):
        both()
    assert keys(db) == ""


def test_after_a_rollback_the_next_writer_has_its_turn(db: Database, other: Database) -> None:
    with breaking(transaction(db)):
        put(db, "b")
    with transaction(other):
        put(other, "a")
    assert keys(db) == "a"


def test_a_part_may_fail_alone(db: Database) -> None:
    with transaction(db):
        put(db, "a")
        with breaking(savepoint(db)):
            put(db, "b")
        with savepoint(db):
            put(db, "c")
    assert keys(db) == "ac"


def test_a_commit_of_what_sqlite_has_rolled_back_is_told(db: Database) -> None:
    """A full disk rolls back by itself; nobody must believe that the change is there."""

    def change() -> None:
        with transaction(db):
            put(db, "a")
            db.run("ROLLBACK")

    with pytest.raises(Unavailable):
        change()
    assert keys(db) == ""
    with transaction(db):
        put(db, "b")
    assert keys(db) == "b"


def test_a_commit_that_fails_is_rolled_back(db: Database) -> None:
    def change() -> None:
        with transaction(db):
            db.run("PRAGMA defer_foreign_keys = ON")
            put(db, "a")
            db.run("INSERT INTO guest_tags VALUES ('vip', 99)")

    with pytest.raises(ForeignKeyViolation):
        change()
    assert (keys(db), db.in_transaction) == ("", False)


def test_a_script_is_several_statements_of_one_transaction(db: Database) -> None:
    script = (
        "INSERT INTO settings VALUES ('a', '{}', ''); INSERT INTO settings VALUES ('b', '{}', '')"
    )
    with breaking(transaction(db)):
        db.script(script)
        assert keys(db) == "ab"
    assert keys(db) == ""


# ------------------------------------------------------------------------------------------------ turns


def test_a_writer_whose_turn_does_not_come_is_told(db: Database, other: Database) -> None:
    with transaction(db), pytest.raises(Unavailable) as refusal, transaction(other):
        put(other, "a")
    assert refusal.value.retry_after == 1
    assert keys(other) == ""


def test_a_writer_waits_for_another_program_that_does_not_know_the_gate(
    db: Database, other: Database
) -> None:
    foreign = apsw.Connection(str(db.path))
    foreign.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable), transaction(other):
        put(other, "a")
    foreign.execute("COMMIT")
    foreign.close()
    with transaction(other):
        put(other, "b")
    assert keys(db) == "b"


def test_readers_do_not_wait_for_a_writer(db: Database, other: Database) -> None:
    put(db, "a")
    with transaction(db):
        put(db, "b")
        assert keys(other) == "a"


def test_a_writer_that_dies_leaves_the_turn_to_the_next(db: Database, other: Database) -> None:
    handle = os.open(db.path.with_suffix(".gate"), os.O_RDWR)
    fcntl.flock(handle, fcntl.LOCK_EX)
    with pytest.raises(Unavailable), transaction(other):
        pass
    os.close(handle)
    with transaction(other):
        put(other, "a")
    assert keys(db) == "a"


# ------------------------------------------------------------------------------------------------ totals


def test_a_total_is_remembered_until_something_is_written(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements: list[str] = []
    value = db.value
    monkeypatch.setattr(
        db, "value", lambda sql, *params: statements.append(sql) or value(sql, *params)
    )
    for total in (1, 2):
        put(db, f"{total}")
        statements.clear()
        assert [db.cached_count(COUNT) for _ in range(4)] == [total] * 4
        assert statements.count(COUNT) == 2  # at once after the write, and then to remember it


def test_a_total_follows_the_writes_of_another_connection(db: Database, other: Database) -> None:
    for number in range(1, 5):
        put(other, f"{number}")
        assert db.cached_count(COUNT) == number


def test_a_total_inside_a_transaction_sees_it_and_is_not_remembered(
    db: Database, other: Database
) -> None:
    assert db.cached_count(COUNT) == 0
    with breaking(transaction(db)):
        put(db, "a")
        assert db.cached_count(COUNT) == 1
    assert db.cached_count(COUNT) == 0


def test_totals_of_different_questions_are_not_mixed_up(db: Database) -> None:
    put(db, "a")
    one = "SELECT count(*) FROM settings WHERE key = :key"
    assert [db.cached_count(one, {"key": key}) for key in ("a", "b", "a")] == [1, 0, 1]


def test_only_so_many_totals_are_remembered(db: Database) -> None:
    for number in range(query_cache.RESULTS_KEPT + 10):
        db.cached_count("SELECT :n", {"n": number})
    assert len(db._cache) <= query_cache.RESULTS_KEPT


# ------------------------------------------------------------------------------------------------ the connection


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("trusted_schema", 0),
        ("secure_delete", 1),
        ("mmap_size", 0),
        ("temp_store", 2),
        ("journal_size_limit", 67108864),
    ],
)
def test_the_connection_is_set_as_designed(pragma: str, value: object, db: Database) -> None:
    assert db.value(f"PRAGMA {pragma}") == value


def test_a_library_that_can_lose_writes_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apsw, "sqlite_lib_version", lambda: "3.51.2")
    with pytest.raises(DatabaseError, match=r"3\.51\.2 can lose writes"):
        Database(tmp_path / "jack.db")


def test_each_thread_has_a_connection_of_its_own(tmp_path: Path) -> None:
    databases = Databases(tmp_path / "jack.db")
    mine = databases.get()
    theirs: list[Database] = []

    def work() -> None:
        theirs.append(databases.get())
        databases.close()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join()
    assert databases.get() is mine
    assert theirs[0] is not mine
    databases.close()
    assert databases.get() is not mine
    databases.close()
    databases.close()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "jack.db"
    text = b"This is a text, not a database. " * 100
    path.write_bytes(text)
    with pytest.raises(Exception, match=r"not a database|no database"):
        Database(path)
    assert path.read_bytes() == text


def open_files(folder: Path) -> list[str]:
    """The files of a folder that this process has open."""
    links = [Path(f"/proc/self/fd/{number}") for number in os.listdir("/proc/self/fd")]
    targets = [os.readlink(link) for link in links if link.is_symlink()]
    return sorted(Path(target).name for target in targets if Path(target).parent == folder)


def test_a_database_that_cannot_be_opened_is_closed_and_its_log_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "jack.db"
    path.write_bytes(b"garbage " * 1024)
    log = Path(f"{path}-wal")
    log.write_bytes(b"what was left of a log")
    # Without waiting for the garbage collector, and while the exception with its frames is kept.
    with pytest.raises(apsw.NotADBError) as kept:
        Database(path)
    assert kept.value is not None
    assert open_files(tmp_path) == []
    assert log.read_bytes() == b"what was left of a log"


def test_a_database_that_is_opened_while_another_writes_too_long_is_closed(db: Database) -> None:
    before = open_files(db.path.parent)
    with transaction(db), pytest.raises(Unavailable) as kept:
        Database(db.path, deadline=0.01)
    assert kept.value.retry_after == 1
    assert open_files(db.path.parent) == before


def test_ids_are_uuids_of_version_7(clock: Clock) -> None:
    made = new_id("guest", clock())
    pattern = "guest-[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    assert re.fullmatch(pattern, made)
    assert int(made[6:14] + made[15:19], 16) == int(clock() * 1000)


def test_ids_do_not_repeat_and_follow_time(clock: Clock) -> None:
    same = {new_id("x", clock()) for _ in range(1000)}
    assert len(same) == 1000
    assert max(same) < new_id("x", clock() + 0.001)


def test_making_the_database_twice_makes_it_once(db: Database) -> None:
    first = migrations.instance_id(db)
    assert migrate(db) == migrations.latest_version()
    assert migrations.instance_id(db) == first


def test_a_whole_file_has_no_problems(db: Database) -> None:
    assert integrity.problems(db) == []


def test_a_dangling_reference_is_a_problem(db: Database) -> None:
    db.run("PRAGMA foreign_keys = OFF")
    db.run("INSERT INTO guest_tags VALUES ('vip', 99)")
    assert integrity.problems(db) == ["dangling reference in guest_tags"]
