"""Attachments: the row of every file, the message it belongs to, and who may have it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypedDict

from jack.core import clock
from jack.core.atomic_file import MIB
from jack.core.db import as_json, transaction
from jack.core.errors import DetailCode, Invalid, NotFound
from jack.core.query import Query
from jack.resources.attachments import filenames, mime_types, previews, storage
from jack.resources.attachments.rows import (
    AttachmentRow,
    MessageFileRow,
    ReadyFile,
    ShownAttachment,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from jack.core.atomic_file import AtomicFile
    from jack.core.db import Database
    from jack.resources.attachments.storage import Stored


class DeletedFile(TypedDict):
    """The file of a row that was deleted, if it had one."""

    file: str | None


MAX_FILES = 10
MAX_BYTES = 40 * MIB
HOURS_UNSENT = 24
URL_PATH = "/api/v1/attachments"
MIME = re.compile(r"[a-z]{1,20}/[a-z0-9.+-]{1,80}")
NOT_STORED = {"file": None, "size": None, "digest": None, "duration": None}
TOO_LARGE = f"The file is larger than {storage.LIMIT // MIB} MiB."
TOO_MUCH = f"The message's files are more than {MAX_BYTES // MIB} MiB together."

COLUMNS = """
    id, message_id, status, name, mime, size, digest, file, error, created_at, duration,
    (SELECT jpeg.id FROM attachments AS jpeg WHERE jpeg.preview_of = attachments.id) AS preview_id"""

GET = Query[AttachmentRow](f"SELECT {COLUMNS} FROM attachments WHERE id = :id")

OF_STREAM = Query[AttachmentRow](f"""
    SELECT {COLUMNS} FROM attachments
    WHERE id = :id AND message_id IN (
        SELECT messages.id FROM messages JOIN conversations ON conversations.id = conversation_id
        WHERE messages.id = message_id AND stream_id = :stream_id AND type <> 'note'
          AND messages.status NOT IN ('scheduled', 'cancelled') AND details ->> 'late' IS NULL)""")

OF_MESSAGES = Query[MessageFileRow](f"""
    SELECT {COLUMNS} FROM attachments
    WHERE message_id IN (SELECT value FROM json_each(:ids)) AND preview_of IS NULL
    ORDER BY message_id, place, seq""")

CREATE = Query[AttachmentRow](f"""
    INSERT INTO attachments (id, message_id, place, status, name, mime, size, digest, file, error, uploaded_by,
                             account, source, due_at, created_at, duration, preview_due_at)
    VALUES (:id, :message_id, :place, :status, :name, :mime, :size, :digest, :file, :error, :uploaded_by,
            :account, :source, :due_at, :now, :duration, :preview_due_at)
    RETURNING {COLUMNS}""")

CLAIM = """
    UPDATE attachments SET message_id = :message_id, place = :place
    WHERE id = :id AND message_id IS NULL AND task_id IS NULL AND uploaded_by = :by AND preview_of IS NULL"""

CLAIM_PREVIEW = "UPDATE attachments SET message_id = :message_id WHERE preview_of = :id"

# As if whoever took the message back had just uploaded them: they may send them again, and have the time to.
RELEASE = """
    UPDATE attachments SET message_id = NULL, uploaded_by = :by, created_at = :now
    WHERE message_id = :message_id"""

DELETE_OF_MESSAGE = Query[DeletedFile](
    "DELETE FROM attachments WHERE message_id = :message_id RETURNING file"
)


class ReceivedMedia(Protocol):
    """A file that came with a message, as its channel describes it: its bytes (`content`), or where to fetch it (`source`)."""

    @property
    def name(self) -> str | None: ...
    @property
    def mime(self) -> str | None: ...
    @property
    def source(self) -> str | None: ...
    @property
    def content(self) -> bytes | None: ...


@dataclass(frozen=True)
class ReceivedFile:
    """A file that came with a message: on the disk (`stored`), to be fetched (`source`), or neither, with the `error`."""

    name: str
    mime: str
    source: str | None = None
    stored: Stored | None = None
    error: str | None = None


def create(db: Database, draft: AtomicFile, *, name: str, by: str) -> ShownAttachment:
    """A file that a member has uploaded, to be sent by them within a day. Raises Invalid for a type of file that is not sent."""
    stored = storage.keep(draft, claimed=name)
    if stored.mime == mime_types.UNKNOWN:
        message = "Not a kind of file that can be sent: pictures, PDF, office documents, text, sound and video can."
        raise Invalid.field("file", "unsupported_file", message)
    with transaction(db):
        return _create(db, ReceivedFile(stored.name, stored.mime, stored=stored), by=by)


def get(db: Database, attachment_id: str) -> ReadyFile:
    """The file of an attachment. Raises NotFound, with the status as its reason while there is no file."""
    return _ready(db, db.one(GET, {"id": attachment_id}))


def get_of_stream(db: Database, stream_id: str | None, attachment_id: str) -> ReadyFile:
    """As `get`, only for a file that was sent or received in this stream of the web chat."""
    return _ready(db, db.one(OF_STREAM, {"id": attachment_id, "stream_id": stream_id}))


def of_messages(
    db: Database, message_ids: Iterable[str], *, where: str = URL_PATH
) -> dict[str, list[ShownAttachment]]:
    """The attachments of these messages, by message and in the message's order; `where` is the path of their URLs."""
    found: dict[str, list[ShownAttachment]] = {message_id: [] for message_id in message_ids}
    rows = db.all(OF_MESSAGES, {"ids": as_json(list(found))}) if found else []
    for row in rows:
        found[row["message_id"]].append(_shown(row, where))
    return found


def to_send(db: Database, message_id: str) -> list[ReadyFile]:
    """The files of an outbound message, in order; of a picture with a JPEG that one, which every telephone shows."""
    rows = db.all(OF_MESSAGES, {"ids": as_json([message_id])})
    ready = [row for row in rows if row["status"] == "ready"]
    return [get(db, row["preview_id"]) if row["preview_id"] else _ready(db, row) for row in ready]


def claim(db: Database, ids: Sequence[str], message_id: str, *, by: str) -> list[ShownAttachment]:
    """Attach uploaded files to a message, in this order, in the message's transaction.

    Raises Invalid unless each exists, was uploaded by this member, and is attached to no other message.
    """
    if len(ids) > MAX_FILES or len(set(ids)) < len(ids):
        code: DetailCode = "too_many" if len(ids) > MAX_FILES else "invalid"
        raise Invalid.field("attachmentIds", code, f"Must be up to {MAX_FILES} different ids.")
    with transaction(db):
        for place, one in enumerate(ids):
            row = {"id": one, "message_id": message_id, "place": place, "by": by}
            if not db.run(CLAIM, row):
                message = "No such file of yours, or it has been sent: upload it again."
                raise Invalid.field(f"attachmentIds.{place}", "no_such", message)
            db.run(CLAIM_PREVIEW, row)
        return of_messages(db, [message_id])[message_id]


def release(db: Database, message_id: str, *, by: str) -> None:
    """Take its files from a message that is taken back: `by`, who did that, can send them with another."""
    db.run(RELEASE, {"message_id": message_id, "by": by, "now": db.now()})


def write_files(db: Database, media: Sequence[ReceivedMedia]) -> list[ReceivedFile]:
    """Write the files whose content has come with the message. Called before the transaction that stores the message.

    If that transaction fails, `cleanup` deletes the files: no row names them. Raises Unavailable when the disk is full.
    """
    files, bytes_left = [], MAX_BYTES
    for one in media[:MAX_FILES]:
        files.append(_received(db, one, bytes_left))
        stored = files[-1].stored
        bytes_left -= stored.size if stored else 0
    if len(media) > MAX_FILES:
        error = f"{len(media) - MAX_FILES} more files were left out: a message brings {MAX_FILES} at most."
        files.append(ReceivedFile(filenames.NAMELESS, mime_types.UNKNOWN, error=error))
    return files


def create_received(
    db: Database,
    message_id: str,
    account: str,
    media: Sequence[ReceivedMedia] | Sequence[ReceivedFile],
) -> None:
    """Create the attachments of an inbound message: files that are stored, to be fetched by the worker, or missing.

    Media that `write_files` has not written yet is written now, in the transaction that is open.
    """
    files = [one for one in media if isinstance(one, ReceivedFile)]
    if len(files) < len(media):
        files = write_files(db, [one for one in media if not isinstance(one, ReceivedFile)])
    with transaction(db):
        for place, received in enumerate(files):
            _create(db, received, message_id=message_id, place=place, account=account)


def delete_of_message(db: Database, message_id: str) -> None:
    """Delete the attachments of a message with their files; files still to be fetched are not."""
    with transaction(db):
        storage.remove(
            db, [row["file"] for row in db.all(DELETE_OF_MESSAGE, {"message_id": message_id})]
        )


def _received(db: Database, one: ReceivedMedia, bytes_left: int) -> ReceivedFile:
    mime = (one.mime or "").partition(";")[0].strip().lower()
    mime = mime if MIME.fullmatch(mime) else mime_types.UNKNOWN
    found = ReceivedFile(filenames.cleaned(one.name, mime), mime, source=one.source)
    content, error = one.content, None
    if content is None:
        error = None if one.source else "The channel does not say where the file is."
    elif not 0 < len(content) <= storage.LIMIT:
        error = TOO_LARGE if content else "The file is empty."
    elif len(content) > bytes_left:
        error = TOO_MUCH
    else:
        stored = storage.write(db, content, claimed=one.name)
        return ReceivedFile(stored.name, stored.mime, stored=stored)
    return ReceivedFile(found.name, found.mime, source=None if error else found.source, error=error)


def _create(
    db: Database,
    received: ReceivedFile,
    *,
    message_id: str | None = None,
    place: int = 0,
    account: str | None = None,
    by: str | None = None,
) -> ShownAttachment:
    now = db.now()
    status = "ready" if received.stored else "failed" if received.error else "pending"
    known = {"id": db.new_id("file"), "message_id": message_id, "place": place, "status": status}
    whose = {"uploaded_by": by, "account": account, "now": now}
    to_convert = previews.due_at(db, received.stored.mime) if received.stored else None
    due = {"due_at": now if status == "pending" else None, "preview_due_at": to_convert}
    kept = vars(received.stored) if received.stored else NOT_STORED
    return _shown(db.row(CREATE, kept | vars(received) | known | whose | due), URL_PATH)


def _shown(row: AttachmentRow, where: str) -> ShownAttachment:
    url = f"{where}/{row['id']}" if row["file"] else None
    preview_url = f"{where}/{row['preview_id']}" if row["preview_id"] else None
    return {**row, "url": url, "preview_url": preview_url}


def _ready(db: Database, row: AttachmentRow | None) -> ReadyFile:
    if row is None:
        raise NotFound("Attachment not found")
    file, size, digest = row["file"], row["size"], row["digest"]
    if file is None or size is None or digest is None:
        raise NotFound("The file is not here yet.", reason=row["status"])
    return {
        "id": row["id"],
        "name": row["name"],
        "mime": row["mime"],
        "size": size,
        "digest": digest,
        "path": str(storage.path(db, file)),
    }


def unsent_since(now: str) -> str:
    """The time before which an upload that has not been sent is deleted."""
    return clock.later(now, hours=-HOURS_UNSENT)
