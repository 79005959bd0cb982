"""Checks of who runs what: which processes have this instance's database open, as which user, and from which checkout.

The kernel tells by the locks that SQLite holds on an open database (/proc/locks), of all users' processes; elsewhere nothing is said.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from jack.core.config import Config
from jack.core.file_locks import LOCK_BYTE, LOCK_LENGTH
from jack.core.places import ROOT
from jack.operations.doctor.findings import Finding, note, right, wrong
from jack.operations.doctor.programs import PROC, Process, process, user_name
from jack.operations.doctor.units import service_of

SERVERS = ("deploy/granian_server.py", "deploy/gunicorn.conf.py")
# Reads the log all the time, and is meant to (docs/litestream.md).
WELCOME = frozenset({"litestream"})


class Lock(NamedTuple):
    """A line of /proc/locks: who holds it, on which file (device and number), from which byte on."""

    holder: int
    device: str
    number: int
    begin: int


def running(config: Config) -> Iterator[Finding]:
    """Who has the database open; nothing where nobody has, or where that is not told."""
    yield from _of_the_service(config)
    locks = list(_locks())
    holders = list(_holders(config.database, [one for one in locks if _is_sqlites(one)]))
    worker = next(iter(_holders(config.worker_lock, locks)), None)
    heads: dict[Process, list[Process]] = {}
    for one in holders:
        heads.setdefault(_head(one), []).append(one)
    for head, own in heads.items():
        yield from _said(head, own, worker)
    yield from _users(config, list(heads))
    yield from _servers([head for head in heads if _server(head)])


def _of_the_service(config: Config) -> Iterator[Finding]:
    """Whether the files belong to the user of the service."""
    service, owner = service_of(config), config.database.stat().st_uid
    user = service.user if service else None
    if service and user and "%" not in user and user not in {user_name(owner), str(owner)}:
        yield wrong(
            f"{Path(service.name).name} runs as {user}, and the database belongs to {user_name(owner)}: "
            f"sudo chown -R {user}: {config.instance}"
        )


def _locks() -> Iterator[Lock]:
    """The locks on files; those somebody waits for (`->`) are not held."""
    try:
        lines = (PROC / "locks").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        words = line.split()
        if len(words) == 8 and words[1] in {"POSIX", "FLOCK"} and words[4].isdigit():
            device, _, number = words[5].rpartition(":")
            yield Lock(int(words[4]), device, int(number), int(words[6]))


def _holders(path: Path, locks: list[Lock]) -> Iterator[Process]:
    """The other processes that hold one of these locks on a file."""
    try:
        info = path.stat()
    except OSError:
        return
    device = f"{os.major(info.st_dev):02x}:{os.minor(info.st_dev):02x}"
    on_it = [one for one in locks if one.number == info.st_ino and one.holder != os.getpid()]
    # Of some file systems (btrfs, overlays) the kernel names another device here than to programs.
    exact = [one for one in on_it if one.device == device] or on_it
    yield from filter(None, map(process, sorted({one.holder for one in exact})))


def _is_sqlites(lock: Lock) -> bool:
    return LOCK_BYTE <= lock.begin < LOCK_BYTE + LOCK_LENGTH


def _head(one: Process) -> Process:
    """The first process of the server, or else of the command, that has started a process; else that process itself."""
    found, at = one, process(one.parent)
    while at is not None and at.number > 1:
        if _server(at) or (_is_jack(at) and not _server(found)):
            found = at
        at = process(at.parent)
    return found


def _server(one: Process) -> str | None:
    """The script by which a process serves Jack; None where it is something else."""
    return next((word for word in one.words if word.endswith(SERVERS)), None)


def _is_jack(one: Process) -> bool:
    """Whether it is a command of Jack's, such as `work` or `backup`."""
    module = ("-m", "jack") in pairwise(one.words)
    return module or "jack" in {Path(word).name for word in one.words[:2]}


def _said(head: Process, own: list[Process], worker: Process | None) -> Iterator[Finding]:
    who = f"process {head.number}, user {user_name(head.user)}"
    works = worker is not None and worker.number in {one.number for one in own}
    if _server(head):
        others = [str(one.number) for one in own if one != head]
        served = f" with processes {', '.join(others)}" if others else ""
        work = f"; the worker is in {worker.number}" if worker and works else ""
        yield right(f"the server runs ({who}){served}{work}")
    elif works:
        yield right(f"the worker runs by itself ({who})")
    elif not _is_jack(head) and head.name not in WELCOME:
        yield note(
            f"another program, {head.name} ({who}), has the database open: end it unless you know why it does"
        )


def _users(config: Config, heads: list[Process]) -> Iterator[Finding]:
    """A Jack of another user than the files' makes some that their owner cannot use."""
    owner = config.database.stat().st_uid
    for one in heads:
        if one.user != owner and (_server(one) or _is_jack(one)):
            yield wrong(
                f"Jack runs as {user_name(one.user)} (process {one.number}), and the database belongs to "
                f"{user_name(owner)}, who could not use its files: end it, and start it as {user_name(owner)}"
            )


def _servers(servers: list[Process]) -> Iterator[Finding]:
    """Two servers on one database, and one of another checkout."""
    folders = {one: _folder(one) for one in servers}
    if len(servers) > 1:
        said = " and ".join(_described(one, folders) for one in servers)
        yield wrong(
            f"{len(servers)} servers have this database open: {said}. End the one that is not meant"
        )
    elif servers and folders[servers[0]] not in {None, str(ROOT.resolve())}:
        folder = folders[servers[0]]
        yield wrong(
            f"the server (process {servers[0].number}) is the Jack of {folder}, this is that of {ROOT}: "
            f"type {folder}/bin/jack, or start this one in its place"
        )


def _described(one: Process, folders: Mapping[Process, str | None]) -> str:
    folder = folders[one]
    return f"process {one.number} (user {user_name(one.user)}{f', {folder}' if folder else ''})"


def _folder(server: Process) -> str | None:
    """The checkout of a server; None where its arguments do not say so."""
    script = Path(_server(server) or "")
    return str(script.resolve().parents[1]) if script.is_absolute() else None
