"""Putting a backup in the place of the database, or into a new, empty instance."""

from __future__ import annotations

import os
import shutil
import time
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from jack.channels.registry import CHANNELS
from jack.core import clock, integrity, migrations
from jack.core.atomic_file import sync_folder
from jack.core.db import Database, as_json, transaction
from jack.core.errors import JackError, Unavailable
from jack.core.file_locks import file_lock, sqlite_lock
from jack.core.migrations import MIGRATIONS, migrate
from jack.operations import attachments_archive
from jack.operations.backup import check_room, opened, scratch
from jack.operations.terminal import CommandRefused, Progress, say
from jack.resources.attachments.storage import FOLDER, folder_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jack.core.config import Config

MAGIC = b"SQLite format 3\0"
TABLES = {
    "instance", "staff", "sessions", "guests", "conversations", "messages", "outbox", "settings",
}  # fmt: skip
# Beside a database that could not be opened, or is not there any more.
LEFT_OVER = ("-wal", "-journal")
CHUNK = 4 * 1024 * 1024

END_SESSIONS = "UPDATE sessions SET revoked_at = :now WHERE revoked_at IS NULL"

END_INVITES = "UPDATE invites SET expires_at = min(expires_at, :now)"

# Sent or not since the backup was made: nobody knows. The next worker finds the lease over and calls it `unknown`.
DOUBT_OUTBOX = """
    UPDATE outbox SET owner = 'restored', lease_until = :before, claimed_at = coalesce(claimed_at, created_at)
    WHERE channel NOT IN (SELECT value FROM json_each(:repeatable))"""


def restore(config: Config, source: Path, *, folder: Path = MIGRATIONS) -> Path | None:
    """Make a backup the database of this instance; returns where the old one is kept, or None when there was none.

    Everything is done to a copy, which takes the old one's place in one step at the end. Raises CommandRefused for a file
    that is not a whole backup of Jack's, and while the database is in use.
    """
    source = source.expanduser().absolute()
    config.instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    _check_source(config, source)
    with _no_worker(config):
        pass
    with scratch(config.instance) as place:
        copy = place / "jack.db"
        _copy(source, copy)
        _prepare(copy, folder)
        # What the backup has, what was kept beside it, and what is here anyway.
        places = [place / FOLDER, _files_of(source), folder_of(config.database)]
        files = _files(copy, places)
        _settle(copy)
        with _nobody_else(config):
            kept = _swap(config, copy, files)
    Database(config.database, deadline=1).close()  # from here on it is in WAL mode again
    return kept


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
    """Copy the file, and the log beside it if it was taken from a stopped instance as it lay there."""
    with (
        Progress(f"Copying {source.name}") as progress,
        sqlite_lock(source, f"{source} is in use by a program."),
    ):
        if attachments_archive.is_archive(source):
            attachments_archive.unwrap(source, copy, copy.parent / FOLDER, progress)
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
    """Check that the copy is a whole database of Jack's, bring it up to date, and end what must not come back."""
    try:
        with opened(copy) as db:
            with Progress("Checking it"):
                _check(db, folder)
            if migrations.version(db) < migrations.latest_version(folder):
                say("It was made by an older Jack: upgrading it")
                migrate(db, folder=folder)
            _retire(db)
    except (CommandRefused, JackError):
        raise
    except Exception as error:  # the driver's, of a file that is no database, or half of one
        says = f"The file is damaged or not a backup of Jack's ({error}). Nothing was changed."
        raise CommandRefused(says) from error


def _files(copy: Path, places: list[Path]) -> dict[str, Path]:
    """Where the files are that the database names; of those that are nowhere it is told."""
    with opened(copy) as db:
        found = attachments_archive.gathered(db, places)
        with transaction(db):
            lost = attachments_archive.forsake(db, found)
    if lost:
        say(f"{lost} attachments are not in the backup, or damaged: they are marked as lost.")
    return found


def _files_of(kept: Path) -> Path:
    """The folder beside a database that a restore has kept, with the files of its time."""
    return kept.with_suffix(f".{FOLDER}")


def _settle(copy: Path) -> None:
    """On the disk, and nobody else's to read."""
    copy.chmod(0o600)
    with copy.open("rb") as file:
        os.fsync(file.fileno())


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


def _retire(db: Database) -> None:
    """A sign-in, a link or a message that was used up since the backup must not be used a second time."""
    repeatable = sorted(name for name, channel in CHANNELS.items() if channel.REPEATABLE)
    with transaction(db):
        now = db.now()
        db.run(END_SESSIONS, {"now": now})
        db.run(END_INVITES, {"now": now})
        before = clock.later(now, minutes=-1)
        db.run(DOUBT_OUTBOX, {"before": before, "repeatable": as_json(repeatable)})


# ------------------------------------------------------------------------------------------------ taking the place


def _running(config: Config) -> str:
    return f"Jack is running with {config.instance}. Stop it, then restore. Nothing was changed."


def _no_worker(config: Config) -> AbstractContextManager[None]:
    """Hold the worker's lock, if there has ever been a worker."""
    if not config.worker_lock.exists():
        return nullcontext()
    return file_lock(config.worker_lock, _running(config))


@contextmanager
def _nobody_else(config: Config) -> Iterator[None]:
    """Keep everybody out of the database for the length of a block. Raises CommandRefused when somebody is in."""
    running = _running(config)
    with ExitStack() as held:
        held.enter_context(_no_worker(config))
        damaged = False
        if config.database.exists():
            try:
                held.enter_context(_alone(config.database, running))
            except (CommandRefused, JackError):
                raise
            except Exception:  # a damaged database cannot be asked; it is about to be replaced
                damaged = True
        held.enter_context(file_lock(config.database.with_suffix(".gate"), running))
        if damaged:
            held.enter_context(sqlite_lock(config.database, running))
        yield


@contextmanager
def _alone(path: Path, otherwise: str) -> Iterator[None]:
    """Fold the log into the file and hold the file exclusively; both only work while nobody else has it open."""
    db = Database(path, deadline=1)
    try:
        try:
            alone = db.value("PRAGMA journal_mode = DELETE") == "delete"
            db.run("BEGIN EXCLUSIVE")
        except Unavailable:
            alone = False
        if not alone:
            raise CommandRefused(otherwise)
        yield
        db.run("ROLLBACK")
    finally:
        db.close()


def _swap(config: Config, copy: Path, files: dict[str, Path]) -> Path | None:
    """The copy in the old one's place, the old one aside. A crash leaves the one or the other in place, whole.

    Its files are put beside those that are there, which go by and by: nothing names them any more.
    """
    path = config.database
    aside = _aside(config)
    attachments_archive.aside(folder_of(path), _files_of(aside))
    attachments_archive.put(files, folder_of(path))
    for end in LEFT_OVER:
        left = Path(f"{path}{end}")
        if left.exists():
            left.replace(f"{aside}{end}")
    Path(f"{path}-shm").unlink(missing_ok=True)
    kept = path.exists()
    if kept:
        _keep(path, aside)
    copy.replace(path)
    for folder in (aside.parent, path.parent):
        sync_folder(folder)
    return aside if kept else None


def _aside(config: Config) -> Path:
    folder = config.instance / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    when = clock.stamp(time.time()).replace(":", "").replace("-", "")
    return folder / f"before-restore-{when}.db"


def _keep(path: Path, aside: Path) -> None:
    """A second name for the old file, so that there is no moment without a database; a copy where links are unknown."""
    try:
        os.link(path, aside)
    except OSError:
        shutil.copy2(path, aside)
