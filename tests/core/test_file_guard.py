"""Files that are deleted or replaced while they are open: nothing more is acknowledged, and nothing acknowledged is lost."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jack.core import file_guard, open_files
from jack.core.databases import Databases
from jack.core.db import Database, transaction
from jack.core.errors import Unavailable
from jack.core.integrity import problems
from jack.core.migrations import migrate
from jack.core.write_lock import WriteLock
from jack.operations.backup import back_up
from tests.builders import make_guest
from tests.commands import ROOT, looked_at

LOSSES = [("-wal",), ("-shm",), ("-wal", "-shm")]


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    opened = Database(tmp_path / "jack.db", deadline=2)
    migrate(opened)
    make_guest(opened, name="before")
    yield opened
    opened.close()


@pytest.fixture
def databases(db: Database, monkeypatch: pytest.MonkeyPatch) -> Databases:
    """The connections of this process, looked after at every use."""
    monkeypatch.setattr(file_guard, "WATCH_EVERY", 0.0)
    return Databases(db.path)


def names(path: Path) -> list[str]:
    with looked_at(path) as db:
        assert problems(db) == []
        return [str(row["name"]) for row in db.all("SELECT name FROM guests ORDER BY seq")]


def delete(db: Database, *ends: str) -> None:
    for end in ends:
        Path(f"{db.path}{end}").unlink()


def assert_refused(db: Database) -> Unavailable:
    with pytest.raises(Unavailable, match="Jack has to be restarted") as refused:
        make_guest(db, name="refused")
    assert refused.value.reason == "files_replaced"
    assert not db.in_transaction
    return refused.value


@pytest.mark.parametrize("ends", LOSSES)
def test_after_its_files_are_deleted_nothing_is_written_and_all_is_kept(
    db: Database, ends: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    delete(db, *ends)
    with caplog.at_level(logging.ERROR, "jack.db"):
        assert "Nothing was changed" in assert_refused(db).message
        assert_refused(db)
    (line,) = caplog.messages
    assert line.startswith(" and ".join(f"jack.db{end}" for end in ends))
    assert "stop Jack and start it again. All that was written is in the database." in line
    db.close()
    assert names(db.path) == ["before"]


def test_every_connection_stops_and_a_new_start_goes_on(db: Database, databases: Databases) -> None:
    assert databases.get().value("SELECT count(*) FROM guests") == 1
    delete(db, "-wal")
    with pytest.raises(Unavailable):
        databases.get()
    assert_refused(db)
    databases.close()
    with pytest.raises(Unavailable, match="Jack has to be restarted"):
        databases.get()  # a new one would share the -shm of the old ones
    db.close()
    with looked_at(db.path) as new:
        make_guest(new, name="after")
    assert names(db.path) == ["before", "after"]


def test_a_change_that_meets_the_deletion_is_not_acknowledged(db: Database) -> None:
    def change() -> None:
        with transaction(db):
            make_guest(db, name="meanwhile")
            delete(db, "-wal")

    with pytest.raises(Unavailable, match="It is not certain that the change was kept"):
        change()
    db.close()
    assert names(db.path) == ["before", "meanwhile"]


def test_what_another_process_has_made_meanwhile_is_left_alone(db: Database) -> None:
    """A worker process died and was replaced: it uses new files, and what is left of the old ones must not touch them."""
    delete(db, "-wal", "-shm")
    assert_refused(db)
    write = "import sys; from pathlib import Path; from jack.core.db import Database; from tests.builders import make_guest; make_guest(Database(Path(sys.argv[1])), name='new')"  # fmt: skip
    program = [sys.executable, "-c", f"{write}; import os; os._exit(0)", str(db.path)]
    subprocess.run(program, cwd=ROOT, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert_refused(db)
    db.close()
    assert names(db.path) == ["before", "new"]


def test_new_files_that_were_there_before_it_was_noticed_are_left_alone(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    db.checkpoint()
    delete(db, "-wal", "-shm")
    Path(f"{db.path}-wal").touch()
    with caplog.at_level(logging.ERROR, "jack.db"):
        assert_refused(db)
    assert "deleted or replaced" in caplog.text
    db.close()
    assert names(db.path) == ["before"]


def a_copy(db: Database, tmp_path: Path) -> Path:
    back_up(db.path, tmp_path / "copy.db")
    make_guest(db, name="since")
    return tmp_path / "copy.db"


def moved(copy: Path, path: Path) -> None:
    copy.replace(path)


def copied(copy: Path, path: Path) -> None:
    shutil.copyfile(copy, path)


@pytest.mark.parametrize("put", [moved, copied])
def test_a_database_put_in_its_place_by_hand_stops_it_and_is_used_by_the_next_start(
    db: Database, tmp_path: Path, put: Callable[[Path, Path], None]
) -> None:
    copy = a_copy(db, tmp_path)
    put(copy, db.path)
    assert_refused(db)
    db.close()
    assert names(db.path) == ["before"]  # what was asked for, and no page of the log of before
    (kept,) = (tmp_path / "backups").iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600
    if put is moved:
        assert names(kept) == ["before", "since"]


def test_what_may_be_done_while_it_runs_is_no_loss(db: Database, tmp_path: Path) -> None:
    for number in range(3):
        with looked_at(db.path) as other:
            make_guest(other, name=f"other {number}")
            other.checkpoint()
        make_guest(db, name=f"own {number}")
    with looked_at(db.path) as other:
        other.run("VACUUM")
        other.checkpoint()
    back_up(db.path, tmp_path / "copy.db")
    make_guest(db, name="last")
    db.checkpoint()
    make_guest(db, name="very last")
    assert db.value("SELECT count(*) FROM guests") == 9


def test_a_header_torn_by_a_power_cut_is_no_loss(db: Database, tmp_path: Path) -> None:
    """The power failed amid a checkpoint: the first page is garbage in the database and whole in the log."""
    db.run("VACUUM")  # every page goes through the log
    cut = tmp_path / "cut" / "jack.db"
    cut.parent.mkdir()
    for end in ("", "-wal"):
        shutil.copyfile(f"{db.path}{end}", f"{cut}{end}")
    with cut.open("r+b") as file:
        file.write(os.urandom(512))
    started = Database(cut, deadline=2)
    make_guest(started, name="since")
    started.checkpoint()
    make_guest(started, name="last")
    assert not (cut.parent / "backups").exists()
    copied(a_copy(db, tmp_path), cut)
    assert_refused(started)
    started.close()


def test_where_open_files_are_not_told_nothing_is_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_files, "_descriptors", dict)
    with looked_at(tmp_path / "other.db") as db:
        migrate(db)
        delete(db, "-wal")
        make_guest(db, name="goes on")


def test_a_lock_file_that_was_deleted_is_made_anew(tmp_path: Path) -> None:
    one, other = WriteLock(tmp_path / "gate"), WriteLock(tmp_path / "gate")
    (tmp_path / "gate").unlink()
    one.acquire(1)
    late = WriteLock(tmp_path / "gate")
    for waiting in (other, late):
        with pytest.raises(Unavailable):
            waiting.acquire(0.01)
    one.release()
    late.acquire(1)
    for lock in (one, other, late):
        lock.close()
