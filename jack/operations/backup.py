"""Backups: a checked copy of the database and its attachments in one file, made while others write."""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from jack.core import integrity, migrations
from jack.core.atomic_file import sync_folder
from jack.core.db import Database
from jack.core.errors import JackError
from jack.core.sqlite import DatabaseError
from jack.operations import attachments_archive
from jack.operations.terminal import CommandRefused, Progress
from jack.resources.attachments.storage import folder_of

if TYPE_CHECKING:
    from collections.abc import Iterator

OWN_FILES = frozenset(
    {"jack", "jack.db", "jack.db-wal", "jack.db-shm", "jack.db-journal", "jack.gate"}
    | {"secret.key", "limits.bin", "reserve.bin", "worker.lock", "worker.sock"}
)
MIB = 1024 * 1024
SPARE = 8 * MIB

BACKED_UP = "UPDATE instance SET backed_up_at = :now"


def back_up(source: Path, target: Path, *, force: bool = False) -> int:
    """Copy the database in use to `target`, mode 0600; returns its size in bytes. With attachments it becomes a tar of all.

    Until it is complete and checked it is named `….partial`. Raises CommandRefused for a target that must not be written.
    """
    target = target.expanduser().absolute()
    _check_target(source, target, force=force)
    partial = target.with_name(f"{target.name}.partial")
    handle = _create_partial(partial)
    try:
        files = _copy_database(source, partial)
        os.fsync(handle)
        if files:
            _pack(partial, files, target)
        else:
            partial.replace(target)
        sync_folder(target.parent)
        _record(source)
        return target.stat().st_size
    except BaseException:
        remove(partial)
        raise
    finally:
        os.close(handle)


def _record(source: Path) -> None:
    """Note in the database that a backup was made. The backup is good also where that cannot be written, as on a full disk."""
    with suppress(JackError, DatabaseError), opened(source, plain=False) as db:
        db.run(BACKED_UP, {"now": db.now()})


def _pack(partial: Path, files: dict[str, Path], target: Path) -> None:
    """Write the copy and the files it names into a tar at `target`."""
    tar = partial.with_name(f"{partial.name}.tar")
    try:
        with Progress("Copying the attachments") as progress:
            attachments_archive.pack(partial, files, tar, progress)
        tar.replace(target)
        remove(partial)
    finally:
        tar.unlink(missing_ok=True)


def _create_partial(partial: Path) -> int:
    """Create the file to write to, empty and locked; returns its descriptor. Raises CommandRefused when it is locked."""
    handle = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise CommandRefused(f"Another backup is writing {partial}.") from None
    os.ftruncate(handle, 0)
    os.fchmod(handle, 0o600)
    return handle


def _copy_database(source: Path, partial: Path) -> dict[str, Path]:
    """Copy and check the database; returns the files it names, by name."""
    try:
        with Progress("Copying the database") as progress, opened(source, plain=False) as db:
            version = migrations.version(db)
            db.copy_to(partial, progress)
        with Progress("Checking the copy"), opened(partial) as copy:
            wrong = integrity.problems(copy)
            if wrong or migrations.version(copy) != version:
                raise CommandRefused(f"The copy is damaged and was deleted: {'; '.join(wrong[:3])}")
            return attachments_archive.existing(copy, folder_of(source))
    except (CommandRefused, JackError, DatabaseError, OSError):
        raise
    except Exception as error:  # the driver's exceptions for a full disk or a damaged source
        raise CommandRefused(f"The copy could not be made: {error}.") from error


def _check_target(source: Path, target: Path, *, force: bool) -> None:
    if target.is_dir():
        raise CommandRefused(
            f"{target} is a folder: name a file in it, such as {target}/jack-backup.db."
        )
    if not target.parent.is_dir():
        raise CommandRefused(f"There is no folder {target.parent}.")
    if target.parent.samefile(source.parent) and target.name in OWN_FILES:
        raise CommandRefused(f"{target} is one of Jack's own files: choose another name.")
    if target.exists() and not force:
        raise CommandRefused(f"{target} exists already: choose another name, or add --force.")
    files = attachments_archive.total(folder_of(source))
    check_room(target.parent, source.stat().st_size * (2 if files else 1) + files)


def check_room(folder: Path, size: int) -> None:
    """Raise CommandRefused unless `size` bytes and `SPARE` are free on the disk of this folder."""
    free = shutil.disk_usage(folder).free
    if free < size + SPARE:
        needed, free_mib = (size + SPARE) // MIB, free // MIB
        raise CommandRefused(
            f"Not enough space in {folder}: {needed} MiB are needed, {free_mib} are free."
        )


@contextmanager
def opened(path: Path, *, plain: bool = True) -> Iterator[Database]:
    """A database file for the length of a block. A `plain` one is left as a single file, without -wal and .gate."""
    db = Database(path)
    try:
        yield db
        if plain:
            db.value("PRAGMA journal_mode = DELETE")
    finally:
        db.close()
        if plain:
            path.with_suffix(".gate").unlink(missing_ok=True)


def remove(path: Path) -> None:
    """Delete a copy and what SQLite put beside it."""
    for end in ("", "-wal", "-shm", "-journal"):
        Path(f"{path}{end}").unlink(missing_ok=True)
    path.with_suffix(".gate").unlink(missing_ok=True)


@contextmanager
def scratch(instance: Path) -> Iterator[Path]:
    """A temporary folder on the same disk. Those of processes that have died are deleted."""
    parent = instance / "scratch"
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in parent.iterdir():
        if not _is_alive(left.name):
            shutil.rmtree(left, ignore_errors=True)
    folder = parent / str(os.getpid())
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):
            parent.rmdir()  # unless another command is using it


def _is_alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except (ValueError, PermissionError):
        return True
    return True
