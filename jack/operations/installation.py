"""The installation a command works on: its settings and its database."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from jack.core.config import environment, read
from jack.core.db import Database
from jack.core.places import EXECUTABLE, INSTALLATION, START
from jack.core.service_unit import installed
from jack.operations import bootstrap
from jack.operations.serve import prepare_folder
from jack.operations.terminal import CommandRefused, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jack.core.config import Config


def configured(*, admin: bool = True) -> Config:
    """The settings; without `admin` those of the first administrator count as unset.

    Raises CommandRefused for root where the database is another user's, who could not open the files root makes.
    """
    given = environment()
    if not admin:
        given = {name: value for name, value in given.items() if not name.startswith("JACK_ADMIN_")}
    config = read(given)
    check_user(config)
    return config


def check_user(config: Config) -> None:
    """Raise CommandRefused for root where Jack runs as another user, who could not open the files root makes."""
    if os.geteuid() != 0:
        return
    if config.database.exists():
        owner = config.database.owner() if config.database.stat().st_uid != 0 else None
        why = f"The database belongs to {owner}."
    else:
        owner = _service_user(config)
        why = f"Jack is installed here for the user {owner}."
    if owner is not None and owner != "root":
        raise CommandRefused(f"{why} Type this as that user: {_as_user(owner)}")


def _service_user(config: Config) -> str | None:
    """The user of the service that this Jack runs as, where that uses this folder."""
    service = installed(INSTALLATION)
    if service is None or service.settings.get("JACK_INSTANCE") != str(config.instance):
        return None
    return service.user


def _as_user(owner: str) -> str:
    hotel = os.environ.get("JACK_HOTEL")
    return f"sudo -u {owner} {EXECUTABLE}{f' --hotel {hotel}' if hotel else ''} …"


def how_to_start() -> str:
    """What to type to start Jack here."""
    service = installed(INSTALLATION)
    if service is None or not service.name.endswith(".service"):
        return START
    return f"systemctl start {Path(service.name).stem}"


def existing(config: Config) -> Config:
    """The same settings. Raises CommandRefused where there is no database."""
    if not config.database.exists():
        raise CommandRefused(
            f"There is no database in {config.instance} yet. To make it: {how_to_start()}"
        )
    return config


@contextmanager
def opened(config: Config) -> Iterator[Database]:
    """The database, created or migrated if need be."""
    prepare_folder(config)
    db = Database(config.database, deadline=config.write_deadline)
    try:
        bootstrap.prepare(config, db, say=say)
        yield db
    finally:
        db.close()
