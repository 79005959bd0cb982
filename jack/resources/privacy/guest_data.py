"""All that is stored of one guest, for them to have: what an erasure removes, and nothing of anybody else.

It reads tables of other resources, as `erasure` changes them. Copies of the same (kept answers, deliveries of webhooks, files of
exports) are not repeated; staff are named by what they are, and other guests not at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import orjson

from jack.core.patterns import email_key
from jack.core.query import Query
from jack.resources.guests import consents, store
from jack.resources.handover import store as handovers
from jack.resources.imports import failed_lines
from jack.resources.privacy import mentions
from jack.resources.quarantine import store as quarantine

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from jack.core.db import Database
    from jack.core.query import AnyRow

# Columns that are JSON, and those that are 0 or 1.
JSON = frozenset(
    ("tags", "externalIds", "metadata", "details", "profile", "before", "inReplyTo", "report")
)
FLAGS = frozenset(("blocked", "emailProven"))

PROFILE = Query["AnyRow"]("""
    SELECT id, name, email, phone, tags, notes, language, external_ids AS externalIds, metadata, blocked,
           last_contact_at AS lastContactAt, created_at AS createdAt, updated_at AS updatedAt
    FROM guests WHERE id = :id""")

# What belongs to the guest by one key, under its name in the file.
LISTS: dict[str, Query[AnyRow]] = {
    "addresses": Query("""
        SELECT channel, address, verbatim AS asWritten, last_inbound_at AS lastInboundAt, created_at AS createdAt
        FROM guest_identities WHERE guest_id = :id ORDER BY channel, address"""),
    "namesInOtherPrograms": Query("""
        SELECT name FROM guest_external_ids WHERE guest_id = :id ORDER BY name"""),
    "mergedProfiles": Query("""
        WITH RECURSIVE merged (id, merge_id) AS (
            SELECT other_id, id FROM merges WHERE kept_id = :id
            UNION SELECT other_id, merges.id FROM merges JOIN merged ON kept_id = merged.id)
        SELECT merged.id, created_at AS mergedAt, other AS profile, moved AS before
        FROM merged JOIN merges ON merges.id = merge_id ORDER BY created_at, merged.id"""),
    "formerIds": Query(
        "SELECT id, merged_at AS mergedAt FROM merged_guests WHERE merged_into = :id ORDER BY id"
    ),
    "automations": Query("""
        SELECT at, (SELECT name FROM automations WHERE automations.id = automation_id) AS automation, subject_type AS subjectType,
               subject_id AS subjectId, action, result, because, message_id AS messageId
        FROM automation_runs WHERE guest_id = :id ORDER BY seq"""),
    "stays": Query("""
        SELECT id, room, room_type AS roomType, arrival, departure, eta, adults, children, status, source, confirmation,
               external_id AS externalId, notes, metadata, created_at AS createdAt, updated_at AS updatedAt
        FROM stays WHERE guest_id = :id ORDER BY arrival, seq"""),
    "staysAsCompanion": Query("""
        SELECT arrival, departure, status
        FROM stay_companions JOIN stays ON stays.seq = stay_seq WHERE stay_companions.guest_id = :id
        ORDER BY arrival, stays.seq"""),
    "tasks": Query("""
        SELECT id, title, description, department, priority, status, room, notes, conversation_id AS conversationId,
               external_id AS externalId, metadata, due_at AS dueAt, completed_at AS completedAt, created_at AS createdAt
        FROM tasks
        WHERE guest_id = :id OR conversation_id IN (SELECT id FROM conversations WHERE guest_id = :id)
        ORDER BY seq"""),
    "webChats": Query("""
        SELECT id, name, email, email_proven AS emailProven, language, created_at AS createdAt, expires_at AS expiresAt
        FROM webchat_sessions
        WHERE guest_id = :id OR (guest_id IS NULL AND lower(email) IN (SELECT value FROM json_each(:emails)))
        ORDER BY created_at, id"""),
}

FILES_OF_TASKS = Query["AnyRow"]("""
    SELECT task_id, attachments.id, name, mime, size, attachments.status, file, attachments.created_at AS createdAt
    FROM attachments JOIN tasks ON tasks.id = task_id
    WHERE guest_id = :id OR conversation_id IN (SELECT id FROM conversations WHERE guest_id = :id)
    ORDER BY place, attachments.seq""")

CONVERSATIONS = Query["AnyRow"]("""
    SELECT id, channel, status, subject, metadata, created_at AS createdAt, last_message_at AS lastMessageAt
    FROM conversations WHERE guest_id = :id ORDER BY seq""")

# Of one conversation. Whoever wrote for the hotel is not named.
MESSAGES = Query["AnyRow"]("""
    SELECT id, direction, type, content, status, author_type AS author, error, details, reply_to_id AS replyTo,
           created_at AS createdAt, iif(status = 'scheduled', NULL, own_at) AS writtenAt, send_at AS sendAt, sent_at AS sentAt, delivered_at AS deliveredAt, read_at AS readAt,
           edited_at AS editedAt
    FROM messages WHERE conversation_id = :id ORDER BY ordered_at, id""")
OF_MESSAGES: dict[str, Query[AnyRow]] = {
    "reactions": Query("""
        SELECT message_id, side, emoji, at FROM reactions
        WHERE message_id IN (SELECT id FROM messages WHERE conversation_id = :id) ORDER BY at"""),
    "files": Query("""
        SELECT message_id, id, name, mime, size, status, file, created_at AS createdAt FROM attachments
        WHERE message_id IN (SELECT id FROM messages WHERE conversation_id = :id) ORDER BY place, seq"""),
    "receivedAs": Query("""
        SELECT message_id, account, event_key AS "key", in_reply_to AS inReplyTo, received_at AS at FROM inbound
        WHERE message_id IN (SELECT id FROM messages WHERE conversation_id = :id)"""),
    "sentAs": Query("""
        SELECT message_id, account, provider_id AS "key", status, error, sent_at AS at FROM provider_messages
        WHERE message_id IN (SELECT id FROM messages WHERE conversation_id = :id) ORDER BY part"""),
    "receipts": Query("""
        SELECT message_id, receipts.status, receipts.error, at, report
        FROM receipts JOIN provider_messages USING (account, provider_id)
        WHERE message_id IN (SELECT id FROM messages WHERE conversation_id = :id) ORDER BY receipts.seq"""),
}


def profile(db: Database, guest_id: str) -> dict[str, object]:
    """All of a guest but their conversations. Raises NotFound, and Gone for one who was merged into another."""
    guest = store.get(db, guest_id)
    merged = [
        orjson.loads(str(row["profile"]))
        for row in db.all(LISTS["mergedProfiles"], {"id": guest_id})
    ]
    people = [guest, *merged]
    emails = {email_key(one["email"]) for one in people if one["email"]}
    params = {"id": guest_id, "emails": orjson.dumps(sorted(emails)).decode()}
    found: dict[str, object] = {"guest": _shown(db.row(PROFILE, params))}
    found["consents"] = consents.of_guest(db, guest_id)
    for name, query in LISTS.items():
        found[name] = [_shown(row) for row in db.all(query, params)]
    _add_files(db, cast("list[dict[str, object]]", found["tasks"]), params)
    mentioned = mentions.of_guest(db, guest_id)
    found["handovers"] = mentions.lines(handovers.texts(db), mentioned.in_texts)
    found["linesThatFailedToImport"] = mentions.lines(failed_lines.texts(db), mentioned.in_files)
    return found


def _add_files(
    db: Database, tasks: Sequence[dict[str, object]], params: Mapping[str, object]
) -> None:
    """Put the files of these tasks beside them."""
    found = {task["id"]: task for task in tasks}
    for row in db.all(FILES_OF_TASKS, params):
        shown = _shown(row)
        files = found[shown.pop("task_id")].setdefault("files", [])
        cast("list[dict[str, object]]", files).append(shown)


def conversations(db: Database, guest_id: str) -> Iterator[dict[str, object]]:
    """The conversations of a guest, each with its messages, oldest first."""
    for row in db.all(CONVERSATIONS, {"id": guest_id}):
        yield {**_shown(row), "messages": _messages(db, str(row["id"]))}


def unreadable_mail(db: Database, guest_id: str) -> list[str]:
    """The names of quarantined files with mail of a guest's own: of others', which only names them, nothing is theirs to have."""
    rows = db.all(LISTS["addresses"], {"id": guest_id})
    return quarantine.files_from(
        db, [str(row["address"]) for row in rows if row["channel"] == "email"]
    )


def _messages(db: Database, conversation_id: str) -> list[dict[str, object]]:
    params = {"id": conversation_id}
    found = {str(row["id"]): _shown(row) for row in db.all(MESSAGES, params)}
    for name, query in OF_MESSAGES.items():
        for row in db.all(query, params):
            shown = _shown(row)
            beside = found[str(shown.pop("message_id"))].setdefault(name, [])
            beside.append(shown)  # type: ignore[attr-defined]
    return list(found.values())


def _shown(row: AnyRow) -> dict[str, object]:
    """A row with its JSON read."""
    return {name: _read(name, value) for name, value in row.items()}


def _read(name: str, value: object) -> object:
    if name in JSON and isinstance(value, str):
        return orjson.loads(value)
    return bool(value) if name in FLAGS else value
