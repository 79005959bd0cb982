"""Replacing the database by a backup, or making a new instance of one."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from jack.channels.registry import CHANNELS
from jack.core import clock, integrity, migrations, sealing
from jack.core.atomic_file import make_folder
from jack.core.db import Database, as_json, transaction
from jack.core.errors import JackError
from jack.core.file_locks import sqlite_lock
from jack.core.migrations import MIGRATIONS, migrate
from jack.operations import attachments_archive, repair_schema, replacement
from jack.operations.backup import check_room, opened, scratch
from jack.operations.terminal import CommandRefused, Progress, say
from jack.resources.attachments.storage import FOLDER, folder_of
from jack.resources.settings import store as settings

if TYPE_CHECKING:
    from jack.core.config import Config

MAGIC = b"SQLite format 3\0"
TABLES = {
    "instance", "staff", "sessions", "guests", "conversations", "messages", "outbox", "settings",
}  # fmt: skip
CHUNK = 4 * 1024 * 1024

END_SESSIONS = "UPDATE sessions SET revoked_at = :now WHERE revoked_at IS NULL"

END_INVITES = "UPDATE invites SET expires_at = min(expires_at, :now)"

# These may have been sent since the backup was made. The next worker finds the lease over and makes them `unknown`.
EXPIRE_LEASES = """
    UPDATE outbox SET owner = 'restored', lease_until = :before, claimed_at = coalesce(claimed_at, created_at)
    WHERE channel NOT IN (SELECT value FROM json_each(:repeatable))"""

# So may these whose time had not come yet when it was made.
END_SCHEDULED = """
    UPDATE messages SET status = 'unknown', error = 'It may have been sent after the backup was made.'
    WHERE status = 'scheduled' AND send_at <= :now"""


def restore(config: Config, source: Path, *, folder: Path = MIGRATIONS) -> Path | None:
    """Make a backup the database of this instance; returns where the old one is kept, or None when there was none.

    Everything is done to a copy, which replaces the old database in one step at the end. Raises CommandRefused for a file
    that is not a complete backup of Jack's, and while the database is in use.
    """
    source = source.expanduser().absolute()
    make_folder(config.instance)
    _check_source(config, source)
    with replacement.worker_lock(config):
        pass
    with scratch(config.instance) as temporary:
        copy = temporary / "jack.db"
        _copy(source, copy)
        _prepare(copy, folder)
        # The files in the backup, those kept beside it, and those of this instance.
        folders = [temporary / FOLDER, _files_of(source), folder_of(config.database)]
        files = _files(copy, folders)
        replacement.sync_file(copy)
        with replacement.exclusive_access(config):
            kept = _replace(config, copy, files)
    _tell_of_secrets(config)
    return kept


def _tell_of_secrets(config: Config) -> None:
    """Say which settings have secrets that this instance's signing key does not open. Opening the database sets WAL mode again."""
    sealing.configure(config.database, config.secret)
    db = Database(config.database, deadline=1)
    try:
        keys = settings.unreadable(db)
    finally:
        db.close()
    if keys:
        say(
            f"Secrets were sealed with another signing key: {', '.join(keys)}. Put the secret.key (or JACK_SECRET_KEY) of the "
            "Jack that made the backup in place of this one's, or enter them again in Settings; their channels are off until then."
        )


def _check_source(config: Config, source: Path) -> None:
    if not source.is_file():
        raise CommandRefused(f"There is no file {source}.")
    if config.database.exists() and source.samefile(config.database):
        raise CommandRefused(f"{source} is the database itself.")
    with source.open("rb") as file:
        known = file.read(len(MAGIC)) == MAGIC
    if not known and not attachments_archive.is_archive(source):
        raise CommandRefused(f"{source} is not a database, nor a backup with attachments.")
    check_room(config.instance, source.stat().st_size)


def _copy(source: Path, copy: Path) -> None:
    """Copy the file, and the -wal beside it if it was taken from a stopped instance."""
    with (
        Progress(f"Copying {source.name}") as progress,
        sqlite_lock(source, f"{source} is in use by a program."),
    ):
        if attachments_archive.is_archive(source):
            attachments_archive.unpack(source, copy, copy.parent / FOLDER, progress)
            return
        total = source.stat().st_size
        with source.open("rb") as reading, copy.open("xb") as writing:
            while chunk := reading.read(CHUNK):
                writing.write(chunk)
                progress(writing.tell(), total)
            log = Path(f"{source}-wal")
            if log.exists():
                shutil.copyfile(log, f"{copy}-wal")


def _prepare(copy: Path, folder: Path) -> None:
    """Check that the copy is an intact database of Jack's, migrate it, and end what must not be used twice."""
    try:
        with opened(copy) as db, Progress("Checking it"):
            _check(db, folder)
            differs = migrations.checked(db, folder)[1]
        if differs:
            _rebuild(copy, folder)
        with opened(copy) as db:
            if migrations.version(db) < migrations.latest_version(folder):
                say("It was made by an older Jack: upgrading it")
                migrate(db, folder=folder)
            _invalidate(db)
    except (CommandRefused, JackError):
        raise
    except Exception as error:  # the driver's, for a file that is no database or a part of one
        message = f"The file is damaged or not a backup of Jack's ({error}). Nothing was changed."
        raise CommandRefused(message) from error


def _rebuild(copy: Path, folder: Path) -> None:
    """Rebuild the schema of the copy, as `bin/jack repair-schema` does."""
    say("Its schema is not that of its version: rebuilding it")
    old = copy.with_name("differing.db")
    copy.replace(old)
    for line in repair_schema.rebuild(old, copy, folder):
        say(f"  {line}")


def _files(copy: Path, folders: list[Path]) -> dict[str, Path]:
    """The paths of the files the database names. Those in none of the folders are marked as lost."""
    with opened(copy) as db:
        found = attachments_archive.locate(db, folders)
        with transaction(db):
            lost = attachments_archive.mark_lost(db, found)
    if lost:
        say(f"{lost} attachments are not in the backup, or damaged: they are marked as lost.")
    return found


def _files_of(kept: Path) -> Path:
    """The folder with the files of a database that a restore has kept."""
    return kept.with_suffix(f".{FOLDER}")


def _check(db: Database, folder: Path) -> None:
    names = {row["name"] for row in db.all("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    found = migrations.version(db)
    if found == 0 or not names >= TABLES:
        raise CommandRefused("The file is a database, but not one of Jack's. Nothing was changed.")
    if found > migrations.latest_version(folder):
        raise CommandRefused(
            f"The backup is of version {found}, this program knows {migrations.latest_version(folder)}: "
            "it was made by a newer Jack. Update Jack, then restore it. Nothing was changed."
        )
    wrong = integrity.problems(db)
    if wrong:
        raise CommandRefused(f"The file is damaged ({'; '.join(wrong[:3])}). Nothing was changed.")


def _invalidate(db: Database) -> None:
    """End sessions and invitations; messages that may have been sent since the backup become `unknown`."""
    repeatable = sorted(name for name, channel in CHANNELS.items() if channel.REPEATABLE)
    with transaction(db):
        now = db.now()
        db.run(END_SESSIONS, {"now": now})
        db.run(END_INVITES, {"now": now})
        before = clock.later(now, minutes=-1)
        db.run(EXPIRE_LEASES, {"before": before, "repeatable": as_json(repeatable)})
        db.run(END_SCHEDULED, {"now": now})


def _replace(config: Config, copy: Path, files: dict[str, Path]) -> Path | None:
    """Put the copy in the database's place; returns where the old one is kept, or None when there was none.

    The files are added to those that are there, which the worker deletes later because no row names them.
    """
    path = config.database
    kept = replacement.kept_path(config, "restore")
    attachments_archive.keep(folder_of(path), _files_of(kept))
    attachments_archive.install(files, folder_of(path))
    existed = path.exists()
    replacement.replace(path, copy, kept)
    return kept if existed else None
