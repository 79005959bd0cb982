"""What an erasure leaves in the write-ahead log while another program keeps that from being emptied."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from jack.core import log_remains
from jack.core.db import Database

WORDS = b"what-Ada-once-wrote"


class Keeper:
    """Another program that keeps the log from being emptied, and moves it into the file itself, as Litestream does."""

    def __init__(self, path: Path) -> None:
        self._reader, self._writer = apsw.Connection(str(path)), apsw.Connection(str(path))
        self._writer.execute("CREATE TABLE _litestream_seq (id INTEGER PRIMARY KEY, seq INTEGER)")
        self._writer.execute("INSERT INTO _litestream_seq VALUES (1, 0)")
        self.hold()

    def hold(self) -> None:
        self._reader.execute("BEGIN")
        self._reader.execute("SELECT count(*) FROM _litestream_seq").fetchall()

    def move(self) -> None:
        """Move the log into the file, and begin it anew."""
        self._reader.execute("ROLLBACK")
        moved = self._writer.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        assert moved is not None
        assert moved[1] == moved[2]
        self._writer.execute("UPDATE _litestream_seq SET seq = seq + 1")
        self.hold()

    def leave(self) -> None:
        self._reader.close()
        self._writer.close()


def log_of(db: Database) -> bytes:
    return Path(f"{db.path}-wal").read_bytes()


@pytest.fixture
def kept(db: Database) -> Keeper:
    """Somebody's words were written and erased beside such a program."""
    keeper = Keeper(db.path)
    db.script("CREATE TABLE said (id INTEGER PRIMARY KEY, text TEXT)")
    for number in range(200):
        db.run("INSERT INTO said (text) VALUES (:text)", {"text": f"{WORDS.decode()} {number}" * 9})
    db.run("DELETE FROM said")
    assert not db.checkpoint()
    return keeper


def test_what_cannot_go_yet_is_noted_and_goes_once_the_log_has_been_moved(
    db: Database, kept: Keeper
) -> None:
    (note,) = log_remains.notes(db.path)
    assert WORDS in log_of(db)
    assert not log_remains.settle(db), "the log has not been moved yet"
    assert note.exists()
    kept.move()
    assert WORDS in log_of(db), "it stands behind what is new"
    db.run("UPDATE instance SET backed_up_at = '2026-05-01T00:00:00.000Z'")
    assert log_remains.settle(db)
    assert log_remains.notes(db.path) == []
    assert WORDS not in log_of(db) + db.path.read_bytes()
    assert log_of(db), "what is new is still there"


def test_a_look_that_cannot_be_the_last_writes_something(db: Database, kept: Keeper) -> None:
    """Who copies the log moves it only when there is something new."""
    before = log_of(db)
    assert not log_remains.settle(db)
    assert len(log_of(db)) > len(before)
    kept.leave()


def test_what_was_written_since_is_there_after_the_cut(db: Database, kept: Keeper) -> None:
    kept.move()
    for number in range(50):
        db.run("INSERT INTO said (text) VALUES (:text)", {"text": f"new {number}"})
    assert log_remains.settle(db)
    kept.leave()
    other = apsw.Connection(str(db.path))
    assert other.execute("SELECT count(*) FROM said WHERE text GLOB 'new *'").fetchone() == (50,)
    assert other.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    other.close()


def test_a_log_is_read_whole_after_the_cut_by_who_finds_no_index_of_it(
    db: Database, kept: Keeper, tmp_path: Path
) -> None:
    kept.move()
    db.run("INSERT INTO said (text) VALUES ('the last')")
    assert log_remains.settle(db)
    for end in ("", "-wal"):
        (tmp_path / f"copy.db{end}").write_bytes(Path(f"{db.path}{end}").read_bytes())
    other = apsw.Connection(str(tmp_path / "copy.db"))
    assert other.execute("SELECT text FROM said").fetchall() == [("the last",)]
    other.close()


def test_where_nobody_keeps_the_log_nothing_is_noted(db: Database) -> None:
    db.run("UPDATE instance SET backed_up_at = '2026-05-01T00:00:00.000Z'")
    assert db.checkpoint()
    assert log_remains.notes(db.path) == []
    assert log_of(db) == b""


def test_a_reader_who_has_gone_leaves_an_empty_log(db: Database, kept: Keeper) -> None:
    kept.leave()
    assert log_remains.settle(db)
    assert log_remains.notes(db.path) == []
    assert log_of(db) == b""
    assert WORDS not in db.path.read_bytes()


def test_what_is_erased_while_the_log_is_cut_keeps_its_note(
    db: Database, kept: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    (first,) = log_remains.notes(db.path)
    kept.move()
    cut = log_remains._cut

    def meanwhile(db: Database, log_file: Path) -> None:
        cut(db, log_file)
        db.run("INSERT INTO said (text) VALUES ('another')")
        db.run("DELETE FROM said")
        assert not db.checkpoint()

    monkeypatch.setattr(log_remains, "_cut", meanwhile)
    assert log_remains.settle(db)
    (left,) = log_remains.notes(db.path)
    assert left != first


def test_a_cut_leaves_an_empty_log_alone(db: Database) -> None:
    assert db.checkpoint()
    log_remains._cut(db, Path(f"{db.path}-wal"))
    assert log_of(db) == b""
