"""The files themselves: in `attachments/` of the instance, each written once under a random name."""

from __future__ import annotations

import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jack.core.atomic_file import MIB, PARTIAL, AtomicFile
from jack.resources.attachments import durations, filenames, mime_types

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jack.core.db import Database

FOLDER = "attachments"
LIMIT = 16 * MIB  # bytes
FILE = re.compile(r"[0-9a-f]{2}/[0-9a-f]{32}")


@dataclass(frozen=True)
class Stored:
    """A file on the disk: `file` is its path below the folder, `name` the one to show; `size` in bytes, `digest` SHA-256 in hex.

    `duration` is that of a sound or video in seconds, None where it is not known.
    """

    file: str
    name: str
    mime: str
    size: int
    digest: str
    duration: float | None = None


def folder(db: Database) -> Path:
    """Where the files of this database are: beside it."""
    return folder_of(db.path)


def folder_of(database: Path) -> Path:
    """Where the files of the database at this path are."""
    return database.parent / FOLDER


def path(db: Database, file: str) -> Path:
    """Where a file is."""
    return folder(db) / file


def keep(draft: AtomicFile, *, claimed: str | None) -> Stored:
    """Move a written file to its place below the folder. `claimed` is the name its sender gave it."""
    draft.fsync()
    mime = mime_types.kind_of(draft.path, claimed or "")
    duration = durations.seconds(draft.path, mime)
    random = secrets.token_hex(16)
    file = f"{random[:2]}/{random}"
    draft.keep(file)
    return Stored(file, filenames.cleaned(claimed, mime), mime, draft.size, draft.digest, duration)


def write(db: Database, content: bytes, *, claimed: str | None, limit: int = LIMIT) -> Stored:
    """Store these bytes. Raises PayloadTooLarge, or Unavailable when the disk is full; then nothing is stored."""
    with AtomicFile(folder(db), limit) as draft:
        draft.write(content)
        return keep(draft, claimed=claimed)


def remove(db: Database, gone: Iterable[str | None]) -> None:
    """Delete files whose rows are deleted, on commit. `cleanup` deletes later what cannot be deleted now."""
    paths = [path(db, file) for file in gone if file]
    if paths:
        db.on_commit(lambda: _unlink(paths))


def _unlink(paths: Iterable[Path]) -> None:
    for one in paths:
        with suppress(OSError):
            one.unlink()


def files_in(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every file below a folder of attachments, with the name that rows have for it; unfinished files by their own name."""
    for found in sorted(folder.glob(f"{PARTIAL}*")):
        yield found.name, found
    for found in sorted(folder.glob("??/*")):
        yield f"{found.parent.name}/{found.name}", found
