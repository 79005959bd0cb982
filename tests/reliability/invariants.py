"""What must hold in every database at every moment, however the last program ended."""

from __future__ import annotations

from pathlib import Path

from jack.core.db import Database, transaction
from jack.core.integrity import problems
from jack.core.reader import Row

# Each statement finds what is torn: a part of a change without the rest of it.
TORN = {
    "a waiting message without its outbox row": """
        SELECT id FROM messages
        WHERE direction = 'outbound' AND status IN ('queued', 'sending')
          AND NOT EXISTS (SELECT 1 FROM outbox WHERE message_id = messages.id)""",
    "an outbox row whose message is not waiting": """
        SELECT message_id FROM outbox
        WHERE NOT EXISTS (
            SELECT 1 FROM messages WHERE id = message_id AND status IN ('queued', 'sending'))""",
    "a message without its event": """
        SELECT id FROM messages
        WHERE NOT EXISTS (
            SELECT 1 FROM events
            WHERE subject_id = messages.id AND conversation_id = messages.conversation_id
              AND type = 'conversation.message.created'
              AND actor_id IS CASE WHEN author_type = 'guest' AND details ->> 'automatic' IS NULL THEN author_id
                                   WHEN author_type = 'staff' THEN author_id END)""",
    "an event without its message": """
        SELECT subject_id FROM events
        WHERE type LIKE 'conversation.message.%' AND subject_id NOT IN (SELECT id FROM messages)""",
    "a status without its event": """
        SELECT id FROM messages
        WHERE direction = 'outbound' AND status IN ('sent', 'delivered', 'read', 'failed', 'unknown')
          AND NOT EXISTS (
            SELECT 1 FROM events WHERE subject_id = messages.id AND type = 'conversation.message.status')""",
    "a conversation behind its messages": """
        SELECT conversations.id FROM conversations
        JOIN (SELECT conversation_id, max(seq) AS last FROM messages
              WHERE type <> 'note' GROUP BY conversation_id) AS newest
          ON newest.conversation_id = conversations.id
        JOIN messages ON messages.seq = newest.last
        WHERE last_message_at IS NOT messages.created_at OR active_at IS NOT messages.created_at
           OR preview IS NOT (
                SELECT substr(content, 1, 140) FROM messages
                WHERE conversation_id = conversations.id AND type <> 'note'
                ORDER BY ordered_at DESC, id DESC LIMIT 1)""",
    "a count of inbound messages that is not theirs": """
        SELECT id FROM conversations
        WHERE inbound_count <> (SELECT count(*) FROM messages
                                WHERE conversation_id = conversations.id AND direction = 'inbound'
                                  AND details ->> 'automatic' IS NULL AND details ->> 'blocked' IS NULL)""",
    "an inbound message without its key": """
        SELECT id FROM messages
        WHERE direction = 'inbound' AND id NOT IN (SELECT message_id FROM inbound)""",
    "a guest of the web chat whom no visitor is": """
        SELECT address FROM guest_identities
        WHERE channel = 'web' AND NOT EXISTS (
            SELECT 1 FROM webchat_sessions WHERE id = address AND guest_id = guest_identities.guest_id)""",
    "a visitor's guest without a conversation": """
        SELECT id FROM webchat_sessions
        WHERE guest_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM conversations WHERE conversations.guest_id = webchat_sessions.guest_id)""",
    "a kept answer without its work": """
        SELECT json_extract(CAST(answer AS TEXT), '$.data.id') AS id FROM idempotency
        WHERE sealed = 0 AND id NOT IN (
            SELECT id FROM tasks UNION SELECT id FROM guests UNION SELECT id FROM messages)""",
    "a task without its event": """
        SELECT id FROM tasks
        WHERE id NOT IN (SELECT subject_id FROM events WHERE type = 'task.created')""",
    "an event without its task": """
        SELECT subject_id FROM events
        WHERE type = 'task.created' AND subject_id NOT IN (SELECT id FROM tasks)""",
    "what staff have done without its line in the audit log": """
        SELECT seq FROM events
        WHERE actor_id LIKE 'staff-%' AND type NOT IN ('conversation.read', 'conversation.unread', 'conversation.mentioned') AND NOT EXISTS (
            SELECT 1 FROM audit WHERE subject_id = events.subject_id AND action = type AND audit.actor_id = events.actor_id)""",
    "a guest without their event": """
        SELECT id FROM guests
        WHERE id NOT IN (SELECT subject_id FROM events WHERE type = 'guest.created')""",
}

# 1: the index is compared with what it was made from; subjects may be missing, so theirs is looked at alone.
SEARCHES = {
    "guest_search": 1,
    "guest_grams": 1,
    "message_search": 1,
    "knowledge_search": 1,
    "subject_search": 0,
}


def torn(db: Database) -> list[str]:
    """Everything that is half-written, each as one line; empty when nothing is."""
    found = []
    for says, sql in TORN.items():
        rows = db.all(sql)
        if rows:
            found.append(f"{says}: {len(rows)}, such as {rows[0]}")
    return found


def wrong(db: Database) -> list[str]:
    """What is torn, what SQLite finds damaged, and which search index is not what it was made from."""
    with transaction(db):
        found = torn(db) + problems(db)
        for name, depth in SEARCHES.items():
            db.run(f"INSERT INTO {name} ({name}, rank) VALUES ('integrity-check', {depth})")
    return found


def look(path: Path) -> Database:
    """A connection of this process to the file, for tests to look and to check with."""
    return Database(path, deadline=20)


def assert_whole(path: Path) -> None:
    """The database is all right, as it is at this moment."""
    db = look(path)
    try:
        assert wrong(db) == []
    finally:
        db.close()


def rows(path: Path, sql: str) -> list[Row]:
    """What a statement finds."""
    db = look(path)
    try:
        return db.all(sql)
    finally:
        db.close()
