"""Erasing a guest: rows that record work stay, without any personal data.

It changes tables of other resources, so that all an erasure changes is in one file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from jack.core import events, idempotency
from jack.core.db import transaction
from jack.core.patterns import email_key
from jack.core.query import Query
from jack.resources.attachments import storage
from jack.resources.attachments.store import DeletedFile
from jack.resources.conversations import opt_outs
from jack.resources.exports import store as exports
from jack.resources.external_ids import store as external_ids
from jack.resources.guests import consents, store
from jack.resources.guests import external_ids as guest_ids
from jack.resources.guests import merged as merged_guests
from jack.resources.handover import store as handovers
from jack.resources.imports import failed_lines
from jack.resources.privacy import mentions
from jack.resources.quarantine import store as quarantine
from jack.resources.webhooks import deliveries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from jack.core.db import Database


class MergedRow(TypedDict):
    """A guest who was merged into the one to erase: their id, the merge's, and their e-mail."""

    id: str
    merge_id: str
    email: str | None


class ChatRow(TypedDict):
    """A web chat with an e-mail."""

    id: str
    email: str


class TaskRow(TypedDict):
    """A task, and the conversation it is about."""

    id: str
    conversation_id: str | None


ERASED = "[erased]"

# Ids of what belongs to the guest: responses stored for `Idempotency-Key` may contain them.
OWNED = """
    SELECT id FROM conversations WHERE guest_id = :id
    UNION SELECT id FROM webchat_sessions WHERE guest_id = :id
    UNION SELECT attachments.id FROM attachments JOIN messages ON messages.id = message_id
    WHERE conversation_id IN (SELECT id FROM conversations WHERE guest_id = :id)
    UNION SELECT attachments.id FROM attachments JOIN tasks ON tasks.id = task_id
    WHERE guest_id = :id OR conversation_id IN (SELECT id FROM conversations WHERE guest_id = :id)
    UNION SELECT id FROM tasks
    WHERE guest_id = :id OR conversation_id IN (SELECT id FROM conversations WHERE guest_id = :id)
    UNION SELECT id FROM stays WHERE guest_id = :id
    UNION SELECT stays.id FROM stay_companions JOIN stays ON stays.seq = stay_seq WHERE stay_companions.guest_id = :id"""

# Guests who were merged into this one, directly or by another merge: a merge holds their profile.
MERGED = Query[
    MergedRow
]("""
    WITH RECURSIVE merged (id, merge_id) AS (
        SELECT other_id, id FROM merges WHERE kept_id = :id
        UNION SELECT other_id, merges.id FROM merges JOIN merged ON kept_id = merged.id)
    SELECT merged.id, merge_id, other ->> 'email' AS email FROM merged JOIN merges ON merges.id = merge_id""")

TASK_IDS = """
    SELECT external_id FROM tasks
    WHERE (guest_id = :id OR conversation_id IN (SELECT id FROM conversations WHERE guest_id = :id))
      AND external_id IS NOT NULL"""

STAY_IDS = "SELECT external_id FROM stays WHERE guest_id = :id AND external_id IS NOT NULL"
# Where the guest is a companion the stay is somebody else's: only that they are named goes.
STAYS = "SELECT id FROM stays WHERE guest_id = :id"
ACCOMPANIED = """
    SELECT stays.id FROM stay_companions JOIN stays ON stays.seq = stay_seq WHERE stay_companions.guest_id = :id"""
OF_STAY = ("guestId", "eta", "source", "confirmation", "externalId", "notes", "metadata")

DELETE_MERGE = "DELETE FROM merges WHERE id = :id"

# The files themselves are deleted on commit.
ATTACHMENTS = Query[DeletedFile]("""
    DELETE FROM attachments
    WHERE message_id IN (SELECT id FROM messages WHERE conversation_id IN
                         (SELECT id FROM conversations WHERE guest_id = :id))
       OR task_id IN (SELECT id FROM tasks WHERE guest_id = :id
                      OR conversation_id IN (SELECT id FROM conversations WHERE guest_id = :id))
    RETURNING file""")

EMAILS = """
    SELECT address FROM guest_identities WHERE guest_id = :id AND channel = 'email'
    UNION SELECT lower(verbatim) FROM guest_identities WHERE guest_id = :id AND channel = 'email' AND verbatim IS NOT NULL
    UNION SELECT email_key FROM guests WHERE id = :id AND email_key IS NOT NULL"""

# Tasks and conversations that are changed, each with its event.
TASKS = Query[
    TaskRow
]("""
    SELECT id, conversation_id FROM tasks
    WHERE guest_id = :id OR conversation_id IN (SELECT id FROM conversations WHERE guest_id = :id)""")
CONVERSATIONS = "SELECT id FROM conversations WHERE guest_id = :id"
OF_TASK = ("title", "description", "notes", "room", "guestId", "attachments")
OF_CONVERSATION = ("guestId", "subject", "preview", "status", "waitingSince", "snoozedUntil")

CHATS_WITHOUT_GUEST = Query[ChatRow](
    "SELECT id, email FROM webchat_sessions WHERE guest_id IS NULL AND email IS NOT NULL"
)

DELETE_CHAT = "DELETE FROM webchat_sessions WHERE id = :id"

STATEMENTS = (
    """
    DELETE FROM outbox
    WHERE message_id IN (SELECT id FROM messages WHERE conversation_id IN
                         (SELECT id FROM conversations WHERE guest_id = :id))""",
    """
    DELETE FROM inbound
    WHERE message_id IN (SELECT id FROM messages WHERE conversation_id IN
                         (SELECT id FROM conversations WHERE guest_id = :id))""",
    """
    DELETE FROM receipts
    WHERE (account, provider_id) IN (
        SELECT account, provider_id FROM provider_messages JOIN messages ON messages.id = message_id
        WHERE conversation_id IN (SELECT id FROM conversations WHERE guest_id = :id))""",
    """
    DELETE FROM provider_messages
    WHERE message_id IN (SELECT id FROM messages WHERE conversation_id IN
                         (SELECT id FROM conversations WHERE guest_id = :id))""",
    """
    DELETE FROM unknown_sends
    WHERE message_id IN (SELECT id FROM messages WHERE conversation_id IN
                         (SELECT id FROM conversations WHERE guest_id = :id))""",
    """
    DELETE FROM reactions
    WHERE message_id IN (SELECT id FROM messages WHERE conversation_id IN
                         (SELECT id FROM conversations WHERE guest_id = :id))""",
    """
    UPDATE messages  -- by these two they are counted or not
    SET content = :erased, error = NULL,
        details = CASE WHEN details ->> 'automatic' THEN '{"automatic": true}'
                       WHEN details ->> 'blocked' THEN '{"blocked": true}' END,
        author_id = CASE WHEN author_type <> 'guest' THEN author_id END,
        own_at = CASE WHEN status <> 'scheduled' THEN own_at END,
        status = CASE WHEN status IN ('queued', 'sending') THEN 'failed' WHEN status = 'scheduled' THEN 'cancelled' ELSE status END
    WHERE conversation_id IN (SELECT id FROM conversations WHERE guest_id = :id)""",
    """
    UPDATE tasks
    SET title = :erased, description = NULL, notes = NULL, room = NULL, guest_id = NULL, external_id = NULL,
        metadata = '{}', updated_at = :now
    WHERE guest_id = :id OR conversation_id IN (SELECT id FROM conversations WHERE guest_id = :id)""",
    # Others of whom a conversation or a session is in the same stream have proven the same e-mail: they begin a new one.
    """
    DELETE FROM webchat_streams
    WHERE id IN (SELECT stream_id FROM webchat_sessions WHERE guest_id = :id
                 UNION SELECT stream_id FROM conversations WHERE guest_id = :id)
       OR email_key IN (SELECT address FROM guest_identities WHERE guest_id = :id AND channel = 'email')""",
    "DELETE FROM webchat_sessions WHERE guest_id = :id",
    """
    UPDATE conversations
    SET guest_id = NULL, subject = NULL, preview = NULL, preview_media = NULL, status = 'closed', waiting_since = NULL, metadata = '{}',
        updated_at = :now
    WHERE guest_id = :id""",
    """
    UPDATE stays SET updated_at = :now
    WHERE seq IN (SELECT stay_seq FROM stay_companions WHERE stay_companions.guest_id = :id)""",
    "DELETE FROM stay_companions WHERE guest_id = :id",
    """
    UPDATE stays
    SET guest_id = NULL, eta = NULL, source = NULL, confirmation = NULL, external_id = NULL, notes = NULL, metadata = '{}',
        search_text = lower(concat_ws(char(10), room, room_type)), updated_at = :now
    WHERE guest_id = :id""",
    "DELETE FROM guests WHERE id = :id",
)


def erase(
    db: Database,
    guest_id: str,
    *,
    by: str | None = None,
    only_if: Callable[[], bool] = lambda: True,
) -> bool:
    """Erase a guest from profile, conversations, messages, files, tasks, stays, merges, quarantine, exports, imports, kept answers, handovers and webhooks.

    Raises NotFound. Opt-outs stay, under a hash of the address (`conversations.opt_outs`), and that its external ids were erased. Copies made before (`backups/`,
    the hotel's own) still hold the guest. `only_if` is asked in the transaction; returns whether it said so.
    """
    quarantined = quarantine.files_with(db, db.column(EMAILS, {"id": guest_id}))
    searched = exports.search_files(db, _known(db, guest_id))
    with transaction(db):
        if not only_if():
            return False
        _erase(db, guest_id, quarantined, searched, by)
    db.checkpoint()
    return True


def _erase(
    db: Database,
    guest_id: str,
    quarantined: Sequence[str],
    searched: exports.Searched,
    by: str | None,
) -> None:
    """Erase a guest, and these files of the quarantine, in the transaction at hand."""
    guest, mentioned = store.get(db, guest_id), mentions.of_guest(db, guest_id)
    known = _known(db, guest_id)
    merged = _delete_merges(db, guest_id)
    idempotency.erase(db, known)
    deliveries.erase(db, known)
    _delete_chats(db, [guest["email"], *(other["email"] for other in merged)])
    storage.remove(db, [row["file"] for row in db.all(ATTACHMENTS, {"id": guest_id})])
    quarantine.remove(db, quarantined)
    external_ids.erase(db, "guests", guest_ids.names(db, guest_id))
    external_ids.erase(db, "tasks", db.column(TASK_IDS, {"id": guest_id}))
    external_ids.erase(db, "stays", db.column(STAY_IDS, {"id": guest_id}))
    exports.erase(db, known, searched)
    handovers.erase(db, mentions.sources(handovers.texts(db), mentioned.in_texts))
    failed_lines.erase(db, mentions.sources(failed_lines.texts(db), mentioned.in_files))
    for channel, address in consents.withdrawn_addresses(db, guest_id):
        opt_outs.stop(db, channel, address, consents.NOTED)
    params = {"id": guest_id, "erased": ERASED, "now": db.now()}
    touched = _touched(db, guest_id)
    for statement in STATEMENTS:
        db.run(statement, params)
    merged_guests.forget_all_of(db, guest_id)
    for type, one, about, changed in touched:
        events.record(db, type, one, conversation_id=about, by=by, changed=changed)
    events.record(db, "guest.erased", guest_id, by=by)


def _known(db: Database, guest_id: str) -> list[str]:
    """The ids of a guest, of what belongs to them, and of who was merged into them."""
    params = {"id": guest_id}
    return [guest_id, *db.column(OWNED, params), *(row["id"] for row in db.all(MERGED, params))]


def _touched(
    db: Database, guest_id: str
) -> list[tuple[events.EventType, str, str | None, Sequence[str]]]:
    """What an erasure changes beside the guest: the type of the event, whose it is, its conversation, names of fields."""
    params = {"id": guest_id}
    found: list[tuple[events.EventType, str, str | None, Sequence[str]]] = []
    for row in db.all(TASKS, params):
        found.append(("task.updated", row["id"], row["conversation_id"], OF_TASK))
    for one in db.column(CONVERSATIONS, params):
        found.append(("conversation.updated", one, one, OF_CONVERSATION))
    for one in db.column(STAYS, params):
        found.append(("stay.updated", one, None, OF_STAY))
    for one in db.column(ACCOMPANIED, params):
        found.append(("stay.updated", one, None, ("companions",)))
    return found


def _delete_merges(db: Database, guest_id: str) -> list[MergedRow]:
    """Delete the merges into this guest; returns who was merged."""
    found = db.all(MERGED, {"id": guest_id})
    for row in found:
        db.run(DELETE_MERGE, {"id": row["merge_id"]})
    return found


def _delete_chats(db: Database, emails: Iterable[str | None]) -> None:
    """Delete web chats with one of these e-mails that have no guest yet, because nobody has written in them."""
    known = {email_key(email) for email in emails if email}
    for row in db.all(CHATS_WITHOUT_GUEST) if known else ():
        if email_key(row["email"]) in known:
            db.run(DELETE_CHAT, {"id": row["id"]})
