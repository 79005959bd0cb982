"""`migrate()`: schema.sql on an empty file, every missing migration on an older one; and what each version's schema is."""

from __future__ import annotations

import fcntl
import functools
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from jack.core import schema
from jack.core.atomic_file import make_folder
from jack.core.db import Database, transaction
from jack.core.places import COMMAND, PACKAGE, ROOT
from jack.core.sqlite import DatabaseError, in_memory

SCHEMA = ROOT / "schema.sql"
MIGRATIONS = PACKAGE / "migrations"


def migrations(folder: Path = MIGRATIONS) -> dict[int, Path]:
    """The migration files by the version they lead to (`0002_….sql` leads to 2); 1 is the whole schema of the first release."""
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
    goes on. Returns the version. Raises DatabaseError when the file is newer than the program, or its schema is not that
    of its version: a migration would fail on it half-way, or requests would fail after it.
    """
    target = latest_version(folder)
    found, wrong = checked(db, folder)
    if found > target:
        raise DatabaseError(
            f"{db.path} is of version {found}, this program knows {target}: it was used by a newer Jack. "
            "Start that one, or restore the backup made before the upgrade."
        )
    if wrong:
        raise DatabaseError(_mismatch(db.path, found, wrong))
    if found == 0:
        _step(db, target, folder, say)
    elif found < target:
        _upgrade(db, target, folder, say)
    return version(db)


def _mismatch(path: Path, found: int, wrong: list[str]) -> str:
    if found == 0:
        return f"{path} is a database, but not one of Jack's: it has tables, and no version. Nothing was changed."
    return (
        f"{path} says it is of version {found}, but differs from that: {schema.shortened(wrong)}. Nothing was changed. "
        f"To rebuild it, after a copy of it: {COMMAND} repair-schema"
    )


def checked(db: Database, folder: Path = MIGRATIONS) -> tuple[int, list[str]]:
    """The version of the file, and how its schema differs from what that version should be, a line each.

    Of a version that this program does not know nothing is said.
    """
    while True:
        found = version(db)
        known = found <= latest_version(folder)
        wrong = schema.differences(schema.read(db), definitions(found, folder)) if known else []
        if version(db) == found:  # else another process has migrated it meanwhile
            return found, wrong


@functools.lru_cache(maxsize=8)
def definitions(number: int, folder: Path = MIGRATIONS) -> schema.Definitions:
    """The definitions of a version's schema, as `schema.read` finds them; of 0, none."""
    if number == 0:
        return {}
    text = script(number, folder)
    if number == latest_version():
        return schema.written(text)
    return {f"{kind} {name}": sql for kind, name, sql in in_memory(text, schema.MASTER)}


def script(number: int, folder: Path = MIGRATIONS) -> str:
    """What makes an empty file one of this version: schema.sql, or the migrations from the first release on."""
    latest = latest_version()
    steps = migrations() | migrations(folder)
    first = [SCHEMA] if number >= latest else []
    after = latest if first else 0
    paths = [*first, *(steps[step] for step in range(after + 1, number + 1))]
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


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
