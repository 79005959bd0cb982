"""The installation a command works on: its settings and its database."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from jack.core.config import environment, read
from jack.core.db import Database
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
    if os.geteuid() == 0 and config.database.exists() and config.database.stat().st_uid != 0:
        owner = config.database.owner()
        raise CommandRefused(
            f"The database belongs to {owner}. Type this as that user: sudo -u {owner} …"
        )
    return config


def existing(config: Config) -> Config:
    """The same settings. Raises CommandRefused where there is no database."""
    if not config.database.exists():
        raise CommandRefused(f"There is no database in {config.instance} yet. To make it: make run")
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
