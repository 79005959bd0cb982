"""Checks of the machine: programs, settings, disk, files, signing key, clock."""

from __future__ import annotations

import difflib
import os
import platform
import pwd
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

from jack.core.config import BadSetting, Config
from jack.core.places import INSTALLATION
from jack.core.service_unit import installed
from jack.core.signing_key import secret_key
from jack.core.sqlite import DatabaseError, check_library, library_version
from jack.operations import health
from jack.operations.doctor.findings import Finding, note, right, wrong

RELEASED = 2026  # a clock in an earlier year is wrong
SKEW = 60.0  # seconds
PREFIX = "JACK_"
# Read by the servers in deploy/ and the tests.
ALSO_READ = frozenset({"JACK_BIND", "JACK_FUZZ_CASES", "JACK_HOTEL"})
NETWORK_DISKS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "afpfs", "webdav"}
)


def programs() -> Iterator[Finding]:
    """The versions of Python and SQLite."""
    version = platform.python_version()
    yield (
        right(f"Python {version}")
        if sys.version_info >= (3, 11)
        else wrong(f"Python {version}: 3.11 is needed")
    )
    try:
        check_library()
        yield right(f"SQLite {library_version()}")
    except DatabaseError as error:
        yield wrong(f"{error}: `make run` installs what requirements.txt names")


def settings(environment: Mapping[str, str]) -> Iterator[Finding]:
    """Settings that are not known, which are usually misspelt."""
    known = {setting.metadata["name"] for setting in fields(Config)} | ALSO_READ
    words = [name.removeprefix(PREFIX) for name in known]
    unknown = sorted(name for name in environment if name.startswith(PREFIX) and name not in known)
    for name in unknown:
        near = difflib.get_close_matches(name.removeprefix(PREFIX), words, n=1)
        yield wrong(
            f"{name} is no setting of Jack's" + (f": is {PREFIX}{near[0]} meant?" if near else "")
        )
    if not unknown:
        yield right("every JACK_… setting is known")
    service = None if os.environ.get("JACK_INSTANCE") else installed(INSTALLATION)
    if service is not None:
        yield right(f"the settings are those of {service.name}")


def disk(config: Config) -> Iterator[Finding]:
    """Free space, and whether SQLite's locks work on this file system."""
    folder = _nearest_existing(config.instance)
    free = shutil.disk_usage(folder).free
    size = config.database.stat().st_size if config.database.exists() else 0
    free_text = f"{free // 1024 // 1024:,} MiB of disk are free"
    if free < health.MIN_FREE:
        yield wrong(
            f"the disk is almost full ({free_text}): make room before Jack cannot write any more"
        )
    elif free < 2 * size:
        yield note(f"{free_text}, less than a backup and an upgrade of the database may need")
    else:
        yield right(free_text)
    kind = _disk_kind(folder)
    if kind in NETWORK_DISKS:
        yield wrong(
            f"{folder} is on a network disk ({kind}), where SQLite loses writes: use a disk of this machine"
        )


def _nearest_existing(folder: Path) -> Path:
    """The folder, or the nearest of its parents that exists."""
    return next(path for path in (folder, *folder.parents) if path.exists())


def _disk_kind(folder: Path) -> str | None:
    """The type of the file system a folder is on (`ext4`), from /proc/self/mounts; None without it."""
    mounts = Path("/proc/self/mounts")
    if not mounts.exists():
        return None
    lines = [
        line.split() for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    ]
    over = [(len(at), kind) for _, at, kind, *_ in lines if folder.resolve().is_relative_to(at)]
    return max(over)[1] if over else None


def files(config: Config) -> Iterator[Finding]:
    """The owner and the mode of the instance's files."""
    instance, key = config.instance, config.instance / "secret.key"
    if not instance.exists():
        yield note(f"{instance} is not there yet: the first start makes it")
        return
    here = [path for path in (instance, config.database, key) if path.exists()]
    is_private = instance.stat().st_mode & 0o077 == 0
    found = [
        line
        for path in here
        for line in _file(path, shielded=is_private and path == config.database)
    ]
    yield from found or [right(f"{instance} is Jack's alone")]


def _file(path: Path, *, shielded: bool) -> Iterator[Finding]:
    info = path.stat()
    mode = f"{info.st_mode & 0o777:04o}"
    repair = f"chmod {'700' if path.is_dir() else '600'} {path}"
    # A group that may only go through a folder (0710) reads nothing of it: a proxy on its way to the exports.
    open_to_others = info.st_mode & (0o067 if path.is_dir() else 0o077)
    if open_to_others and not shielded:
        yield wrong(f"other users of this machine may read {path} (mode {mode}): {repair}")
    if info.st_uid != os.geteuid():
        owner, me = _user(info.st_uid), _user(os.geteuid())
        yield wrong(
            f"{path} belongs to {owner}, you are {me}: use the commands as {owner}, or give it to {me}"
        )
    elif not os.access(path, os.R_OK | os.W_OK):
        yield wrong(f"{path} cannot be read and written (mode {mode}): {repair}")


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"


def secret(config: Config) -> Iterator[Finding]:
    """The signing key: there, readable, strong."""
    path = config.instance / "secret.key"
    if config.secret is None and not path.exists():
        yield note("there is no signing key yet: the next start makes one")
        return
    try:
        secret_key(config)
        yield right("the signing key is strong")
    except BadSetting:
        yield wrong(
            f"{path} is too weak a key: delete it, the next start makes a good one (everybody signs in again, and channels ask for their secrets)"
        )
    except (OSError, ValueError):
        yield wrong(f"{path} cannot be read")


def clock_now(config: Config) -> Iterator[Finding]:
    """Whether the clock is plausible: not before the release, and not behind the files."""
    now = time.time()
    moment = datetime.fromtimestamp(now, UTC)
    seen = [config.database, Path(f"{config.database}-wal"), config.worker_lock]
    ahead = max((path.stat().st_mtime - now for path in seen if path.exists()), default=0.0)
    if moment.year < RELEASED:
        yield wrong(f"the clock says {moment.year}: set it, or sign-ins and due times are wrong")
    elif ahead > SKEW:
        yield wrong(
            f"the clock went back: files of Jack's are {int(ahead)} seconds in the future. Is it right now?"
        )
    else:
        yield right(f"the clock says {moment:%Y-%m-%d %H:%M} UTC")
