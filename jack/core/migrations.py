"""`migrate()`: schema.sql on an empty file, every missing migration on an older one."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from jack.core.atomic_file import make_folder
from jack.core.db import Database, transaction
from jack.core.sqlite import DatabaseError

SCHEMA = Path(__file__).resolve().parents[2] / "schema.sql"
MIGRATIONS = Path(__file__).resolve().parents[1] / "migrations"


def migrations(folder: Path = MIGRATIONS) -> dict[int, Path]:
    """The migration files by the version they lead to (`0002_….sql` leads to 2)."""
    return {int(path.name[:4]): path for path in sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql"))}


def latest_version(folder: Path = MIGRATIONS) -> int:
    """The schema version this program works with. The first release is 1."""
    return max(migrations(folder), default=1)


def version(db: Database) -> int:
    """The schema version of the file; 0 for an empty one."""
    return int(db.value("PRAGMA user_version"))


def migrate(
    db: Database, *, folder: Path = MIGRATIONS, say: Callable[[str], None] = lambda line: None
) -> int:
    """Bring the file to the program's version: schema.sql on an empty one, else every missing migration.

    A copy is put into `backups/` first. Each step is one transaction, so after a kill at any point the next start
    goes on. Returns the version. Raises DatabaseError when the file is newer than the program.
    """
    target = latest_version(folder)
    found = version(db)
    if found > target:
        raise DatabaseError(
            f"{db.path} is of version {found}, this program knows {target}: it was used by a newer Jack. "
            "Start that one, or restore the backup made before the upgrade."
        )
    if found == 0:
        _step(db, target, folder, say)
    elif found < target:
        _upgrade(db, target, folder, say)
    return version(db)


def _upgrade(db: Database, target: int, folder: Path, say: Callable[[str], None]) -> None:
    """A backup and every missing step, by one process; others that start meanwhile wait for it."""
    backups = db.path.parent / "backups"
    make_folder(backups)
    handle = os.open(backups, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        found = version(db)
        if found < target:
            say(f"Backing up to {_backup_before(db, found, backups)}")
        for number in range(found + 1, target + 1):
            _step(db, number, folder, say)
    finally:
        os.close(handle)


def _step(db: Database, number: int, folder: Path, say: Callable[[str], None]) -> None:
    """Migrate to version `number`, unless another process has done it."""
    with transaction(db):
        found = version(db)
        if found >= number:
            return
        if found == 0:
            say("Creating the database")
            db.script(SCHEMA.read_text(encoding="utf-8"))
            created = {"id": secrets.token_hex(16), "now": db.now()}
            db.run("INSERT INTO instance (only, id, created_at) VALUES (1, :id, :now)", created)
        else:
            say(f"Upgrading the database to version {number}")
            db.script(migrations(folder)[number].read_text(encoding="utf-8"))
        db.run(f"PRAGMA user_version = {number}")


def _backup_before(db: Database, found: int, folder: Path) -> Path:
    when = db.now().replace(":", "").replace("-", "")
    target = folder / f"before-upgrade-from-{found}-{when}.db"
    partial = target.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    db.copy_to(partial)
    partial.chmod(0o600)
    partial.rename(target)
    return target


def instance_id(db: Database) -> str:
    """The random id of this installation, made with its database."""
    return str(db.value("SELECT id FROM instance"))
