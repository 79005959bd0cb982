"""The backups in `backups/`, for `bin/jack restore`: listed without the database, found by name, decrypted."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from jack.operations.backup import MIB, check_room
from jack.operations.terminal import CommandRefused
from jack.resources.backups import folder as files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jack.core.config import Config

ENCRYPTED = b"age-encryption.org/v1\n"


def listed(config: Config) -> list[str]:
    """A line for each backup there is, newest first; and for each database that an upgrade or a restore has kept."""
    folder = config.instance / files.FOLDER
    notes = files.notes(folder)
    lines = [
        f"{folder / note['file']}  {note['bytes'] / MIB:.1f} MiB  {note['reason']}  "
        f"{note['counts'].get('guests')} guests, {note['counts'].get('messages')} messages"
        + ("  encrypted" if note["encrypted"] else "")
        for note in reversed(notes)
    ]
    known = {note["file"] for note in notes}
    kept = sorted(folder.glob("*.db"), key=lambda path: path.stat().st_mtime, reverse=True)
    lines += [
        f"{path}  {path.stat().st_size / MIB:.1f} MiB" for path in kept if path.name not in known
    ]
    return lines


def found(config: Config, file: Path) -> Path:
    """The file that is meant: as it was typed or, where there is none, of that name in `backups/`."""
    kept = config.instance / files.FOLDER / file.name
    return kept if not file.exists() and file.name == str(file) and kept.exists() else file


@contextmanager
def readable(config: Config, file: Path, identity: Path | None) -> Iterator[Path]:
    """The file, decrypted for the length of the block where it is encrypted. Raises CommandRefused without the right key."""
    if not _is_encrypted(file):
        yield file
        return
    if identity is None:
        raise CommandRefused(
            f"{file} is encrypted: name the file with the secret key of age, --identity FILE."
        )
    check_room(config.instance, 2 * file.stat().st_size)
    with tempfile.TemporaryDirectory(dir=config.instance, prefix="decrypted-") as folder:
        plain = Path(folder) / file.name.removesuffix(".age")
        _decrypt(file, plain, identity)
        yield plain


def _is_encrypted(file: Path) -> bool:
    if not file.is_file():
        return False
    with file.open("rb") as content:
        return content.read(len(ENCRYPTED)) == ENCRYPTED


def _decrypt(file: Path, plain: Path, identity: Path) -> None:
    import pyrage  # here, because few encrypt

    lines = identity.expanduser().read_text().splitlines()
    keys = [line.strip() for line in lines if line.startswith("AGE-SECRET-KEY-")]
    try:
        opened = [pyrage.x25519.Identity.from_str(key) for key in keys]
        pyrage.decrypt_file(str(file), str(plain), opened)
    except (pyrage.DecryptError, pyrage.IdentityError) as error:
        raise CommandRefused(f"{file} cannot be decrypted with {identity}: {error}.") from None
