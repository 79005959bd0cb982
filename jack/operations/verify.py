"""`bin/jack verify`: checks of the file, the schema, the invariants between rows, the search indexes, the attachments."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jack.core import integrity, migrations
from jack.core.db import transaction
from jack.core.errors import JackError
from jack.core.places import COMMAND
from jack.operations import attachments_archive
from jack.operations.backup import check_room, opened, scratch
from jack.operations.terminal import CommandRefused, Progress
from jack.resources.attachments.storage import folder_of
from jack.resources.conversations import arrival
from jack.resources.conversations.message_rows import SAID

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jack.core.config import Config
    from jack.core.db import Database

SEARCH_INDEXES = "SELECT name FROM sqlite_schema WHERE sql LIKE 'CREATE VIRTUAL TABLE%USING fts5 %' ORDER BY name"

# Conversations without a subject have no row in this one, so it cannot be compared with its texts.
PARTIAL = {"subject_search"}
# What an index does not have yet, which is no fault.
COMPLETED = {
    "task_search": """
        INSERT INTO task_search (rowid, search_text) SELECT seq, search_text FROM tasks
        WHERE seq > (SELECT coalesce(max(id), 0) FROM task_search_docsize)"""
}

# Message: a statement that counts the rows which violate the invariant.
INVARIANTS = {
    "messages wait to be sent, but are not in the outbox": """
        SELECT count(*) FROM messages
        WHERE status IN ('queued', 'sending') AND id NOT IN (SELECT message_id FROM outbox)""",
    # A web visitor may have fetched, even read, a message before the worker got to it.
    "rows of the outbox are of messages that are not to be sent": """
        SELECT count(*) FROM outbox JOIN messages ON messages.id = message_id
        WHERE direction <> 'outbound' OR status IS NULL OR status NOT IN ('queued', 'sending', 'delivered', 'read')""",
    "conversations miscount their guest's messages": f"""
        SELECT count(*)
        FROM conversations LEFT JOIN (
            SELECT conversation_id, count(*) AS found FROM messages
            WHERE {arrival.COUNTS} GROUP BY conversation_id) ON conversation_id = id
        WHERE inbound_count <> coalesce(found, 0)""",
    "conversations are marked as read beyond their last message": """
        SELECT count(*)
        FROM conversation_reads JOIN conversations ON conversations.id = conversation_id
        WHERE conversation_reads.inbound_count > conversations.inbound_count""",
    "conversations lack the time of their last message": f"""
        SELECT count(*) FROM conversations
        WHERE last_message_at IS NULL AND EXISTS (
            SELECT 1 FROM messages WHERE conversation_id = conversations.id AND {SAID})""",
    # Notes say that a guest has another number; echoes are what the hotel wrote elsewhere.
    "received messages are not a guest's": """
        SELECT count(*) FROM inbound LEFT JOIN messages ON messages.id = message_id
        WHERE message_id IS NOT NULL AND direction IS NOT 'inbound'
          AND type IS NOT 'note' AND details ->> 'echo' IS NULL AND event_key NOT GLOB 'reaction:*'""",
    "guests have tags they cannot be found by": """
        SELECT count(*) FROM guests
        WHERE (json_array_length(tags) = 0) <> (NOT EXISTS (SELECT 1 FROM guest_tags WHERE guest_seq = seq))""",
    "guests have external ids they cannot be found by": """
        SELECT count(*) FROM guests, json_each(guests.external_ids) AS one
        WHERE NOT EXISTS (
            SELECT 1 FROM guest_external_ids
            WHERE guest_id = guests.id
              AND name = CASE one.key WHEN '' THEN one.value ELSE one.key || ':' || one.value END)""",
    "tags are miscounted": """
        SELECT count(*) FROM (
            SELECT sum(guests) AS off FROM (
                SELECT tag_key, guests FROM tag_counts UNION ALL SELECT tag_key, -1 FROM guest_tags)
            GROUP BY tag_key)
        WHERE off <> 0""",
    "kinds of conversations are miscounted": """
        SELECT count(*) FROM (
            SELECT sum(conversations) AS off FROM (
                SELECT status, channel, assignee_id, waiting, has_inbound, conversations FROM conversation_counts
                UNION ALL SELECT status, channel, coalesce(assignee_id, ''), waiting_since IS NOT NULL,
                                 inbound_count > 0, -1 FROM conversations)
            GROUP BY status, channel, assignee_id, waiting, has_inbound)
        WHERE off <> 0""",
    "kinds of conversations are miscounted as read": """
        SELECT count(*) FROM (
            SELECT sum(conversations) AS off FROM (
                SELECT staff_id, status, channel, assignee_id, conversations FROM read_counts
                UNION ALL SELECT staff_id, status, channel, coalesce(assignee_id, ''), -1
                          FROM conversation_reads JOIN conversations ON conversations.id = conversation_id
                          WHERE conversations.inbound_count BETWEEN 1 AND conversation_reads.inbound_count)
            GROUP BY staff_id, status, channel, assignee_id)
        WHERE off <> 0""",
    "kinds of tasks are miscounted": """
        SELECT count(*) FROM (
            SELECT sum(tasks) AS off FROM (
                SELECT status, urgency, department, assignee_id, tasks FROM task_counts
                UNION ALL SELECT status, urgency, department, coalesce(assignee_id, ''), -1 FROM tasks)
            GROUP BY status, urgency, department, assignee_id)
        WHERE off <> 0""",
    "stays name somebody as guest and companion": """
        SELECT count(*) FROM stays JOIN stay_companions ON stay_seq = stays.seq
        WHERE stays.guest_id = stay_companions.guest_id""",
    "conversations cannot be found by their subject": """
        SELECT count(*) FROM conversations
        WHERE subject IS NOT NULL AND seq NOT IN (SELECT id FROM subject_search_docsize)""",
}


def verify(config: Config) -> list[str]:
    """What is wrong with the database, a line each; empty when nothing is.

    A copy is checked, so that Jack can go on working. Raises CommandRefused without space for it, and for another version.
    """
    check_room(config.instance, config.database.stat().st_size)
    try:
        with scratch(config.instance) as folder:
            copy = folder / "jack.db"
            with (
                Progress("Copying the database") as progress,
                opened(config.database, plain=False) as db,
            ):
                db.copy_to(copy, progress)
            with opened(copy) as db:
                _check_version(db)
                return problems(db) or _files(db, folder_of(config.database))
    except (CommandRefused, JackError):
        raise
    except Exception as error:  # the driver's exceptions for damage
        return [f"the file is damaged: {error}"]


def _check_version(db: Database) -> None:
    """Raise CommandRefused for a database of another version, whose tables cannot be compared with schema.sql."""
    found, latest = migrations.version(db), migrations.latest_version()
    if found < latest:
        raise CommandRefused(
            f"The database is of version {found}, the program of {latest}. "
            f"To bring it up to date, after a copy of it: {COMMAND} migrate"
        )
    if found > latest:
        raise CommandRefused(
            f"The database is of version {found}, this program knows {latest}: "
            "it was used by a newer Jack. Update Jack."
        )


def problems(db: Database) -> list[str]:
    """What is wrong with a database that nobody else uses."""
    found = []
    with Progress("Checking every page and every reference"):
        found += integrity.problems(db)
    with Progress("Comparing the tables with what they should be"):
        found += migrations.checked(db)[1]
    if found:
        return found
    with Progress("Counting messages, conversations and guests") as progress:
        found += list(_violations(db, progress))
    with Progress("Checking the search indexes"):
        found += list(_bad_indexes(db))
    return found


def _files(db: Database, folder: Path) -> list[str]:
    with Progress("Reading every attachment") as progress:
        return list(attachments_archive.problems(db, folder, progress))


def _violations(db: Database, progress: Progress) -> Iterator[str]:
    for number, (message, sql) in enumerate(INVARIANTS.items(), 1):
        count = db.value(sql)
        progress(number, len(INVARIANTS))
        if count:
            yield f"{count} {message}"


def _bad_indexes(db: Database) -> Iterator[str]:
    """The search indexes that differ from their texts, by FTS5's integrity-check, a line each."""
    for row in db.all(SEARCH_INDEXES):
        name = row["name"]
        try:
            db.run(COMPLETED.get(name, "SELECT 1"))
            depth = 0 if name in PARTIAL else 1
            with transaction(db):
                db.run(f"INSERT INTO {name} ({name}, rank) VALUES ('integrity-check', {depth})")
        except Exception:  # the driver's exception for damage
            yield f"the search index {name} does not match its texts"
