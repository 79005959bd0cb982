"""Backups that are due: made, opened and counted, encrypted, copied off the machine, the superseded ones deleted.

It is what the worker has a process of its own do (`jack/worker/backup_process.py`); one at a time does it, who holds `backups.lock`.
"""

from __future__ import annotations

import hashlib
import logging
import os
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from jack.core.atomic_file import sync_folder
from jack.core.db import Database
from jack.core.errors import JackError, Unavailable
from jack.core.sqlite import DatabaseError
from jack.operations import attachments_archive
from jack.operations.backup import back_up, check_room, opened, remove, scratch
from jack.operations.terminal import CommandRefused
from jack.resources.backups import folder as files
from jack.resources.backups import store
from jack.worker.backup_process import BackupOptions
from jack.worker.worker_lock import WorkerLock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jack.resources.backups.folder import Note
    from jack.resources.backups.store import StoredRow

log = logging.getLogger("jack.worker")

NICENESS = 10
LOCK = "backups.lock"
COMMAND_SECONDS = 6 * 3600
COUNTED = ("guests", "conversations", "messages", "tasks")
# What the command has no business with.
KEPT_BACK = ("JACK_SECRET_KEY", "JACK_ADMIN_PASSWORD")


def main(database: str) -> None:
    """What the process does."""
    with suppress(OSError):  # where the service may not (deploy/jack.service)
        os.nice(NICENESS)
    options = BackupOptions(
        os.environ.get("JACK_BACKUP_COMMAND"),
        tuple(os.environ.get("JACK_BACKUP_RECIPIENTS", "").split()),
    )
    db = Database(Path(database))
    try:
        run_due(db, options)
    except Unavailable as error:
        log.warning("backups wait: %s", error.message)
    finally:
        db.close()


def run_due(db: Database, options: BackupOptions) -> None:
    """Make the backups that are due. Nothing happens while another process is at it."""
    lock = WorkerLock(db.path.with_name(LOCK))
    if not lock.acquire():
        return
    try:
        store.adopt(db)
        while (row := store.due(db)) is not None:
            store.begin(db, row["id"])
            _make(db, row, options)
        if options.command:
            _copy_away(db, options.command)
        store.thin(db)
    finally:
        lock.release()


def _make(db: Database, row: StoredRow, options: BackupOptions) -> None:
    """Make one, or note why it cannot be made."""
    try:
        note = made(db, row, options.recipients)
    except (CommandRefused, JackError, DatabaseError, OSError) as error:
        log.error("the backup failed: %s", error)
        store.fail(db, row["id"], str(error))
    else:
        store.finish(db, note)


def made(db: Database, row: StoredRow, recipients: Sequence[str]) -> Note:
    """Make a backup, open it, count what is in it; returns what is known of it. It is complete under its name, or not there."""
    folder = files.folder_beside(db.path)
    name = files.name_of(row["created_at"], row["id"])
    plain = folder / f"{name}.db"
    back_up(db.path, plain, force=True)
    if attachments_archive.is_archive(plain):
        plain = plain.replace(folder / f"{name}.tar")
    try:
        counts = counted(plain, db.path.parent)
        file = encrypted(plain, recipients) if recipients else plain
    except BaseException:
        remove(plain)
        raise
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
        os.fsync(content.fileno())
    note: Note = {
        "id": row["id"],
        "reason": row["reason"],
        "file": file.name,
        "bytes": file.stat().st_size,
        "digest": digest,
        "counts": counts,
        "encrypted": bool(recipients),
        "created_at": row["created_at"],
        "finished_at": db.now(),
    }
    files.write_note(folder, note)
    return note


def counted(file: Path, instance: Path) -> dict[str, int]:
    """Open a backup as a restore would, and count what is in it. Raises CommandRefused when it cannot be opened.

    `damaged_files` are attachments that are not what their row says: they were damaged before.
    """
    check_room(instance, file.stat().st_size)
    with scratch(instance) as temporary:
        copy = temporary / "jack.db"
        digests = attachments_archive.contents(file, copy)
        with opened(copy) as db:
            counts: dict[str, int] = {
                table: db.value(f"SELECT count(*) FROM {table}") for table in COUNTED
            }
            rows = {row["file"]: row["digest"] for row in db.all(attachments_archive.FILES)}
    counts["files"] = len(digests)
    counts["damaged_files"] = sum(rows.get(name) != found for name, found in digests.items())
    return counts


def encrypted(plain: Path, recipients: Sequence[str]) -> Path:
    """Encrypt a backup as `age` does, and delete the readable one; returns the path of the encrypted one."""
    import pyrage  # here, because few encrypt

    target = plain.with_name(f"{plain.name}.age")
    partial = target.with_name(f"{target.name}.partial")
    check_room(plain.parent, plain.stat().st_size)
    try:
        keys = [pyrage.x25519.Recipient.from_str(one) for one in recipients]
        os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
        pyrage.encrypt_file(str(plain), str(partial), keys)
    except (pyrage.RecipientError, pyrage.EncryptError) as error:
        partial.unlink(missing_ok=True)
        raise CommandRefused(f"The backup cannot be encrypted: {error}.") from None
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.replace(target)
    sync_folder(target.parent)
    remove(plain)
    return target


def _copy_away(db: Database, command: str) -> None:
    """Have the command copy the newest backup off the machine, unless it has done so."""
    row = store.to_copy(db)
    if row is None:
        return
    path = files.folder_beside(db.path) / str(row["file"])
    given = {name: value for name, value in os.environ.items() if name not in KEPT_BACK}
    given |= {"JACK_BACKUP_FILE": str(path), "JACK_BACKUP_FOLDER": str(path.parent)}
    try:
        ended = subprocess.run(  # noqa: S603 (the owner of the machine has set it)
            ["/bin/sh", "-c", command],
            env=given,
            stdin=subprocess.DEVNULL,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        error = f"JACK_BACKUP_COMMAND ended with {ended.returncode}." if ended.returncode else None
    except subprocess.TimeoutExpired:
        error = f"JACK_BACKUP_COMMAND took longer than {COMMAND_SECONDS // 3600} hours."
    if error:
        log.error("the backup was not copied off the machine: %s", error)
    store.copied(db, row["id"], error)
