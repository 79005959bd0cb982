"""Attachments: what is known of every file, whose message it belongs to, and who may have it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from jack.core import clock
from jack.core.atomic_file import MIB
from jack.core.db import as_json, transaction
from jack.core.errors import DetailCode, Invalid, NotFound
from jack.resources.attachments import filenames, mime_types, storage

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from jack.core.atomic_file import AtomicFile
    from jack.core.db import Database, Row
    from jack.resources.attachments.storage import Stored

MOST = 10
MOST_BYTES = 40 * MIB
HOURS_UNSENT = 24
WHERE = "/api/v1/attachments"
MIME = re.compile(r"[a-z]{1,20}/[a-z0-9.+-]{1,80}")
NOTHING = {"file": None, "size": None, "digest": None}
TOO_LARGE = f"The file is larger than {storage.LIMIT // MIB} MiB."
TOO_MUCH = f"The message's files are more than {MOST_BYTES // MIB} MiB together."

COLUMNS = "id, message_id, status, name, mime, size, digest, file, error, created_at"

GET = f"SELECT {COLUMNS} FROM attachments WHERE id = :id"

OF_GUEST = f"""
    SELECT {COLUMNS} FROM attachments
    WHERE id = :id AND message_id IN (
        SELECT messages.id FROM messages JOIN conversations ON conversations.id = conversation_id
        WHERE messages.id = message_id AND guest_id = :guest_id AND channel = 'web' AND type <> 'note')"""

OF_MESSAGES = f"""
    SELECT {COLUMNS} FROM attachments
    WHERE message_id IN (SELECT value FROM json_each(:ids))
    ORDER BY message_id, place, seq"""

CREATE = f"""
    INSERT INTO attachments (id, message_id, place, status, name, mime, size, digest, file, error, uploaded_by,
                             account, source, due_at, created_at)
    VALUES (:id, :message_id, :place, :status, :name, :mime, :size, :digest, :file, :error, :uploaded_by,
            :account, :source, :due_at, :now)
    RETURNING {COLUMNS}"""

CLAIM = """
    UPDATE attachments SET message_id = :message_id, place = :place
    WHERE id = :id AND message_id IS NULL AND uploaded_by = :by"""

DROP = "DELETE FROM attachments WHERE message_id = :message_id RETURNING file"


class Received(Protocol):
    """A file that came with a message, as its channel tells of it: here (`content`), or to be fetched at `source`."""

    @property
    def name(self) -> str | None: ...
    @property
    def mime(self) -> str | None: ...
    @property
    def source(self) -> str | None: ...
    @property
    def content(self) -> bytes | None: ...


@dataclass(frozen=True)
class Piece:
    """A file that came with a message, once its bytes are on the disk; or why they are not."""

    name: str
    mime: str
    source: str | None = None
    stored: Stored | None = None
    error: str | None = None


def create(db: Database, draft: AtomicFile, *, name: str, by: str) -> Row:
    """What a member has uploaded, theirs to send within a day. Raises Invalid for a kind of file that is not sent."""
    stored = storage.keep(draft, claimed=name)
    if stored.mime == mime_types.UNKNOWN:
        says = "Not a kind of file that can be sent: pictures, PDF, office documents, text, sound and video can."
        raise Invalid.field("file", "unsupported_file", says)
    with transaction(db):
        return _created(db, Piece(stored.name, stored.mime, stored=stored), by=by)


def get(db: Database, attachment_id: str) -> Row:
    """An attachment whose file is here, with its `path`. Raises NotFound."""
    return _found(db, db.one(GET, {"id": attachment_id}))


def get_of(db: Database, guest_id: str | None, attachment_id: str) -> Row:
    """As `get`, of a web chat of this guest's: what they have sent or been sent there."""
    return _found(db, db.one(OF_GUEST, {"id": attachment_id, "guest_id": guest_id}))


def of_messages(
    db: Database, message_ids: Iterable[str], *, where: str = WHERE
) -> dict[str, list[Row]]:
    """The attachments of these messages, each message's in its order; `where` is the path they are answered at."""
    found: dict[str, list[Row]] = {message_id: [] for message_id in message_ids}
    rows = db.all(OF_MESSAGES, {"ids": as_json(list(found))}) if found else []
    for row in rows:
        found[row["message_id"]].append(_shaped(row, where))
    return found


def to_send(db: Database, message_id: str) -> list[Row]:
    """The files of a message that leaves, each with its `path`, in order."""
    rows = db.all(OF_MESSAGES, {"ids": as_json([message_id])})
    return [_found(db, row) for row in rows if row["status"] == "ready"]


def claim(db: Database, ids: Sequence[str], message_id: str, *, by: str) -> list[Row]:
    """Make uploaded files a message's, in this order, within its transaction; as `of_messages` shows them.

    Raises Invalid unless each is there, was uploaded by the same member, and is no other message's.
    """
    if len(ids) > MOST or len(set(ids)) < len(ids):
        code: DetailCode = "too_many" if len(ids) > MOST else "invalid"
        raise Invalid.field("attachmentIds", code, f"Must be up to {MOST} different ids.")
    with transaction(db):
        for place, one in enumerate(ids):
            row = {"id": one, "message_id": message_id, "place": place, "by": by}
            if not db.run(CLAIM, row):
                says = "No such file of yours, or it has been sent: upload it again."
                raise Invalid.field(f"attachmentIds.{place}", "no_such", says)
        return of_messages(db, [message_id])[message_id]


def put_away(db: Database, media: Sequence[Received]) -> list[Piece]:
    """Write the files that are here already. Called before the transaction that stores their message: disks are slow.

    Should that fail, the files are nobody's, and are tidied up. Raises Unavailable when the disk is full.
    """
    pieces, room = [], MOST_BYTES
    for one in media[:MOST]:
        pieces.append(_piece(db, one, room))
        stored = pieces[-1].stored
        room -= stored.size if stored else 0
    if len(media) > MOST:
        left = f"{len(media) - MOST} more files were left out: a message brings {MOST} at most."
        pieces.append(Piece(filenames.NAMELESS, mime_types.UNKNOWN, error=left))
    return pieces


def expect(
    db: Database, message_id: str, account: str, media: Sequence[Received] | Sequence[Piece]
) -> None:
    """Note the files of a message that has come in: here, to be fetched by the worker, or not to be had.

    Files that are not `put_away` yet are written now, inside whatever transaction there is.
    """
    pieces = [one for one in media if isinstance(one, Piece)]
    if len(pieces) < len(media):
        pieces = put_away(db, [one for one in media if not isinstance(one, Piece)])
    with transaction(db):
        for place, piece in enumerate(pieces):
            _created(db, piece, message_id=message_id, place=place, account=account)


def drop(db: Database, message_id: str) -> None:
    """A message's files are to be had no more, nor to be fetched."""
    with transaction(db):
        storage.remove(db, [row["file"] for row in db.all(DROP, {"message_id": message_id})])


def _piece(db: Database, one: Received, room: int) -> Piece:
    mime = (one.mime or "").partition(";")[0].strip().lower()
    mime = mime if MIME.fullmatch(mime) else mime_types.UNKNOWN
    found = Piece(filenames.cleaned(one.name, mime), mime, source=one.source)
    content, error = one.content, None
    if content is None:
        error = None if one.source else "The channel does not say where the file is."
    elif not 0 < len(content) <= storage.LIMIT:
        error = TOO_LARGE if content else "The file is empty."
    elif len(content) > room:
        error = TOO_MUCH
    else:
        stored = storage.write(db, content, claimed=one.name)
        return Piece(stored.name, stored.mime, stored=stored)
    return Piece(found.name, found.mime, source=None if error else found.source, error=error)


def _created(
    db: Database,
    piece: Piece,
    *,
    message_id: str | None = None,
    place: int = 0,
    account: str | None = None,
    by: str | None = None,
) -> Row:
    now = db.now()
    status = "ready" if piece.stored else "failed" if piece.error else "pending"
    known = {"id": db.new_id("file"), "message_id": message_id, "place": place, "status": status}
    whose = {"uploaded_by": by, "account": account, "now": now}
    due = {"due_at": now if status == "pending" else None}
    kept = vars(piece.stored) if piece.stored else NOTHING
    return _shaped(db.row(CREATE, kept | vars(piece) | known | whose | due), WHERE)


def _shaped(row: Row, where: str) -> Row:
    """A row with the `url` where its file is answered, if it is here."""
    return row | {"url": f"{where}/{row['id']}" if row["file"] else None}


def _found(db: Database, row: Row | None) -> Row:
    if row is None:
        raise NotFound("Attachment not found")
    if row["file"] is None:
        raise NotFound("The file is not here yet.", reason=row["status"])
    return row | {"path": str(storage.path(db, row["file"]))}


def unsent_since(now: str) -> str:
    """Uploads older than this have not been sent, and will not be."""
    return clock.later(now, hours=-HOURS_UNSENT)
