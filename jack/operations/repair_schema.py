"""`bin/jack repair-schema`: a database whose schema is not that of its version gets it, with every row it has.

The schema changed in ten commits before the first release without another version number. A new file is made with the schema
that the version should have, and every table is copied into it; what triggers keep (counts, search indexes) is made anew.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from jack.core import integrity, migrations
from jack.core.db import Database, transaction
from jack.core.errors import JackError
from jack.core.migrations import MIGRATIONS, instance_id, migrate
from jack.core.places import COMMAND
from jack.core.sqlite import DatabaseError
from jack.operations import replacement, verify
from jack.operations.backup import check_room, opened, scratch
from jack.operations.terminal import CommandRefused, Progress
from jack.resources.guests.consents import address_hash

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jack.core.config import Config

# Columns that older files lack, from the rows they have: an expression over `was`, the row, and tables of `old`.
MISSING = {
    ("messages", "conversation_seq"): "(SELECT seq FROM old.conversations WHERE id = was.conversation_id)",
    ("outbox", "conversation_id"): "(SELECT conversation_id FROM old.messages WHERE id = was.message_id)",
    ("outbox", "claimed_at"): "iif(was.owner IS NULL, NULL, was.created_at)",
    ("guest_identities", "last_inbound_at"): """(
        SELECT max(messages.created_at) FROM old.messages JOIN old.conversations ON conversations.id = conversation_id
        WHERE conversations.guest_id = was.guest_id AND conversations.channel = was.channel AND direction = 'inbound')""",
    ("conversation_reads", "current"): """(
        SELECT was.inbound_count >= inbound_count AND inbound_count > 0 FROM old.conversations WHERE id = was.conversation_id)""",
}  # fmt: skip

# Columns of older files whose content is in another one now.
REPLACED = {"consents": {"address"}}

TABLES = """
    SELECT pragma_table_list.name FROM pragma_table_list JOIN {schema}.sqlite_schema USING (name)
    WHERE schema = '{schema}' AND pragma_table_list.type = 'table' ORDER BY sqlite_schema.rowid"""

COLUMNS = """
    SELECT name, "notnull" AND dflt_value IS NULL AND pk = 0 AS required
    FROM pragma_table_xinfo(:table, :schema) WHERE hidden = 0"""

TRIGGERS = (
    "SELECT sql FROM main.sqlite_schema WHERE type = 'trigger' AND sql LIKE '% AFTER INSERT ON %'"
)

WRITTEN_BY_TRIGGER = re.compile(r"\b(?:INSERT INTO|UPDATE) (?!SET\b)(\w+)")

# Of these a trigger only counts each row on in `changed_seq`.
STAMPED = "SELECT tbl_name FROM main.sqlite_schema WHERE type = 'trigger' AND name = tbl_name || '_stamped'"

INSERT_OPT_OUT = """
    INSERT INTO main.consents (channel, address_hash, account, stopped_at)
    VALUES (:channel, :hash, :account, :stopped_at) ON CONFLICT DO NOTHING"""


class Repaired(NamedTuple):
    """Where the database of before is kept, and what whoever repaired it should know."""

    kept: Path
    notes: list[str]


def repair(config: Config, folder: Path = MIGRATIONS) -> Repaired | None:
    """Rebuild the database; None when its schema is as it should be.

    Everything is done to a copy, which replaces the database in one step at the end. Raises CommandRefused while the
    database is in use, and when it is damaged or has what the rebuilt one could not take.
    """
    check_room(config.instance, 4 * config.database.stat().st_size)
    # Closed last: closing any descriptor of the file ends the locks that SQLite holds on it.
    with (
        config.database.open("rb") as file,
        replacement.exclusive_access(config),
        scratch(config.instance) as temporary,
    ):
        old, new = temporary / "old.db", temporary / "jack.db"
        with old.open("xb") as copy:
            shutil.copyfileobj(file, copy)
        if not _differs(old, folder):
            return None
        notes = rebuild(old, new, folder)
        notes += _tried(new, temporary / "tried.db", folder)
        replacement.sync_file(new)
        kept = replacement.kept_path(config, "repair")
        replacement.replace(config.database, new, kept)
    Database(config.database, deadline=1).close()  # this sets WAL mode again
    return Repaired(kept, notes)


def _differs(old: Path, folder: Path) -> bool:
    """Whether there is anything to repair. Raises CommandRefused where this cannot: another version, damage."""
    with opened(old) as db:
        found, wrong = migrations.checked(db, folder)
        if not 1 <= found <= migrations.latest_version(folder):
            raise CommandRefused(
                f"The database is of version {found}, which this program cannot rebuild. Nothing was changed."
            )
        damage = integrity.problems(db)
    if damage:
        raise CommandRefused(
            f"The database is damaged ({'; '.join(damage[:3])}). Nothing was changed. "
            f"To put a backup in its place: {COMMAND} restore FILE"
        )
    return bool(wrong)


def _tried(new: Path, trial: Path, folder: Path) -> list[str]:
    """Upgrade and verify a copy of the rebuilt file; what its rows violate. Raises CommandRefused where it would not work."""
    shutil.copyfile(new, trial)
    with opened(trial) as db, Progress("Trying the upgrade"):
        migrate(db, folder=folder)
        wrong = integrity.problems(db) + migrations.checked(db, folder)[1]
    if wrong:
        raise CommandRefused(
            f"Rebuilt, it would not be whole ({'; '.join(wrong[:3])}). Nothing was changed."
        )
    with opened(trial) as db:
        return verify.problems(db) if folder == MIGRATIONS else []


def rebuild(old: Path, new: Path, folder: Path = MIGRATIONS) -> list[str]:
    """Make `new`: the schema that the version of `old` should have, and every row of `old`, in one transaction.

    Returns what there is no place for in it, a line each. Raises CommandRefused for rows it cannot take.
    """
    with opened(old) as db:
        number = migrations.version(db)
    try:
        with opened(new) as db, Progress("Rebuilding the tables"):
            db.run("PRAGMA foreign_keys = OFF")  # until every table is filled
            db.run("ATTACH DATABASE :path AS old", {"path": str(old)})
            with transaction(db):
                db.script(migrations.script(number, folder))
                notes = _fill(db)
                db.run(f"PRAGMA main.user_version = {number}")
            db.run("DETACH DATABASE old")
            return notes
    except (CommandRefused, JackError, DatabaseError):
        raise
    except (
        Exception
    ) as error:  # the driver's, for a row that violates a constraint of its new table
        raise CommandRefused(
            f"A row does not fit into its table ({error}). Nothing was changed."
        ) from error


def _fill(db: Database) -> list[str]:
    """Copy every table of `old` but those that the triggers fill; returns what there is no place for."""
    kept_by_triggers = derived(db)
    here = db.column(TABLES.format(schema="main"))
    there = [name for name in db.column(TABLES.format(schema="old")) if _is_own(name)]
    for table in here:
        if _is_own(table) and table in there and table not in kept_by_triggers:
            _copy(db, table)
    _restore_stamps(db)
    return list(_without_place(db, here, there))


def _restore_stamps(db: Database) -> None:
    """Let every row keep its place in the order of change, by which others read on."""
    for table in db.column(STAMPED):
        if any(
            row["name"] == "changed_seq"
            for row in db.all(COLUMNS, {"table": table, "schema": "old"})
        ):
            # A row that has it already would be counted on by this.
            db.run(f"""
                UPDATE main.{table} SET changed_seq = was.changed_seq FROM old.{table} AS was
                WHERE was.seq = {table}.seq AND was.changed_seq IS NOT {table}.changed_seq""")


def _is_own(name: str) -> bool:
    """Whether a table is not SQLite's or Litestream's (`jack.core.schema.MASTER`)."""
    return not name.startswith(("sqlite_", "_litestream_"))


def derived(db: Database) -> set[str]:
    """The tables that triggers fill as rows are inserted into others: counts and search indexes."""
    written = {name for sql in db.column(TRIGGERS) for name in WRITTEN_BY_TRIGGER.findall(sql)}
    return written - set(db.column(STAMPED))


def _copy(db: Database, table: str) -> None:
    """Copy the rows of a table; columns that are not there are filled by the rule in MISSING, or with their default."""
    there = {row["name"] for row in db.all(COLUMNS, {"table": table, "schema": "old"})}
    if table == "consents" and "address" in there:
        _copy_opt_outs(db)
        return
    values = {}
    for name, required in _columns(db, table):
        rule = MISSING.get((table, name))
        if name in there:
            values[name] = f"was.{name}"
        elif rule is not None:
            values[name] = rule
        elif required:
            raise CommandRefused(
                f"The column {name} of {table} is missing, and nothing says what was in it. Nothing was changed."
            )
    names, what = ", ".join(values), ", ".join(values.values())
    # What the schema has put into the new file, such as the list of channels, may be in the old one as well.
    either = "OR IGNORE " if db.value(f"SELECT count(*) FROM main.{table}") else ""
    db.run(f"INSERT {either}INTO main.{table} ({names}) SELECT {what} FROM old.{table} AS was")
    if db.value(f"SELECT count(*) FROM main.{table}") < db.value(
        f"SELECT count(*) FROM old.{table}"
    ):
        raise CommandRefused(f"Rows of {table} would be lost. Nothing was changed.")


def _columns(db: Database, table: str) -> Iterator[tuple[str, bool]]:
    for row in db.all(COLUMNS, {"table": table, "schema": "main"}):
        yield row["name"], bool(row["required"])


def _copy_opt_outs(db: Database) -> None:
    """The opt-outs of files that name addresses: now they name a hash, which outlives the guest's erasure."""
    instance = instance_id(db)
    for row in db.all("SELECT channel, address, account, stopped_at FROM old.consents"):
        address = row.pop("address")
        db.run(INSERT_OPT_OUT, row | {"hash": address_hash(instance, row["channel"], address)})


def _without_place(db: Database, here: list[str], there: list[str]) -> Iterator[str]:
    """What of the old file is not in the new one, a line each: tables and columns that are not Jack's, where they hold anything."""
    for table in there:
        if table not in here:
            if db.value(f'SELECT count(*) FROM old."{table}"'):
                yield f"the table {table} is not Jack's: its rows are in the kept database only"
            continue
        known = {name for name, _ in _columns(db, table)} | REPLACED.get(table, set())
        for row in db.all(COLUMNS, {"table": table, "schema": "old"}):
            name = row["name"]
            if name not in known and db.value(f'SELECT count("{name}") FROM old."{table}"'):
                yield f"the column {name} of {table} is not Jack's: it is in the kept database only"
