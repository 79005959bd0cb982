"""The attachments beside copies of the database: put into a backup, taken out of one, held against what the rows say.

A backup with attachments is a tar: first `jack.db`, then every file the database names. Files are written once and never
changed, so a copy of the database made first names no file that is not whole.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tarfile
from contextlib import suppress
from typing import IO, TYPE_CHECKING

from jack.core.atomic_file import sync_folder
from jack.operations.terminal import CommandRefused, Progress
from jack.resources.attachments.storage import FOLDER, files_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from jack.core.db import Database, Row

DATABASE = "jack.db"
MEMBER = re.compile(rf"{FOLDER}/([0-9a-f]{{2}}/[0-9a-f]{{32}})")
CHUNK = 1024 * 1024
DAMAGED = "The backup is damaged or not complete ({}). Nothing was changed."

NAMED = "SELECT id, file, size, digest FROM attachments WHERE file IS NOT NULL ORDER BY file"

LOSE = """
    UPDATE attachments
    SET status = 'failed', file = NULL, error = 'The file was not in the backup that was restored.'
    WHERE id = :id"""


# ------------------------------------------------------------------------------------------------ making one


def total(folder: Path) -> int:
    """How many bytes all attachments take."""
    return sum(path.stat().st_size for _, path in files_in(folder))


def named(db: Database, folder: Path) -> dict[str, Path]:
    """The files the database names; those that are gone by now (their guest has been erased since) are left out."""
    found = {row["file"]: folder / row["file"] for row in db.all(NAMED)}
    return {file: path for file, path in found.items() if path.is_file()}


def wrap(copy: Path, files: Mapping[str, Path], target: Path, progress: Progress) -> None:
    """Put a copy of the database and files into a tar, on the disk for good."""
    target.unlink(missing_ok=True)
    with target.open("xb") as file, tarfile.open(fileobj=file, mode="w") as tar:
        target.chmod(0o600)
        _add(tar, DATABASE, copy)
        for number, (name, path) in enumerate(files.items(), 1):
            with suppress(FileNotFoundError):
                _add(tar, f"{FOLDER}/{name}", path)
            progress(number, len(files))
    _sync(target)


def _add(tar: tarfile.TarFile, name: str, path: Path) -> None:
    with path.open("rb") as file:
        about = tar.gettarinfo(arcname=name, fileobj=file)
        about.uid = about.gid = 0
        about.uname = about.gname = ""
        about.mode = 0o600
        tar.addfile(about, file)


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


# ------------------------------------------------------------------------------------------------ taking one apart


def is_archive(source: Path) -> bool:
    """Whether this is a backup with files in it."""
    with source.open("rb") as file:
        return file.read(262)[257:] == b"ustar"


def unwrap(source: Path, copy: Path, folder: Path, progress: Progress) -> None:
    """Take the database and the files out of a backup, under names of ours. Raises CommandRefused for one that is not whole."""
    size = source.stat().st_size
    try:
        with tarfile.open(source, "r:") as tar:
            for member in tar:
                target = _place(member, copy, folder)
                content = tar.extractfile(member) if target and member.isreg() else None
                if target and content:
                    _write(content, target, member.size)
                progress(member.offset_data + member.size, size)
    except FileExistsError:
        raise CommandRefused(DAMAGED.format("it has a file twice")) from None
    except (tarfile.TarError, EOFError) as error:
        raise CommandRefused(DAMAGED.format(error)) from None
    if not copy.exists():
        raise CommandRefused(DAMAGED.format("there is no database in it"))


def _place(member: tarfile.TarInfo, copy: Path, folder: Path) -> Path | None:
    """Where a part of the backup goes; None for what is none of Jack's."""
    if member.name == DATABASE:
        return copy
    named = MEMBER.fullmatch(member.name)
    return folder / named[1] if named else None


def _write(content: IO[bytes], target: Path, size: int) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with target.open("xb") as file:
        target.chmod(0o600)
        shutil.copyfileobj(content, file, CHUNK)
        if file.tell() != size:
            raise EOFError(f"{target.name} ends too early")
        file.flush()
        os.fsync(file.fileno())


# ------------------------------------------------------------------------------------------------ putting it back


def gathered(db: Database, places: Iterable[Path]) -> dict[str, Path]:
    """Where each file that the database names is to be had: the first of these folders that has it whole."""
    places = list(places)
    return {
        row["file"]: path
        for row in db.all(NAMED)
        for path in [next((p / row["file"] for p in places if _whole(p / row["file"], row)), None)]
        if path
    }


def forsake(db: Database, found: Mapping[str, Path]) -> int:
    """Say of every other file that it is lost; returns how many there are."""
    lost = [row for row in db.all(NAMED) if row["file"] not in found]
    for row in lost:
        db.run(LOSE, row)
    return len(lost)


def put(found: Mapping[str, Path], folder: Path) -> None:
    """Put the files into a folder, beside those that are there, on the disk for good."""
    for file, path in found.items():
        target = folder / file
        if target.exists() and target.samefile(path):
            continue
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside = folder / f"incoming-{target.name}"
        beside.unlink(missing_ok=True)
        try:
            os.link(path, beside)
        except OSError:  # another disk, or one without links
            shutil.copyfile(path, beside)
            beside.chmod(0o600)
            _sync(beside)
        beside.replace(target)
    for place in {(folder / file).parent for file in found}:
        sync_folder(place)


def aside(folder: Path, target: Path) -> None:
    """Keep all files under a second name as well, which takes no room."""
    everything = {file: path for file, path in files_in(folder) if re.fullmatch(r"../\w{32}", file)}
    if everything:
        put(everything, target)


# ------------------------------------------------------------------------------------------------ looking at it


def problems(db: Database, folder: Path, progress: Progress) -> Iterator[str]:
    """Which files that the database names are not there, or not as they were written. Reads every one."""
    rows = db.all(NAMED)
    missing = damaged = 0
    for number, row in enumerate(rows, 1):
        path = folder / row["file"]
        missing += not path.is_file()
        damaged += path.is_file() and not _whole(path, row)
        progress(number, len(rows))
    if missing:
        yield f"{missing} attachments are named, but their files are not there"
    if damaged:
        yield f"{damaged} attachments are not as they were written"


def missing(db: Database, folder: Path) -> int:
    """How many files the database names that are not there, or of another size, at a glance."""
    return sum(
        not path.is_file() or path.stat().st_size != row["size"]
        for row in db.all(NAMED)
        for path in [folder / row["file"]]
    )


def _whole(path: Path, row: Row) -> bool:
    if not path.is_file() or path.stat().st_size != row["size"]:
        return False
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return digest == str(row["digest"])
