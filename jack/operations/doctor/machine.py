"""Checks of the machine: programs, settings, disk, files, signing key."""

from __future__ import annotations

import difflib
import os
import platform
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path

from jack.core.config import BadSetting, Config
from jack.core.places import INSTALLATION
from jack.core.service_unit import installed
from jack.core.signing_key import secret_key
from jack.core.sqlite import DatabaseError, check_library, library_version
from jack.operations import health
from jack.operations.doctor.findings import Finding, note, right, wrong
from jack.operations.doctor.programs import user_name

PREFIX = "JACK_"
# Read by the servers in deploy/ and the tests.
ALSO_READ = frozenset({"JACK_BIND", "JACK_FUZZ_CASES", "JACK_HOTEL"})
# Kinds of file systems (as /proc/self/mounts names them) that are another machine's, and where its locks may not hold.
NETWORK_DISKS = frozenset({
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afpfs", "webdav", "afs", "ceph", "glusterfs", "lustre", "gpfs", "vboxsf", "prl_fs",
    "fuse.sshfs", "fuse.s3fs", "fuse.rclone", "fuse.gcsfuse", "fuse.goofys", "fuse.davfs", "fuse.glusterfs", "fuse.ceph", "fuse.vmhgfs-fuse",
    "fuse.gvfsd-fuse", "fuse.curlftpfs",
})  # fmt: skip
IN_MEMORY = frozenset({"tmpfs", "ramfs"})
OF_A_CONTAINER = frozenset({"overlay", "fuse.fuse-overlayfs", "aufs"})
WITHOUT_OWNERS = frozenset({"vfat", "exfat", "msdos", "fuse.exfat"})


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
    yield from _kind(folder, _disk_kind(folder))


def _kind(folder: Path, kind: str | None) -> Iterator[Finding]:
    """What a file system of this kind does to a database."""
    if kind in NETWORK_DISKS:
        yield wrong(
            f"{folder} is on a network disk ({kind}), where SQLite loses writes: use a disk of this machine"
        )
    elif kind in IN_MEMORY:
        yield wrong(
            f"{folder} is in memory ({kind}), and all of it is gone when the machine starts again: use a disk"
        )
    elif kind in WITHOUT_OWNERS:
        yield wrong(
            f"{folder} is on a disk whose files have no owner ({kind}), so all users may read them: use another disk"
        )
    elif kind in OF_A_CONTAINER:
        yield note(
            f"{folder} is in a container's own layer ({kind}), and gone with the container: give it a volume"
        )


def _nearest_existing(folder: Path) -> Path:
    """The folder, or the nearest of its parents that exists."""
    return next(path for path in (folder, *folder.parents) if path.exists())


def _disk_kind(folder: Path) -> str | None:
    """The type of the file system a folder is on (`ext4`), from /proc/self/mounts; None without it."""
    mounts = Path("/proc/self/mounts")
    if not mounts.exists():
        return None
    found, longest = None, 0
    for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines():
        _, at, kind, *_ = line.split()
        at = re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), at)
        # Of several at one place, the last covers the others.
        if len(at) >= longest and folder.resolve().is_relative_to(at):
            found, longest = kind, len(at)
    return found


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
    found += _of_others(config)
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
        owner, me = user_name(info.st_uid), user_name(os.geteuid())
        yield wrong(
            f"{path} belongs to {owner}, you are {me}: use the commands as {owner}, or give it to {me}"
        )
    elif not os.access(path, os.R_OK | os.W_OK):
        yield wrong(f"{path} cannot be read and written (mode {mode}): {repair}")


def _of_others(config: Config) -> Iterator[Finding]:
    """Files beside the database that another user has made, such as root by a program of its own: Jack cannot use them."""
    if not config.database.exists():
        return
    owner = config.database.stat().st_uid
    try:
        beside = [*config.instance.iterdir(), *(config.instance / "backups").glob("*")]
    except PermissionError:
        return
    users = {path: path.lstat().st_uid for path in beside if path.exists()}
    others = sorted(
        path for path, user in users.items() if user != owner and path.name != "lost+found"
    )
    if others:
        jack, other = user_name(owner), user_name(users[others[0]])
        yield wrong(
            f"{others[0]} belongs to {other}, and Jack, as {jack}, cannot use it: "
            f"sudo chown -R {jack}: {config.instance}"
        )


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
