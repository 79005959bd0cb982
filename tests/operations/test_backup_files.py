"""Attachments in backups: all of them or told to be missing, put back beside what is there, and found when they rot."""

from __future__ import annotations

import errno
import io
import os
import tarfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from jack.channels.types import Media
from jack.core.db import Database
from jack.core.errors import NotFound
from jack.core.integrity import problems
from jack.operations import attachments_archive
from jack.resources.attachments import storage, store
from jack.resources.privacy import erasure
from tests.builders import make_conversation
from tests.commands import database, looked_at, typed
from tests.resources.attachments.samples import PDF, PNG

DAY = 86_400


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A hotel with two files, which the typed commands are about."""
    for name in os.environ:
        if name.startswith("JACK_"):
            monkeypatch.delenv(name)
    folder = tmp_path / "instance"
    monkeypatch.setenv("JACK_INSTANCE", str(folder))
    with database(folder) as db:
        give(db, PNG)
        give(db, PDF)
    return folder


@pytest.fixture
def copy(instance: Path, tmp_path: Path) -> Path:
    """A backup of it."""
    assert typed("backup", str(tmp_path / "copy")).exit_code == 0
    return tmp_path / "copy"


def give(db: Database, content: bytes) -> str:
    """A message with this file; the file's id."""
    conversation = make_conversation(db)
    message = db.row("SELECT id FROM messages WHERE conversation_id = :id", conversation)["id"]
    store.create_received(db, message, "email:x", [Media(name="a", content=content)])
    return str(store.of_messages(db, [message])[message][0]["id"])


def contents(instance: Path) -> list[bytes | None]:
    """What every attachment of the database has in it; None for one that is lost."""
    with database(instance) as db:
        return [
            _content(db, row["id"]) for row in db.all("SELECT id FROM attachments ORDER BY seq")
        ]


def _content(db: Database, attachment_id: str) -> bytes | None:
    try:
        return Path(store.get(db, attachment_id)["path"]).read_bytes()
    except NotFound:
        return None


def on_disk(instance: Path) -> list[Path]:
    return sorted(path for path in (instance / storage.FOLDER).rglob("*") if path.is_file())


# ------------------------------------------------------------------------------------------------ making one


def test_a_backup_holds_the_database_and_its_files(copy: Path, tmp_path: Path) -> None:
    assert copy.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.glob("copy*")) == [copy]
    with tarfile.open(copy) as tar:
        first, *others = tar.getmembers()
        assert first.name == "jack.db"
        held = [tar.extractfile(one).read() for one in others]
        database_of_it = tar.extractfile(first).read()
        assert {one.mode for one in (first, *others)} == {0o600}
    assert sorted(held) == sorted([PNG, PDF])
    (tmp_path / "out.db").write_bytes(database_of_it)
    with looked_at(tmp_path / "out.db") as db:
        assert problems(db) == []


def test_without_files_a_backup_is_a_plain_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JACK_INSTANCE", str(tmp_path / "empty"))
    with database(tmp_path / "empty") as db:
        make_conversation(db)
    assert typed("backup", str(tmp_path / "copy.db")).exit_code == 0
    assert (tmp_path / "copy.db").read_bytes().startswith(b"SQLite format 3\0")


def test_what_nobody_names_is_not_taken_along(instance: Path, tmp_path: Path) -> None:
    with database(instance) as db:
        storage.write(db, b"an orphan", claimed=None)
    assert typed("backup", str(tmp_path / "copy")).exit_code == 0
    with tarfile.open(tmp_path / "copy") as tar:
        assert len(tar.getmembers()) == 3


def test_a_guest_erased_while_the_backup_is_made_is_no_failure(
    instance: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the database was copied, before its files are."""
    pack = attachments_archive.pack

    def erased_first(*given: object) -> None:
        with database(instance) as db:
            erasure.erase(db, db.value("SELECT guest_id FROM conversations ORDER BY seq"))
        pack(*given)

    monkeypatch.setattr("jack.operations.backup.attachments_archive.pack", erased_first)
    assert typed("backup", str(tmp_path / "copy")).exit_code == 0
    with tarfile.open(tmp_path / "copy") as tar:
        assert [tar.extractfile(one).read() for one in tar.getmembers()[1:]] == [PDF]
    result = typed("restore", str(tmp_path / "copy"))
    assert result.exit_code == 0
    assert "1 attachments are not in the backup" in result.output
    assert contents(instance) == [None, PDF]


def test_a_disk_that_fills_up_leaves_no_half_backup(
    instance: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("jack.operations.attachments_archive._fsync", full)
    result = typed("backup", str(tmp_path / "copy"))
    assert result.exit_code == 1
    assert "No space left" in result.output
    assert list(tmp_path.glob("copy*")) == []


# ------------------------------------------------------------------------------------------------ putting it back


def test_a_restore_into_an_empty_instance_has_every_file(
    copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = tmp_path / "new"
    monkeypatch.setenv("JACK_INSTANCE", str(new))
    assert typed("restore", str(copy)).exit_code == 0
    assert contents(new) == [PNG, PDF]
    assert {path.stat().st_mode & 0o777 for path in on_disk(new)} == {0o600}
    folders = {path.parent for path in on_disk(new)} | {new / storage.FOLDER}
    assert {folder.stat().st_mode & 0o777 for folder in folders} == {0o700}
    assert typed("verify").exit_code == 0
    assert not (new / "scratch").exists()


def test_what_is_there_is_kept_with_its_files_and_can_be_put_back(
    instance: Path, copy: Path
) -> None:
    with database(instance) as db:
        give(db, b"written since")
        erasure.erase(db, db.value("SELECT guest_id FROM conversations ORDER BY seq"))
    assert contents(instance) == [PDF, b"written since"]
    assert typed("restore", str(copy)).exit_code == 0
    assert contents(instance) == [PNG, PDF]
    (aside,) = (instance / "backups").glob("*.db")
    for path in on_disk(instance):  # as tidying up does with what nobody names any more
        if path.read_bytes() == b"written since":
            path.unlink()
    assert typed("restore", str(aside)).exit_code == 0
    assert contents(instance) == [PDF, b"written since"]


def test_an_old_plain_backup_finds_its_files_where_they_are(instance: Path, tmp_path: Path) -> None:
    with database(instance) as db:
        db.copy_to(tmp_path / "plain.db")
        give(db, b"written since")
    assert typed("restore", str(tmp_path / "plain.db")).exit_code == 0
    assert contents(instance) == [PNG, PDF]


def test_what_a_plain_backup_does_not_bring_is_told_and_marked(
    instance: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database(instance) as db:
        db.copy_to(tmp_path / "plain.db")
    monkeypatch.setenv("JACK_INSTANCE", str(tmp_path / "new"))
    result = typed("restore", str(tmp_path / "plain.db"))
    assert result.exit_code == 0
    assert "2 attachments are not in the backup" in result.output
    assert contents(tmp_path / "new") == [None, None]
    with database(tmp_path / "new") as db:
        rows = db.all("SELECT status, error FROM attachments")
    assert rows[0] == {"status": "failed", "error": "The file was not in the backup that was restored."}  # fmt: skip
    assert typed("verify").exit_code == 0


def test_a_file_that_has_rotted_here_comes_back_from_the_backup(instance: Path, copy: Path) -> None:
    for path in on_disk(instance):
        path.write_bytes(bytes(path.stat().st_size))
    assert typed("restore", str(copy)).exit_code == 0
    assert contents(instance) == [PNG, PDF]


def test_a_file_that_has_rotted_in_the_backup_is_taken_from_here(
    instance: Path, copy: Path
) -> None:
    copy.write_bytes(copy.read_bytes().replace(PNG, bytes(len(PNG))))
    result = typed("restore", str(copy))
    assert (result.exit_code, "damaged" in result.output) == (0, False)
    assert contents(instance) == [PNG, PDF]


def test_a_crash_on_the_way_leaves_the_old_database_whole(
    instance: Path, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All files are in their place before the database is, and none is taken away."""
    with database(instance) as db:
        give(db, b"written since")

    def crash(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr("jack.operations.replacement._link", crash)
    assert typed("restore", str(copy)).exit_code == 1
    assert contents(instance) == [PNG, PDF, b"written since"]
    monkeypatch.undo()
    monkeypatch.setenv("JACK_INSTANCE", str(instance))
    assert typed("restore", str(copy)).exit_code == 0
    assert contents(instance) == [PNG, PDF]


# ------------------------------------------------------------------------------------------------ refusing to


def rewritten(copy: Path, change: Callable[[tarfile.TarFile], None]) -> None:
    """The backup with something more in it."""
    with tarfile.open(copy, "a") as tar:
        change(tar)


def add(tar: tarfile.TarFile, name: str, content: bytes = b"owned", **more: object) -> None:
    about = tarfile.TarInfo(name)
    about.size = len(content)
    for key, value in more.items():
        setattr(about, key, value)
    tar.addfile(about, io.BytesIO(content))


def test_a_backup_made_to_write_elsewhere_writes_nowhere_else(
    instance: Path, copy: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    name = f"{storage.FOLDER}/ab/{'a' * 32}"

    def attack(tar: tarfile.TarFile) -> None:
        add(tar, "../../../outside")
        add(tar, str(outside))
        add(tar, f"{storage.FOLDER}/../../outside")
        add(tar, "secret.key")
        add(
            tar, f"{storage.FOLDER}/ab/{'b' * 32}", b"", type=tarfile.SYMTYPE, linkname=str(outside)
        )
        add(tar, name, b"", type=tarfile.LNKTYPE, linkname="/etc/passwd")
        add(tar, f"{storage.FOLDER}/ab/{'c' * 32}", b"", type=tarfile.CHRTYPE)

    key = (instance / "secret.key").read_bytes() if (instance / "secret.key").exists() else None
    rewritten(copy, attack)
    assert typed("restore", str(copy)).exit_code == 0
    assert not outside.exists()
    assert len(on_disk(instance)) == 2
    assert key is None or (instance / "secret.key").read_bytes() == key
    assert contents(instance) == [PNG, PDF]


@pytest.mark.parametrize("where", ["half", "in the database", "without a database", "a twin"])
def test_a_damaged_backup_changes_nothing(where: str, instance: Path, copy: Path) -> None:
    whole = copy.read_bytes()
    if where == "half":
        copy.write_bytes(whole[: whole.index(PDF) + 5])
    elif where == "in the database":
        copy.write_bytes(whole[:5000] + b"\xff" * 20_000 + whole[25_000:])
    elif where == "without a database":
        copy.write_bytes(whole.replace(b"jack.db\0", b"jill.db\0", 1))
    else:
        rewritten(copy, lambda tar: add(tar, "jack.db"))
    with database(instance) as db:
        give(db, b"written since")
    result = typed("restore", str(copy))
    assert result.exit_code == 1
    assert "damaged" in result.output
    assert "Nothing was changed" in result.output
    assert contents(instance) == [PNG, PDF, b"written since"]
    assert not (instance / "scratch").exists()


# ------------------------------------------------------------------------------------------------ looking at it


def test_verify_and_doctor_tell_of_what_is_missing(instance: Path) -> None:
    assert typed("verify").exit_code == 0
    first, second = on_disk(instance)
    first.write_bytes(bytes(first.stat().st_size))
    second.unlink()
    result = typed("verify")
    assert result.exit_code == 1
    assert "1 attachments are named, but their files are missing" in result.output
    assert "1 attachments have damaged files" in result.output
    assert "1 attachments are named, but their files are missing or not complete" in typed("doctor").output  # fmt: skip


def test_doctor_tells_of_what_nobody_names(instance: Path) -> None:
    with database(instance) as db:
        stored = [storage.path(db, storage.write(db, PNG, claimed=None).file) for _ in range(2)]
    os.utime(stored[0], (time.time() - 2 * DAY,) * 2)
    output = typed("doctor").output
    assert "1 files of attachments belong to nothing" in output
    assert "named, but" not in output
    assert typed("verify").exit_code == 0
