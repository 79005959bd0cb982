"""The folder `backups/` beside the database. Beside each backup lies a note, `….json`, so that it is known without the database as well."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, TypedDict, cast

import orjson

from jack.core.atomic_file import make_folder, sync_folder

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = "backups"
NOTE = ".json"


class Note(TypedDict):
    """What is known of a finished backup. `digest` is the SHA-256 of the file, `counts` how many of each thing are in it."""

    id: str
    reason: str
    file: str
    bytes: int
    digest: str
    counts: dict[str, int]
    encrypted: bool
    created_at: str
    finished_at: str


def folder_beside(database: Path) -> Path:
    """Where the backups of a database are; made if need be."""
    folder = database.parent / FOLDER
    make_folder(folder)
    return folder


def name_of(created_at: str, id: str) -> str:
    """The name of a backup, without its ending: `jack-20260501T040000Z-1b9c4e`, of the time and the end of its id."""
    return f"jack-{created_at[:19].replace('-', '').replace(':', '')}Z-{id[-6:]}"


def write_note(folder: Path, note: Note) -> None:
    """Lay the note beside its backup."""
    path = folder / f"{note['file']}{NOTE}"
    partial = path.with_name(f"{path.name}.partial")
    with partial.open("wb") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(orjson.dumps(note, option=orjson.OPT_INDENT_2))
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    sync_folder(folder)


def notes(folder: Path) -> list[Note]:
    """The backups there are, oldest first. One without its file, or whose note cannot be read, is left out."""
    found = [_read(path) for path in folder.glob(f"*{NOTE}")] if folder.is_dir() else []
    there = [note for note in found if note is not None and (folder / note["file"]).is_file()]
    return sorted(there, key=lambda note: note["created_at"])


def _read(path: Path) -> Note | None:
    try:
        note = orjson.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    if not isinstance(note, dict) or not note.keys() >= Note.__annotations__.keys():
        return None
    return cast("Note", note) if f"{note['file']}{NOTE}" == path.name else None


def remove(folder: Path, file: str) -> None:
    """Delete a backup and its note."""
    for name in (file, f"{file}{NOTE}"):
        with suppress(FileNotFoundError):
            (folder / name).unlink()
