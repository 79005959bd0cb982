"""Backups: made while others write, whole or not at all, and put back without losing what was there."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest

from jack.core.db import transaction
from jack.core.errors import Unauthorized
from jack.core.integrity import problems
from jack.messaging import outbox
from jack.resources.auth import sessions
from jack.resources.conversations import messages, opt_outs, sendability
from jack.resources.conversations import store as conversations
from jack.resources.privacy import erasure
from tests.builders import make_conversation, make_guest, make_member
from tests.commands import (
    PATIENCE,
    counts,
    database,
    finished,
    looked_at,
    settings,
    started,
    typed,
    writers,
)

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A hotel with one guest, which the typed commands are about."""
    for name in os.environ:
        if name.startswith("JACK_"):
            monkeypatch.delenv(name)
    folder = tmp_path / "instance"
    monkeypatch.setenv("JACK_INSTANCE", str(folder))
    with database(folder) as db:
        make_guest(db, name="Ana")
    return folder


@pytest.fixture
def copy(instance: Path, tmp_path: Path) -> Path:
    """A backup of it."""
    target = tmp_path / "copy.db"
    assert typed("backup", str(target)).exit_code == 0
    return target


def names(instance: Path) -> list[str]:
    with database(instance) as db:
        return sorted(row["name"] for row in db.all("SELECT name FROM guests"))


def refused(*words: str) -> str:
    """What a command says when it does nothing."""
    result = typed(*words)
    assert result.exit_code == 1
    return result.output


# ------------------------------------------------------------------------------------------------ making one


def test_a_backup_taken_while_two_programs_write_is_one_moment(tmp_path: Path) -> None:
    source, target = tmp_path / "instance", tmp_path / "copy.db"
    with database(source), writers(source / "jack.db", 2):
        printed = finished("backup", str(target), env=settings(JACK_INSTANCE=str(source)))
        assert printed.returncode == 0, printed.stderr
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("copy")] == ["copy.db"]
    assert target.stat().st_mode & 0o777 == 0o600
    with sqlite3.connect(f"file:{target}?mode=ro&immutable=1", uri=True) as plain:
        assert plain.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        guests_kept, *others = (
            plain.execute(f"SELECT count(*) FROM {name}").fetchone()
            for name in ("guests", "conversations", "messages", "inbound")
        )
    plain.close()
    assert guests_kept[0] >= 40
    assert others == [guests_kept] * 3

    printed = finished("restore", str(target), env=settings(JACK_INSTANCE=str(tmp_path / "empty")))
    assert printed.returncode == 0, printed.stderr
    with database(tmp_path / "empty") as db, looked_at(target) as before:
        assert problems(db) == []
        assert counts(db) == counts(before)


def test_a_backup_is_noted_where_it_was_made(instance: Path, tmp_path: Path) -> None:
    ask = "SELECT backed_up_at FROM instance"
    with database(instance) as db:
        assert db.value(ask) is None
    assert typed("backup", str(tmp_path / "copy.db")).exit_code == 0
    with database(instance) as db:
        assert db.value(ask) <= db.now()


def test_a_backup_does_not_begin_anew_with_every_write(instance: Path, tmp_path: Path) -> None:
    with database(instance) as writer, database(instance) as db:
        with transaction(writer):
            for _ in range(300):
                make_guest(writer, notes="x" * 100_000)
        seen: list[int] = []

        def progress(done: int, total: int) -> None:
            seen.append(done)
            make_guest(writer)

        db.copy_to(tmp_path / "copy.db", progress)
    assert len(seen) > 2
    assert seen == sorted(set(seen))


def test_a_backup_is_not_overwritten_unless_told_to(instance: Path, copy: Path) -> None:
    before = copy.read_bytes()
    assert "exists already" in refused("backup", str(copy))
    assert copy.read_bytes() == before
    with database(instance) as db:
        make_guest(db, name="Bea")
    assert typed("backup", str(copy), "--force").exit_code == 0
    assert copy.read_bytes() != before


@pytest.mark.parametrize("own", ["jack.db", "jack.db-wal", "jack.gate", "secret.key", "jack"])
def test_a_backup_never_takes_the_place_of_jacks_own_files(instance: Path, own: str) -> None:
    assert "Jack's own files" in refused("backup", str(instance / own), "--force")


def test_a_backup_may_lie_beside_the_database(instance: Path) -> None:
    assert typed("backup", str(instance / "jack-today.db")).exit_code == 0


def test_a_folder_is_no_name_for_a_backup(instance: Path, tmp_path: Path) -> None:
    assert "is a folder" in refused("backup", str(tmp_path))
    assert "There is no folder" in refused("backup", str(tmp_path / "not/there.db"))


def test_without_room_nothing_is_begun(
    instance: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(1, 1, 1000))
    assert "Not enough space" in refused("backup", str(tmp_path / "copy.db"))
    assert list(tmp_path.glob("copy*")) == []


def test_a_disk_that_fills_up_leaves_no_half_copy(
    instance: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("jack.operations.backup.os.fsync", full)
    assert "No space left" in refused("backup", str(tmp_path / "copy.db"))
    assert list(tmp_path.glob("copy*")) == []


def test_what_the_driver_says_of_a_bad_source_is_told_plainly(
    instance: Path, tmp_path: Path
) -> None:
    damage(instance / "jack.db")
    assert "could not be made" in refused("backup", str(tmp_path / "copy.db"))
    assert list(tmp_path.glob("copy*")) == []


def test_a_copy_that_is_not_whole_is_thrown_away(
    instance: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jack.operations.backup.integrity.problems", lambda _: ["page 7 is torn"])
    assert "page 7 is torn" in refused("backup", str(tmp_path / "copy.db"))
    assert list(tmp_path.glob("copy*")) == []


def test_two_backups_to_one_file_do_not_mix(instance: Path, tmp_path: Path) -> None:
    with (tmp_path / "copy.db.partial").open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        other.write(b"not yours")
        other.flush()
        assert "Another backup" in refused("backup", str(tmp_path / "copy.db"))
    assert (tmp_path / "copy.db.partial").read_bytes() == b"not yours"
    assert typed("backup", str(tmp_path / "copy.db")).exit_code == 0  # of a program that died
    assert list(tmp_path.glob("*.partial")) == []


# ------------------------------------------------------------------------------------------------ putting it back


def test_a_restore_brings_back_what_was_and_keeps_what_is(instance: Path, copy: Path) -> None:
    with database(instance) as db:
        make_guest(db, name="Bea")
    result = typed("restore", str(copy))
    assert result.exit_code == 0
    assert names(instance) == ["Ana"]
    (aside,) = (instance / "backups").glob("before-restore-*.db")
    assert str(aside) in result.output
    assert aside.stat().st_mode & 0o777 == 0o600
    with looked_at(aside) as before:
        assert problems(before) == []
        assert sorted(row["name"] for row in before.all("SELECT name FROM guests")) == [
            "Ana",
            "Bea",
        ]
    assert (instance / "jack.db").stat().st_mode & 0o777 == 0o600
    assert not (instance / "scratch").exists()


def test_what_is_kept_has_what_was_still_in_the_log(instance: Path, copy: Path) -> None:
    """A program that was killed leaves its last writes in the -wal beside the file."""
    write = "make_guest(db, name='Cleo'); os.kill(os.getpid(), 9)"
    program = (
        "import os, sys; from pathlib import Path; from jack.core.db import Database;"
        "from tests.builders import make_guest; db = Database(Path(sys.argv[1]));" + write
    )
    killed = subprocess.run(
        [sys.executable, "-c", program, str(instance / "jack.db")],
        env=settings(),
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    assert (instance / "jack.db-wal").stat().st_size > 0
    assert typed("restore", str(copy)).exit_code == 0
    assert names(instance) == ["Ana"]
    (aside,) = (instance / "backups").glob("before-restore-*.db")
    with looked_at(aside) as before:
        assert [row["name"] for row in before.all("SELECT name FROM guests")] == ["Ana", "Cleo"]


def test_an_instance_left_by_a_crash_can_be_restored_with_its_log(
    instance: Path, tmp_path: Path
) -> None:
    """Not a backup, but the files of a machine that died, copied as they lay there."""
    with database(instance) as db:
        make_guest(db, name="Bea")
        for end in ("", "-wal"):
            shutil.copy(f"{instance}/jack.db{end}", f"{tmp_path}/old.db{end}")
    assert typed("restore", str(tmp_path / "old.db")).exit_code == 0
    assert names(instance) == ["Ana", "Bea"]
    assert (tmp_path / "old.db-wal").exists()


def test_a_restore_into_an_empty_instance_makes_it(
    copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JACK_INSTANCE", str(tmp_path / "new/one"))
    assert typed("restore", str(copy)).exit_code == 0
    assert names(tmp_path / "new/one") == ["Ana"]
    assert (tmp_path / "new/one").stat().st_mode & 0o777 == 0o700


def test_whoever_said_stop_is_not_written_to_on_another_machine_either(
    instance: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What their address is hashed with is in the backup; the secrets of the other machine are its own."""
    copy = tmp_path / "copy.db"
    with database(instance) as db:
        erased = make_guest(db, phone="+15551234567")["id"]
        opt_outs.stop(db, "sms", "+15551234567", "sms:AC1")
        erasure.erase(db, erased)
    assert typed("backup", str(copy)).exit_code == 0
    monkeypatch.setenv("JACK_INSTANCE", str(tmp_path / "other"))
    monkeypatch.setenv("JACK_SECRET_KEY", "another-machine-has-another-secret-of-its-own")
    assert typed("restore", str(copy)).exit_code == 0
    with database(tmp_path / "other") as db:
        met = make_guest(db, phone="+15551234567")["id"]
        assert sendability.blocker(db, met, "sms", "text") is not None


def test_a_restore_ends_what_must_not_come_back(instance: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    with database(instance) as db:
        bea = make_member(db, email="bea@hotel.example")
        session, _ = sessions.begin_session(db, bea["id"], hours=24)
        token, _ = sessions.invite(db, bea["id"])
    typed("backup", str(copy))
    typed("restore", str(copy))
    with database(instance) as db:
        found = sessions.session(db, session)
        assert found is not None
        assert found["revoked_at"] is not None
        with pytest.raises(Unauthorized):
            sessions.accept_invite(db, token, "correct horse battery")


def test_a_message_that_may_have_gone_out_since_is_not_sent_again(
    instance: Path, tmp_path: Path
) -> None:
    """The web chat repeats without harm; any other channel's message becomes `unknown`."""
    with database(instance) as db:
        bea = make_member(db)
        web = make_conversation(db)
        sent = messages.send(db, web["id"], content="Hello", by=bea["id"])
        ana = make_guest(db, phone="+15551234567")
        sms = conversations.create(db, guest_id=ana["id"], channel="sms")
        doubtful = messages.send(db, web["id"], content="Hello", by=bea["id"])
        db.run("UPDATE outbox SET channel = 'sms' WHERE message_id = :id", doubtful)
        assert sms
    typed("backup", str(tmp_path / "copy.db"))
    typed("restore", str(tmp_path / "copy.db"))
    with database(instance) as db:
        outbox.expire(db, ["web"])
        assert messages.get(db, doubtful["id"])["status"] == "unknown"
        assert messages.get(db, sent["id"])["status"] == "queued"
        assert db.value("SELECT count(*) FROM outbox") == 1


# ------------------------------------------------------------------------------------------------ refusing to


def damage(path: Path) -> None:
    """Overwrite the beginning of a database, as a dying disk does; it has no log."""
    for end in ("-wal", "-shm"):
        Path(f"{path}{end}").unlink(missing_ok=True)
    with path.open("r+b") as file:
        file.write(b"garbage " * 1024)


def test_a_file_that_is_not_there_is_refused(instance: Path, tmp_path: Path) -> None:
    assert "There is no file" in refused("restore", str(tmp_path / "nothing.db"))


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_garbage_file_is_refused(instance: Path, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "garbage.db").write_bytes(content)
    refused("restore", str(tmp_path / "garbage.db"))
    assert names(instance) == ["Ana"]
    assert not (instance / "backups").exists()


def test_somebody_elses_database_is_refused(instance: Path, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE guests (name)")
    other.close()
    assert "not one of Jack's" in refused("restore", str(tmp_path / "other.db"))
    assert names(instance) == ["Ana"]


def test_a_damaged_backup_is_refused(instance: Path, copy: Path) -> None:
    size = copy.stat().st_size
    with copy.open("r+b") as file:
        file.seek(size // 2)
        file.write(b"\xff" * (size // 4))
    assert "damaged" in refused("restore", str(copy))
    assert names(instance) == ["Ana"]


def test_the_backup_of_a_newer_jack_is_refused(instance: Path, copy: Path) -> None:
    with looked_at(copy) as db:
        db.run("PRAGMA user_version = 99")
    assert "newer Jack" in refused("restore", str(copy))
    assert names(instance) == ["Ana"]


def test_the_database_itself_is_refused(instance: Path) -> None:
    assert "the database itself" in refused("restore", str(instance / "jack.db"))


def test_a_file_in_use_is_refused(instance: Path, tmp_path: Path) -> None:
    with database(tmp_path / "other"):
        program = started("restore", str(tmp_path / "other/jack.db"), env={**os.environ})
        _, printed = program.communicate(timeout=PATIENCE)
    assert program.returncode == 1
    assert "in use" in printed


def test_while_a_worker_works_nothing_is_restored(instance: Path, copy: Path) -> None:
    with (instance / "worker.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "Jack is running" in refused("restore", str(copy))
    assert not (instance / "backups").exists()
    assert typed("restore", str(copy)).exit_code == 0


def test_while_a_program_has_the_database_open_nothing_is_restored(
    instance: Path, copy: Path
) -> None:
    """A server without a worker holds nothing but the database."""
    with database(instance) as db:
        make_guest(db, name="Bea")
        assert "Jack is running" in refused("restore", str(copy))
        make_guest(db, name="Cleo")  # and goes on working
    assert names(instance) == ["Ana", "Bea", "Cleo"]


def test_a_damaged_database_is_replaced_and_kept(instance: Path, copy: Path) -> None:
    damage(instance / "jack.db")
    (instance / "jack.db-wal").write_bytes(b"what was left of a log")
    (instance / "jack.db-shm").write_bytes(b"and of its index")
    assert typed("restore", str(copy)).exit_code == 0
    assert names(instance) == ["Ana"]
    (aside,) = (instance / "backups").glob("*.db")
    assert aside.read_bytes().startswith(b"garbage ")
    assert Path(f"{aside}-wal").read_bytes() == b"what was left of a log"


HOLD = """
import fcntl, sys
file = open(sys.argv[1], "r+b")
fcntl.lockf(file, fcntl.LOCK_SH, 1, 0x40000002)
print("held", flush=True)
sys.stdin.read()
"""


def test_a_damaged_database_somebody_has_open_is_left_alone(instance: Path, copy: Path) -> None:
    damage(instance / "jack.db")
    program = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(instance / "jack.db")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert program.stdout is not None
    program.stdout.readline()
    assert "Jack is running" in refused("restore", str(copy))
    program.communicate()
    assert (instance / "jack.db").read_bytes().startswith(b"garbage ")


def test_a_log_without_its_database_is_put_aside(instance: Path, copy: Path) -> None:
    (instance / "jack.db").rename(instance.parent / "moved.db")
    (instance / "jack.db-wal").write_bytes(b"orphan")
    assert typed("restore", str(copy)).exit_code == 0
    assert names(instance) == ["Ana"]
    (left,) = (instance / "backups").glob("*-wal")
    assert left.read_bytes() == b"orphan"


def test_where_files_have_one_name_only_the_old_one_is_copied(
    instance: Path, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr("jack.operations.replacement.os.link", no_links)
    assert typed("restore", str(copy)).exit_code == 0
    (aside,) = (instance / "backups").glob("*.db")
    with looked_at(aside) as before:
        assert before.value("SELECT name FROM guests") == "Ana"


def test_a_backup_of_somebody_elses_that_may_only_be_read_is_restored(
    instance: Path, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = os.open

    def readable_only(path: Any, flags: int, *mode: int, **options: Any) -> int:
        if Path(path) == copy and flags & os.O_RDWR:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return really(path, flags, *mode, **options)

    monkeypatch.setattr("jack.core.file_locks.os.open", readable_only)
    assert typed("restore", str(copy)).exit_code == 0


def test_copies_of_commands_that_died_are_cleared_away(instance: Path) -> None:
    dead = instance / "scratch" / "999999999"
    dead.mkdir(parents=True)
    (dead / "jack.db").write_text("left")
    alive = instance / "scratch" / "1"
    alive.mkdir()
    strange = instance / "scratch" / "notes"
    strange.mkdir()
    assert typed("verify").exit_code == 0
    assert not dead.exists()
    assert alive.exists()
    assert strange.exists()
