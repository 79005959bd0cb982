"""The files of attachments: written into a backup, taken out of one, compared with the rows.

A backup with attachments is a tar: first `jack.db`, then every file the database names. Files are written once and never
changed, so a copy of the database that is made first names only complete files.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tarfile
from contextlib import suppress
from typing import IO, TYPE_CHECKING

from jack.core.atomic_file import make_folder, sync_folder
from jack.operations.terminal import CommandRefused, Progress
from jack.resources.attachments.storage import FOLDER, files_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from jack.core.db import Database
    from jack.core.reader import Row

DATABASE = "jack.db"
MEMBER = re.compile(rf"{FOLDER}/([0-9a-f]{{2}}/[0-9a-f]{{32}})")
CHUNK = 1024 * 1024
DAMAGED = "The backup is damaged or not complete ({}). Nothing was changed."

FILES = "SELECT id, file, size, digest FROM attachments WHERE file IS NOT NULL ORDER BY file"

MARK_LOST = """
    UPDATE attachments
    SET status = 'failed', file = NULL, error = 'The file was not in the backup that was restored.'
    WHERE id = :id"""


# ------------------------------------------------------------------------------------------------ making one


def total(folder: Path) -> int:
    """How many bytes all attachments take."""
    return sum(path.stat().st_size for _, path in files_in(folder))


def existing(db: Database, folder: Path) -> dict[str, Path]:
    """The files the database names, by name, but for those that are deleted (their guest has been erased since)."""
    found = {row["file"]: folder / row["file"] for row in db.all(FILES)}
    return {file: path for file, path in found.items() if path.is_file()}


def pack(copy: Path, files: Mapping[str, Path], target: Path, progress: Progress) -> None:
    """Write a copy of the database and files into a tar, and fsync it."""
    target.unlink(missing_ok=True)
    with target.open("xb") as file, tarfile.open(fileobj=file, mode="w") as tar:
        target.chmod(0o600)
        _add(tar, DATABASE, copy)
        for number, (name, path) in enumerate(files.items(), 1):
            with suppress(FileNotFoundError):
                _add(tar, f"{FOLDER}/{name}", path)
            progress(number, len(files))
    _fsync(target)


def _add(tar: tarfile.TarFile, name: str, path: Path) -> None:
    with path.open("rb") as file:
        info = tar.gettarinfo(arcname=name, fileobj=file)
        info.uid = info.gid = 0
        info.uname = info.gname = ""
        info.mode = 0o600
        tar.addfile(info, file)


def _fsync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


# ------------------------------------------------------------------------------------------------ unpacking one


def is_archive(source: Path) -> bool:
    """Whether this is a backup with files in it."""
    with source.open("rb") as file:
        return file.read(262)[257:] == b"ustar"


def unpack(source: Path, copy: Path, folder: Path, progress: Progress) -> None:
    """Extract the database to `copy` and the files into `folder`. Raises CommandRefused for a backup that is not complete."""
    size = source.stat().st_size
    try:
        with tarfile.open(source, "r:") as tar:
            for member in tar:
                target = _target(member, copy, folder)
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


def contents(source: Path, copy: Path) -> dict[str, str]:
    """Extract the database of a backup to `copy`; returns the SHA-256 of each file in it, by name. Raises CommandRefused for a damaged one."""
    if not is_archive(source):
        shutil.copyfile(source, copy)
        return {}
    found: dict[str, str] = {}
    try:
        with tarfile.open(source, "r:") as tar:
            for member in tar:
                content, match = tar.extractfile(member), MEMBER.fullmatch(member.name)
                if content and member.name == DATABASE:
                    _write(content, copy, member.size)
                elif content and match:
                    found[match[1]] = hashlib.file_digest(content, "sha256").hexdigest()  # type: ignore[arg-type]
    except (tarfile.TarError, EOFError) as error:
        raise CommandRefused(DAMAGED.format(error)) from None
    if not copy.exists():
        raise CommandRefused(DAMAGED.format("there is no database in it"))
    return found


def _target(member: tarfile.TarInfo, copy: Path, folder: Path) -> Path | None:
    """Where a member of the tar is extracted to; None for one that is not Jack's."""
    if member.name == DATABASE:
        return copy
    match = MEMBER.fullmatch(member.name)
    return folder / match[1] if match else None


def _write(content: IO[bytes], target: Path, size: int) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with target.open("xb") as file:
        target.chmod(0o600)
        shutil.copyfileobj(content, file, CHUNK)
        if file.tell() != size:
            raise EOFError(f"{target.name} ends too early")
        file.flush()
        os.fsync(file.fileno())


# ------------------------------------------------------------------------------------------------ restoring


def locate(db: Database, folders: Iterable[Path]) -> dict[str, Path]:
    """The path of each file the database names, in the first of these folders that has it intact."""
    folders = list(folders)
    return {
        row["file"]: path
        for row in db.all(FILES)
        for path in [
            next((p / row["file"] for p in folders if _intact(p / row["file"], row)), None)
        ]
        if path
    }


def mark_lost(db: Database, found: Mapping[str, Path]) -> int:
    """Mark the attachments of all other files as failed; returns how many there are."""
    lost = [row for row in db.all(FILES) if row["file"] not in found]
    for row in lost:
        db.run(MARK_LOST, row)
    return len(lost)


def install(found: Mapping[str, Path], folder: Path) -> None:
    """Link or copy the files into a folder, beside those that are there, and fsync them."""
    for file, path in found.items():
        target = folder / file
        if target.exists() and target.samefile(path):
            continue
        make_folder(target.parent)
        temporary = folder / f"incoming-{target.name}"
        temporary.unlink(missing_ok=True)
        try:
            os.link(path, temporary)
        except OSError:  # another disk, or one without links
            shutil.copyfile(path, temporary)
            temporary.chmod(0o600)
            _fsync(temporary)
        temporary.replace(target)
    for parent in {(folder / file).parent for file in found}:
        sync_folder(parent)


def keep(folder: Path, target: Path) -> None:
    """Link all files into another folder as well, which takes no space."""
    everything = {file: path for file, path in files_in(folder) if re.fullmatch(r"../\w{32}", file)}
    if everything:
        install(everything, target)


# ------------------------------------------------------------------------------------------------ checking


def problems(db: Database, folder: Path, progress: Progress) -> Iterator[str]:
    """What is wrong with the files the database names, a line each. Reads every file."""
    rows = db.all(FILES)
    missing = damaged = 0
    for number, row in enumerate(rows, 1):
        path = folder / row["file"]
        missing += not path.is_file()
        damaged += path.is_file() and not _intact(path, row)
        progress(number, len(rows))
    if missing:
        yield f"{missing} attachments are named, but their files are missing"
    if damaged:
        yield f"{damaged} attachments have damaged files"


def missing(db: Database, folder: Path) -> int:
    """How many files the database names do not exist or are of another size."""
    return sum(
        not path.is_file() or path.stat().st_size != row["size"]
        for row in db.all(FILES)
        for path in [folder / row["file"]]
    )


def _intact(path: Path, row: Row) -> bool:
    if not path.is_file() or path.stat().st_size != row["size"]:
        return False
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return digest == str(row["digest"])
