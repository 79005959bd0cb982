"""What a disk may hold after a power cut, from the journal that `power_cut.c` has kept of all writes and syncs.

A write that was synced is there. Of each other one any 512-byte sectors may be there, the rest is as before, or garbage.
A new, renamed or deleted name is certain once its folder was synced; before that, the changes of a folder are there up to
any of them. A position is a number of bytes of the journal: what was answered when it was so long came before the cut.
"""

from __future__ import annotations

import random
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

HEAD = struct.Struct("<cIQqIII")
SECTOR = 512  # bytes
SOURCE = Path(__file__).with_name("power_cut.c")


def compiler() -> str | None:
    """A C compiler for this library, if there is one."""
    return shutil.which("cc") if sys.platform == "linux" else None


def compiled(folder: Path) -> Path:
    """The library for LD_PRELOAD."""
    library = folder / "power_cut.so"
    command = ["cc", "-shared", "-fPIC", "-O2", "-o", str(library), str(SOURCE), "-ldl"]
    subprocess.run(command, check=True, capture_output=True)
    return library


@dataclass(frozen=True)
class Record:
    """One change; `position` is the journal's length before it, `end` after it."""

    position: int
    end: int
    kind: str
    thread: int
    inode: int
    offset: int
    path: str
    other: str
    data: bytes


def read(journal: Path) -> Iterator[Record]:
    """Every record of a journal that is whole."""
    text, place = journal.read_bytes(), 0
    while place + HEAD.size <= len(text):
        kind, thread, inode, offset, *sizes = HEAD.unpack_from(text, place)
        parts, at = [], place + HEAD.size
        for size in sizes:
            parts.append(text[at : at + size])
            at += size
        if at > len(text):
            return
        path, other, data = parts
        yield Record(
            place, at, kind.decode(), thread, inode, offset, path.decode(), other.decode(), data
        )
        place = at


@dataclass(eq=False)
class File:
    """What is certainly on the disk of a file, and the changes since the last sync."""

    content: bytearray = field(default_factory=bytearray)
    pending: list[Record] = field(default_factory=list)

    def sync(self, until: int) -> None:
        """What was written before this position has reached the disk."""
        for change in [one for one in self.pending if one.position < until]:
            _apply(self.content, change)
        self.pending = [one for one in self.pending if one.position >= until]

    def after(self, damage: Damage) -> bytes:
        """Its content after a cut."""
        content = bytearray(self.content)
        for change in self.pending:
            damage.apply(content, change)
        return bytes(content)


@dataclass(eq=False)
class Folder:
    """The names that are certainly in a folder, and the changes since its last sync."""

    names: dict[str, File | Folder] = field(default_factory=dict)
    pending: list[tuple[int, str, File | Folder | None]] = field(default_factory=list)

    def sync(self, until: int) -> None:
        """What was changed before this position has reached the disk."""
        for _, name, target in [one for one in self.pending if one[0] < until]:
            _name(self.names, name, target)
        self.pending = [one for one in self.pending if one[0] >= until]

    def after(self, kept: float) -> dict[str, File | Folder]:
        """Its names after a cut, with so many of a hundred uncertain changes."""
        names = dict(self.names)
        for _, name, target in self.pending[: round(len(self.pending) * kept)]:
            _name(names, name, target)
        return names


@dataclass(frozen=True)
class Damage:
    """How a cut treats what was not synced: the share of sectors that is kept, and whether others become garbage."""

    chance: random.Random
    kept: float
    garbles: bool

    @classmethod
    def drawn(cls, chance: random.Random) -> Damage:
        return cls(chance, chance.choice([0, 0.1, 0.5, 0.9, 1]), chance.random() < 0.3)

    def apply(self, content: bytearray, change: Record) -> None:
        """Do a part of a change."""
        if change.kind == "t":
            if self.chance.random() < self.kept:
                _apply(content, change)
            return
        end = change.offset + len(change.data)
        for start in range(change.offset - change.offset % SECTOR, end, SECTOR):
            first, last = max(start, change.offset), min(start + SECTOR, end)
            piece = change.data[first - change.offset : last - change.offset]
            if self.chance.random() < self.kept:
                _write(content, first, piece)
            elif self.garbles:
                _write(content, first, self.chance.randbytes(len(piece)))


@dataclass
class Disk:
    """All that is below `root`, as far as the journal has been followed."""

    root: Path
    top: Folder = field(default_factory=Folder)
    now: dict[str, File | Folder] = field(default_factory=dict)
    by_inode: dict[int, File] = field(default_factory=dict)
    begun: dict[int, int] = field(default_factory=dict)
    syncs: int = 0

    def __post_init__(self) -> None:
        self.now[str(self.root)] = self.top

    def follow(self, record: Record) -> None:
        """Take in one record."""
        if record.kind in "wt":
            self._file(record).pending.append(record)
        elif record.kind == "b":
            self.begun[record.thread] = record.position
        elif record.kind == "s":
            self._sync(record)
        else:
            self._rename(record)

    def _file(self, record: Record) -> File:
        return self.by_inode[record.inode]

    def _sync(self, record: Record) -> None:
        synced = self.now.get(record.path)
        synced = synced if isinstance(synced, Folder) else self.by_inode.get(record.inode)
        if synced is not None:  # the folder around it all was there before
            synced.sync(self.begun[record.thread])
            self.syncs += 1

    def _rename(self, record: Record) -> None:
        """A new file (c) or folder (d), a deletion (u), a renaming (r), a second name (l)."""
        if record.kind == "c":
            known = self.by_inode.get(record.inode)
            if known is not None and self.now.get(record.path) is known:
                return  # two processes made it at once
            made = self.by_inode[record.inode] = File()
            self._note(record, record.path, made)
        elif record.kind == "d":
            self._note(record, record.path, Folder())
        elif record.kind == "u":
            self._note(record, record.path, None)
        else:
            moved = self.now[record.path]
            if record.kind == "r":
                self._note(record, record.path, None)
            self._note(record, record.other, moved)

    def _note(self, record: Record, path: str, target: File | Folder | None) -> None:
        place = Path(path)
        parent = self.now[str(place.parent)]
        assert isinstance(parent, Folder)
        parent.pending.append((record.position, place.name, target))
        _name(self.now, path, target)

    def cut(self, target: Path, damage: Damage) -> None:
        """Write what the disk may hold if the power fails now into an empty folder."""
        _lay_out(self.top, target, damage)


def _lay_out(folder: Folder, target: Path, damage: Damage) -> None:
    target.mkdir(mode=0o700, exist_ok=True)
    for name, found in folder.after(damage.kept).items():
        if isinstance(found, Folder):
            _lay_out(found, target / name, damage)
        elif not name.endswith("-shm"):
            (target / name).write_bytes(found.after(damage))
            (target / name).chmod(0o600)
        elif damage.garbles:  # memory that processes share: a cut leaves anything
            (target / name).write_bytes(damage.chance.randbytes(32 * 1024))


def _name(names: dict[str, File | Folder], name: str, target: File | Folder | None) -> None:
    if target is None:
        names.pop(name, None)
    else:
        names[name] = target


def _apply(content: bytearray, change: Record) -> None:
    if change.kind == "t":
        size = change.offset
        del content[size:]
        content.extend(bytes(size - len(content)))
    else:
        _write(content, change.offset, change.data)


def _write(content: bytearray, offset: int, data: bytes) -> None:
    content.extend(bytes(max(0, offset - len(content))))
    content[offset : offset + len(data)] = data
