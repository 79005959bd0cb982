"""The export of a guest: a ZIP of `guest.json` and files, answered at once, or written by the worker where there is much."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from contextlib import suppress
from typing import IO, TYPE_CHECKING, TypedDict, cast

import orjson

from jack.core.atomic_file import MIB
from jack.core.errors import Conflict
from jack.core.query import Query
from jack.core.snapshot import snapshot
from jack.resources.attachments import storage
from jack.resources.exports import store as exports
from jack.resources.privacy import guest_data
from jack.resources.quarantine import store as quarantine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from jack.core.atomic_file import AtomicFile
    from jack.core.db import Database
    from jack.resources.exports.store import ExportRow


class SizeRow(TypedDict):
    """How much there is of a guest: messages, and bytes of their files."""

    messages: int
    bytes: int


# What a request is answered with at once.
MAX_MESSAGES = 2000
MAX_BYTES = 16 * MIB  # of files, those of mail that could not be read too
TOO_MUCH = (
    "There is too much of it to be answered at once: ask for it by POST /exports with what: guest."
)
ZIP = "application/zip"
CHUNK = MIB
# What a name of a file keeps: a ZIP is unpacked on any system.
UNSAFE = re.compile(r"[^\w.() -]+")
SIZE = Query[SizeRow]("""
    SELECT count(*) AS messages, coalesce((
        SELECT sum(size) FROM attachments JOIN messages ON messages.id = message_id
        WHERE conversation_id IN (SELECT id FROM conversations WHERE guest_id = :id)), 0) + coalesce((
        SELECT sum(size) FROM attachments JOIN tasks ON tasks.id = task_id
        WHERE guest_id = :id OR conversation_id IN (SELECT id FROM conversations WHERE guest_id = :id)), 0) AS bytes
    FROM messages WHERE conversation_id IN (SELECT id FROM conversations WHERE guest_id = :id)""")


def at_once(db: Database, guest_id: str) -> dict[str, object]:
    """What a download needs of the file. Raises NotFound, Gone, and Conflict where there is too much."""
    size = db.row(SIZE, {"id": guest_id})
    if size["messages"] > MAX_MESSAGES or size["bytes"] > MAX_BYTES:
        raise Conflict(TOO_MUCH, reason="use_export_job")
    mail = guest_data.unreadable_mail(db, guest_id)
    if size["bytes"] + quarantine.size(db, mail) > MAX_BYTES:
        raise Conflict(TOO_MUCH, reason="use_export_job")
    written = io.BytesIO()
    with snapshot(db):
        _write(db, guest_id, written, mail)
    content = written.getvalue()
    return {
        "name": f"guest-{db.now()[:10]}.zip",
        "mime": ZIP,
        "size": len(content),
        "digest": hashlib.sha256(content).hexdigest(),
        "content": content,
    }


def write(db: Database, row: ExportRow, file: AtomicFile, pause: Callable[[], None]) -> int:
    """Write the file of an export, in a snapshot; returns how many messages are in it. Raises NotFound and Gone."""
    guest_id = str(exports.stored_filters(row)["guestId"])
    mail = guest_data.unreadable_mail(db, guest_id)
    return _write(db, guest_id, cast("IO[bytes]", _Sink(file)), mail, pause)


class _Sink:
    """A file as `zipfile` writes one that it cannot go back in."""

    def __init__(self, file: AtomicFile) -> None:
        self._file = file

    def write(self, data: bytes) -> int:
        self._file.write(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits."""


def _write(
    db: Database,
    guest_id: str,
    target: IO[bytes],
    mail: Iterable[str],
    pause: Callable[[], None] = lambda: None,
) -> int:
    """Write the ZIP, with these files of the quarantine; returns how many messages are in it."""
    profile, day = guest_data.profile(db, guest_id), db.now()[:10]
    count = 0
    files = _placed(db, cast("list[dict[str, object]]", profile["tasks"]))
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open(_entry("guest.json", day), "w", force_zip64=True) as out:
            head = {"exportedOn": day, **profile}
            out.write(
                orjson.dumps(head, option=orjson.OPT_INDENT_2)[:-2] + b',\n  "conversations": ['
            )
            for number, conversation in enumerate(guest_data.conversations(db, guest_id)):
                messages = cast("list[dict[str, object]]", conversation["messages"])
                files |= _placed(db, messages)
                out.write(
                    (b"," if number else b"")
                    + b"\n"
                    + orjson.dumps(conversation, option=orjson.OPT_INDENT_2)
                )
                count += len(messages)
                pause()
            out.write(b"\n  ]\n}\n")
        for name in mail:
            files[f"mail/{name}"] = quarantine.path(db, name)
        for name, path in files.items():
            _add(archive, _entry(name, day), path, pause)
    return count


def _placed(db: Database, owners: list[dict[str, object]]) -> dict[str, Path]:
    """Where the files of messages or tasks are, by their names in the ZIP, which stand in these then."""
    found: dict[str, Path] = {}
    for owner in owners:
        for file in cast("list[dict[str, object]]", owner.get("files", [])):
            stored = file.pop("file")
            file["inThisFile"] = None
            if stored is not None:
                name = f"files/{file['id']} {UNSAFE.sub('_', str(file['name']))[-100:]}"
                file["inThisFile"], found[name] = name, storage.path(db, str(stored))
    return found


def _entry(name: str, day: str) -> zipfile.ZipInfo:
    """A file of the ZIP, as of a day: what is exported twice is the same, by its ETag too."""
    year, month, of_month = map(int, day.split("-"))
    found = zipfile.ZipInfo(name, (year, month, of_month, 0, 0, 0))
    found.compress_type = zipfile.ZIP_DEFLATED
    return found


def _add(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path, pause: Callable[[], None]
) -> None:
    """Add a file bit by bit; one that is lost is left out."""
    with suppress(FileNotFoundError), path.open("rb") as source, archive.open(entry, "w") as out:
        for chunk in _chunks(source):
            out.write(chunk)
            pause()


def _chunks(source: IO[bytes]) -> Iterator[bytes]:
    while chunk := source.read(CHUNK):
        yield chunk
