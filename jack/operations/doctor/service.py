"""Checks of Jack itself: database, attachments, worker, addresses."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

from jack.core import clock, migrations, schema, sealing
from jack.core.config import Config
from jack.core.db import Database
from jack.core.file_locks import is_locked
from jack.core.places import COMMAND
from jack.operations import attachments_archive
from jack.operations.doctor import clock as clocks
from jack.operations.doctor import mail, outside
from jack.operations.doctor.findings import Finding, note, right, wrong
from jack.operations.doctor.sockets import LOCAL
from jack.operations.installation import how_to_start
from jack.resources.attachments import cleanup, storage
from jack.resources.auth import sessions
from jack.resources.settings import store as settings
from jack.worker import heartbeat

WAL = b"\x02\x02"  # at byte 18 of the file
OVERDUE = 15 * 60.0  # seconds

WAITING = "SELECT count(*) FROM outbox WHERE due_at < :before"


def stored(config: Config) -> Iterator[Finding]:
    """The database, without reading all of it; `bin/jack verify` does."""
    sealing.configure(config.database, config.secret)
    try:
        with config.database.open("rb") as file:
            header = file.read(20)
        db = Database(config.database, deadline=1)
    except Exception as error:  # the finding is whatever keeps it from being opened
        yield wrong(
            f"the database cannot be opened ({error}): `{COMMAND} restore` puts a backup in its place"
        )
        return
    if header[18:20] == WAL:
        yield right("the database is in WAL mode")
    else:
        yield wrong(
            "the database was not in WAL mode (a copy put there by hand is not): restart Jack"
        )
    try:
        yield from _content(db, config)
    except Exception as error:  # as above
        yield wrong(f"the database cannot be read ({error}): `{COMMAND} verify` says more")
    finally:
        db.close()


def _content(db: Database, config: Config) -> Iterator[Finding]:
    (found, differences), latest = migrations.checked(db), migrations.latest_version()
    if found != latest:
        repair = (
            f"`{COMMAND} migrate` upgrades it"
            if found < latest
            else "a newer Jack has used it, so update this one"
        )
        yield wrong(f"the database is of version {found}, this program is for {latest}: {repair}")
        return
    if differences:
        yield wrong(
            f"the database's schema is not that of its version ({schema.shortened(differences)}): "
            f"stop Jack, then `{COMMAND} repair-schema` rebuilds it"
        )
        return
    yield right(f"the database is of version {found}")
    if sessions.has_admin(db):
        yield right("there is an administrator")
    else:
        yield wrong(
            f"there is no administrator yet: `{COMMAND} setup-link` makes a link to become one"
        )
    yield from _secrets(db)
    yield from _files(db)
    yield from _times(db)
    yield from outside.backups(db)
    yield from outside.channels(db)
    yield from mail.settings_of(db, config)


def _secrets(db: Database) -> Iterator[Finding]:
    """Secrets in settings that this signing key does not open: another one has sealed them."""
    keys = settings.unreadable(db)
    if keys:
        yield wrong(
            f"another signing key has sealed the secrets of {', '.join(keys)}: put it back, or enter them again in Settings"
        )


def _files(db: Database) -> Iterator[Finding]:
    """Attachments: files that are missing, and files no row names."""
    missing = attachments_archive.missing(db, storage.folder(db))
    if missing:
        yield wrong(f"{missing} attachments are named, but their files are missing or not complete")
    folders = sorted(
        {storage.folder(db), *(path.parent for _, path in storage.files_in(storage.folder(db)))}
    )
    orphans = len(cleanup.orphans(db, folders))
    if orphans:
        yield note(f"{orphans} files of attachments belong to nothing: the worker deletes them")


def _times(db: Database) -> Iterator[Finding]:
    waiting = db.value(WAITING, {"before": clock.stamp(time.time() - OVERDUE)})
    if waiting:
        yield wrong(
            f"{waiting} messages should have gone out more than {OVERDUE / 60:.0f} minutes ago"
        )
    yield from clocks.behind_events(db)


def worker_alive(config: Config) -> Iterator[Finding]:
    """Whether a worker runs: its lock is held, and it answers, within the time after which it counts as dead."""
    age = heartbeat.heartbeat_age(config.worker_lock, heartbeat.STALE)
    if age is not None and age < heartbeat.STALE and is_locked(config.worker_lock):
        yield right("the worker is running")
        return
    state = (
        "has never run"
        if age is None
        else f"is not running (its last sign of life was {_ago(age)} ago)"
    )
    start = (
        f"start Jack ({how_to_start()})"
        if config.worker
        else f"start it: {COMMAND} work (JACK_WORKER=0)"
    )
    yield wrong(f"the worker {state}, so messages stay queued: {start}")


def _ago(seconds: float) -> str:
    for size, unit in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds // size:.0f} {unit}"
    return f"{seconds:.0f} seconds"


def addresses(config: Config, environment: Mapping[str, str]) -> Iterator[Finding]:
    """Whether the public address, the proxies and the address served on fit together."""
    url, proxies = config.public_url, config.trusted_proxies
    open_to_all = config.host in LOCAL and not environment.get("JACK_BIND")
    if url and url.startswith("https:") and not proxies:
        yield note("JACK_PUBLIC_URL is https, so a proxy is in front: set JACK_TRUSTED_PROXIES=1, "
                   "or all callers count as one address")  # fmt: skip
    if proxies and open_to_all:
        yield note("JACK_TRUSTED_PROXIES is set and JACK_HOST lets others than the proxy connect, who can then pretend "
                   "to be any address: leave JACK_HOST out, or let nobody but the proxy reach the port")  # fmt: skip
    elif open_to_all:
        yield note(
            "anybody in the network can connect, without encryption: put nginx in front (deploy/nginx.conf)"
        )
    if proxies and not url:
        yield note(
            f"links in invitations point to {config.base_url}: set JACK_PUBLIC_URL to the address guests see"
        )
